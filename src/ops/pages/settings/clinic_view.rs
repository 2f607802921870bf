//! How clinics in the settings look: the list, the form, and what a clinic of the settings file says.
//!
//! Owns the fields' words.

use maud::{Markup, html};

use super::entry_form::{EntryForm, Spec};
use super::fields::Input;
use super::{Tab, page, rule, source, trouble};
use crate::config::{ClinicDraft, Mistake};
use crate::domain::kept_registry::{EntryKind, KeptRegistry};
use crate::domain::names::ClinicId;
use crate::domain::registry::Clinic;
use crate::ops::access::policy::Permission;
use crate::ops::components::leaves::Leaf;
use crate::ops::components::parts::{card, kv, notice};
use crate::ops::components::shell::{Frame, Page};
use crate::ops::components::table::{Row, Table, col, dash, table};
use crate::ops::state::OpsState;
use crate::ops::words::health::phase;

/// Clinics of one piece of the list.
const EACH: usize = 60;

/// One clinic, or the form of a new one.
#[derive(Default)]
pub(super) struct ClinicPage {
    /// What stands in the form.
    pub(super) draft: ClinicDraft,
    /// The version of the entry; `None` where there is none.
    pub(super) version: Option<i64>,
    /// The id, where the clinic is in force.
    pub(super) in_force: Option<ClinicId>,
    /// What is wrong with what was typed.
    pub(super) mistake: Option<Mistake>,
    /// Somebody else changed or removed it since the form was shown.
    pub(super) changed_meanwhile: bool,
    /// What is there now, in that case.
    pub(super) theirs: Option<ClinicDraft>,
}

