//! The access log, drawn.
//!
//! Owns the list, the form, what it is and is not, and what is said where nothing fits. References are
//! shown by their first letters only, as on the page of a call.

use maud::{Markup, html};

use super::form::{AccessQuery, Wrong};
use crate::domain::audit::access::AccessKind;
use crate::domain::audit::{Detail, Event, Kind, Record};
use crate::domain::names::AccountId;
use crate::domain::reference::Reference;
use crate::domain::registry::Registry;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::domain::unusual_access::{FACTOR, Unusual};
use crate::ops::access::policy::word;
use crate::ops::components::parts::{notice, time, when};
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::table::{Row, Table, col, dash, table};
use crate::ops::words::numbers::counted;
use crate::ops::words::times::ago;
use crate::store::AccessPage;

/// What the page shows.
pub(crate) struct AccessModel {
    /// What is looked for.
    pub(crate) query: AccessQuery,
    /// What is wrong with the form; then nothing was looked for.
    pub(crate) wrong: Option<Wrong>,
    /// The records.
    pub(crate) page: AccessPage,
    /// Whose records there are.
    pub(crate) accounts: Vec<AccountId>,
    /// Who looks up unusually many patients.
    pub(crate) unusual: Vec<Unusual>,
    /// When the audit was last copied.
    pub(crate) copied_at: Option<Timestamp>,
}

/// The page.
pub(crate) fn view(model: &AccessModel, registry: &Registry, frame: &Frame) -> Page {
    let zone = &frame.home;
    let body = html! {
        div.pagehead {
            div {
                h1 { "Access log" }
                p.soft.small {
                    "Who looked up what, newest first. Times are " (zone.label) ". "
                    @match model.copied_at {
                        Some(at) => { "As of " (when(at, zone, frame.now)) ", " (ago(at, frame.now)) "." }
                        None => "Nothing of the audit is in the store yet.",
                    }
                }
            }
        }
        @for one in &model.unusual { (unusual(one)) }
        (what_it_is())
        section.card.pad.stack aria-label="Filters" { (form(model, registry, frame)) }
        @if model.wrong.is_none() {
            @if model.page.items.is_empty() { (nothing(model)) }
            @else {
                section.card aria-label="What people did" { (list(&model.page.items, registry, frame)) }
                (pages(model))
            }
        }
    };
    Page { room: Some(Room::AccessLog), title: "Access log".to_owned(), live: false, body }
}

fn unusual(one: &Unusual) -> Markup {
    let patients = counted(one.patients, "different patient", "different patients");
    let body = html! {
        strong { (one.account) " looked up " (patients) " within the last hour. " }
        @match (one.own_usual, one.role_usual) {
            (None, None) => "There is no usual to compare it with yet. ",
            (own, role) => {
                @if let Some(own) = own { "Usual for this account: up to " (own) " an hour. " }
                @if let Some(role) = role { "Usual for the role: up to " (role) " an hour. " }
            }
        }
        "That is a reason to ask, not a proof. "
        a href="/runbooks/AccuscopeUnusualAccess" { "What to do" }
    };
    notice("stale", "warn", Some("status"), &body)
}

fn what_it_is() -> Markup {
    html! {
        details.card.pad {
            summary { "What this is, and what it is not" }
            div.stack {
                p {
                    "It lists what people did in accuscope: signing in, looking up patients, staff, calls and "
                    "diagnoses, taking records out, and changing how it works. It is read from the store’s copy of "
                    "the audit; the chain of records on disk is what counts, and " code { "accuscope audit verify" }
                    " compares the two."
                }
                p {
                    "It is not the clinic’s legal access log: who opened which chart in Accuro stands in Accuro. "
                    "No patient is named here. Whoever has to match a reference to a patient does it with "
                    "the patient’s number and the installation’s keys."
                }
                p {
                    "An hour in which somebody looked up at least " (FACTOR) " times as many different patients as is usual for "
                    "them and for their role is shown at the top. Reading this page is recorded, too."
                }
            }
        }
    }
}

