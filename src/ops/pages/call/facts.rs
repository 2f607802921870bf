//! The facts of one call: what was asked, what came back, where the time went, what was not kept.
//!
//! Owns which fields of the event are shown and how. References are shown by their first letters
//! only: enough to see that two calls are about the same, too little to look somebody up by.

use maud::{Markup, html};

use crate::domain::event::Exchange;
use crate::domain::labels::Source;
use crate::domain::reference::Reference;
use crate::ops::components::parts::{card, copyable, kv};
use crate::ops::components::shell::Frame;
use crate::ops::components::table::dash;

use crate::ops::words::tasks::{domain, sign_in};

/// The first four letters of a reference.
fn short(reference: Option<&Reference>, frame: &Frame) -> Markup {
    let Some(reference) = reference else { return dash(frame) };
    let text = reference.to_string();
    let letters = text.rsplit('_').next().and_then(|symbols| symbols.get(..4)).unwrap_or_default();
    html! { code { (letters.to_uppercase()) } }
}

fn or_dash(text: Option<String>, frame: &Frame) -> Markup {
    text.map_or_else(|| dash(frame), |text| html! { (text) })
}

/// What was asked.
pub(super) fn request(call: &Exchange, frame: &Frame) -> Markup {
    let scopes: Vec<&str> =
        call.scopes.iter().map(crate::domain::names::ScopeName::as_str).collect();
    let rows = [
        (frame.t("Task", "Tâche"), html! { code { (call.operation) } }),
        (frame.t("Area", "Domaine"), html! { (domain(call.domain, frame.language())) }),
        (frame.t("Route", "Route"), html! { code { (call.method) " " (call.route) } }),
        (
            frame.t("Changes the chart", "Modifie le dossier"),
            html! { (if call.mutation { frame.t("It could", "Peut-être") } else { frame.t("No", "Non") }) },
        ),
        (frame.t("App", "Application"), or_dash(call.app.as_ref().map(ToString::to_string), frame)),
        (
            frame.t("Sign-in type", "Type de connexion"),
            html! { (sign_in(call.context, frame.language())) },
        ),
        (frame.t("Office", "Bureau"), or_dash(call.office.map(|office| office.to_string()), frame)),
        (
            frame.t("Permissions", "Permissions"),
            or_dash((!scopes.is_empty()).then(|| scopes.join(", ")), frame),
        ),
        (frame.t("Sent", "Envoyé"), html! { (frame.language().size(call.bytes_in)) }),
        (frame.t("Staff ref", "Réf. personnel"), short(call.actor_ref.as_ref(), frame)),
        (
            frame.t("Patient ref", "Réf. patient"),
            html! { (short(call.patient_ref.as_ref(), frame)) },
        ),
        (frame.t("Sign-in ref", "Réf. connexion"), short(call.token_ref.as_ref(), frame)),
    ];
    let body = html! {
        div.pad.stack {
            (kv(&rows))
            p.hint { (frame.t("A ref stands for somebody without naming them. It is not a chart number.", "Une référence représente quelqu’un sans le nommer. Ce n’est pas un numéro de dossier.")) }
        }
    };
    card("h-request", frame.t("What was asked", "Ce qui a été demandé"), None, &body)
}

/// What came back.
pub(super) fn answer(call: &Exchange, frame: &Frame) -> Markup {
    let accuro = match call.upstream_status {
        Some(status) => status.to_string(),
        None if call.attempts == 0 => frame.t("Not asked", "Non consulté").to_owned(),
        None => frame.t("No answer", "Sans réponse").to_owned(),
    };
    let rows = [
        (frame.t("App got", "L’application a reçu"), html! { (call.status) }),
        (frame.t("Accuro said", "Accuro a dit"), html! { (accuro) }),
        (
            frame.t("Reason", "Raison"),
            or_dash(call.ending.reason().map(|reason| reason.to_string()), frame),
        ),
        (frame.t("Answered by", "Répondu par"), html! { (source(call.source, frame)) }),
        (
            frame.t("Items", "Éléments"),
            or_dash(call.result_count.map(|items| frame.number(u64::from(items))), frame),
        ),
        (frame.t("Received", "Reçu"), html! { (frame.language().size(call.bytes_out)) }),
        (
            frame.t("Shape", "Structure"),
            or_dash(call.shape.map(|digest| digest.to_string()), frame),
        ),
        (
            frame.t("Error form", "Forme de l’erreur"),
            or_dash(call.error_signature.map(|digest| digest.to_string()), frame),
        ),
        (
            frame.t("Request id", "Id. de requête"),
            copyable(
                call.request_id.as_str(),
                frame.t("the request id", "l’identifiant de requête"),
                frame,
            ),
        ),
        (
            frame.t("Trace id", "Id. de trace"),
            copyable(
                &call.trace_id.to_string(),
                frame.t("the trace id", "l’identifiant de trace"),
                frame,
            ),
        ),
        (
            frame.t("Call id", "Id. d’appel"),
            copyable(&call.id.to_string(), frame.t("the call id", "l’identifiant d’appel"), frame),
        ),
        (frame.t("Recorded by", "Enregistré par"), html! { code { (call.instance) } }),
    ];
    card(
        "h-answer",
        frame.t("What came back", "Ce qui est revenu"),
        None,
        &html! { div.pad { (kv(&rows)) } },
    )
}