/// Every clinic.
pub(super) fn list(state: &OpsState, kept: &KeptRegistry, piece: Leaf, frame: &Frame) -> Page {
    let lists = state.desk.lists.keep();
    let row = |clinic: &Clinic| {
        let id = clinic.id.as_str();
        let entry = kept.entry(EntryKind::Clinic, id).filter(|_| !lists.has(EntryKind::Clinic, id));
        Row {
            selected: false,
            cells: vec![
                html! {
                    a.rowlink href={ (Tab::Clinics.address()) "/" (id) } { (clinic.name) }
                    small { (id) }
                },
                html! { (phase(clinic.phase, frame.preferences.language)) },
                html! { (clinic.time_zone.iana_name().unwrap_or("UTC")) },
                html! { (source(entry.is_none(), frame)) },
                entry.map_or_else(|| dash(frame), |entry| html! { (frame.ago(entry.changed())) }),
            ],
        }
    };
    let clinics = state.registry.clinics();
    let body = html! {
        (trouble(state.settings.as_ref().map(crate::config::Current::keep).as_deref(), kept, &[EntryKind::Clinic], frame))
        (notice("plain", "info", None, &rule(frame)))
        section.card aria-labelledby="h-list" {
            header { h2 #h-list { (frame.count(clinics.len() as u64, ["clinic", "clinics"], ["clinique", "cliniques"])) } }
            @if clinics.is_empty() {
                p.pad.soft { (frame.t("No clinics yet. Add the first one here, or list it in the settings file under ", "Pas encore de clinique. Ajoutez la première ici, ou dans le fichier de configuration sous ")) code { "[[clinics]]" } "." }
            } @else {
                (table(&Table {
                    caption: frame.t("Clinics, each with where it is kept", "Cliniques, chacune avec l’endroit où elle est gardée").to_owned(),
                    class: "wide",
                    cols: vec![
                        col(frame.t("Clinic", "Clinique"), "", ""),
                        col(frame.t("Phase", "Étape"), frame.t("Phase", "Étape"), ""),
                        col(frame.t("Time zone", "Fuseau horaire"), frame.t("Time zone", "Fuseau horaire"), "opt"),
                        col(frame.t("Kept", "Gardée"), frame.t("Kept", "Gardée"), ""),
                        col(frame.t("Changed", "Changée"), frame.t("Changed", "Changée"), "opt"),
                    ],
                    rows: piece.of(clinics, EACH).iter().map(row).collect(),
                }))
            }
        }
        (piece.links(clinics.len(), EACH, |piece| {
            let list = Tab::Clinics.address();
            piece.pair().map_or_else(|| list.to_owned(), |pair| format!("{list}?{pair}"))
        }, frame))
    };
    let add = html! {
        @if frame.may(Permission::Registry) {
            a.btn.primary href={ (Tab::Clinics.address()) "/new" } { (frame.t("Add a clinic", "Ajouter une clinique")) }
        }
    };
    let lead = html! { (frame.t("Which clinics there are, by which tenant Accuro knows them, and how far each is.", "Quelles cliniques il y a, sous quel identifiant Accuro les connaît, et où chacune en est.")) };
    page(Tab::Clinics, frame.t("Clinics", "Cliniques"), &lead, &add, &body, frame)
}

/// One clinic, or the form of a new one.
pub(super) fn one(state: &OpsState, shown: &ClinicPage, frame: &Frame) -> Page {
    let in_file = |id: &str| state.desk.lists.get().has(EntryKind::Clinic, id);
    let known = shown.in_force.as_ref().and_then(|id| state.registry.clinic(id));
    let of_file = known.filter(|clinic| in_file(clinic.id.as_str()) || shown.version.is_none());
    let edits = frame.may(Permission::Registry);
    let title = match known {
        Some(clinic) => clinic.name.as_str(),
        None if shown.version.is_some() => shown.draft.name.as_str(),
        None => frame.t("Add a clinic", "Ajouter une clinique"),
    };
    let (values, theirs) = (shown.draft.fields(), shown.theirs.as_ref().map(ClinicDraft::fields));
    let form = entry_form(shown, &values, theirs.as_ref().map(|theirs| &theirs[..]), frame);
    let body = html! {
        @if let Some(clinic) = of_file { (of_the_file(clinic, shown.version.is_some(), frame)) }
        @if of_file.is_none() && edits {
            (form.draw(frame))
            @if shown.version.is_none() { (next(state, frame)) }
        }
        @else if of_file.is_none() && let Some(clinic) = known { (card("h-facts", frame.t("As it is kept here", "Telle qu’elle est gardée ici"), None, &facts(clinic, frame))) }
        @if shown.version.is_some() && edits {
            (form.removal(
                frame.t("Its calls are no longer counted for a clinic, and its page is gone. What was recorded stays until its time is over. An app that lists it has to be changed first.", "Ses appels ne comptent plus pour une clinique, et sa page disparaît. Ce qui a été enregistré reste jusqu’à son terme. Une application qui la liste doit d’abord être changée."),
                frame.t("Remove this clinic", "Retirer cette clinique"),
                frame,
            ))
        }
    };
    let lead = html! { a href=(Tab::Clinics.address()) { (frame.t("All clinics", "Toutes les cliniques")) } };
    let figures = html! {
        @if let Some(clinic) = known {
            a.btn href={ "/clinics/" (clinic.id) } { (frame.t("How it is doing", "Comment elle va")) }
        }
    };
    page(Tab::Clinics, title, &lead, &figures, &body, frame)
}

fn of_the_file(clinic: &Clinic, also_here: bool, frame: &Frame) -> Markup {
    html! {
        (notice("plain", "info", None, &html! {
            strong { (frame.t("This clinic is in the settings file. ", "Cette clinique est dans le fichier de configuration. ")) }
            (frame.t("The file decides what it lists, so it is changed there; the change is taken over within seconds.", "Le fichier décide de ce qu’il liste; c’est donc là qu’elle se change, et le changement est repris en quelques secondes."))
            @if also_here { " " (frame.t("An entry of the same id is kept here as well, and does not count.", "Une entrée du même nom est gardée ici aussi, et ne vaut pas.")) }
        }))
        (card("h-facts", frame.t("As the file has it", "Telle que dans le fichier"), None, &facts(clinic, frame)))
    }
}

fn facts(clinic: &Clinic, frame: &Frame) -> Markup {
    let day = |day: Option<jiff::civil::Date>| match day {
        Some(day) => html! { (day) },
        None => dash(frame),
    };
    let rollout = &clinic.rollout;
    html! {
        div.pad {
            (kv(&[
                (frame.t("Id", "Nom interne"), html! { code { (clinic.id) } }),
                (frame.t("Name", "Nom"), html! { (clinic.name) }),
                (frame.t("Tenant", "Identifiant chez Accuro"), html! { code { (clinic.tenant) } }),
                (frame.t("Time zone", "Fuseau horaire"), html! { (clinic.time_zone.iana_name().unwrap_or("UTC")) }),
                (frame.t("Phase", "Étape"), html! { (phase(clinic.phase, frame.preferences.language)) }),
                (frame.t("Went live", "En usage réel depuis"), day(clinic.went_live)),
                (frame.t("Enabled", "Ouverte au personnel depuis"), day(rollout.enabled)),
                (frame.t("Invited staff", "Personnel invité"), match rollout.invited_staff {
                    Some(number) => html! { (number) },
                    None => dash(frame),
                }),
            ]))
        }
    }
}

const PHASES: &[(&str, &str)] = &[
    ("onboarding", "Setting up"),
    ("pilot", "Pilot"),
    ("expanding", "Expanding"),
    ("live", "Live"),
    ("paused", "Paused"),
];
const PHASES_FRENCH: &[(&str, &str)] = &[
    ("onboarding", "En préparation"),
    ("pilot", "Essai"),
    ("expanding", "En expansion"),
    ("live", "En usage"),
    ("paused", "En pause"),
];

fn specs(frame: &Frame, is_new: bool) -> Vec<Spec> {
    let mut specs = Vec::new();
    let invited = (
        "invited_staff",
        frame.t("Staff invited", "Personnel invité"),
        frame.t("A number; empty where it is not known.", "Un nombre; vide s’il n’est pas connu."),
        Input::Name,
        false,
    );
    if is_new {
        specs.push(("id", frame.t("Id", "Nom interne"), frame.t("Stands in every record and address, and is never changed: a to z, digits and hyphens.", "Figure dans chaque enregistrement et chaque adresse, et ne change jamais : a à z, chiffres et traits d’union."), Input::Name, true));
    }
    specs.extend([
        ("name", frame.t("Name", "Nom"), "", Input::Line, true),
        ("tenant", frame.t("Tenant", "Identifiant chez Accuro"), frame.t("The UUID that Accuro knows the clinic by in this environment.", "L’UUID sous lequel Accuro connaît la clinique dans cet environnement."), Input::Name, true),
        ("other_tenant", frame.t("Tenant in the other environment", "Identifiant dans l’autre environnement"), frame.t("Optional. A call with it is refused here.", "Facultatif. Un appel qui le porte est refusé ici."), Input::Name, false),
        ("timezone", frame.t("Time zone", "Fuseau horaire"), frame.t("A name such as America/Vancouver.", "Un nom tel que America/Vancouver."), Input::Name, true),
        ("phase", frame.t("Phase", "Étape"), "", Input::Choice(frame.preferences.language.of(PHASES, PHASES_FRENCH)), true),
        ("enabled", frame.t("Staff could use it from", "Ouverte au personnel depuis"), frame.t("Optional.", "Facultatif."), Input::Day, false),
        ("went_live", frame.t("First day of real use", "Premier jour d’usage réel"), frame.t("Optional.", "Facultatif."), Input::Day, false),
        ("hours", frame.t("Open", "Heures d’ouverture"), frame.t("A line each, such as mon-fri 08:00-17:00, which is meant where nothing stands here.", "Une ligne chacune, par exemple mon-fri 08:00-17:00, ce qui vaut si rien n’est écrit."), Input::Lines, false),
        ("holidays", frame.t("Closed on", "Fermée le"), frame.t("Dates such as 2026-12-25, with commas between them.", "Des dates telles que 2026-12-25, séparées par des virgules."), Input::Lines, false),
        ("gates", frame.t("Gates of its own", "Seuils propres"), frame.t("Optional, a line each: staff_percent = 50, first_time_percent = 97.5, weeks = 2, tasks = 3, active_days = 8. What is left out is as for its phase, or for all.", "Facultatif, une ligne par seuil, comme dans le fichier de configuration : staff_percent = 50, first_time_percent = 97.5, active_days = 8. Ce qui manque vaut comme pour son étape, ou pour toutes."), Input::Lines, false),
        ("merged_into", frame.t("Became part of", "Réunie à"), frame.t("The id of another clinic. From the day of the merger on, people and days of both count there; what was before stays here.", "L’identifiant d’une autre clinique. Dès le jour de la fusion, les personnes et les jours des deux comptent là-bas; ce qui était avant reste ici."), Input::Name, false),
        ("merged_on", frame.t("First day as one clinic", "Premier jour en une seule clinique"), frame.t("With the field before, or not at all.", "Avec le champ précédent, ou pas du tout."), Input::Day, false),
    ]);
    // Fields of several lines stand beside each other.
    let place = specs.iter().position(|(name, ..)| *name == "hours").filter(|_| !is_new);
    let place = place.unwrap_or(specs.len());
    specs.insert(place, invited);
    specs
}

fn entry_form<'p>(
    shown: &'p ClinicPage,
    values: &'p [(&'static str, &'p str)],
    theirs: Option<&'p [(&'static str, &'p str)]>,
    frame: &Frame,
) -> EntryForm<'p> {
    EntryForm {
        tab: Tab::Clinics,
        id: &shown.draft.id,
        version: shown.version,
        words_of_new: (
            frame.t("New clinic", "Nouvelle clinique"),
            frame.t("Add the clinic", "Ajouter la clinique"),
        ),
        specs: specs(frame, shown.version.is_none()),
        values,
        mistake: shown.mistake.as_ref(),
        changed_meanwhile: shown.changed_meanwhile,
        theirs,
    }
}

/// What comes after the first clinic.
fn next(state: &OpsState, frame: &Frame) -> Markup {
    html! {
        @if !state.registry.requires_keys() && state.registry.apps().is_empty() {
            p.soft.small { (frame.t("Next: add the app that will call for it.", "Ensuite : ajoutez l’application qui appellera pour elle.")) " " a href={ (Tab::Apps.address()) "/new" } { (frame.t("Add an app", "Ajouter une application")) } }
        }
    }
}
