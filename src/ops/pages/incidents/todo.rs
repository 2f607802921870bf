//! What to do, with what the site has looked at already; and what to write to whom.
//!
//! Owns what counts as looked at. Steps and messages are the diagnosis's advice for the cause; the
//! beginning, the end and the number of the incident are added to them.

use maud::{Markup, html};

use super::load::{Calls, IncidentModel};
use crate::diagnosis::{Advice, advice};
use crate::domain::cause::Scope;
use crate::domain::incident::{End, Incident};
use crate::domain::registry::Registry;
use crate::ops::components::parts::card;
use crate::ops::components::shell::Frame;
use crate::ops::components::sprite::icon;
use crate::ops::pages::runbooks;
use crate::ops::words;
use crate::ops::words::language::{Language, said};
use crate::ops::words::times::Zone;

/// Failing calls from which something can be said about all of them.
const ENOUGH: u64 = 5;

/// The steps.
pub(super) fn todo(model: &IncidentModel, registry: &Registry, frame: &Frame) -> Markup {
    let incident = &model.incident;
    let advice = advice(incident.key.cause);
    let steps = if model.french { &advice.fr.steps } else { &advice.steps };
    let lang = frame.lang_of(Language::french(model.french));
    let runbook = runbooks::address(words::health::runbook(incident.key.trouble()));
    let link =
        runbook.map(|href| html! { a href=(href) { (frame.t("Full runbook", "Guide complet")) } });
    let body = html! {
        div.pad {
            ol.steps.check {
                @for (what, found) in looked_at(incident, &model.calls, registry, frame) {
                    li.done { strong { (what) } small { (frame.t("Done for you: ", "Fait pour vous : ")) (found) } }
                }
                @for step in steps { li lang=[lang] { (step) } }
                @if incident.is_open() {
                    li {
                        (frame.t("Watch for the first call that works", "Guetter le premier appel qui réussit"))
                        small { (frame.t("The incident closes itself when calls work again. As of ", "L’incident se ferme de lui-même quand les appels fonctionnent de nouveau. À ")) (frame.home.clock(frame.now)) "." }
                    }
                }
            }
        }
    };
    card("h-do", frame.t("What to do", "Que faire"), link.as_ref(), &body)
}

/// What the recorded calls answer already: what was to be checked, and what came out.
fn looked_at(
    incident: &Incident,
    calls: &Calls,
    registry: &Registry,
    frame: &Frame,
) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let known = calls.differences.failing >= ENOUGH;
    let clinics = |n| frame.count(n, ["clinic", "clinics"], ["clinique", "cliniques"]);
    match (&incident.key.clinic, incident.key.scope) {
        (Some(_), _) if calls.working_clinics > 0 => found.push((
            frame
                .t(
                    "Check that it is one clinic, not all",
                    "Vérifier que c’est une clinique, pas toutes",
                )
                .to_owned(),
            said!(
                frame.language(),
                "meanwhile calls of {} worked.",
                "entre-temps, des appels de {} ont réussi.",
                clinics(calls.working_clinics)
            ),
        )),
        (None, Scope::Platform) if known && registry.clinics().len() > 1 => found.push((
            frame
                .t(
                    "Check that it is not one clinic alone",
                    "Vérifier que ce n’est pas une seule clinique",
                )
                .to_owned(),
            said!(
                frame.language(),
                "its calls are of {}.",
                "ses appels sont de {}.",
                clinics(calls.of.clinics)
            ),
        )),
        _ => {}
    }
    if known && calls.of.people > 1 {
        let people = frame.count(calls.of.people, ["person", "people"], ["personne", "personnes"]);
        let tasks = frame.count(calls.of.tasks, ["task", "tasks"], ["tâche", "tâches"]);
        found.push((
            frame
                .t(
                    "Check that it is not one person",
                    "Vérifier que ce n’est pas une seule personne",
                )
                .to_owned(),
            said!(
                frame.language(),
                "{people} met it, in {tasks}.",
                "{people} l’ont eu, dans {tasks}."
            ),
        ));
    }
    found
}

/// What can be sent as it stands.
pub(super) struct Messages {
    /// Whose clinic it is, or who has to act.
    pub(super) admin: Vec<String>,
    /// The people who work there.
    pub(super) staff: Vec<String>,
}

/// The messages of an incident, in one language.
pub(super) fn texts(
    model: &IncidentModel,
    registry: &Registry,
    zone: &Zone,
    frame: &Frame,
) -> Messages {
    let incident = &model.incident;
    let advice = advice(incident.key.cause);
    let frame_of = if model.french { french } else { english };
    let about = frame_of(incident, registry, zone, frame);
    let over = incident.end == Some(End::Recovered);
    let of = |text: &'static str| {
        if over {
            return vec![about.over.clone(), about.reference.clone()];
        }
        vec![about.began.clone(), reaching(text, incident), about.reference.clone()]
    };
    let (admin, staff) = said(&advice, model.french);
    Messages { admin: of(admin), staff: of(staff) }
}

