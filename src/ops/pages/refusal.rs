//! Pages that say no: not found, not allowed, a mistake, the store not answering.
//!
//! Owns their words. Each says what is unaffected and what to do next; none repeats what was asked.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use crate::ops::access::policy::{Permission, word};
use crate::ops::access::visit::Visit;
use crate::ops::components::shell::{Frame, Page};

/// Why there is no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The address names nothing.
    NotFound,
    /// The role may not.
    NotAllowed(Permission),
    /// The role may, but the reader sees some clinics only, and this concerns all.
    OfAllClinics,
    /// A form came from another site.
    OtherSite,
    /// A sign-in link was used, or has expired.
    LinkSpent,
    /// A link to the adoption page that was never made, has expired or was ended: it is not told which.
    NoSuchShare,
    /// The store did not answer.
    StoreFailed,
    /// The audit could not keep it.
    NotKept,
    /// The form was not one of ours.
    NotUnderstood,
    /// A call that was kept has been forgotten, or never was.
    NoSuchCall,
    /// A diagnosis that was kept has been forgotten, or never was.
    NoSuchDiagnosis,
}

impl Refusal {
    /// The status of the answer.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::NotFound | Self::NoSuchCall | Self::NoSuchDiagnosis | Self::NoSuchShare => {
                StatusCode::NOT_FOUND
            }
            Self::NotAllowed(_) | Self::OfAllClinics | Self::OtherSite => StatusCode::FORBIDDEN,
            Self::LinkSpent => StatusCode::GONE,
            Self::NotUnderstood => StatusCode::UNPROCESSABLE_ENTITY,
            Self::StoreFailed | Self::NotKept => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// The page that says no.
pub(crate) fn view(refusal: Refusal, frame: &Frame) -> Page {
    let (title, body) = match refusal {
        Refusal::NotFound => (
            "There is nothing here",
            html! { p.soft { "The address may be mistyped, or what it named is gone." } },
        ),
        Refusal::NoSuchCall => (
            "We have no such call",
            html! {
                p.soft {
                    "It may be older than we keep calls, or it never reached us. "
                    "A support code stands on the error message of the app."
                }
            },
        ),
        Refusal::NoSuchDiagnosis => (
            "We have no such diagnosis",
            html! {
                p.soft {
                    "It may be older than we keep diagnoses: they hold references to people, so they go "
                    "with them. Ask again with the code or the time."
                }
                div.actions { a.btn.primary href="/find" { "Ask again" } }
            },
        ),
        Refusal::NotAllowed(permission) => not_allowed(permission, frame),
        Refusal::OfAllClinics => (
            "This is for people who see every clinic",
            html! {
                p.soft {
                    "You see some clinics, and this concerns all of them at once. Ask an admin if you need "
                    "it. This try was recorded."
                }
                div.actions { a.btn href="/" { "Go to Now" } }
            },
        ),
        Refusal::OtherSite => (
            "That form was not sent from this site",
            html! { p.soft { "Nothing was changed. Open the page here and try again." } },
        ),
        Refusal::NotUnderstood => (
            "That form was not complete",
            html! { p.soft { "Nothing was changed. Open the page again and fill the form in anew." } },
        ),
        Refusal::LinkSpent => (
            "This sign-in link no longer works",
            html! {
                p.soft {
                    "A link works once, for a short time. Ask whoever sent it for a new one."
                }
                p { a.btn href="/sign-in" { "Sign in another way" } }
            },
        ),
        Refusal::NoSuchShare => (
            "This link shows nothing",
            html! {
                p.soft {
                    "It may be mistyped, or its time is over. Ask whoever sent it for a new one."
                }
            },
        ),
        Refusal::NotKept => (
            "Nothing was changed",
            html! {
                p.soft {
                    "The audit cannot be kept right now, and nothing is changed here without a record. "
                    "While that lasts, every write to Accuro is refused anyway; looking things up works."
                }
                div.actions { a.btn href="/" { "Go to Now" } }
            },
        ),
        Refusal::StoreFailed => (
            "Sorry, this page didn’t load",
            html! {
                p.soft {
                    "The store did not answer. Calls to Accuro are not affected and are still "
                    "recorded. Try again in a minute."
                }
                div.actions {
                    a.btn.primary href=(frame.address) { "Try again" }
                    a.btn href="/" { "Go to Now" }
                }
            },
        ),
    };
    let body = html! {
        div.pagehead { div { h1 { (title) } } }
        section.card.pad.stack.narrow aria-label="What happened" { (body) }
    };
    Page { room: None, title: title.to_owned(), live: false, body }
}

fn not_allowed(permission: Permission, frame: &Frame) -> (&'static str, Markup) {
    let (title, why) = permission.refusal();
    let body = html! {
        p.soft {
            @if let Some(reader) = &frame.reader { "You are signed in as " (word(reader.role)) ". " }
            (why) " Ask an admin if you need it. This try was recorded."
        }
        div.actions { a.btn href="/" { "Go to Now" } }
    };
    (title, body)
}

/// The answer for an address that names nothing.
pub(crate) async fn not_found(visit: Visit) -> Response {
    visit.refuse(Refusal::NotFound)
}
