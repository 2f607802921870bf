//! What to do, and what to send to whom.
//!
//! Owns both cards. Messages name nobody and go to people who know who asked; the one for the person
//! never says what others may see.

use maud::{Markup, html};

use super::DiagnosisModel;
use crate::domain::cause::Cause;
use crate::ops::components::parts::{card, copyable, when};
use crate::ops::components::shell::Frame;
use crate::ops::words::health;

/// The steps, the watch, and whom to hand it to.
pub(super) fn todo(model: &DiagnosisModel, frame: &Frame) -> Markup {
    let advice = &model.answer.advice;
    let steps = if model.french { &advice.fr.steps } else { &advice.steps };
    let lang = model.french.then_some("fr-CA");
    let id = &model.kept.id;
    let body = html! {
        div.pad.stack {
            ol.steps lang=[lang] { @for step in steps { li { (step) } } }
            (wait(model, frame))
            div.hand #hand {
                p.small.soft {
                    strong { "If that does not help, hand it to on call." }
                    " This address shows the same to everybody who may see it, and names nobody: "
                }
                (copyable(&format!("/d/{id}"), "the address for on call"))
                @if let Some(runbook) = runbook(model.answer.cause()) {
                    p.small { a href={ "/runbooks/" (runbook) } { "The runbook for on call" } }
                }
            }
        }
    };
    card("h-do", "What to do", None, &body)
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
                            Some(at) => { strong { "It works since " (when(at, &frame.home, frame.now)) "." } }
                            None => { strong { "You will be told" } " on every page here once a call of this kind works." }
                        }
                    }
                    form action=(action) method="post" {
                        button.btn type="submit" name="turn" value="off" { "Stop telling me" }
                    }
                }
            }
            None if can && !over => {
                form action=(action) method="post" {
                    button.btn type="submit" name="turn" value="on" { "Tell me when it works" }
                }
            }
            None => {}
        }
    }
}

/// The two messages, in English or French.
pub(super) fn messages(model: &DiagnosisModel) -> Markup {
    let advice = &model.answer.advice;
    let (admin, user) = if model.french {
        (&advice.fr.message_for_admin, &advice.fr.message_for_user)
    } else {
        (&advice.message_for_admin, &advice.message_for_user)
    };
    let english = format!("/d/{}", model.kept.id);
    let french = format!("/d/{}?lang=fr", model.kept.id);
    let body = html! {
        div.pad.stack {
            nav.seg aria-label="Language of the messages" {
                a href=(english) lang="en-CA" aria-current=[(!model.french).then_some("true")] { "English" }
                a href=(french) lang="fr-CA" aria-current=[model.french.then_some("true")] { "Français" }
            }
            (message("To the clinic’s administrator", admin, model.french))
            (message("To the person who asked", user, model.french))
            p.hint { "In English and French. Add only what you know from the ticket; send no patient details." }
        }
    };
    card("h-send", "Ready to send", Some(&html! { "No patient details in either" }), &body)
}

fn message(to: &str, text: &str, french: bool) -> Markup {
    html! {
        div.stack {
            div.msghead {
                h3 { (to) }
                button.btn type="button" data-copy=(text) hidden { "Copy" span.vh { ": " (to) } }
            }
            p.msg.pick lang=[french.then_some("fr-CA")] { (text) }
        }
    }
}
