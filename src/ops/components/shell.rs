//! What is on every page: skip link, navigation, environment, freshness, preferences.
//!
//! Owns the frame around a page's own markup. Every page says which environment it is of, in words
//! and with a striped edge, and how old what it shows is.

use maud::{DOCTYPE, Markup, html};

use super::parts::{notice, time};
pub(crate) use super::rooms::Room;
use super::sprite::{icon, logo, sprite};
use crate::domain::admission::read_only::ReadOnlyCause;
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::labels::Environment;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::ops::access::policy::{self, Permission};
use crate::ops::assets;
use crate::ops::freshness::Freshness;
use crate::ops::preferences::{Preferences, Theme};
use crate::ops::state::Unkept;
use crate::ops::watches::News;
use crate::ops::words::language::Language;
use crate::ops::words::numbers::counted_in;
use crate::ops::words::read_only::cause_of;
use crate::ops::words::times::{Zone, ago_in};

/// Who is reading.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    /// What the account is called; `None` where sign-in is off.
    pub(crate) name: Option<String>,
    /// The role.
    pub(crate) role: Role,
    /// Whether there is an account, with a passphrase of its own.
    pub(crate) has_account: bool,
    /// The clinics that the reader sees.
    pub(crate) clinics: ClinicScope,
}

impl Reader {
    /// Whether the reader may do something.
    pub(crate) fn may(&self, permission: Permission) -> bool {
        policy::may_within(self.role, &self.clinics, permission)
    }
}

/// What the frame needs to know.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// Which Accuro.
    pub(crate) environment: Environment,
    /// Who is reading; `None` before sign-in.
    pub(crate) reader: Option<Reader>,
    /// How old what is shown is.
    pub(crate) freshness: Freshness,
    /// What cannot be kept right now.
    pub(crate) unkept: Unkept,
    /// The moment of the page.
    pub(crate) now: Timestamp,
    /// Path and query of the page.
    pub(crate) address: String,
    /// What the reader prefers.
    pub(crate) preferences: Preferences,
    /// The clock of pages about several clinics.
    pub(crate) home: Zone,
    /// Why writes are off, if they are.
    pub(crate) read_only: Option<ReadOnlyCause>,
    /// What the reader waited for, and works.
    pub(crate) news: Vec<News>,
    /// Incidents that are open.
    pub(crate) open_incidents: usize,
}

impl Frame {
    /// The clock to show for a clinic: its own, or UTC if the reader asked for it.
    pub(crate) fn zone(&self, own: &jiff::tz::TimeZone) -> Zone {
        let zone = if self.preferences.utc { Zone::utc() } else { Zone::of(own) };
        zone.in_language(self.language())
    }

    /// The language that the reader reads.
    pub(crate) const fn language(&self) -> Language {
        self.preferences.language
    }

    /// A message in the reader's language.
    pub(crate) const fn t(&self, english: &'static str, french: &'static str) -> &'static str {
        self.preferences.language.of(english, french)
    }

    /// The `lang` of a part in a language, where it is not the page's.
    pub(crate) fn lang_of(&self, part: Language) -> Option<&'static str> {
        (part != self.language()).then_some(part.tag())
    }

    /// How long ago something was, in the reader's language.
    pub(crate) fn ago(&self, at: Timestamp) -> String {
        ago_in(at, self.now, self.preferences.language)
    }

    /// A moment on the clock of pages about several clinics, in the reader's language.
    pub(crate) fn when(&self, at: Timestamp) -> Markup {
        time(at, &self.home.when(at, self.now))
    }

    /// A count with thousands separated, as the reader's language has it.
    pub(crate) fn number(&self, n: u64) -> String {
        self.language().number(n)
    }

    /// A share, in the reader's language.
    pub(crate) fn share(&self, part: u64, whole: u64) -> String {
        self.language().share(part, whole)
    }

    /// How long a call took, in the reader's language.
    pub(crate) fn took(&self, micros: u64) -> String {
        self.language().took(micros)
    }

    /// A span of time, in the reader's language.
    pub(crate) fn span(&self, time: std::time::Duration) -> String {
        self.language().span(time)
    }

    /// A count with its noun, one and many, in the reader's language.
    pub(crate) fn count(&self, n: u64, english: [&str; 2], french: [&str; 2]) -> String {
        counted_in(n, english, french, self.preferences.language)
    }

    /// Whether the reader sees every clinic.
    pub(crate) fn sees_all(&self) -> bool {
        self.reader.as_ref().is_some_and(|reader| reader.clinics.is_all())
    }

    /// Whether the reader may do something.
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.reader.as_ref().is_some_and(|reader| reader.may(permission))
    }
}

