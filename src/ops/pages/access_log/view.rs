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
use crate::ops::access::policy::word_in;
use crate::ops::components::clinic_field::{Choice, Look, clinic_field};
use crate::ops::components::parts::{notice, time, when};
use crate::ops::components::shell::{Frame, Page, Room};
use crate::ops::components::table::{Row, Table, col, dash, table};
use crate::ops::words::deeds;
use crate::ops::words::language::Language;
use crate::store::AccessPage;

/// What the page shows.
pub(crate) struct AccessModel {
    /// What is looked for.
    pub(crate) query: AccessQuery,
    /// The clinics to choose from.
    pub(crate) clinics: Choice,
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
                h1 { (frame.t("Access log", "Journal des accès")) }
                p.soft.small {
                    (frame.t("Who looked up what, newest first. Times are ", "Qui a cherché quoi, le plus récent d’abord. Heures : ")) (zone.label) ". "
                    @match model.copied_at {
                        Some(at) => { (frame.t("As of ", "Au ")) (when(at, zone, frame.now)) ", " (frame.ago(at)) "." }
                        None => (frame.t("Nothing of the audit is in the store yet.", "Rien de l’audit n’est encore dans la base.")),
                    }
                }
            }
        }
        @for one in &model.unusual { (unusual(one, frame)) }
        (what_it_is(frame))
        section.card.pad.stack aria-label=(frame.t("Filters", "Filtres")) { (form(model, registry, frame)) }
        @if model.wrong.is_none() {
            @if model.page.items.is_empty() { (nothing(model, frame)) }
            @else {
                section.card aria-label=(frame.t("What people did", "Ce que les gens ont fait")) { (list(&model.page.items, registry, frame)) }
                (pages(model, frame))
            }
        }
    };
    Page {
        room: Some(Room::AccessLog),
        title: frame.t("Access log", "Journal des accès").to_owned(),
        live: false,
        body,
    }
}

fn unusual(one: &Unusual, frame: &Frame) -> Markup {
    let patients = frame.count(
        one.patients,
        ["different patient", "different patients"],
        ["patient différent", "patients différents"],
    );
    let body = html! {
        strong { (one.account) (frame.t(" looked up ", " a cherché ")) (patients) (frame.t(" within the last hour. ", " dans la dernière heure. ")) }
        @match (one.own_usual, one.role_usual) {
            (None, None) => (frame.t("There is no usual to compare it with yet. ", "Il n’y a pas encore d’habitude à quoi comparer. ")),
            (own, role) => {
                @if let Some(own) = own { (frame.t("Usual for this account: up to ", "Habituel pour ce compte : jusqu’à ")) (own) (frame.t(" an hour. ", " par heure. ")) }
                @if let Some(role) = role { (frame.t("Usual for the role: up to ", "Habituel pour ce rôle : jusqu’à ")) (role) (frame.t(" an hour. ", " par heure. ")) }
            }
        }
        (frame.t("That is a reason to ask, not a proof. ", "C’est une raison de demander, pas une preuve. "))
        a href="/runbooks/AccuscopeUnusualAccess" { (frame.t("What to do", "Que faire")) }
    };
    notice("stale", "warn", Some("status"), &body)
}

fn what_it_is(frame: &Frame) -> Markup {
    html! {
        details.card.pad {
            summary { (frame.t("What this is, and what it is not", "Ce que c’est, et ce que ce n’est pas")) }
            div.stack {
                p {
                    (frame.t("It lists what people did in accuscope: signing in, looking up patients, staff, calls and ", "Il liste ce que les gens ont fait dans accuscope : se connecter, chercher des patients, du personnel, des appels et "))
                    (frame.t("diagnoses, taking records out, and changing how it works. It is read from the store’s copy of ", "des diagnostics, exporter des données, et changer son fonctionnement. Il est lu de la copie que la base a de "))
                    (frame.t("the audit; the chain of records on disk is what counts, and ", "l’audit; la chaîne sur disque est ce qui compte, et ")) code { "accuscope audit verify" }
                    (frame.t(" compares the two.", " compare les deux."))
                }
                p {
                    (frame.t("It is not the clinic’s legal access log: who opened which chart in Accuro stands in Accuro. ", "Ce n’est pas le journal légal des accès de la clinique : qui a ouvert quel dossier dans Accuro est dans Accuro. "))
                    (frame.t("No patient is named here. Whoever has to match a reference to a patient does it with ", "Aucun patient n’est nommé ici. Qui doit relier une référence à un patient le fait avec "))
                    (frame.t("the patient’s number and the installation’s keys.", "le numéro du patient et les clés de l’installation."))
                }
                p {
                    (frame.t("An hour in which somebody looked up at least ", "Une heure où quelqu’un a cherché au moins ")) (FACTOR) (frame.t(" times as many different patients as is usual for ", " fois plus de patients différents que d’habitude pour "))
                    (frame.t("them and for their role is shown at the top. Reading this page is recorded, too.", "cette personne et son rôle est montrée en haut. Lire cette page est aussi consigné."))
                }
            }
        }
    }
}

