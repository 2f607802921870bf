//! The endpoints of Accuro that are known: what a call is called, and what is made of it.
//!
//! Owns the page. What the columns mean for a call is `domain::catalogue`'s business.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::{Tab, page, show};
use crate::domain::catalogue::{Catalogue, Endpoint, Provenance};
use crate::domain::labels::WorkflowDomain;
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::components::parts::card;
use crate::ops::components::shell::{Frame, Page};
use crate::ops::components::table::{Row, Table, col, table};

/// The page.
pub(crate) async fn page_of(visit: Visit) -> Response {
    if let Err(answer) = visit.admit(Permission::Apps).await {
        return answer;
    }
    let catalogue = visit.state.catalogue.clone();
    show(&visit, StatusCode::OK, |frame| view(catalogue.as_deref(), frame))
}

fn view(catalogue: Option<&Catalogue>, frame: &Frame) -> Page {
    let endpoints = catalogue.map_or(&[][..], Catalogue::endpoints);
    let of = |domain: WorkflowDomain| endpoints.iter().filter(move |one| one.domain == domain);
    let body = html! {
        @if endpoints.is_empty() {
            p.soft { (frame.t("This process has no catalogue.", "Ce processus n’a pas de catalogue.")) }
        }
        @for domain in WorkflowDomain::ALL {
            @if of(*domain).next().is_some() {
                (card(&format!("h-{domain}"), &heading(*domain), None, &rows(of(*domain), *domain, frame)))
            }
        }
    };
    let lead = html! {
        (frame.count(endpoints.len() as u64, ["endpoint", "endpoints"], ["point d’accès", "points d’accès"])) ". "
        (frame.t("A file of your own overlays them: ", "Un fichier à vous les recouvre : ")) code { "catalogue.file" } "."
    };
    page(Tab::Catalogue, frame.t("Catalogue", "Catalogue"), &lead, &html! {}, &body, frame)
}

/// `patients` as a heading.
fn heading(domain: WorkflowDomain) -> String {
    let (first, rest) = domain.as_str().split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

fn rows<'e>(
    endpoints: impl Iterator<Item = &'e Endpoint>,
    domain: WorkflowDomain,
    frame: &Frame,
) -> Markup {
    let yes = |is: bool| if is { frame.t("Yes", "Oui") } else { "–" };
    let from = |provenance: Provenance| match provenance {
        Provenance::Published => frame.t("Published", "Publié"),
        Provenance::Conventional => frame.t("Assumed", "Supposé"),
        Provenance::Operator => frame.t("Your file", "Votre fichier"),
    };
    let row = |one: &Endpoint| Row {
        selected: false,
        cells: vec![
            html! { (one.operation) },
            html! { code { (one.method) " " (one.route) } },
            html! { (one.context.map_or_else(|| frame.t("any", "tout").to_owned(), |c| c.to_string())) },
            html! { (yes(one.mutation)) },
            html! { (yes(one.list)) },
            html! { (from(one.provenance)) },
        ],
    };
    let both = |name, class| col(name, name, class);
    table(&Table {
        caption: format!("{} {domain}", frame.t("Endpoints of", "Points d’accès de")),
        class: "wide endpoints",
        cols: vec![
            col(frame.t("Operation", "Opération"), "", ""),
            both(frame.t("Path", "Chemin"), ""),
            both(frame.t("Context", "Contexte"), "opt"),
            both(frame.t("Writes", "Écrit"), ""),
            both(frame.t("List", "Liste"), "opt"),
            both(frame.t("Source", "Source"), "opt"),
        ],
        rows: endpoints.map(row).collect(),
    })
}
