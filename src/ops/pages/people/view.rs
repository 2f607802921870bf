//! How the page about people looks.
//!
//! Owns the list and the forms beside each account. A link is on the page
//! that made it and on no other.

use maud::{Markup, html};

use super::People;
use crate::domain::names::AccountId;
use crate::domain::role::Role;
use crate::ops::access::policy::word_in;
use crate::ops::components::parts::{copyable, notice, when};
use crate::ops::components::shell::{Frame, Page};
use crate::ops::components::table::{Row, Table, col, dash, table};

use crate::store::Account;

/// The page.
pub(crate) fn view(people: &People, frame: &Frame) -> Page {
    let body = html! {
        div.pagehead {
            div {
                h1 { (frame.t("People", "Personnes")) }
                p.soft.small { (frame.t("Who may sign in, and what each may see. Every change is in the audit.", "Qui peut se connecter, et ce que chacun peut voir. Chaque changement est dans l’audit.")) }
            }
        }
        (said(people, frame))
        section.card aria-labelledby="h-accounts" {
            header { h2 #h-accounts { (frame.t("Accounts", "Comptes")) } }
            @if people.accounts.is_empty() {
                p.pad.soft { (frame.t("Nobody has an account yet. Add the first one below.", "Personne n’a encore de compte. Ajoutez le premier ci-dessous.")) }
            } @else { (accounts(people, frame)) }
        }
        section.card.pad.stack aria-labelledby="h-add" {
            h2 #h-add { (frame.t("Add somebody", "Ajouter quelqu’un")) }
            (add(frame))
        }
        p { a href="/roles" { (frame.t("Who may do what", "Qui peut faire quoi")) } }
    };
    Page { room: None, title: frame.t("People", "Personnes").to_owned(), live: false, body }
}

fn said(people: &People, frame: &Frame) -> Markup {
    html! {
        @if !people.signs_in {
            (notice("warn", "warn", None, &html! {
                strong { (frame.t("Sign-in is off on this machine. ", "La connexion est désactivée sur cette machine. ")) }
                (frame.t("Accounts count once ", "Les comptes comptent dès que ")) code { "ops.auth" } (frame.t(" is ", " vaut ")) code { "\"local\"" } "."
            }))
        }
        @if let Some(problem) = &people.problem {
            (notice("warn", "warn", Some("alert"), &html! { strong { (frame.t("Not done. ", "Pas fait. ")) } (problem) "." }))
        }
        @if let Some([english, french]) = people.done {
            (notice("works", "info", Some("status"), &html! { (frame.t(english, french)) }))
        }
        @if let Some(link) = &people.link {
            section.card.pad.stack aria-labelledby="h-link" {
                h2 #h-link { (frame.t("The link of ", "Le lien de ")) (link.name) }
                p { (copyable(&link.address, frame.t("the link", "le lien"), frame)) }
                p.soft {
                    (frame.t("It is shown this once. Send it in a way that only ", "Il ne paraît que cette fois. Envoyez-le de façon que seul ")) (link.name) (frame.t(" reads: whoever opens ", " le lise : qui l’ouvre "))
                    (frame.t("it first chooses the passphrase. It works until ", "le premier choisit la phrase de passe. Il fonctionne jusqu’à "))
                    (when(link.expires, &frame.home, frame.now)) (frame.t(", and once.", ", et une fois."))
                }
            }
        }
    }
}

fn accounts(people: &People, frame: &Frame) -> Markup {
    let rows = people.accounts.iter().map(|account| row(account, people, frame)).collect();
    table(&Table {
        caption: frame
            .t(
                "Accounts, each with its role, its state and what can be done",
                "Comptes, chacun avec son rôle, son état et ce que l’on peut faire",
            )
            .to_owned(),
        class: "wide",
        cols: vec![
            col(frame.t("Name", "Nom"), "", ""),
            col(frame.t("Role", "Rôle"), frame.t("Role", "Rôle"), ""),
            col(frame.t("State", "État"), frame.t("State", "État"), ""),
            col(
                frame.t("Last signed in", "Dernière connexion"),
                frame.t("Last signed in", "Dernière connexion"),
                "",
            ),
            col(frame.t("Sessions", "Sessions"), frame.t("Sessions", "Sessions"), "num"),
            col(frame.t("Change", "Modifier"), "", ""),
        ],
        rows,
    })
}

fn row(account: &Account, people: &People, frame: &Frame) -> Row {
    let own = |(name, _): &&(String, i64)| name == account.name.as_str();
    let sessions = people.sessions.iter().find(own).map_or(0, |(_, count)| *count);
    let cells = vec![
        html! { (account.name) small { (frame.t("No. ", "No ")) (account.number) } },
        html! {
            (word_in(account.role, frame.language()))
            @if let Some(clinics) = account.clinics.to_text() {
                small { (frame.t("Sees ", "Voit ")) (clinics.replace(',', ", ")) }
            }
        },
        html! {
            (state(account, frame))
            @if account.has_second_factor { small { (frame.t("With a second factor", "Avec un second facteur")) } }
            @if account.failed > 0 {
                small { (frame.count(account.failed.into(), ["failed sign-in", "failed sign-ins"], ["connexion ratée", "connexions ratées"])) (frame.t(" since", " depuis")) }
            }
        },
        html! { @match account.signed_in { Some(at) => (frame.ago(at)), None => (dash(frame)) } },
        html! { (sessions) },
        changes(account, sessions > 0, frame),
    ];
    Row { selected: false, cells }
}

const fn state(account: &Account, frame: &Frame) -> &'static str {
    match (account.disabled, account.has_passphrase) {
        (Some(_), _) => frame.t("Disabled", "Désactivé"),
        (None, true) => frame.t("Open", "Ouvert"),
        (None, false) => frame.t("Waits for its passphrase", "Attend sa phrase de passe"),
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

fn changes(account: &Account, has_sessions: bool, frame: &Frame) -> Markup {
    let id = format!("role-{}", account.number);
    let sees = format!("sees-{}", account.number);
    html! {
        details.more {
            summary { (frame.t("Change", "Modifier")) span.vh { " " (account.name) } }
            div.stack {
                form.row action="/people" method="post" {
                    (seen(account))
                    div.grow {
                        label for=(id) { (frame.t("Role", "Rôle")) }
                        (roles(&id, account.role, frame))
                    }
                    button.btn type="submit" name="act" value="role" {
                        (frame.t("Give this role", "Donner ce rôle")) span.vh { (frame.t(" to ", " à ")) (account.name) }
                    }
                }
                form.row action="/people" method="post" {
                    (seen(account))
                    div.grow {
                        label for=(sees) { (frame.t("Clinics", "Cliniques")) }
                        (clinics(&sees, account.clinics.to_text(), frame))
                    }
                    button.btn type="submit" name="act" value="clinics" {
                        (frame.t("Show these", "Montrer celles-ci")) span.vh { (frame.t(" to ", " à ")) (account.name) }
                    }
                }
                div.actions {
                    @if has_sessions || account.role.may_share() { (button(account, "sign_out", frame.t("Sign out everywhere", "Déconnecter partout"))) }
                    @if account.disabled.is_some() { (button(account, "enable", frame.t("Let sign in again", "Laisser se reconnecter"))) }
                    @else {
                        @if account.has_second_factor {
                            (button(account, "second_factor", frame.t("Take the second factor away", "Enlever le second facteur")))
                        }
                        (button(account, "reset", frame.t("Take the passphrase away and make a link", "Enlever la phrase de passe et faire un lien")))
                        (button(account, "disable", frame.t("Disable", "Désactiver")))
                    }
                    (button(account, "remove", frame.t("Remove for good", "Retirer pour de bon")))
                }
            }
        }
    }
}

fn clinics(id: &str, current: Option<String>, frame: &Frame) -> Markup {
    let current = current.unwrap_or_default().replace(',', ", ");
    html! {
        input id=(id) name="clinics" value=(current) autocomplete="off" autocapitalize="none"
            spellcheck="false" placeholder=(frame.t("All", "Toutes"));
    }
}

fn roles(id: &str, current: Role, frame: &Frame) -> Markup {
    html! {
        select id=(id) name="role" {
            @for role in Role::ALL {
                option value=(role.as_str()) selected[*role == current] { (word_in(*role, frame.language())) }
            }
        }
    }
}

fn add(frame: &Frame) -> Markup {
    html! {
        form.stack action="/people" method="post" {
            div.fields {
                div {
                    label for="add-name" { (frame.t("Name, as it is typed to sign in", "Nom, comme il se tape pour se connecter")) }
                    input #add-name name="name" autocomplete="off" autocapitalize="none"
                        spellcheck="false" required maxlength=(AccountId::MAX_LEN)
                        aria-describedby="add-hint";
                }
                div { label for="add-role" { (frame.t("Role", "Rôle")) } (roles("add-role", Role::Support, frame)) }
                div { label for="add-sees" { (frame.t("Clinics", "Cliniques")) } (clinics("add-sees", None, frame)) }
            }
            p.hint #add-hint {
                (frame.t("Begins with a letter; a to z, digits, and any of . @ _ -. It stands in the audit, and is ", "Commence par une lettre; a à z, chiffres, et . @ _ -. Il figure dans l’audit, et n’est "))
                (frame.t("given once. Clinics are ids with commas between them, such as lakeshore, old-mill; empty is all.", "donné qu’une fois. Les cliniques sont des identifiants séparés par des virgules, comme lakeshore, old-mill; vide veut dire toutes."))
            }
            div.actions {
                button.btn.primary type="submit" name="act" value="add" { (frame.t("Add and make a link", "Ajouter et faire un lien")) }
            }
        }
    }
}
