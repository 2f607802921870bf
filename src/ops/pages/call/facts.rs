//! The facts of one call: what was asked, what came back, where the time went, what was not kept.
//!
//! Owns which fields of the event are shown and how. References are shown by their first letters
//! only: enough to see that two calls are about the same, too little to look somebody up by.

use maud::{Markup, html};

use crate::domain::event::Exchange;
use crate::domain::labels::Source;
use crate::domain::reference::Reference;
use crate::ops::components::parts::{card, copyable, kv};
use crate::ops::components::table::dash;
use crate::ops::words::numbers::{count, counted, size, took};
use crate::ops::words::tasks::{domain, sign_in};

/// The first four letters of a reference.
fn short(reference: Option<&Reference>) -> Markup {
    let Some(reference) = reference else { return dash() };
    let text = reference.to_string();
    let letters = text.rsplit('_').next().and_then(|symbols| symbols.get(..4)).unwrap_or_default();
    html! { code { (letters.to_uppercase()) } }
}

fn or_dash(text: Option<String>) -> Markup {
    text.map_or_else(dash, |text| html! { (text) })
}

/// What was asked.
pub(super) fn request(call: &Exchange) -> Markup {
    let scopes: Vec<&str> =
        call.scopes.iter().map(crate::domain::names::ScopeName::as_str).collect();
    let rows = [
        ("Task", html! { code { (call.operation) } }),
        ("Area", html! { (domain(call.domain)) }),
        ("Route", html! { code { (call.method) " " (call.route) } }),
        ("Changes the chart", html! { (if call.mutation { "It could" } else { "No" }) }),
        ("App", or_dash(call.app.as_ref().map(ToString::to_string))),
        ("Sign-in type", html! { (sign_in(call.context)) }),
        ("Office", or_dash(call.office.map(|office| office.to_string()))),
        ("Permissions", or_dash((!scopes.is_empty()).then(|| scopes.join(", ")))),
        ("Sent", html! { (size(call.bytes_in)) }),
        ("Staff ref", short(call.actor_ref.as_ref())),
        ("Patient ref", html! { (short(call.patient_ref.as_ref())) }),
        ("Sign-in ref", short(call.token_ref.as_ref())),
    ];
    let body = html! {
        div.pad.stack {
            (kv(&rows))
            p.hint { "A ref stands for somebody without naming them. It is not a chart number." }
        }
    };
    card("h-request", "What was asked", None, &body)
}

/// What came back.
pub(super) fn answer(call: &Exchange) -> Markup {
    let accuro = match call.upstream_status {
        Some(status) => status.to_string(),
        None if call.attempts == 0 => "Not asked".to_owned(),
        None => "No answer".to_owned(),
    };
    let rows = [
        ("App got", html! { (call.status) }),
        ("Accuro said", html! { (accuro) }),
        ("Reason", or_dash(call.ending.reason().map(|reason| reason.to_string()))),
        ("Answered by", html! { (source(call.source)) }),
        ("Items", or_dash(call.result_count.map(|items| count(u64::from(items))))),
        ("Received", html! { (size(call.bytes_out)) }),
        ("Shape", or_dash(call.shape.map(|digest| digest.to_string()))),
        ("Error form", or_dash(call.error_signature.map(|digest| digest.to_string()))),
        ("Request id", copyable(call.request_id.as_str(), "the request id")),
        ("Trace id", copyable(&call.trace_id.to_string(), "the trace id")),
        ("Call id", copyable(&call.id.to_string(), "the call id")),
        ("Recorded by", html! { code { (call.instance) } }),
    ];
    card("h-answer", "What came back", None, &html! { div.pad { (kv(&rows)) } })
}

const fn source(source: Source) -> &'static str {
    match source {
        Source::Upstream => "Accuro",
        Source::Cache => "Our copy of reference data",
        Source::Coalesced => "Accuro, for the same question asked at the same time",
        Source::Replay => "Our copy of the first answer to the same change",
        Source::Accuscope => "Us; Accuro was not asked",
    }
}

/// Where the time went: the app waited, Accuro thought, the answer was passed on.
pub(super) fn waterfall(call: &Exchange) -> Markup {
    let total = call.duration_us.max(1);
    let waiting = call.upstream_us.unwrap_or(0).min(total);
    let permille = |us: u64| us * 1_000 / total;
    let rows = [
        ("The app waited", 0, total, "s5", took(call.duration_us)),
        (
            "for Accuro",
            0,
            waiting,
            "s4",
            call.upstream_us.map_or_else(|| "was not asked".to_owned(), took),
        ),
        ("for the answer to pass", waiting, total - waiting, "s3", took(total - waiting)),
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
                    0 => "We answered without asking Accuro.",
                    1 => "We asked Accuro once.",
                    times => { "We asked Accuro " (counted(u64::from(times), "time", "times")) "." },
                }
            }
        }
    };
    card("h-time", "Where the time went", None, &body)
}

fn percent(permille: u64) -> String {
    format!("{}.{}%", permille / 10, permille % 10)
}

/// What was never kept, so that nobody looks for it here.
pub(super) fn not_kept() -> Markup {
    let body = html! {
        p.pad.soft {
            "The address with its ids, what was searched for, anything sent or received, names, "
            "numbers and sign-ins. They passed through and were forgotten, so nobody can find them here."
        }
    };
    card("h-not-kept", "What we did not keep", None, &body)
}
