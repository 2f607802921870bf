//! How long what is kept, as the settings file says, and what was removed lately.
//!
//! Owns the page; its tables are those of *What is kept*.

use axum::http::StatusCode;
use axum::response::Response;
use maud::html;

use super::{Tab, page, show};
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::components::parts::card;
use crate::ops::pages::kept;

/// The page.
pub(crate) async fn page_of(visit: Visit) -> Response {
    let store = match visit.enter(Permission::Apps).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let kept = match kept::load(store, visit.now).await {
        Ok(kept) => kept,
        Err(error) => return visit.store_failed(&error),
    };
    let limits = &visit.state.limits;
    show(&visit, StatusCode::OK, |frame| {
        let body = html! {
            (card("h-limits", frame.t("Limits", "Limites"), None, &kept::view::classes(&kept, limits, frame)))
            (card("h-ledger", frame.t("Removed lately", "Retiré dernièrement"), None, &kept::view::ledger(&kept, frame)))
            p { a href="/kept" { (frame.t("Every table and column", "Chaque table et colonne")) } }
        };
        let lead = html! {
            (frame.t("Set in the file under ", "Réglé dans le fichier sous ")) code { "[retention]" }
            (frame.t("; a change waits for a restart.", "; un changement attend un redémarrage."))
        };
        page(Tab::Retention, frame.t("Retention", "Conservation"), &lead, &html! {}, &body, frame)
    })
}