/// A page.
pub(crate) struct Page {
    /// Which room it belongs to.
    pub(crate) room: Option<Room>,
    /// The title, the state first.
    pub(crate) title: String,
    /// Whether it changes while it is open.
    pub(crate) live: bool,
    /// What is in it.
    pub(crate) body: Markup,
}

/// Draws a whole page.
pub(crate) fn shell(frame: &Frame, page: &Page) -> Markup {
    let sandbox = frame.environment == Environment::Sandbox;
    let stale = frame.freshness.is_stale();
    html! {
        (DOCTYPE)
        html lang=(frame.preferences.language.tag()) data-theme=[frame.preferences.theme.attribute()] {
            head {
                meta charset="utf-8";
                title { @if stale { (frame.t("Stale. ", "Périmé. ")) } (page.title) ", accuscope (" (frame.environment) ")" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                link rel="stylesheet" href=(assets::css().url());
                link rel="icon" href=(assets::icon().url());
                script src=(assets::js().url()) type="module" {}
            }
            body.sandbox[sandbox] data-live[page.live] {
                (sprite())
                a.skip href="#main" { (frame.t("Skip to the main part", "Aller à la partie principale")) }
                (super::menu::bar(frame, page.room))
                div.shell {
                    header.side {
                        a.brand href="/" { (logo()) "accuscope" }
                        p.envline { (environment(frame)) }
                        @if frame.may(Permission::Calls) { (jump(frame)) }
                        @if frame.reader.is_some() { (nav(frame, page.room, frame.t("Main", "Principale"), "side")) }
                        (foot(frame))
                    }
                    main.main #main tabindex="-1" {
                        div.wrap {
                            div.banner data-part="banner" { (unkept(frame)) (banner(frame)) (writes_off(frame)) (news(frame)) }
                            (on_paper(frame, page))
                            (page.body)
                        }
                    }
                }
                div.vh role="status" data-say {}
            }
        }
    }
}

/// What a sheet of paper has to say of itself; the report says more in a line of its own.
fn on_paper(frame: &Frame, page: &Page) -> Markup {
    html! {
        @if page.room != Some(Room::Adoption) {
            p.printonly.small {
                "accuscope. " (environment(frame)) (frame.t(". Printed ", ". Imprimé ")) (frame.home.day(frame.now, frame.now))
                ", " (frame.home.clock(frame.now)) " " (frame.home.label) "."
            }
        }
    }
}

pub(super) fn environment(frame: &Frame) -> Markup {
    match frame.environment {
        Environment::Sandbox => {
            html! { span.env.striped { (frame.t("Sandbox. Not real clinics", "Bac à sable. Cliniques fictives")) } }
        }
        Environment::Production => html! { span.env { "Production" } },
    }
}

fn jump(frame: &Frame) -> Markup {
    html! {
        form.jump action="/find" method="post" role="search" {
            (icon("find"))
            label.vh for="jump" { (frame.t("Find out why by a code or id, or jump to a clinic", "Trouver pourquoi par un code, ou aller à une clinique")) }
            input #jump name="q" placeholder=(frame.t("Find or jump to", "Trouver ou aller à")) autocomplete="off" spellcheck="false"
                maxlength=(super::finder::MAX_TYPED) data-key="/";
            kbd aria-hidden="true" { "/" }
        }
    }
}

