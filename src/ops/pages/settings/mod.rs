//! Settings: clinics, apps and their keys, which admins edit here, and rooms that tell how accuscope is set up.
//!
//! Owns what the rooms have in common: the way between them, the rule which of the registry's two
//! sources counts, and what is said where an entry does not count or is not in force yet. Which entries
//! fit together is decided in `config::lists`, for the file and for the site alike.

pub(crate) mod act;
mod app_view;
pub(crate) mod apps;
pub(crate) mod catalogue;
mod clinic_view;
pub(crate) mod clinics;
pub(crate) mod entry_form;
pub(crate) mod environment;
mod fields;
pub(crate) mod health;
mod key_view;
pub(crate) mod keys;
pub(crate) mod overview;
pub(crate) mod retention;

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use crate::config::Standing;
use crate::domain::kept_registry::{EntryKind, KeptRegistry};
use crate::ops::access::visit::Visit;
use crate::ops::components::parts::notice;
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::freshness::Freshness;

/// What is posted about keys.
const KEYS: &str = "/settings/keys";

/// A room of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    /// What there is.
    Overview,
    /// Clinics.
    Clinics,
    /// Apps and keys.
    Apps,
    /// How long what is kept.
    Retention,
    /// The endpoints that are known.
    Catalogue,
    /// Which Accuro, which listeners.
    Environment,
    /// Accuscope itself.
    Health,
}

impl Tab {
    pub(crate) const ALL: [Self; 7] = [
        Self::Overview,
        Self::Clinics,
        Self::Apps,
        Self::Retention,
        Self::Catalogue,
        Self::Environment,
        Self::Health,
    ];

    pub(crate) const fn address(self) -> &'static str {
        match self {
            Self::Overview => "/settings",
            Self::Clinics => "/settings/clinics",
            Self::Apps => "/settings/apps",
            Self::Retention => "/settings/retention",
            Self::Catalogue => "/settings/catalogue",
            Self::Environment => "/settings/environment",
            Self::Health => "/settings/health",
        }
    }

    pub(crate) const fn name(self, frame: &Frame) -> &'static str {
        match self {
            Self::Overview => frame.t("Overview", "Aperçu"),
            Self::Clinics => frame.t("Clinics", "Cliniques"),
            Self::Apps => frame.t("Apps and keys", "Applications et clés"),
            Self::Retention => frame.t("Retention", "Conservation"),
            Self::Catalogue => frame.t("Catalogue", "Catalogue"),
            Self::Environment => frame.t("Environment", "Environnement"),
            Self::Health => frame.t("accuscope itself", "accuscope lui-même"),
        }
    }
}

/// A page of the settings.
pub(super) fn page(
    tab: Tab,
    title: &str,
    lead: &Markup,
    actions: &Markup,
    body: &Markup,
    frame: &Frame,
) -> Page {
    let body = html! {
        div.pagehead {
            div {
                h1 { (title) }
                p.soft.small { (lead) }
            }
            div.actions { (actions) }
        }
        nav.tabs aria-label=(frame.t("Settings", "Réglages")) {
            @for each in Tab::ALL {
                a href=(each.address()) aria-current=[(each == tab).then_some("page")] { (each.name(frame)) }
            }
        }
        (body)
    };
    Page { room: Some(Room::Settings), title: title.to_owned(), live: false, body }
}

/// Shows a page with a status.
pub(super) fn show(
    visit: &Visit,
    status: StatusCode,
    page: impl FnOnce(&Frame) -> Page,
) -> Response {
    let mut frame = visit.frame(Freshness::Unasked);
    if visit.address == KEYS {
        // What is only posted to cannot be asked for by its address.
        Tab::Apps.address().clone_into(&mut frame.address);
    }
    let mut response = visit.show(&frame, &page(&frame));
    *response.status_mut() = status;
    response
}

/// The rule, wherever the registry is looked at.
pub(super) fn rule(frame: &Frame) -> Markup {
    html! {
        strong {
            (frame.t(
                "What the settings file lists, the file decides; everything else is kept here.",
                "Ce que liste le fichier de configuration, c’est le fichier qui le décide; tout le reste est gardé ici.",
            ))
        }
        " "
        (frame.t(
            "An app has the keys of both, and a key that is revoked in either place is revoked. \
             A change here is in force at once, and at every instance within a few seconds.",
            "Une application a les clés des deux, et une clé révoquée d’un côté ou de l’autre est révoquée. \
             Un changement fait ici vaut aussitôt, et à chaque instance en quelques secondes.",
        ))
    }
}

/// Where an entry is kept.
pub(super) const fn source(is_in_file: bool, frame: &Frame) -> &'static str {
    if is_in_file {
        frame.t("Settings file", "Fichier de configuration")
    } else {
        frame.t("Here", "Ici")
    }
}

/// What of the registry does not count, or is not in force at this instance yet.
pub(super) fn trouble(
    standing: Option<&Standing>,
    kept: &KeptRegistry,
    kinds: &[EntryKind],
    frame: &Frame,
) -> Markup {
    let Some(standing) = standing else { return html! {} };
    let aside: Vec<_> = standing.set_aside.iter().filter(|one| kinds.contains(&one.kind)).collect();
    html! {
        @if kept.stamp != standing.kept {
            (notice("warn", "clock", Some("status"), &html! {
                (frame.t(
                    "The last change is not in force at this instance yet. Load the page again in a moment.",
                    "Le dernier changement ne vaut pas encore à cette instance. Rechargez la page dans un instant.",
                ))
            }))
        }
        @if !aside.is_empty() {
            (notice("warn", "warn", Some("status"), &html! {
                strong {
                    (frame.t(
                        "Some of what is kept here does not count, since it contradicts the settings file or another entry:",
                        "Une partie de ce qui est gardé ici ne vaut pas, car elle contredit le fichier de configuration ou une autre entrée :",
                    ))
                }
                ul {
                    @for one in aside { li { code { (one.id) } ": " span lang="en" { (one.why) } "." } }
                }
            }))
        }
    }
}