/// What a heading is called.
pub(crate) const fn heading(kind: AccessKind, frame: &Frame) -> &'static str {
    match kind {
        AccessKind::SignIn => frame.t("Signing in and out", "Connexions et déconnexions"),
        AccessKind::SignInRefused => frame.t("Refused sign-ins", "Connexions refusées"),
        AccessKind::Patient => frame.t("Look-ups of a patient", "Recherches d’un patient"),
        AccessKind::Person => {
            frame.t("Look-ups of a member of staff", "Recherches d’un membre du personnel")
        }
        AccessKind::Call => frame.t("Look-ups of calls", "Recherches d’appels"),
        AccessKind::Diagnosis => frame.t("Diagnoses", "Diagnostics"),
        AccessKind::KeptOut => frame.t("Kept out of a page", "Pages refusées"),
        AccessKind::Shared => frame.t("Adoption page by a link", "Page d’adoption par un lien"),
        AccessKind::Export => frame.t("Exports", "Exportations"),
        AccessKind::Administration => frame.t("Administration", "Administration"),
    }
}

fn form(model: &AccessModel, registry: &Registry, frame: &Frame) -> Markup {
    let filter = &model.query.filter;
    let local = |at: Option<Timestamp>| at.map(|at| frame.home.local_minute(at));
    let invalid =
        |name: &str| model.wrong.is_some_and(|(wrong, _)| wrong == name).then_some("true");
    let clinic = Look {
        id: "a-clinic",
        chosen: filter.clinic.as_ref().and_then(|id| registry.clinic(id)),
        every: Some(frame.t("Every clinic", "Toutes les cliniques")),
        wrong: invalid("clinic").map(|_| "a-wrong"),
    };
    html! {
        @if let Some((_, why)) = model.wrong {
            div #a-wrong { (notice("stale", "warn", Some("alert"), &html! { strong { (frame.t("There is a problem. ", "Il y a un problème. ")) } (why) "." })) }
        }
        form.filters action="/access-log" method="post" {
            div {
                label for="a-account" { (frame.t("Account", "Compte")) }
                select #a-account name="account" aria-invalid=[invalid("account")] {
                    option value="" { (frame.t("Everybody", "Tous")) }
                    @for account in &model.accounts {
                        option value=(account) selected[filter.account.as_ref() == Some(account)] { (account) }
                    }
                }
            }
            div {
                label for="a-what" { (frame.t("What", "Quoi")) }
                select #a-what name="what" aria-invalid=[invalid("what")] {
                    option value="" { (frame.t("Everything", "Tout")) }
                    @for kind in AccessKind::ALL {
                        option value=(kind) selected[filter.what == Some(*kind)] { (heading(*kind, frame)) }
                    }
                }
            }
            div {
                label for="a-role" { (frame.t("Role", "Rôle")) }
                select #a-role name="role" aria-invalid=[invalid("role")] {
                    option value="" { (frame.t("Every role", "Tous les rôles")) }
                    @for role in Role::ALL {
                        option value=(role) selected[filter.role == Some(*role)] { (word_in(*role, frame.language())) }
                    }
                }
            }
            div {
                label for="a-clinic" { (frame.t("Clinic", "Clinique")) }
                (clinic_field(&model.clinics, clinic, frame))
            }
            div {
                label for="a-from" { (frame.t("From", "Du")) }
                input #a-from name="from" type="datetime-local" value=[local(filter.from)] aria-invalid=[invalid("from")];
            }
            div {
                label for="a-to" { (frame.t("Until", "Au")) }
                input #a-to name="to" type="datetime-local" value=[local(filter.to)] aria-invalid=[invalid("to")];
            }
            div.go { button.btn.primary type="submit" { (frame.t("Show", "Afficher")) } }
            div.go { button.btn type="submit" formaction="/access-log/export" { (frame.t("Take out as CSV", "Exporter en CSV")) } }
        }
    }
}

