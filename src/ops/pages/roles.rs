//! Who may do what: the policy's own table, for everybody who is signed in.
//!
//! Owns the page. Who may do what is decided in [`crate::ops::access::policy`], and nowhere else: the page is drawn from it.

use axum::response::Response;
use maud::{Markup, html};

use crate::domain::role::Role;
use crate::ops::access::policy::{Permission, may, word_in};
use crate::ops::access::visit::Visit;
use crate::ops::components::shell::{Frame, Page};
use crate::ops::components::table::{Col, Row, Table, col, table};
use crate::ops::freshness::Freshness;

/// The page.
pub(crate) async fn page(visit: Visit) -> Response {
    if let Err(answer) = visit.admit(Permission::Health).await {
        return answer;
    }
    let frame = visit.frame(Freshness::Unasked);
    visit.show(&frame, &view(&frame))
}

/// The page's content.
pub(crate) fn view(frame: &Frame) -> Page {
    let body = html! {
        div.pagehead {
            div {
                h1 { (frame.t("Who may do what", "Qui peut faire quoi")) }
                p.soft.small {
                    @if let Some(reader) = &frame.reader { (frame.t("You are signed in as ", "Votre rôle ici : ")) (word_in(reader.role, frame.language())) ". " }
                    (frame.t("Whoever is kept out of a page is told so, and the try is recorded.", "Qui n’a pas droit à une page en est informé, et l’essai est consigné."))
                }
            }
        }
        section.card aria-label=(frame.t("Roles", "Rôles")) { (rights(frame)) }
    };
    Page {
        room: None,
        title: frame.t("Who may do what", "Qui peut faire quoi").to_owned(),
        live: false,
        body,
    }
}

fn head(role: Role, frame: &Frame) -> Col {
    match role {
        Role::Support => col(frame.t("Support", "Soutien"), frame.t("Support", "Soutien"), ""),
        Role::Oncall => col(frame.t("On call", "De garde"), frame.t("On call", "De garde"), ""),
        Role::Manager => col(frame.t("Manager", "Gestion"), frame.t("Manager", "Gestion"), ""),
        Role::Admin => {
            col(frame.t("Admin", "Administration"), frame.t("Admin", "Administration"), "")
        }
    }
}

fn rights(frame: &Frame) -> Markup {
    let mut cols = vec![col(frame.t("What", "Quoi"), "", "")];
    cols.extend(Role::ALL.iter().map(|role| head(*role, frame)));
    let row = |permission: &Permission| {
        let mut cells = vec![html! { (permission.what(frame.language())) }];
        cells.extend(Role::ALL.iter().map(|role| {
            if may(*role, *permission) {
                html! { (frame.t("Yes", "Oui")) }
            } else {
                html! { span.muted { (frame.t("No", "Non")) } }
            }
        }));
        Row { selected: false, cells }
    };
    table(&Table {
        caption: frame.t("What each role may do", "Ce que chaque rôle peut faire").to_owned(),
        class: "",
        cols,
        rows: Permission::ALL.iter().map(row).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::pages::gallery::frame;
    use crate::ops::words::language::Language;

    #[test]
    fn the_page_says_what_the_policy_says() {
        let drawn = rights(&frame("/", Language::English)).into_string();
        for (permission, row) in Permission::ALL.iter().zip(drawn.split("<tr").skip(2)) {
            assert!(row.contains(permission.what(Language::English)), "{row}");
            let yes = Role::ALL.iter().filter(|role| may(**role, *permission)).count();
            assert_eq!(row.matches(">Yes<").count(), yes, "{permission:?}");
        }
    }
}
