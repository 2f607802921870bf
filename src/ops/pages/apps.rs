//! Apps and keys: who may call, with which keys, and which settings are in force.
//!
//! Owns the page. Shows no digest of a key: what a key is called, whether it opens the door, and when it
//! was last shown to this process. Uses are kept in memory, so they begin with the process.

use axum::response::Response;
use maud::{Markup, html};

use crate::config::Standing;
use crate::domain::registry::{App, AppKey, KeyState, Registry};
use crate::domain::time::Timestamp;
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::components::parts::{card, notice, when};
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::table::{Row, Table, col, table};
use crate::ops::freshness::Freshness;
use crate::ops::words::times::ago;

/// The page.
pub(crate) async fn page(visit: Visit) -> Response {
    if let Err(answer) = visit.admit(Permission::Apps).await {
        return answer;
    }
    let frame = visit.frame(Freshness::Unasked);
    let standing = visit.state.settings.as_ref().map(crate::config::Current::keep);
    visit.show(&frame, &view(&visit.state.registry, standing.as_deref(), &frame))
}

/// The page's content.
pub(crate) fn view(registry: &Registry, standing: Option<&Standing>, frame: &Frame) -> Page {
    let body = html! {
        div.pagehead {
            div {
                h1 { "Apps and keys" }
                p.soft.small { "Who may call Accuro through here. Uses are those of this process, since it started." }
            }
        }
        @if let Some(standing) = standing { (settings(standing, frame)) }
        @if !registry.requires_keys() {
            (notice("warn", "warn", None, &html! {
                strong { "No app has a key. " }
                "Everybody who reaches the proxy may call, so it listens on this machine only."
            }))
        }
        section.card aria-labelledby="h-apps" {
            header { h2 #h-apps { "Keys" } }
            @if registry.apps().is_empty() {
                p.pad.soft { "No apps yet. Add the first one to the settings, under " code { "[[apps]]" } "." }
            } @else { (keys(registry, frame)) }
        }
    };
    Page { room: Some(Room::Apps), title: "Apps and keys".to_owned(), live: false, body }
}

fn settings(standing: &Standing, frame: &Frame) -> Markup {
    let at = |time: Timestamp| when(time, &frame.home, frame.now);
    let body = html! {
        div.pad {
            p { "In force since " (at(standing.since)) "." }
            @if let Some((time, problem)) = &standing.refused {
                p {
                    strong { "A newer file was refused " (ago(*time, frame.now)) ". " }
                    "Nothing of it is in force: " code { (problem) }
                }
            }
            @if !standing.waiting.is_empty() {
                p { strong { "Waits for a restart: " } (standing.waiting.join(", ")) "." }
            }
        }
    };
    card("settings", "Settings", None, &body)
}

fn keys(registry: &Registry, frame: &Frame) -> Markup {
    let mut rows = Vec::new();
    for app in registry.apps() {
        if app.keys.is_empty() {
            rows.push(row(app, registry, None, frame));
        }
        rows.extend(app.keys.iter().map(|key| row(app, registry, Some(key), frame)));
    }
    table(&Table {
        caption: "Keys of apps, each with its state and its last use".to_owned(),
        class: "wide",
        cols: vec![
            col("App", "", ""),
            col("Key", "Key", ""),
            col("State", "State", ""),
            col("For", "For", ""),
            col("Until", "Until", ""),
            col("Last used", "Last used", ""),
            col("Clinics", "Clinics", ""),
        ],
        rows,
    })
}

fn row(app: &App, registry: &Registry, key: Option<&AppKey>, frame: &Frame) -> Row {
    let state = key.map(|key| registry.state_of(key, frame.now));
    let clinics = app.clinics.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let cells = vec![
        html! { (app.name) small { (app.id) } },
        html! { @match key { Some(key) => { code { (key.id) } }, None => "None needed" } },
        html! { (state.map_or("", word)) },
        html! {
            @match key.and_then(|key| key.environment) {
                Some(environment) => (environment), None => "Either environment",
            }
        },
        html! {
            @match key.and_then(|key| key.not_after) {
                Some(end) => (when(end, &frame.home, frame.now)), None => "Open",
            }
        },
        html! {
            @match key.and_then(|key| key.last_use.get()) {
                Some(at) => (ago(at, frame.now)), None => "Not since the start",
            }
        },
        html! { @if clinics.is_empty() { "All" } @else { (clinics) } },
    ];
    Row { selected: false, cells }
}

const fn word(state: KeyState) -> &'static str {
    match state {
        KeyState::Valid => "Valid",
        KeyState::Revoked => "Revoked",
        KeyState::Expired => "Expired",
        KeyState::OtherEnvironment => "Other environment",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_of_a_key_has_its_own_word() {
        let words: std::collections::BTreeSet<_> = KeyState::ALL.iter().map(|s| word(*s)).collect();
        assert_eq!(words.len(), KeyState::ALL.len());
    }
}
