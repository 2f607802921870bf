//! Which Accuro this process is in front of, where it listens, and by what it makes references.
//!
//! Owns the page. Shows no path of a file, no address with a secret and no key.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::{Tab, page, show};
use crate::config::{OpsAuth, Told};
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::components::parts::{card, kv};
use crate::ops::components::shell::{Frame, Page};

/// The page.
pub(crate) async fn page_of(visit: Visit) -> Response {
    if let Err(answer) = visit.admit(Permission::Apps).await {
        return answer;
    }
    let told = visit.state.told.clone();
    show(&visit, StatusCode::OK, |frame| view(told.as_deref(), frame))
}

fn view(told: Option<&Told>, frame: &Frame) -> Page {
    let body = match told {
        Some(told) => html! {
            div.g2.even {
                (card("h-accuro", "Accuro", None, &accuro(told, frame)))
                (card("h-listeners", frame.t("Listeners", "Écoutes"), None, &listeners(told, frame)))
                (card("h-store", frame.t("Store and references", "Base et références"), None, &store(told, frame)))
                (card("h-sign-in", frame.t("Sign-in and messages out", "Connexion et messages sortants"), None, &doors(told, frame)))
            }
        },
        None => {
            html! { p.soft { (frame.t("This process has no settings file.", "Ce processus n’a pas de fichier de configuration.")) } }
        }
    };
    let lead = html! { (frame.t("As this process was started. These are changed in the settings file.", "Tel que ce processus a été démarré. Cela se change dans le fichier de configuration.")) };
    page(Tab::Environment, frame.t("Environment", "Environnement"), &lead, &html! {}, &body, frame)
}

fn yes(is: bool, frame: &Frame) -> &'static str {
    if is { frame.t("Yes", "Oui") } else { frame.t("No", "Non") }
}

fn accuro(told: &Told, frame: &Frame) -> Markup {
    html! {
        div.pad {
            (kv(&[
                (frame.t("Environment", "Environnement"), html! { (told.environment) }),
                (frame.t("Address", "Adresse"), html! { code { (told.upstream) } }),
                (frame.t("On a list of allowed hosts", "Sur une liste d’hôtes permis"), html! { (yes(told.has_host_list, frame)) }),
                (frame.t("Tenants refused", "Identifiants refusés"), html! { (told.other_tenants) }),
            ]))
        }
    }
}

fn listeners(told: &Told, frame: &Frame) -> Markup {
    let tls = match (told.tls, told.client_certificates) {
        (false, _) => frame.t("No: plain HTTP", "Non : HTTP simple"),
        (true, false) => frame.t("Yes", "Oui"),
        (true, true) => frame.t(
            "Yes, and apps must show a certificate",
            "Oui, et les applications doivent présenter un certificat",
        ),
    };
    html! {
        div.pad {
            (kv(&[
                (frame.t("For apps", "Pour les applications"), html! { code { (told.proxy) } }),
                ("TLS", html! { (tls) }),
                (frame.t("For people and programs", "Pour les personnes et les programmes"), html! { code { (told.ops) } }),
                (frame.t("For Prometheus", "Pour Prometheus"), html! { code { (told.telemetry) } }),
            ]))
        }
    }
}

fn store(told: &Told, frame: &Frame) -> Markup {
    html! {
        div.pad {
            (kv(&[
                (frame.t("Store", "Base"), html! { (told.store) }),
                (frame.t("Keys of references", "Clés de références"), html! {
                    @for (index, key) in told.keys.iter().enumerate() {
                        @if index > 0 { ", " }
                        code { (key) }
                        @if *key == told.active_key { " " (frame.t("(makes new ones)", "(fait les nouvelles)")) }
                    }
                }),
                (frame.t("Checkpoints of the audit are signed", "Les points de contrôle de l’audit sont signés"), html! { (yes(told.signs, frame)) }),
                (frame.t("Catalogue overlaid by a file", "Catalogue recouvert par un fichier"), html! { (yes(told.overlay, frame)) }),
            ]))
        }
    }
}

fn doors(told: &Told, frame: &Frame) -> Markup {
    let auth = match told.auth {
        OpsAuth::Local => frame.t("With accounts kept here", "Avec des comptes gardés ici"),
        OpsAuth::Oidc => frame.t("With a provider", "Auprès d’un fournisseur"),
        OpsAuth::Off => {
            frame.t("Not at all: sign-in is off", "Pas du tout : la connexion est désactivée")
        }
    };
    html! {
        div.pad {
            (kv(&[
                (frame.t("People sign in", "Les personnes se connectent"), html! { (auth) }),
                (frame.t("With the provider", "Auprès du fournisseur"), html! {
                    @match &told.issuer {
                        Some(issuer) => code { (issuer) },
                        None => (frame.t("None", "Aucun")),
                    }
                }),
                (frame.t("Spans are sent", "Les traces sont envoyées"), html! { (yes(told.spans, frame)) }),
                (frame.t("Steps of incidents are posted", "Les étapes d’incident sont envoyées"), html! { (yes(told.webhook, frame)) }),
                (frame.t("Silences of Alertmanager are shown and set", "Les silences d’Alertmanager sont affichés et posés"), html! { (yes(told.silences, frame)) }),
                (frame.t("A weekly letter about adoption is sent", "Une lettre hebdomadaire sur l’adoption est envoyée"), html! { (yes(told.letters, frame)) }),
            ]))
        }
    }
}
