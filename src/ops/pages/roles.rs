//! Who may do what: the policy's own table, for everybody who is signed in.
//!
//! Owns the page. Who may do what is decided in [`crate::ops::access::policy`], and nowhere else: the page is drawn from it.

use axum::response::Response;
use maud::{Markup, html};

use crate::domain::role::Role;
use crate::ops::access::policy::{Permission, may, word};
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
                h1 { "Who may do what" }
                p.soft.small {
                    @if let Some(reader) = &frame.reader { "You are signed in as " (word(reader.role)) ". " }
                    "Whoever is kept out of a page is told so, and the try is recorded."
                }
            }
        }
        section.card aria-label="Roles" { (rights()) }
    };
    Page { room: None, title: "Who may do what".to_owned(), live: false, body }
}

fn head(role: Role) -> Col {
    match role {
        Role::Support => col("Support", "Support", ""),
        Role::Oncall => col("On call", "On call", ""),
        Role::Manager => col("Manager", "Manager", ""),
        Role::Admin => col("Admin", "Admin", ""),
    }
}

fn rights() -> Markup {
    let mut cols = vec![col("What", "", "")];
    cols.extend(Role::ALL.iter().map(|role| head(*role)));
    let row = |permission: &Permission| {
        let mut cells = vec![html! { (permission.what()) }];
        cells.extend(Role::ALL.iter().map(|role| {
            if may(*role, *permission) {
                html! { "Yes" }
            } else {
                html! { span.muted { "No" } }
            }
        }));
        Row { selected: false, cells }
    };
    table(&Table {
        caption: "What each role may do".to_owned(),
        class: "",
        cols,
        rows: Permission::ALL.iter().map(row).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_what_the_policy_says() {
        let drawn = rights().into_string();
        for (permission, row) in Permission::ALL.iter().zip(drawn.split("<tr").skip(2)) {
            assert!(row.contains(permission.what()), "{row}");
            let yes = Role::ALL.iter().filter(|role| may(**role, *permission)).count();
            assert_eq!(row.matches(">Yes<").count(), yes, "{permission:?}");
        }
    }
}
