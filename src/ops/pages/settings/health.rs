//! Accuscope itself: does it record, keep its audit, reach its store, and which processes are there.
//!
//! Owns the page. Everything on it is of this process or from the store; figures over time are Prometheus's.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::{Tab, page, show};
use crate::config::Current;
use crate::domain::names::InstanceId;
use crate::domain::time::Timestamp;
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::components::parts::card;
use crate::ops::components::shell::{Frame, Page};
use crate::ops::components::sprite::icon;
use crate::ops::components::table::{Row, Table, col, table};
use crate::ops::state::OpsState;
use crate::ops::words::letters::why;
use crate::store::Letters;

/// An instance that has not been heard for so long is not at work, or does not reach the store.
const SILENT: Duration = Duration::from_mins(1);

/// What the page shows besides what the process knows.
struct Health {
    instances: Vec<(InstanceId, Timestamp)>,
    recorded_until: Option<Timestamp>,
    letters: Letters,
}

/// The page.
pub(crate) async fn page_of(visit: Visit) -> Response {
    let store = match visit.enter(Permission::Apps).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    match tokio::try_join!(store.instances(), store.freshness(), store.letters()) {
        Ok((instances, freshness, letters)) => {
            let health = Health { instances, recorded_until: freshness.indexed_at, letters };
            show(&visit, StatusCode::OK, |frame| view(&visit.state, &health, frame))
        }
        Err(error) => visit.store_failed(&error),
    }
}

/// One thing that works or does not.
fn line(works: bool, [yes, no]: [&str; 2], what: &Markup) -> Markup {
    let name = if works { yes } else { no };
    html! {
        li {
            @if works { svg aria-hidden="true" viewBox="0 0 12 12" class="k-ok" { use href="#g-ok" {} } }
            @else { (icon("warn")) }
            div { strong { (name) } " " span.soft { (what) } }
        }
    }
}

fn view(state: &OpsState, health: &Health, frame: &Frame) -> Page {
    let unkept = frame.unkept;
    let at = |time: Timestamp| frame.when(time);
    let behind = health.recorded_until.is_none_or(|at| frame.now.since(at) > SILENT);
    let standing = state.settings.as_ref().map(Current::keep);
    let refused = standing.as_ref().and_then(|standing| standing.refused.clone());
    let aside = standing.as_ref().map_or(0, |standing| standing.set_aside.len());
    let works = html! {
        ul.pad.plain {
            (line(unkept.journal_since.is_none(), [frame.t("Calls are recorded.", "Les appels sont enregistrés."), frame.t("Calls are not recorded.", "Les appels ne sont pas enregistrés.")], &html! { @match unkept.journal_since {
                Some(at_time) => { (frame.t("Not since ", "Plus depuis ")) (at(at_time)) "." }
                None => { (frame.t("Lost since the start: ", "Perdus depuis le démarrage : ")) (unkept.lost) "." }
            } }))
            (line(unkept.audit_since.is_none(), [frame.t("The audit is kept.", "L’audit est tenu."), frame.t("The audit is not kept.", "L’audit n’est pas tenu.")], &html! { @match unkept.audit_since {
                Some(at_time) => { (frame.t("Not since ", "Plus depuis ")) (at(at_time)) ". " (frame.t("Writes are refused.", "Les écritures sont refusées.")) }
                None => { (frame.t("Writes wait for it.", "Les écritures l’attendent.")) }
            } }))
            (line(!behind, [frame.t("The store is up to date.", "La base est à jour."), frame.t("The store is behind.", "La base est en retard.")], &html! { @match health.recorded_until {
                Some(at_time) => { (frame.t("Indexed ", "Indexée ")) (frame.ago(at_time)) "." }
                None => { (frame.t("Nothing is indexed yet.", "Rien n’est encore indexé.")) }
            } }))
            (line(frame.read_only.is_none(), [frame.t("Writes are on.", "Les écritures sont permises."), frame.t("Writes are off.", "Les écritures sont arrêtées.")], &html! { a href="/writes" { (frame.t("See writes", "Voir les écritures")) } }))
            (line(refused.is_none(), [frame.t("The settings file is in force.", "Le fichier de configuration est en vigueur."), frame.t("The settings file has a mistake.", "Le fichier de configuration comporte une erreur.")], &html! {
                @match refused { Some((time, _)) => { (frame.t("A newer one was refused ", "Un plus récent a été refusé ")) (frame.ago(time)) "." }, None => {} }
                " " a href=(Tab::Overview.address()) { (frame.t("See how it stands", "Voir où il en est")) }
            }))
            (line(aside == 0, [frame.t("Every clinic, app and key counts.", "Chaque clinique, application et clé vaut."), frame.t("Some of what is kept here does not count.", "Une partie de ce qui est gardé ici ne vaut pas.")], &html! {
                @if aside > 0 { (frame.t("Set aside: ", "Mises de côté : ")) (aside) ". " }
            }))
            @if state.told.as_ref().is_some_and(|told| told.letters) { (letters(&health.letters, frame)) }
        }
    };
    let body = html! {
        (card("h-works", frame.t("What has to work", "Ce qui doit fonctionner"), None, &works))
        (card("h-instances", frame.t("Processes", "Processus"), None, &instances(health, frame)))
        p.soft.small {
            (frame.t("Figures over time are with Prometheus; alerts and what to do about them are in the runbooks. ", "Les mesures dans le temps sont chez Prometheus; les alertes et ce qu’il faut faire sont dans les guides. "))
            a href="/runbooks" { (frame.t("Runbooks", "Guides")) }
        }
    };
    let lead = html! { (frame.t("Version ", "Version ")) (env!("CARGO_PKG_VERSION")) "." };
    page(
        Tab::Health,
        frame.t("accuscope itself", "accuscope lui-même"),
        &lead,
        &html! {},
        &body,
        frame,
    )
}

