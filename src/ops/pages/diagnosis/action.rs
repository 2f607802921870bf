//! What to do, and what to send to whom.
//!
//! Owns both cards. Messages name nobody and go to people who know who asked; the one for the person
//! never says what others may see.

use maud::{Markup, html};

use super::DiagnosisModel;
use crate::domain::cause::Cause;
use crate::ops::components::parts::{card, when};
use crate::ops::components::shell::Frame;
use crate::ops::components::sprite::icon;
use crate::ops::words::health;
use crate::ops::words::language::Language;

/// The steps, the watch, and whom to hand it to.
pub(super) fn todo(model: &DiagnosisModel, frame: &Frame) -> Markup {
    let advice = &model.answer.advice;
    let steps = if model.french { &advice.fr.steps } else { &advice.steps };
    let lang = frame.lang_of(Language::french(model.french));
    let id = &model.kept.id;
    let body = html! {
        div.pad.stack {
            ol.steps lang=[lang] { @for step in steps { li { (step) } } }
            (wait(model, frame))
            div.hand #hand {
                p.small.soft {
                    strong { (frame.t("If that does not help, hand it to on call.", "Si cela n’aide pas, passez-le à la garde.")) }
                    (frame.t(" This address shows the same to everybody who may see it, and names nobody: ", " Cette adresse montre la même chose à tous ceux qui peuvent la voir, et ne nomme personne : "))
                }
                p.copyable {
                    code.pick { "/d/" (id) }
                    button.linkbtn.small type="button" data-copy="" hidden { (frame.t("Copy the whole address", "Copier l’adresse entière")) }
                }
                @if let Some(runbook) = runbook(model.answer.cause()) {
                    p.small { a href={ "/runbooks/" (runbook) } { (frame.t("The runbook for on call", "Le guide pour la garde")) } }
                }
            }
        }
    };
    card("h-do", frame.t("What to do", "Que faire"), None, &body)
}

/// The runbook of the alert that a cause raises.
const fn runbook(cause: Cause) -> Option<&'static str> {
    use crate::domain::health::Trouble;
    Some(health::runbook(match cause {
        Cause::AccuroDown => Trouble::AccuroDown,
        Cause::AccuroSlow => Trouble::AccuroSlow,
        Cause::AccuroUnreachable => Trouble::AccuroUnreachable,
        Cause::ClinicDown => Trouble::ClinicDown,
        Cause::ClinicConnectionRejected => Trouble::ClinicConnectionRejected,
        Cause::AppCredentialsRejected => Trouble::AppCredentialsRejected,
        Cause::AccuscopeFailing => Trouble::AccuscopeFailing,
        Cause::NotRecorded => Trouble::NotRecorded,
        _ => return None,
    }))
}

/// Tell me when it works.
fn wait(model: &DiagnosisModel, frame: &Frame) -> Markup {
    let can = model.picture.as_ref().is_some_and(|picture| picture.waits_for().is_some());
    let over = model.answer.is_over() || model.answer.cause() == Cause::Delivered;
    let action = format!("/d/{}/watch", model.kept.id);
    html! {
        @match &model.watch {
            Some(watch) => {
                div.watch {
                    p.small {
                        @match watch.works_at {
                            Some(at) => { strong { (frame.t("It works since ", "Cela fonctionne depuis ")) (when(at, &frame.home, frame.now)) "." } }
                            None => { strong { (frame.t("You will be told", "Vous serez prévenu")) } (frame.t(" on every page here once a call of this kind works.", " sur chaque page ici dès qu’un appel de ce genre réussit.")) }
                        }
                    }
                    form action=(action) method="post" {
                        button.btn type="submit" name="turn" value="off" { (frame.t("Stop telling me", "Ne plus me prévenir")) }
                    }
                }
            }
            None if can && !over => {
                form action=(action) method="post" {
                    button.btn type="submit" name="turn" value="on" { (frame.t("Tell me when it works", "Me prévenir quand cela fonctionne")) }
                }
            }
            None => {}
        }
    }
}

/// The two messages, in English or French.
pub(super) fn messages(model: &DiagnosisModel, frame: &Frame) -> Markup {
    let advice = &model.answer.advice;
    let (admin, user) = if model.french {
        (&advice.fr.message_for_admin, &advice.fr.message_for_user)
    } else {
        (&advice.message_for_admin, &advice.message_for_user)
    };
    let address = |of: Language| format!("/d/{}{}", model.kept.id, of.messages(frame.language()));
    let (english, french) = (address(Language::English), address(Language::French));
    let body = html! {
        div.pad.stack {
            nav.seg aria-label=(frame.t("Language of the messages", "Langue des messages")) {
                a href=(english) lang="en-CA" aria-current=[(!model.french).then_some("true")] { "English" }
                a href=(french) lang="fr-CA" aria-current=[model.french.then_some("true")] { "Français" }
            }
            (message(frame.t("To the clinic’s administrator", "À l’administrateur de la clinique"), admin, model.french, frame))
            (message(frame.t("To the person who asked", "À la personne qui a demandé"), user, model.french, frame))
            p.hint { (frame.t("In English and French. Add only what you know from the ticket; send no patient details.", "En anglais et en français. N’ajoutez que ce que vous savez du billet; n’envoyez aucune donnée de patient.")) }
        }
    };
    card(
        "h-send",
        frame.t("Ready to send", "Prêt à envoyer"),
        Some(
            &html! { (frame.t("No patient details in either", "Aucune donnée de patient dans l’un ni l’autre")) },
        ),
        &body,
    )
}

fn message(to: &str, text: &str, french: bool, frame: &Frame) -> Markup {
    html! {
        div.stack {
            div.msghead {
                h3 { (to) }
                button.btn type="button" data-copy=(text) hidden { (icon("copy")) (frame.t("Copy", "Copier")) span.vh { ": " (to) } }
            }
            p.msg.pick lang=[frame.lang_of(Language::french(french))] { (text) }
        }
    }
}