const fn source(source: Source, frame: &Frame) -> &'static str {
    match source {
        Source::Upstream => "Accuro",
        Source::Cache => {
            frame.t("Our copy of reference data", "Notre copie des données de référence")
        }
        Source::Coalesced => frame.t(
            "Accuro, for the same question asked at the same time",
            "Accuro, pour la même question posée au même moment",
        ),
        Source::Replay => frame.t(
            "Our copy of the first answer to the same change",
            "Notre copie de la première réponse à la même modification",
        ),
        Source::Accuscope => {
            frame.t("Us; Accuro was not asked", "Nous; Accuro n’a pas été consulté")
        }
    }
}

/// Where the time went: the app waited, Accuro thought, the answer was passed on.
pub(super) fn waterfall(call: &Exchange, frame: &Frame) -> Markup {
    let total = call.duration_us.max(1);
    let waiting = call.upstream_us.unwrap_or(0).min(total);
    let permille = |us: u64| us * 1_000 / total;
    let rows = [
        (
            frame.t("The app waited", "L’application a attendu"),
            0,
            total,
            "s5",
            frame.took(call.duration_us),
        ),
        (
            frame.t("for Accuro", "pour Accuro"),
            0,
            waiting,
            "s4",
            call.upstream_us.map_or_else(
                || frame.t("was not asked", "non consulté").to_owned(),
                |us| frame.took(us),
            ),
        ),
        (
            frame.t("for the answer to pass", "pour le passage de la réponse"),
            waiting,
            total - waiting,
            "s3",
            frame.took(total - waiting),
        ),
    ];
    let body = html! {
        div.pad.stack {
            div.falls {
                @for (name, from, length, class, text) in &rows {
                    div.fall {
                        span.small { (name) }
                        svg width="100%" height="14" aria-hidden="true" {
                            rect.f-line width="100%" height="14" rx="3" {}
                            rect class=(class) height="14" rx="3" x=(percent(permille(*from)))
                                width=(percent(permille(*length).max(if *length > 0 { 4 } else { 0 }))) {}
                        }
                        span.small.num { (text) }
                    }
                }
            }
            p.small.soft {
                @match call.attempts {
                    0 => (frame.t("We answered without asking Accuro.", "Nous avons répondu sans consulter Accuro.")),
                    1 => (frame.t("We asked Accuro once.", "Nous avons consulté Accuro une fois.")),
                    times => { (frame.t("We asked Accuro ", "Nous avons consulté Accuro ")) (frame.count(u64::from(times), ["time", "times"], ["fois", "fois"])) "." },
                }
            }
        }
    };
    card("h-time", frame.t("Where the time went", "Où est allé le temps"), None, &body)
}

fn percent(permille: u64) -> String {
    format!("{}.{}%", permille / 10, permille % 10)
}

/// What was never kept, so that nobody looks for it here.
pub(super) fn not_kept(frame: &Frame) -> Markup {
    let body = html! {
        p.pad.soft {
            (frame.t("The address with its ids, what was searched for, anything sent or received, names, ", "L’adresse avec ses identifiants, ce qui a été cherché, tout ce qui a été envoyé ou reçu, les noms, "))
            (frame.t("numbers and sign-ins. They passed through and were forgotten, so nobody can find them here.", "les numéros et les connexions. Cela est passé et a été oublié; personne ne peut donc le trouver ici."))
        }
    };
    card(
        "h-not-kept",
        frame.t("What we did not keep", "Ce que nous n’avons pas gardé"),
        None,
        &body,
    )
}
