//! How apps in the settings look: the list with every key, one app, its keys and the form of a new one.
//!
//! Owns the words. A key itself is on the page that made it and on no other.

use maud::{Markup, html};

use super::apps::Uses;
use super::entry_form::{EntryForm, Spec};
use super::fields::Input;
use super::key_view::{key_cells, key_cols, keys, made_key, new_key};
use super::{Tab, page, rule, source, trouble};
use crate::config::{AppDraft, Current, KeyDraft, Mistake};
use crate::domain::kept_registry::{EntryKind, KeptRegistry};
use crate::domain::registry::{App, AppKey};
use crate::ops::access::policy::Permission;
use crate::ops::components::parts::notice;
use crate::ops::components::shell::{Frame, Page};
use crate::ops::components::table::{Row, Table, col, table};
use crate::ops::state::OpsState;

/// A key that was just made. It is shown once.
pub(super) struct NewKey {
    /// What it is called.
    pub(super) id: String,
    /// The key.
    pub(super) text: zeroize::Zeroizing<String>,
}

/// One app, or the form of a new one.
#[derive(Default)]
pub(super) struct AppPage {
    /// What stands in the form.
    pub(super) draft: AppDraft,
    /// The version of the entry; `None` where there is none.
    pub(super) version: Option<i64>,
    /// The app, where it is in force.
    pub(super) app: Option<App>,
    /// When its keys were last used.
    pub(super) uses: Uses,
    /// What is wrong with what was typed about the app.
    pub(super) mistake: Option<Mistake>,
    /// Somebody else changed or removed it since the form was shown.
    pub(super) changed_meanwhile: bool,
    /// What is there now, in that case.
    pub(super) theirs: Option<AppDraft>,
    /// What was typed about a new key.
    pub(super) key: KeyDraft,
    /// What is wrong with that.
    pub(super) key_mistake: Option<Mistake>,
    /// The key that was just made.
    pub(super) made: Option<NewKey>,
}

/// Every app with its keys.
pub(super) fn list(state: &OpsState, kept: &KeptRegistry, uses: &Uses, frame: &Frame) -> Page {
    let standing = state.settings.as_ref().map(Current::keep);
    let apps = state.registry.apps();
    let keys = apps.iter().map(|app| app.keys.len() as u64).sum();
    let body = html! {
        (trouble(standing.as_deref(), kept, &[EntryKind::App, EntryKind::Key], frame))
        @if !state.registry.requires_keys() { (no_keys(frame)) }
        (notice("plain", "info", None, &rule(frame)))
        section.card aria-labelledby="h-list" {
            header { h2 #h-list {
                (frame.count(apps.len() as u64, ["app", "apps"], ["application", "applications"])) ", "
                (frame.count(keys, ["key", "keys"], ["clé", "clés"]))
            } }
            @if apps.is_empty() {
                p.pad.soft { (frame.t("No apps yet. Add the first one here, or list it in the settings file under ", "Pas encore d’application. Ajoutez la première ici, ou dans le fichier de configuration sous ")) code { "[[apps]]" } "." }
            } @else { (table(&every_key(state, uses, frame))) }
        }
    };
    let add = html! {
        @if frame.may(Permission::Registry) {
            a.btn.primary href={ (Tab::Apps.address()) "/new" } { (frame.t("Add an app", "Ajouter une application")) }
        }
    };
    let lead = html! { (frame.t("Who may call Accuro through here, with which keys, for which clinics.", "Qui peut appeler Accuro par ici, avec quelles clés, pour quelles cliniques.")) };
    page(Tab::Apps, frame.t("Apps and keys", "Applications et clés"), &lead, &add, &body, frame)
}

fn no_keys(frame: &Frame) -> Markup {
    notice(
        "warn",
        "warn",
        None,
        &html! {
            strong { (frame.t("No app has a key. ", "Aucune application n’a de clé. ")) }
            (frame.t("Everybody who reaches the proxy may call, so it listens on this machine only. With the first key, every call needs one.", "Quiconque atteint le mandataire peut appeler; il n’écoute donc que sur cette machine. Dès la première clé, chaque appel en demande une."))
        },
    )
}

fn every_key(state: &OpsState, uses: &Uses, frame: &Frame) -> Table {
    let mut rows = Vec::new();
    for app in state.registry.apps() {
        if app.keys.is_empty() {
            rows.push(row(app, state, None, uses, frame));
        }
        rows.extend(app.keys.iter().map(|key| row(app, state, Some(key), uses, frame)));
    }
    let clinics = frame.t("Clinics", "Cliniques");
    let mut cols = vec![col(frame.t("App", "Application"), "", "")];
    cols.extend(key_cols(frame));
    cols.push(col(clinics, clinics, "opt"));
    Table {
        caption: frame
            .t(
                "Keys of apps, each with its state and its last use",
                "Clés des applications, chacune avec son état et son dernier usage",
            )
            .to_owned(),
        class: "wide",
        cols,
        rows,
    }
}