/// The weekly letter about adoption.
fn letters(letters: &Letters, frame: &Frame) -> Markup {
    let said = html! {
        @match letters.sent {
            Some(at) => { (frame.t("Last sent ", "Dernier envoi ")) (frame.when(at)) ". " }
            None => { (frame.t("None was sent yet. ", "Aucune n’a encore été envoyée. ")) }
        }
        @if let Some((at, failure)) = letters.failed {
            (frame.t("Last try ", "Dernier essai ")) (frame.ago(at)) (frame.t(": ", " : "))
            (why(failure, frame.preferences.language))
        }
    };
    let names = [
        frame.t("The weekly letter is sent.", "La lettre hebdomadaire est envoyée."),
        frame.t("The weekly letter is not sent.", "La lettre hebdomadaire n’est pas envoyée."),
    ];
    line(letters.failed.is_none(), names, &said)
}

fn instances(health: &Health, frame: &Frame) -> Markup {
    if health.instances.is_empty() {
        return html! { p.pad.soft { (frame.t("None has recorded yet.", "Aucun n’a encore enregistré.")) } };
    }
    let row = |(instance, at): &(InstanceId, Timestamp)| {
        let heard = frame.now.since(*at) <= SILENT;
        Row {
            selected: false,
            cells: vec![
                html! { code { (instance) } },
                html! { (if heard { frame.t("At work", "Au travail") } else { frame.t("Not heard", "Silencieux") }) },
                html! { (frame.ago(*at)) },
            ],
        }
    };
    let both = |name| col(name, name, "");
    table(&Table {
        caption: frame
            .t(
                "Processes that recorded, each with when it was last heard",
                "Processus qui ont enregistré, chacun avec son dernier signe",
            )
            .to_owned(),
        class: "",
        cols: vec![
            col(frame.t("Process", "Processus"), "", ""),
            both(frame.t("State", "État")),
            both(frame.t("Last heard", "Dernier signe")),
        ],
        rows: health.instances.iter().map(row).collect(),
    })
}