pub(super) fn nav(frame: &Frame, current: Option<Room>, label: &str, place: &str) -> Markup {
    html! {
        nav.nav aria-label=(label) {
            ul {
                @for room in Room::ALL {
                    @let (name, icon_name, href, key, permission) = room.door();
                    @if frame.may(permission) {
                        li {
                            a href=(href) data-go=(key)
                                aria-current=[(current == Some(room)).then_some("page")] {
                                (icon(icon_name)) span { (frame.preferences.language.of(name, room.french())) }
                                @if room == Room::Incidents { (count(frame, place)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// How many incidents are open, also on a page that has been open for a while.
fn count(frame: &Frame, place: &str) -> Markup {
    let open = frame.open_incidents;
    html! {
        span.open data-part={ "open-" (place) } {
            @if open > 0 { span.count { (open) span.vh { " " (frame.t("open", "en cours")) } } }
        }
    }
}

/// What cannot be kept is said on every page, since a clinic feels it at once.
fn unkept(frame: &Frame) -> Markup {
    let since = |at: Timestamp| {
        html! { (frame.t("Since ", "Depuis ")) (frame.home.when(at, frame.now)) ", " (frame.ago(at)) (frame.t(": ", " : ")) }
    };
    html! {
        @if let Some(at) = frame.unkept.audit_since {
            (notice("stale", "clock", Some("alert"), &html! {
                strong { (since(at)) (frame.t("the audit cannot be kept, so changes to charts are refused. ", "l’audit ne peut être tenu, donc les changements aux dossiers sont refusés. ")) }
                (frame.t("Reading still works. Nothing that was refused reached Accuro. ", "La lecture fonctionne. Rien de ce qui a été refusé n’a atteint Accuro. "))
                a href="/runbooks/AccuscopeAuditUnavailable" { (frame.t("What to do", "Que faire")) }
            }))
        }
        @if let Some(at) = frame.unkept.journal_since {
            (notice("stale", "clock", Some("alert"), &html! {
                strong { (since(at)) (frame.t("the disk does not take records of calls. ", "le disque ne prend pas les enregistrements d’appels. ")) }
                (frame.t("Calls still pass through to Accuro. ", "Les appels passent toujours vers Accuro. "))
                @if frame.unkept.lost > 0 { (frame.unkept.lost) (frame.t(" calls are not recorded so far.", " appels ne sont pas enregistrés jusqu’ici.")) }
                @else { (frame.t("None is lost so far; they wait in memory.", "Aucun n’est perdu jusqu’ici; ils attendent en mémoire.")) }
            }))
        }
    }
}

/// What somebody waited for is said to that person, until they have seen it.
fn news(frame: &Frame) -> Markup {
    html! {
        @for each in &frame.news {
            (notice("works", "info", Some("status"), &html! {
                strong { (frame.t("It works since ", "Cela fonctionne depuis ")) (frame.home.when(each.works_at, frame.now)) ", " (frame.ago(each.works_at)) ". " }
                (frame.t("You asked to be told. ", "Vous aviez demandé à le savoir. "))
                a href={ "/d/" (each.diagnosis) } { (frame.t("See the diagnosis", "Voir le diagnostic")) }
                form.inline action={ "/d/" (each.diagnosis) "/watch" } method="post" {
                    button.linkbtn type="submit" name="turn" value="off" { (frame.t("Put this away", "Ranger ceci")) }
                }
            }))
        }
    }
}

/// What is old is said before anything else.
pub(super) fn banner(frame: &Frame) -> Markup {
    let body = match frame.freshness {
        Freshness::Stale { recorded_until } => html! {
            strong {
                (frame.t("What you see is from ", "Ce que vous voyez date de ")) (frame.home.when(recorded_until, frame.now)) ", "
                (frame.ago(recorded_until)) ". "
            }
            (frame.t("We are not recording calls right now, so a clinic could be failing without showing here. Calls still pass through to Accuro.", "Nous n’enregistrons pas les appels en ce moment; une clinique pourrait être en panne sans que cela paraisse ici. Les appels passent toujours vers Accuro."))
        },
        Freshness::Unreachable => html! {
            strong { (frame.t("We can’t read what was recorded. ", "Nous ne pouvons pas lire ce qui a été enregistré. ")) }
            (frame.t("The store does not answer, so this page cannot say how the clinics do. Calls still pass through to Accuro and are still recorded.", "La base ne répond pas; cette page ne peut donc dire comment vont les cliniques. Les appels passent toujours vers Accuro et sont toujours enregistrés."))
        },
        Freshness::Live { .. } | Freshness::Behind { .. } | Freshness::Unasked => return html! {},
    };
    notice("stale", "clock", Some("status"), &body)
}

/// What clinics notice is said on every page.
fn writes_off(frame: &Frame) -> Markup {
    let Some(cause) = frame.read_only.filter(|_| frame.reader.is_some()) else { return html! {} };
    let body = html! {
        strong { (frame.t("Clinics can look things up and cannot save. ", "Les cliniques peuvent consulter et ne peuvent pas enregistrer. ")) }
        (cause_of(cause, frame.language())) " "
        a href="/writes" { (frame.t("See writes", "Voir les écritures")) } "."
    };
    notice("stale", "warn", Some("status"), &body)
}

fn foot(frame: &Frame) -> Markup {
    let preferences = &frame.preferences;
    html! {
        div.side-foot {
            (frame.freshness.line(frame))
            p.keys hidden { button.linkbtn type="button" data-pause { (frame.t("Pause updates", "Suspendre les mises à jour")) } }
            p {
                @if preferences.utc {
                    (frame.t("Times: UTC. ", "Heures : UTC. ")) a href=(frame.preferences.with_utc(&frame.address, false)) data-utc { (frame.t("Show clinic time", "Heure de la clinique")) }
                } @else {
                    (frame.t("Times: clinic’s own clock. ", "Heures : celles de la clinique. ")) a href=(frame.preferences.with_utc(&frame.address, true)) data-utc { (frame.t("Show UTC", "Voir l’UTC")) }
                }
            }
            form.theme action="/preferences" method="post" {
                input type="hidden" name="back" value=(frame.address);
                span #theme-label { (frame.t("Look:", "Apparence :")) }
                span role="group" aria-labelledby="theme-label" {
                    @for theme in Theme::ALL {
                        button.linkbtn type="submit" name="theme" value=(theme.as_str())
                            aria-pressed=(preferences.theme == theme) { (theme.word(frame.preferences.language)) }
                    }
                }
            }
            (language(frame))
            @if frame.may(Permission::Health) {
                p { a href="/kept" { (frame.t("What is kept and until when", "Ce qui est gardé et jusqu’à quand")) } }
                p { a href="/roles" { (frame.t("Who may do what", "Qui peut faire quoi")) } }
            }
            @if frame.may(Permission::People) { p { a href="/people" { (frame.t("People", "Personnes")) } } }
            @if let Some(reader) = &frame.reader {
                @if let Some(name) = &reader.name {
                    form action="/sign-out" method="post" {
                        @if reader.has_account { a href="/me" { (name) } } @else { (name) }
                        ", " (policy::word_in(reader.role, frame.preferences.language)) ". "
                        button.linkbtn type="submit" { (frame.t("Sign out", "Se déconnecter")) }
                    }
                } @else { p { (frame.t("Sign-in is off on this machine.", "La connexion est désactivée sur cette machine.")) } }
            }
        }
    }
}

/// The language of the site's words; each is named in itself.
fn language(frame: &Frame) -> Markup {
    html! {
        form.theme action="/preferences" method="post" {
            input type="hidden" name="back" value=(frame.address);
            span #language-label { (frame.t("Language:", "Langue :")) }
            span role="group" aria-labelledby="language-label" {
                @for language in Language::ALL {
                    button.linkbtn type="submit" name="lang" value=(language.as_str()) lang=(language.tag())
                        aria-pressed=(frame.preferences.language == language) { (language.word()) }
                }
            }
        }
    }
}