/// What a heading is called.
pub(crate) const fn heading(kind: AccessKind) -> &'static str {
    match kind {
        AccessKind::SignIn => "Signing in and out",
        AccessKind::SignInRefused => "Refused sign-ins",
        AccessKind::Patient => "Look-ups of a patient",
        AccessKind::Person => "Look-ups of a member of staff",
        AccessKind::Call => "Look-ups of calls",
        AccessKind::Diagnosis => "Diagnoses",
        AccessKind::KeptOut => "Kept out of a page",
        AccessKind::Shared => "Adoption page by a link",
        AccessKind::Export => "Exports",
        AccessKind::Administration => "Administration",
    }
}

fn form(model: &AccessModel, registry: &Registry, frame: &Frame) -> Markup {
    let filter = &model.query.filter;
    let local = |at: Option<Timestamp>| at.map(|at| frame.home.local_minute(at));
    let invalid =
        |name: &str| model.wrong.is_some_and(|(wrong, _)| wrong == name).then_some("true");
    html! {
        @if let Some((_, why)) = model.wrong {
            (notice("stale", "warn", Some("alert"), &html! { strong { "There is a problem. " } (why) "." }))
        }
        form.filters action="/access-log" method="post" {
            div {
                label for="a-account" { "Account" }
                select #a-account name="account" aria-invalid=[invalid("account")] {
                    option value="" { "Everybody" }
                    @for account in &model.accounts {
                        option value=(account) selected[filter.account.as_ref() == Some(account)] { (account) }
                    }
                }
            }
            div {
                label for="a-what" { "What" }
                select #a-what name="what" aria-invalid=[invalid("what")] {
                    option value="" { "Everything" }
                    @for kind in AccessKind::ALL {
                        option value=(kind) selected[filter.what == Some(*kind)] { (heading(*kind)) }
                    }
                }
            }
            div {
                label for="a-role" { "Role" }
                select #a-role name="role" aria-invalid=[invalid("role")] {
                    option value="" { "Every role" }
                    @for role in Role::ALL {
                        option value=(role) selected[filter.role == Some(*role)] { (word(*role)) }
                    }
                }
            }
            div {
                label for="a-clinic" { "Clinic" }
                select #a-clinic name="clinic" aria-invalid=[invalid("clinic")] {
                    option value="" { "Every clinic" }
                    @for clinic in registry.clinics() {
                        option value=(clinic.id) selected[filter.clinic.as_ref() == Some(&clinic.id)] { (clinic.name) }
                    }
                }
            }
            div {
                label for="a-from" { "From" }
                input #a-from name="from" type="datetime-local" value=[local(filter.from)] aria-invalid=[invalid("from")];
            }
            div {
                label for="a-to" { "Until" }
                input #a-to name="to" type="datetime-local" value=[local(filter.to)] aria-invalid=[invalid("to")];
            }
            div.go { button.btn.primary type="submit" { "Show" } }
            div.go { button.btn type="submit" formaction="/access-log/export" { "Take out as CSV" } }
        }
    }
}

/// `opened_call` as people say it.
fn deed(detail: Option<Detail>, otherwise: &str) -> String {
    let text = detail.map_or(otherwise, |detail| detail.event.as_str()).replace('_', " ");
    let (first, rest) = text.split_at(text.len().min(1));
    format!("{}{rest}", first.to_uppercase())
}

fn short(name: &str, reference: Option<&Reference>) -> Markup {
    let Some(reference) = reference else { return html! {} };
    let text = reference.to_string();
    let letters = text.rsplit('_').next().and_then(|symbols| symbols.get(..4)).unwrap_or_default();
    html! { (name) " " code { (letters.to_uppercase()) } " " }
}

