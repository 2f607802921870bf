//! How the page about people looks.
//!
//! Owns the list and the forms beside each account. A link is on the page
//! that made it and on no other.

use maud::{Markup, html};

use super::People;
use crate::domain::names::AccountId;
use crate::domain::role::Role;
use crate::ops::access::policy::word;
use crate::ops::components::parts::{copyable, notice, when};
use crate::ops::components::shell::{Frame, Page};
use crate::ops::components::table::{Row, Table, col, dash, table};
use crate::ops::words::numbers::counted;
use crate::ops::words::times::ago;
use crate::store::Account;

/// The page.
pub(crate) fn view(people: &People, frame: &Frame) -> Page {
    let body = html! {
        div.pagehead {
            div {
                h1 { "People" }
                p.soft.small { "Who may sign in, and what each may see. Every change is in the audit." }
            }
        }
        (said(people, frame))
        section.card aria-labelledby="h-accounts" {
            header { h2 #h-accounts { "Accounts" } }
            @if people.accounts.is_empty() {
                p.pad.soft { "Nobody has an account yet. Add the first one below." }
            } @else { (accounts(people, frame)) }
        }
        section.card.pad.stack aria-labelledby="h-add" {
            h2 #h-add { "Add somebody" }
            (add())
        }
        p.pad { a href="/roles" { "Who may do what" } }
    };
    Page { room: None, title: "People".to_owned(), live: false, body }
}

fn said(people: &People, frame: &Frame) -> Markup {
    html! {
        @if !people.signs_in {
            (notice("warn", "warn", None, &html! {
                strong { "Sign-in is off on this machine. " }
                "Accounts count once " code { "ops.auth" } " is " code { "\"local\"" } "."
            }))
        }
        @if let Some(problem) = &people.problem {
            (notice("warn", "warn", Some("alert"), &html! { strong { "Not done. " } (problem) "." }))
        }
        @if let Some(done) = people.done {
            (notice("works", "info", Some("status"), &html! { (done) }))
        }
        @if let Some(link) = &people.link {
            section.card.pad.stack aria-labelledby="h-link" {
                h2 #h-link { "The link of " (link.name) }
                p { (copyable(&link.address, "the link")) }
                p.soft {
                    "It is shown this once. Send it in a way that only " (link.name) " reads: whoever opens "
                    "it first chooses the passphrase. It works until "
                    (when(link.expires, &frame.home, frame.now)) ", and once."
                }
            }
        }
    }
}

fn accounts(people: &People, frame: &Frame) -> Markup {
    let rows = people.accounts.iter().map(|account| row(account, people, frame)).collect();
    table(&Table {
        caption: "Accounts, each with its role, its state and what can be done".to_owned(),
        class: "wide",
        cols: vec![
            col("Name", "", ""),
            col("Role", "Role", ""),
            col("State", "State", ""),
            col("Last signed in", "Last signed in", ""),
            col("Sessions", "Sessions", "num"),
            col("Change", "", ""),
        ],
        rows,
    })
}

fn row(account: &Account, people: &People, frame: &Frame) -> Row {
    let own = |(name, _): &&(String, i64)| name == account.name.as_str();
    let sessions = people.sessions.iter().find(own).map_or(0, |(_, count)| *count);
    let cells = vec![
        html! { (account.name) small { "No. " (account.number) } },
        html! {
            (word(account.role))
            @if let Some(clinics) = account.clinics.to_text() {
                small { "Sees " (clinics.replace(',', ", ")) }
            }
        },
        html! {
            (state(account))
            @if account.has_second_factor { small { "With a second factor" } }
            @if account.failed > 0 {
                small { (counted(account.failed.into(), "failed sign-in", "failed sign-ins")) " since" }
            }
        },
        html! { @match account.signed_in { Some(at) => (ago(at, frame.now)), None => (dash()) } },
        html! { (sessions) },
        changes(account, sessions > 0),
    ];
    Row { selected: false, cells }
}

const fn state(account: &Account) -> &'static str {
    match (account.disabled, account.has_passphrase) {
        (Some(_), _) => "Disabled",
        (None, true) => "Open",
        (None, false) => "Waits for its passphrase",
    }
}

/// A form of one button about an account as it was seen.
fn button(account: &Account, act: &str, label: &str) -> Markup {
    html! {
        form action="/people" method="post" {
            (seen(account))
            button.btn type="submit" name="act" value=(act) {
                (label) span.vh { ": " (account.name) }
            }
        }
    }
}

fn seen(account: &Account) -> Markup {
    html! {
        input type="hidden" name="name" value=(account.name);
        input type="hidden" name="version" value=(account.version);
    }
}

fn changes(account: &Account, has_sessions: bool) -> Markup {
    let id = format!("role-{}", account.number);
    let sees = format!("sees-{}", account.number);
    html! {
        details.more {
            summary { "Change" span.vh { " " (account.name) } }
            div.stack {
                form.row action="/people" method="post" {
                    (seen(account))
                    div.grow {
                        label for=(id) { "Role" }
                        (roles(&id, account.role))
                    }
                    button.btn type="submit" name="act" value="role" {
                        "Give this role" span.vh { " to " (account.name) }
                    }
                }
                form.row action="/people" method="post" {
                    (seen(account))
                    div.grow {
                        label for=(sees) { "Clinics" }
                        (clinics(&sees, account.clinics.to_text()))
                    }
                    button.btn type="submit" name="act" value="clinics" {
                        "Show these" span.vh { " to " (account.name) }
                    }
                }
                div.actions {
                    @if has_sessions { (button(account, "sign_out", "Sign out everywhere")) }
                    @if account.disabled.is_some() { (button(account, "enable", "Let sign in again")) }
                    @else {
                        @if account.has_second_factor {
                            (button(account, "second_factor", "Take the second factor away"))
                        }
                        (button(account, "reset", "Take the passphrase away and make a link"))
                        (button(account, "disable", "Disable"))
                    }
                    (button(account, "remove", "Remove for good"))
                }
            }
        }
    }
}

fn clinics(id: &str, current: Option<String>) -> Markup {
    let current = current.unwrap_or_default().replace(',', ", ");
    html! {
        input id=(id) name="clinics" value=(current) autocomplete="off" autocapitalize="none"
            spellcheck="false" placeholder="All";
    }
}

fn roles(id: &str, current: Role) -> Markup {
    html! {
        select id=(id) name="role" {
            @for role in Role::ALL {
                option value=(role.as_str()) selected[*role == current] { (word(*role)) }
            }
        }
    }
}

fn add() -> Markup {
    html! {
        form.stack action="/people" method="post" {
            div.fields {
                div {
                    label for="add-name" { "Name, as it is typed to sign in" }
                    input #add-name name="name" autocomplete="off" autocapitalize="none"
                        spellcheck="false" required maxlength=(AccountId::MAX_LEN)
                        aria-describedby="add-hint";
                }
                div { label for="add-role" { "Role" } (roles("add-role", Role::Support)) }
                div { label for="add-sees" { "Clinics" } (clinics("add-sees", None)) }
            }
            p.hint #add-hint {
                "Begins with a letter; a to z, digits, and any of . @ _ -. It stands in the audit, and is "
                "given once. Clinics are ids with commas between them, such as lakeshore, old-mill; empty is all."
            }
            div.actions {
                button.btn.primary type="submit" name="act" value="add" { "Add and make a link" }
            }
        }
    }
}