/// The advice speaks of all clinics where the cause usually touches all; an incident of one says so.
fn reaching(text: &str, incident: &Incident) -> String {
    match incident.key.clinic {
        Some(_) => text.replace(", for all clinics", "").replace(", pour toutes les cliniques", ""),
        None => text.to_owned(),
    }
}

const fn said(advice: &Advice, french: bool) -> (&'static str, &'static str) {
    if french {
        (advice.fr.message_for_admin, advice.fr.message_for_user)
    } else {
        (advice.message_for_admin, advice.message_for_user)
    }
}

/// What stands around a message.
struct About {
    began: String,
    over: String,
    reference: String,
}

fn english(incident: &Incident, registry: &Registry, zone: &Zone, frame: &Frame) -> About {
    let zone = zone.clone().in_language(Language::English);
    let clinic = incident.key.clinic.as_ref().and_then(|id| registry.clinic(id));
    let place = clinic.map_or(String::new(), |clinic| format!("{}: ", clinic.name));
    let since = zone.when(incident.since, frame.now);
    let until = zone.when(incident.closed_at.unwrap_or(frame.now), frame.now);
    let city = &zone.label;
    About {
        began: format!(
            "{place}there has been trouble with Accuro through our app since {since} ({city})."
        ),
        over: format!(
            "{place}Accuro works through our app again since {until} ({city}). It was disturbed from {since} on. \
             You need not do anything."
        ),
        reference: format!("Our reference: INC-{}.", incident.number),
    }
}

fn french(incident: &Incident, registry: &Registry, zone: &Zone, frame: &Frame) -> About {
    let clinic = incident.key.clinic.as_ref().and_then(|id| registry.clinic(id));
    let place = clinic.map_or(String::new(), |clinic| format!("{} : ", clinic.name));
    let since = moment(zone, incident.since);
    let until = moment(zone, incident.closed_at.unwrap_or(frame.now));
    About {
        began: format!(
            "{place}l’accès à Accuro par notre application est perturbé depuis le {since}."
        ),
        over: format!(
            "{place}l’accès à Accuro par notre application fonctionne de nouveau depuis le {until}. \
             Il était perturbé depuis le {since}. Vous n’avez rien à faire."
        ),
        reference: format!("Notre référence : INC-{}.", incident.number),
    }
}

/// `2026-11-24, 10 h 12 (heure de Vancouver)`.
fn moment(zone: &Zone, at: crate::domain::time::Timestamp) -> String {
    let text = zone.local_minute(at);
    let (day, clock) = text.split_once('T').unwrap_or((&text, ""));
    let clock = clock.replace(':', " h ");
    if zone.is_utc() {
        format!("{day}, {clock} (UTC)")
    } else {
        format!("{day}, {clock} (heure de {})", zone.city())
    }
}

/// The two messages, in English or French.
pub(super) fn messages(
    model: &IncidentModel,
    registry: &Registry,
    zone: &Zone,
    frame: &Frame,
) -> Markup {
    let texts = texts(model, registry, zone, frame);
    let address = |of: Language| {
        format!("/incidents/{}{}", model.incident.number, of.messages(frame.language()))
    };
    let (english, french) = (address(Language::English), address(Language::French));
    let one = model.incident.key.clinic.is_some();
    let to = if one {
        frame.t("To the clinic’s administrator", "À l’administrateur de la clinique")
    } else {
        frame.t("To the clinics’ administrators", "Aux administrateurs des cliniques")
    };
    let body = html! {
        div.pad.stack {
            nav.seg aria-label=(frame.t("Language of the messages", "Langue des messages")) {
                a href=(english) lang="en-CA" aria-current=[(!model.french).then_some("true")] { "English" }
                a href=(french) lang="fr-CA" aria-current=[model.french.then_some("true")] { "Français" }
            }
            (message(to, &texts.admin, model.french, frame))
            (message(frame.t("To the people who work there", "Aux personnes qui y travaillent"), &texts.staff, model.french, frame))
            p.hint { (frame.t("Put it into the notes once it is sent. No patient details are in either.", "Mettez-le dans les notes une fois envoyé. Ni l’un ni l’autre ne contient de données de patient.")) }
        }
    };
    card("h-send", frame.t("Ready to send", "Prêt à envoyer"), None, &body)
}

fn message(to: &str, paragraphs: &[String], french: bool, frame: &Frame) -> Markup {
    html! {
        div.stack {
            div.msghead {
                h3 { (to) }
                button.btn type="button" data-copy=(paragraphs.join("\n\n")) hidden { (icon("copy")) (frame.t("Copy", "Copier")) span.vh { ": " (to) } }
            }
            div.msg.pick lang=[frame.lang_of(Language::french(french))] {
                @for paragraph in paragraphs { p { (paragraph) } }
            }
        }
    }
}
