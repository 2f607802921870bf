//! Clinics: every one of them, worst first, by phase and state.
//!
//! Owns the list and its two filters, which are part of the address.

use axum::extract::RawQuery;
use axum::response::Response;
use maud::html;

use crate::domain::health::State;
use crate::domain::registry::{Phase, Registry};
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::components::leaves::Leaf;
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::freshness::Freshness;
use crate::ops::pages::clinic_rows::{ClinicRow, clinics_table, rows};
use crate::ops::reading::Reading;
use crate::ops::words;

/// Which clinics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClinicsFilter {
    /// Only this phase.
    pub(crate) phase: Option<Phase>,
    /// Only this state.
    pub(crate) state: Option<State>,
    /// Which piece of the list.
    pub(crate) leaf: Leaf,
}

/// Clinics of one piece: a page stays light.
const EACH: usize = 20;

/// The page.
pub(crate) async fn page(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let store = match visit.enter(Permission::Health).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let registry = &visit.state.registry;
    match visit.reading(store).await {
        Ok(reading) => {
            let frame = visit.frame(Freshness::of(reading.recorded_until, visit.now));
            let filter = ClinicsFilter::parse(&query.unwrap_or_default());
            visit.show(&frame, &view(&reading, registry, filter, &frame))
        }
        Err(error) => visit.store_failed(&error),
    }
}

impl ClinicsFilter {
    /// Reads the query part of an address; what cannot be read is left out.
    fn parse(query: &str) -> Self {
        let value =
            |name: &str| query.split('&').find_map(|p| p.strip_prefix(name)?.strip_prefix('='));
        Self {
            phase: value("phase").and_then(Phase::parse),
            state: value("state").and_then(State::parse),
            leaf: Leaf::of_query(query),
        }
    }

    fn address(self) -> String {
        let phase = self.phase.map(|phase| format!("phase={phase}"));
        let state = self.state.map(|state| format!("state={state}"));
        let pairs: Vec<String> = phase.into_iter().chain(state).chain(self.leaf.pair()).collect();
        if pairs.is_empty() {
            "/clinics".to_owned()
        } else {
            format!("/clinics?{}", pairs.join("&"))
        }
    }

    fn fits(self, row: &ClinicRow<'_>) -> bool {
        self.phase.is_none_or(|phase| row.clinic.phase == phase)
            && self.state.is_none_or(|state| row.health.state == state)
    }
}

/// The page.
pub(crate) fn view(
    reading: &Reading,
    registry: &Registry,
    filter: ClinicsFilter,
    frame: &Frame,
) -> Page {
    let judged = reading.verdict();
    let all = rows(reading, &judged.clinics, registry);
    let total = all.len() as u64;
    let shown: Vec<ClinicRow<'_>> = all.into_iter().filter(|row| filter.fits(row)).collect();
    let found = frame.count(shown.len() as u64, ["clinic", "clinics"], ["clinique", "cliniques"]);
    let body = html! {
        div.pagehead {
            div {
                h1 { (frame.t("Clinics", "Cliniques")) }
                p.soft.small { (frame.t("Worst first. Figures of the last hour unless it says otherwise.", "Les pires d’abord. Chiffres de la dernière heure, sauf indication contraire.")) }
            }
            div.actions { (phases(filter, frame)) (states(filter, frame)) }
        }
        section.card aria-labelledby="h-list" data-part="clinics" {
            header {
                h2 #h-list {
                    (found) @if shown.len() as u64 != total { (frame.t(" of ", " sur ")) (total) }
                }
                @if filter.phase.is_some() || filter.state.is_some() {
                    p.small.end { a href="/clinics" { (frame.t("Show all", "Tout voir")) } }
                }
            }
            @if total == 0 { (no_clinics(frame)) }
            @else if shown.is_empty() { p.pad.soft { (frame.t("No clinic is in that phase and state right now.", "Aucune clinique n’est dans cette phase et cet état en ce moment.")) } }
            @else { (clinics_table(filter.leaf.of(&shown, EACH), frame)) }
        }
        div data-part="leaves" {
            (filter.leaf.links(shown.len(), EACH, |leaf| ClinicsFilter { leaf, ..filter }.address(), frame))
        }
    };
    Page { room: Some(Room::Clinics), title: found, live: true, body }
}

fn phases(filter: ClinicsFilter, frame: &Frame) -> maud::Markup {
    html! {
        nav.seg aria-label=(frame.t("Phase", "Phase")) {
            a href=(ClinicsFilter { phase: None, leaf: Leaf::default(), ..filter }.address())
                aria-current=[filter.phase.is_none().then_some("true")] { (frame.t("Every phase", "Toutes les phases")) }
            @for phase in Phase::ALL {
                a href=(ClinicsFilter { phase: Some(*phase), leaf: Leaf::default(), ..filter }.address())
                    aria-current=[(filter.phase == Some(*phase)).then_some("true")] {
                    (words::health::phase(*phase, frame.preferences.language))
                }
            }
        }
    }
}

fn states(filter: ClinicsFilter, frame: &Frame) -> maud::Markup {
    let shown = [State::Failing, State::SomeFailures, State::Silent, State::Quiet, State::Working];
    html! {
        nav.seg aria-label=(frame.t("State", "État")) {
            a href=(ClinicsFilter { state: None, leaf: Leaf::default(), ..filter }.address())
                aria-current=[filter.state.is_none().then_some("true")] { (frame.t("Every state", "Tous les états")) }
            @for state in shown {
                a href=(ClinicsFilter { state: Some(state), leaf: Leaf::default(), ..filter }.address())
                    aria-current=[(filter.state == Some(state)).then_some("true")] {
                    (words::health::state(state, frame.language()))
                }
            }
        }
    }
}

fn no_clinics(frame: &Frame) -> maud::Markup {
    html! {
        div.pad.stack {
            h3 { (frame.t("No clinics yet", "Aucune clinique encore")) }
            ol.steps {
                li { (frame.t("Add the first one to the configuration, under ", "Ajoutez la première à la configuration, sous ")) code { "[[clinics]]" } "." }
                li { (frame.t("Point the app at accuscope instead of Accuro.", "Dirigez l’application vers accuscope au lieu d’Accuro.")) }
                li { (frame.t("Make a call. It shows here within seconds.", "Faites un appel. Il paraît ici en quelques secondes.")) }
            }
        }
    }
}
