//! The bar of a small screen: name, environment, and what the side bar has on a large one, folded away.
//!
//! Owns that nothing is out of reach on a phone: every room, the clock, the look, the language, signing out.

use maud::{Markup, html};

use super::rooms::Room;
use super::shell::{Frame, environment, nav};
use super::sprite::logo;
use crate::ops::access::policy;

pub(super) fn bar(frame: &Frame, room: Option<Room>) -> Markup {
    html! {
        header.mobilebar {
            a.brand href="/" { (logo()) "accuscope" }
            (environment(frame))
            @if frame.reader.is_some() {
                details {
                    summary { "Menu" }
                    div.menu {
                        (nav(frame, room, frame.t("Main, small screen", "Principale, petit écran"), "menu"))
                        (foot(frame))
                    }
                }
            }
        }
    }
}

fn foot(frame: &Frame) -> Markup {
    let utc = frame.preferences.utc;
    html! {
        ul.menu-foot {
            li {
                a href=(frame.preferences.with_utc(&frame.address, !utc)) {
                    @if utc { (frame.t("Show clinic time", "Heure de la clinique")) } @else { (frame.t("Show UTC", "Voir l’UTC")) }
                }
            }
            li { a href="/me" { (frame.t("Your account, look and language", "Votre compte, apparence et langue")) } }
            @if let Some((name, role)) = frame.reader.as_ref().and_then(|of| Some((of.name.as_ref()?, of.role))) {
                li {
                    form action="/sign-out" method="post" {
                        (name) ", " (policy::word_in(role, frame.language())) ". "
                        button.linkbtn type="submit" { (frame.t("Sign out", "Se déconnecter")) }
                    }
                }
            }
        }
    }
}