fn row(app: &App, state: &OpsState, key: Option<&AppKey>, uses: &Uses, frame: &Frame) -> Row {
    let clinics = app.clinics.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let mut cells = vec![html! {
        a.rowlink href={ (Tab::Apps.address()) "/" (app.id) } { (app.name) }
        small { (app.id) }
    }];
    if let Some(key) = key {
        cells.extend(key_cells(app, state, key, uses, frame));
    } else {
        let in_file = state.desk.lists.get().has(EntryKind::App, app.id.as_str());
        cells.extend([
            html! { (frame.t("None needed", "Aucune demandée")) },
            html! {},
            html! {},
            html! {},
            html! {},
            html! { (source(in_file, frame)) },
        ]);
    }
    cells.push(html! { @if clinics.is_empty() { (frame.t("All", "Toutes")) } @else { (clinics) } });
    Row { selected: false, cells }
}

/// One app, or the form of a new one.
pub(super) fn one(state: &OpsState, shown: &AppPage, frame: &Frame) -> Page {
    let app = shown.app.as_ref();
    let edits = frame.may(Permission::Registry);
    let in_file =
        app.is_some_and(|app| state.desk.lists.get().has(EntryKind::App, app.id.as_str()));
    // An app that is in force and not kept here is the file's.
    let of_file = in_file || app.is_some() && shown.version.is_none();
    let title = match app {
        Some(app) => app.name.as_str(),
        None if shown.version.is_some() => shown.draft.name.as_str(),
        None => frame.t("Add an app", "Ajouter une application"),
    };
    let (values, theirs) = (shown.draft.fields(), shown.theirs.as_ref().map(AppDraft::fields));
    let form = entry_form(shown, &values, theirs.as_ref().map(|theirs| &theirs[..]), frame);
    let body = html! {
        @if let Some(made) = &shown.made { (made_key(made, frame)) }
        @if of_file { (of_the_file(app, shown.version.is_some(), frame)) }
        @else if edits { (form.draw(frame)) }
        @if let Some(app) = app {
            (keys(app, state, shown, edits, frame))
            @if edits { (new_key(app, state, shown, frame)) }
        }
        @if shown.version.is_some() && edits {
            (form.removal(
                frame.t("Its keys go with it, and calls with them are refused at once. What was recorded stays until its time is over.", "Ses clés partent avec elle, et les appels qui les portent sont refusés aussitôt. Ce qui a été enregistré reste jusqu’à son terme."),
                frame.t("Remove this app", "Retirer cette application"),
                frame,
            ))
        }
    };
    let lead =
        html! { a href=(Tab::Apps.address()) { (frame.t("All apps", "Toutes les applications")) } };
    page(Tab::Apps, title, &lead, &html! {}, &body, frame)
}

fn of_the_file(app: Option<&App>, also_here: bool, frame: &Frame) -> Markup {
    html! {
        (notice("plain", "info", None, &html! {
            strong { (frame.t("This app is in the settings file. ", "Cette application est dans le fichier de configuration. ")) }
            (frame.t("Its name and clinics are changed there. Keys can be made here as well, and every key can be revoked here.", "Son nom et ses cliniques se changent là. Des clés peuvent aussi être créées ici, et chaque clé peut être révoquée ici."))
            @if also_here { " " (frame.t("An entry of the same id is kept here as well, and does not count.", "Une entrée du même nom est gardée ici aussi, et ne vaut pas.")) }
            @if let Some(app) = app {
                " " (frame.t("It may work for: ", "Elle peut travailler pour : "))
                @if app.clinics.is_empty() { (frame.t("all clinics", "toutes les cliniques")) }
                @else { (app.clinics.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")) }
                "."
            }
        }))
    }
}

fn specs(frame: &Frame, is_new: bool) -> Vec<Spec> {
    let mut specs = vec![
        ("name", frame.t("Name", "Nom"), "", Input::Line, true),
        ("clinics", frame.t("Clinics", "Cliniques"), frame.t("Ids with commas between them; empty is all. An app of one clinic needs to say no clinic in its calls.", "Noms internes séparés par des virgules; vide : toutes. Une application d’une seule clinique n’a pas à nommer de clinique dans ses appels."), Input::Lines, false),
    ];
    if is_new {
        specs.insert(0, ("id", frame.t("Id", "Nom interne"), frame.t("Stands in every record, and is never changed: a to z, digits and hyphens.", "Figure dans chaque enregistrement et ne change jamais : a à z, chiffres et traits d’union."), Input::Name, true));
    }
    specs
}

fn entry_form<'p>(
    shown: &'p AppPage,
    values: &'p [(&'static str, &'p str)],
    theirs: Option<&'p [(&'static str, &'p str)]>,
    frame: &Frame,
) -> EntryForm<'p> {
    EntryForm {
        tab: Tab::Apps,
        id: &shown.draft.id,
        version: shown.version,
        words_of_new: (
            frame.t("New app", "Nouvelle application"),
            frame.t("Add the app", "Ajouter l’application"),
        ),
        specs: specs(frame, shown.version.is_none()),
        values,
        mistake: shown.mistake.as_ref(),
        changed_meanwhile: shown.changed_meanwhile,
        theirs,
    }
}