fn list(records: &[Record], registry: &Registry, frame: &Frame) -> Markup {
    let zone = &frame.home;
    let row = |record: &Record| {
        let entry = &record.entry;
        let clinic = entry.clinic.as_ref();
        // A number in a record of administration is an account's, or of what the settings keep.
        let of_settings = entry.app.is_some()
            || entry.clinic.is_some()
                && entry.detail.is_some_and(|detail| {
                    matches!(
                        detail.event,
                        Event::ClinicAdded
                            | Event::ClinicChanged
                            | Event::ClinicRemoved
                            | Event::NotDone
                    )
                });
        let shared = entry.detail.is_some_and(|detail| {
            matches!(detail.event, Event::ShareMade | Event::ShareRevoked | Event::ShareOpened)
        });
        let number =
            entry.detail.filter(|_| shared || entry.kind == Kind::Admin).and_then(|d| d.count);
        let about = entry.patient_ref.is_some()
            || entry.actor_ref.is_some()
            || entry.event_id.is_some()
            || entry.app.is_some()
            || number.is_some();
        Row {
            selected: false,
            cells: vec![
                html! {
                    (time(record.ts, &zone.clock_seconds(record.ts)))
                    @if zone.day(record.ts, frame.now) != zone.day(frame.now, frame.now) {
                        " " small { (zone.day(record.ts, frame.now)) }
                    }
                },
                html! {
                    @match &entry.user { Some(user) => { (user) }, None => { span.muted { "Not signed in" } } }
                    @if let Some(role) = entry.role { " " small.muted { (word(role)) } }
                },
                html! { (deed(entry.detail, entry.kind.as_str())) },
                clinic.map_or_else(dash, |id| html! {
                    (registry.clinic(id).map_or_else(|| id.to_string(), |clinic| clinic.name.clone()))
                }),
                if about {
                    html! {
                        (short("Patient", entry.patient_ref.as_ref()))
                        (short("Staff", entry.actor_ref.as_ref()))
                        @if let Some(app) = &entry.app { (app) " " }
                        @if let Some(number) = number {
                            @if shared { "Link no. " (number) }
                            @else if of_settings { "Settings no. " (number) }
                            @else { "Account no. " (number) }
                        }
                        @if let Some(id) = entry.event_id { a href={ "/calls/" (id) } { "The call" } }
                    }
                } else { dash() },
            ],
        }
    };
    table(&Table {
        caption: "What people did, each with time, account and whom it was about".to_owned(),
        class: "wide",
        cols: vec![
            col("Time", "", "nowrap"),
            col("Who", "Who", ""),
            col("What", "What", ""),
            col("Clinic", "Clinic", ""),
            col("About", "About", ""),
        ],
        rows: records.iter().map(row).collect(),
    })
}

/// Buttons, since what is looked for is posted.
fn pages(model: &AccessModel) -> Markup {
    let fields = model.query.fields();
    let button = |label: &str, after: Option<String>| {
        html! {
            form.inline action="/access-log" method="post" {
                @for (name, value) in &fields { input type="hidden" name=(name) value=(value); }
                @if let Some(after) = after { input type="hidden" name="after" value=(after); }
                button.btn type="submit" { (label) }
            }
        }
    };
    html! {
        nav.actions aria-label="Pages" {
            @if model.query.after.is_some() { (button("Newest", None)) }
            @if let Some(next) = &model.page.next { (button("Older", Some(next.to_string()))) }
        }
    }
}

fn nothing(model: &AccessModel) -> Markup {
    html! {
        section.card.pad.stack aria-labelledby="h-nothing" {
            h2 #h-nothing {
                @if model.query.fields().is_empty() { "Nobody has looked anything up yet" }
                @else { "Nothing fits all of that" }
            }
            p.soft {
                "What people do comes into the store within a second or so. Records that are over the limit "
                "of retention are gone. "
                a href="/kept" { "What is kept and until when" }
            }
            @if !model.query.fields().is_empty() { p { a href="/access-log" { "Look at everything" } } }
        }
    }
}
