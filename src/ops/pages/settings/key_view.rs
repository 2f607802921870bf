//! How keys of apps look: in a table, made just now, and the form of a new one.
//!
//! Owns the words. A key itself is on the page that made it and on no other; a digest is on none.

use maud::{Markup, html};

use super::app_view::{AppPage, NewKey};
use super::apps::Uses;
use super::fields::{Field, Input, field, summary};
use super::source;
use crate::domain::kept_registry::EntryKind;
use crate::domain::registry::{App, AppKey, KeyState};
use crate::ops::components::parts::{copyable, notice};
use crate::ops::components::shell::Frame;
use crate::ops::components::table::{Col, Row, Table, col, table};
use crate::ops::state::OpsState;

pub(super) fn key_cols(frame: &Frame) -> [Col; 6] {
    let both = |name, class| col(name, name, class);
    [
        both(frame.t("Key", "Clé"), ""),
        both(frame.t("State", "État"), ""),
        both(frame.t("For", "Pour"), "opt"),
        both(frame.t("Until", "Jusqu’au"), "opt"),
        both(frame.t("Last used", "Dernier usage"), ""),
        both(frame.t("Kept", "Gardée"), "opt"),
    ]
}

pub(super) fn key_cells(
    app: &App,
    state: &OpsState,
    key: &AppKey,
    uses: &Uses,
    frame: &Frame,
) -> [Markup; 6] {
    let in_file = state.desk.lists.get().has(EntryKind::Key, &format!("{}/{}", app.id, key.id));
    [
        html! { code { (key.id) } },
        html! { (word(state.registry.state_of(key, frame.now), frame)) },
        html! {
            @match key.environment {
                Some(environment) => (environment),
                None => (frame.t("Either environment", "L’un et l’autre environnement")),
            }
        },
        html! {
            @match key.not_after {
                Some(end) => (frame.when(end)),
                None => (frame.t("Open", "Sans fin")),
            }
        },
        html! {
            @match uses.of(key) {
                Some(at) => (frame.ago(at)),
                None => (frame.t("Never", "Jamais")),
            }
        },
        html! { (source(in_file, frame)) },
    ]
}

const fn word(state: KeyState, frame: &Frame) -> &'static str {
    match state {
        KeyState::Valid => frame.t("Valid", "Valide"),
        KeyState::Revoked => frame.t("Revoked", "Révoquée"),
        KeyState::Expired => frame.t("Expired", "Expirée"),
        KeyState::OtherEnvironment => frame.t("Other environment", "Autre environnement"),
    }
}

pub(super) fn made_key(made: &NewKey, frame: &Frame) -> Markup {
    notice(
        "works",
        "key",
        Some("status"),
        &html! {
            strong { (frame.t("The key ", "La clé ")) code { (made.id) } (frame.t(" works from now on.", " vaut dès maintenant.")) }
            p { (copyable(&made.text, frame.t("the key", "la clé"), frame)) }
            p {
                (frame.t("It is shown this once and is kept nowhere; only a digest of it is. The app sends it as ", "Elle n’est montrée que cette fois et n’est gardée nulle part; seule son empreinte l’est. L’application l’envoie comme "))
                code { "Accuscope-App-Key" } "."
            }
        },
    )
}

pub(super) fn keys(
    app: &App,
    state: &OpsState,
    shown: &AppPage,
    edits: bool,
    frame: &Frame,
) -> Markup {
    let mut cols = key_cols(frame).to_vec();
    if edits {
        cols.push(col(frame.t("Change", "Changer"), "", ""));
    }
    let row = |key: &AppKey| {
        let mut cells = key_cells(app, state, key, &shown.uses, frame).to_vec();
        if edits {
            cells.push(if key.revoked {
                html! {}
            } else {
                revoke(app, key, frame)
            });
        }
        Row { selected: false, cells }
    };
    html! {
        section.card aria-labelledby="h-keys" {
            header { h2 #h-keys { (frame.t("Keys", "Clés")) } }
            @if app.keys.is_empty() {
                p.pad.soft { (frame.t("No key yet.", "Pas encore de clé.")) }
            } @else {
                (table(&Table {
                    caption: frame.t("Keys of this app", "Clés de cette application").to_owned(),
                    class: "wide",
                    cols,
                    rows: app.keys.iter().map(row).collect(),
                }))
            }
        }
    }
}

fn revoke(app: &App, key: &AppKey, frame: &Frame) -> Markup {
    html! {
        details.more {
            summary { (frame.t("Revoke", "Révoquer")) span.vh { " " (key.id) } }
            form action="/settings/keys" method="post" {
                input type="hidden" name="app" value=(app.id);
                input type="hidden" name="id" value=(key.id);
                button.btn type="submit" name="act" value="revoke" {
                    (frame.t("Revoke at once", "Révoquer aussitôt")) span.vh { ": " (key.id) }
                }
            }
        }
    }
}

const BOTH: &[(&str, &str)] =
    &[("", "Either environment"), ("sandbox", "Sandbox"), ("production", "Production")];
const BOTH_FRENCH: &[(&str, &str)] =
    &[("", "L’un et l’autre"), ("sandbox", "Bac à sable"), ("production", "Production")];

pub(super) fn new_key(app: &App, state: &OpsState, shown: &AppPage, frame: &Frame) -> Markup {
    let specs = [
        (
            "key-id",
            frame.t("What it is called", "Son nom"),
            frame.t(
                "Such as the month, 2026-11. It stands in metrics and records.",
                "Par exemple le mois, 2026-11. Figure dans les mesures et les enregistrements.",
            ),
            Input::Name,
            true,
            shown.key.id.as_str(),
        ),
        (
            "environment",
            frame.t("For", "Pour"),
            "",
            Input::Choice(frame.preferences.language.of(BOTH, BOTH_FRENCH)),
            false,
            shown.key.environment.as_str(),
        ),
        (
            "not_after",
            frame.t("Last day", "Dernier jour"),
            frame.t(
                "Optional. It works until the end of that day, in UTC.",
                "Facultatif. Elle vaut jusqu’à la fin de ce jour, en UTC.",
            ),
            Input::Day,
            false,
            shown.key.not_after.as_str(),
        ),
    ];
    let wrong = shown.key_mistake.as_ref().and_then(|mistake| mistake.field.as_deref());
    let label = specs.iter().find(|(name, ..)| Some(*name) == wrong).map(|spec| spec.1);
    html! {
        section.card.pad.stack aria-labelledby="h-new-key" {
            h2 #h-new-key { (frame.t("Make a key", "Créer une clé")) }
            (summary(shown.key_mistake.as_ref(), label, frame))
            form.stack action="/settings/keys" method="post" {
                input type="hidden" name="app" value=(app.id);
                div.fields {
                    @for (name, label, hint, input, required, value) in specs {
                        (field(&Field { name, label, hint, input, required, value, theirs: None }, shown.key_mistake.as_ref(), frame))
                    }
                }
                @if !state.registry.requires_keys() {
                    label.check {
                        input type="checkbox" name="sure" value="yes" required;
                        span { (frame.t("This is the first key. I know that from then on every call of every app needs one.", "C’est la première clé. Je sais que dès lors chaque appel de chaque application en demande une.")) }
                    }
                }
                div.actions { button.btn.primary type="submit" name="act" value="make" { (frame.t("Make the key", "Créer la clé")) } }
            }
        }
    }
}
