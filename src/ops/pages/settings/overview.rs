//! The settings' first page: what there is, which source counts, and how the file stands.
//!
//! Owns the page.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::{Tab, page, rule, show, trouble};
use crate::config::{Current, Standing};
use crate::domain::kept_registry::{EntryKind, KeptRegistry};
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::components::parts::card;
use crate::ops::components::shell::{Frame, Page};
use crate::ops::state::OpsState;

/// The page.
pub(crate) async fn page_of(visit: Visit) -> Response {
    let store = match visit.enter(Permission::Apps).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    match store.kept_registry().await {
        Ok(kept) => show(&visit, StatusCode::OK, |frame| view(&visit.state, &kept, frame)),
        Err(error) => visit.store_failed(&error),
    }
}

fn view(state: &OpsState, kept: &KeptRegistry, frame: &Frame) -> Page {
    let standing = state.settings.as_ref().map(Current::keep);
    let body = html! {
        (trouble(standing.as_deref(), kept, EntryKind::ALL, frame))
        div.g2.even {
            (card("h-registry", frame.t("Clinics, apps and keys", "Cliniques, applications et clés"), None, &registry(state, kept, frame)))
            (card("h-file", frame.t("The settings file", "Le fichier de configuration"), None, &file(standing.as_deref(), frame)))
        }
        (card("h-rooms", frame.t("Rooms", "Pièces"), None, &rooms(frame)))
    };
    let lead = html! { (frame.t("How accuscope is set up, and who may call through it.", "Comment accuscope est réglé, et qui peut appeler par lui.")) };
    page(Tab::Overview, frame.t("Settings", "Réglages"), &lead, &html! {}, &body, frame)
}

fn registry(state: &OpsState, kept: &KeptRegistry, frame: &Frame) -> Markup {
    let registry = &state.registry;
    let keys: usize = registry.apps().iter().map(|app| app.keys.len()).sum();
    let line = |tab: Tab, in_force: usize, words: [[&'static str; 2]; 2], kind: EntryKind| {
        html! {
            li {
                a.rowlink href=(tab.address()) { (frame.count(in_force as u64, words[0], words[1])) }
                span.muted { (frame.t("of them here: ", "dont ici : ")) (kept.of(kind).count()) }
            }
        }
    };
    html! {
        div.pad.stack {
            ul.plain.split {
                (line(Tab::Clinics, registry.clinics().len(), [["clinic", "clinics"], ["clinique", "cliniques"]], EntryKind::Clinic))
                (line(Tab::Apps, registry.apps().len(), [["app", "apps"], ["application", "applications"]], EntryKind::App))
                (line(Tab::Apps, keys, [["key", "keys"], ["clé", "clés"]], EntryKind::Key))
            }
            p.soft.small { (rule(frame)) }
            p.soft.small {
                (frame.t(
                    "Each process keeps a copy beside its journal. Calls are served from it while the store is away, and a start without the store begins with it.",
                    "Chaque processus garde une copie à côté de son journal. Les appels sont servis d’après elle quand la base est absente, et un démarrage sans la base commence avec elle.",
                ))
            }
        }
    }
}

fn file(standing: Option<&Standing>, frame: &Frame) -> Markup {
    let Some(standing) = standing else {
        return html! { p.pad.soft { (frame.t("It was read at the start.", "Il a été lu au démarrage.")) } };
    };
    html! {
        div.pad.stack {
            p { (frame.t("In force since ", "En vigueur depuis ")) (frame.when(standing.since)) "." }
            @match &standing.refused {
                Some((at, problem)) => p {
                    strong { (frame.t("A newer file was refused ", "Un fichier plus récent a été refusé ")) (frame.ago(*at)) ". " }
                    (frame.t("Nothing of it is in force: ", "Rien de lui ne vaut : ")) code { (problem) }
                },
                None => p.soft { (frame.t("A change of the file is taken over within seconds; one with a mistake changes nothing and is named here.", "Un changement du fichier est repris en quelques secondes; s’il comporte une erreur, il ne change rien et l’erreur est nommée ici.")) },
            }
            @if !standing.waiting.is_empty() {
                p { strong { (frame.t("Waits for a restart: ", "Attend un redémarrage : ")) } (standing.waiting.join(", ")) "." }
            }
        }
    }
}

fn rooms(frame: &Frame) -> Markup {
    let room = |href: &'static str, name: &'static str, what: &'static str| {
        html! { li { a.rowlink href=(href) { (name) } span.soft { (what) } } }
    };
    let tab = |tab: Tab, what: &'static str| room(tab.address(), tab.name(frame), what);
    html! {
        ul.pad.plain.rooms {
            (tab(Tab::Retention, frame.t("How long what is kept, and what was removed lately", "Combien de temps quoi est gardé, et ce qui a été retiré dernièrement")))
            (tab(Tab::Catalogue, frame.t("The endpoints of Accuro that are known", "Les points d’accès d’Accuro qui sont connus")))
            (tab(Tab::Environment, frame.t("Which Accuro, which listeners, which keys of references", "Quel Accuro, quelles écoutes, quelles clés de références")))
            (tab(Tab::Health, frame.t("Whether accuscope records, keeps its audit and reaches its store", "Si accuscope enregistre, tient son audit et atteint sa base")))
            @if frame.may(Permission::People) {
                (room("/people", frame.t("People", "Personnes"), frame.t("Who may sign in, and what each may see", "Qui peut se connecter, et ce que chacun peut voir")))
                (room("/access-log", frame.t("Access log", "Journal des accès"), frame.t("Who looked up what", "Qui a consulté quoi")))
            }
            (room("/roles", frame.t("Who may do what", "Qui peut faire quoi"), frame.t("Roles and rights in one table", "Rôles et droits en un tableau")))
            (room("/kept", frame.t("What is kept and until when", "Ce qui est gardé et jusqu’à quand"), frame.t("Every table and column of the store", "Chaque table et colonne de la base")))
        }
    }
}