/// `opened_call` as people say it.
fn deed(detail: Option<Detail>, kind: Kind, language: Language) -> String {
    if language == Language::French {
        let known = detail.map(|detail| deeds::french(detail.event));
        return known.unwrap_or(deeds::kind(kind)).to_owned();
    }
    let text = detail.map_or(kind.as_str(), |detail| detail.event.as_str()).replace('_', " ");
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
        // Of a letter it is how many, and names nothing.
        let letter = entry
            .detail
            .is_some_and(|detail| matches!(detail.event, Event::LetterSent | Event::LetterNotSent));
        let numbered = shared || (entry.kind == Kind::Admin && !letter);
        let number = entry.detail.filter(|_| numbered).and_then(|detail| detail.count);
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
                    @match &entry.user { Some(user) => { (user) }, None => { span.muted { (frame.t("Not signed in", "Sans connexion")) } } }
                    @if let Some(role) = entry.role { " " small.muted { (word_in(role, frame.language())) } }
                },
                html! { (deed(entry.detail, entry.kind, frame.language())) },
                clinic.map_or_else(|| dash(frame), |id| html! {
                    (registry.clinic(id).map_or_else(|| id.to_string(), |clinic| clinic.name.clone()))
                }),
                if about {
                    html! {
                        (short(frame.t("Patient", "Patient"), entry.patient_ref.as_ref()))
                        (short(frame.t("Staff", "Personnel"), entry.actor_ref.as_ref()))
                        @if let Some(app) = &entry.app { (app) " " }
                        @if let Some(number) = number {
                            @if shared { (frame.t("Link no. ", "Lien no ")) (number) }
                            @else if of_settings { (frame.t("Settings no. ", "Réglage no ")) (number) }
                            @else { (frame.t("Account no. ", "Compte no ")) (number) }
                        }
                        @if let Some(id) = entry.event_id { a href={ "/calls/" (id) } { (frame.t("The call", "L’appel")) } }
                    }
                } else { dash(frame) },
            ],
        }
    };
    table(&Table {
        caption: frame
            .t(
                "What people did, each with time, account and whom it was about",
                "Ce que les gens ont fait, avec l’heure, le compte et au sujet de qui",
            )
            .to_owned(),
        class: "wide",
        cols: vec![
            col(frame.t("Time", "Heure"), "", "nowrap"),
            col(frame.t("Who", "Qui"), frame.t("Who", "Qui"), ""),
            col(frame.t("What", "Quoi"), frame.t("What", "Quoi"), ""),
            col(frame.t("Clinic", "Clinique"), frame.t("Clinic", "Clinique"), ""),
            col(frame.t("About", "Au sujet de"), frame.t("About", "Au sujet de"), ""),
        ],
        rows: records.iter().map(row).collect(),
    })
}

/// Buttons, since what is looked for is posted.
fn pages(model: &AccessModel, frame: &Frame) -> Markup {
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
        nav.actions aria-label=(frame.t("Pages", "Pages")) {
            @if model.query.after.is_some() { (button(frame.t("Newest", "Les plus récents"), None)) }
            @if let Some(next) = &model.page.next { (button(frame.t("Older", "Plus anciens"), Some(next.to_string()))) }
        }
    }
}

fn nothing(model: &AccessModel, frame: &Frame) -> Markup {
    html! {
        section.card.pad.stack aria-labelledby="h-nothing" {
            h2 #h-nothing {
                @if model.query.fields().is_empty() { (frame.t("Nobody has looked anything up yet", "Personne n’a encore rien cherché")) }
                @else { (frame.t("Nothing fits all of that", "Rien ne répond à tout cela")) }
            }
            p.soft {
                (frame.t("What people do comes into the store within a second or so. Records that are over the limit ", "Ce que les gens font entre dans la base en une seconde environ. Ce qui dépasse la limite "))
                (frame.t("of retention are gone. ", "de conservation n’est plus là. "))
                a href="/kept" { (frame.t("What is kept and until when", "Ce qui est gardé et jusqu’à quand")) }
            }
            @if !model.query.fields().is_empty() { p { a href="/access-log" { (frame.t("Look at everything", "Voir tout")) } } }
        }
    }
}
