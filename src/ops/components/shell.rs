//! What is on every page: skip link, navigation, environment, freshness, preferences.
//!
//! Owns the frame around a page's own markup. Every page says which environment it is of, in words
//! and with a striped edge, and how old what it shows is.

use maud::{DOCTYPE, Markup, html};

use super::parts::notice;
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
use crate::ops::words::times::{Zone, ago, ago_in};

/// The rooms of the site that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// The state of this moment.
    Now,
    /// Every clinic.
    Clinics,
    /// Why somebody could not see something.
    Diagnose,
    /// Troubles of whole clinics, and of everybody.
    Incidents,
    /// Whether clinics really use it.
    Adoption,
    /// Single calls.
    Calls,
    /// How accuscope is set up.
    Settings,
    /// What to do about an alert.
    Runbooks,
    /// Are writes on.
    Writes,
    /// Who looked up what.
    AccessLog,
}

impl Room {
    const ALL: [Self; 10] = [
        Self::Now,
        Self::Diagnose,
        Self::Clinics,
        Self::Incidents,
        Self::Calls,
        Self::Adoption,
        Self::Runbooks,
        Self::Writes,
        Self::AccessLog,
        Self::Settings,
    ];

    /// Name, icon, address, the key after `g`, and who may enter.
    const fn door(self) -> (&'static str, &'static str, &'static str, &'static str, Permission) {
        match self {
            Self::Now => ("Now", "now", "/", "n", Permission::Health),
            Self::Clinics => ("Clinics", "clinic", "/clinics", "c", Permission::Health),
            Self::Diagnose => ("Diagnose", "find", "/find", "d", Permission::Diagnoses),
            Self::Incidents => ("Incidents", "warn", "/incidents", "i", Permission::Health),
            Self::Adoption => ("Adoption", "adopt", "/adoption", "u", Permission::Health),
            Self::Calls => ("Calls", "calls", "/calls", "l", Permission::Calls),
            Self::Settings => ("Settings", "key", "/settings", "s", Permission::Apps),
            Self::Runbooks => ("Runbooks", "book", "/runbooks", "b", Permission::Runbooks),
            Self::Writes => ("Writes", "pen", "/writes", "w", Permission::Writes),
            Self::AccessLog => ("Access log", "log", "/access-log", "o", Permission::AccessLog),
        }
    }
}

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
}

impl Frame {
    /// The clock to show for a clinic: its own, or UTC if the reader asked for it.
    pub(crate) fn zone(&self, own: &jiff::tz::TimeZone) -> Zone {
        if self.preferences.utc { Zone::utc() } else { Zone::of(own) }
    }

    /// A message in the reader's language.
    pub(crate) const fn t(&self, english: &'static str, french: &'static str) -> &'static str {
        self.preferences.language.of(english, french)
    }

    /// How long ago something was, in the reader's language.
    pub(crate) fn ago(&self, at: Timestamp) -> String {
        ago_in(at, self.now, self.preferences.language)
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
                title { @if stale { "Stale. " } (page.title) ", accuscope (" (frame.environment) ")" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                link rel="stylesheet" href=(assets::css().url());
                link rel="icon" href=(assets::icon().url());
                script src=(assets::js().url()) type="module" {}
            }
            body.sandbox[sandbox] data-live[page.live] {
                (sprite())
                a.skip href="#main" { "Skip to the main part" }
                header.mobilebar {
                    a.brand href="/" { (logo()) "accuscope" }
                    (environment(frame.environment))
                    @if frame.reader.is_some() {
                        details { summary { "Menu" } (nav(frame, page.room, "Main, small screen")) }
                    }
                }
                div.shell {
                    header.side {
                        a.brand href="/" { (logo()) "accuscope" }
                        p.envline { (environment(frame.environment)) }
                        @if frame.may(Permission::Calls) { (jump()) }
                        @if frame.reader.is_some() { (nav(frame, page.room, "Main")) }
                        (foot(frame))
                    }
                    main.main #main tabindex="-1" {
                        div.wrap {
                            div.banner data-part="banner" { (unkept(frame)) (banner(frame)) (writes_off(frame)) (news(frame)) }
                            (page.body)
                        }
                    }
                }
                div.vh role="status" data-say {}
            }
        }
    }
}

fn environment(environment: Environment) -> Markup {
    match environment {
        Environment::Sandbox => html! { span.env.striped { "Sandbox. Not real clinics" } },
        Environment::Production => html! { span.env { "Production" } },
    }
}

fn jump() -> Markup {
    html! {
        form.jump action="/find" method="post" role="search" {
            (icon("find"))
            label.vh for="jump" { "Find out why by a code or id, or jump to a clinic" }
            input #jump name="q" placeholder="Find or jump to" autocomplete="off" spellcheck="false"
                maxlength=(super::finder::MAX_TYPED) data-key="/";
            kbd aria-hidden="true" { "/" }
        }
    }
}

fn nav(frame: &Frame, current: Option<Room>, label: &str) -> Markup {
    html! {
        nav.nav aria-label=(label) {
            ul {
                @for room in Room::ALL {
                    @let (name, icon_name, href, key, permission) = room.door();
                    @if frame.may(permission) {
                        li {
                            a href=(href) data-go=(key)
                                aria-current=[(current == Some(room)).then_some("page")] {
                                (icon(icon_name)) (name)
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What cannot be kept is said on every page, since a clinic feels it at once.
fn unkept(frame: &Frame) -> Markup {
    let since = |at: Timestamp| {
        html! { "Since " (frame.home.when(at, frame.now)) ", " (ago(at, frame.now)) ": " }
    };
    html! {
        @if let Some(at) = frame.unkept.audit_since {
            (notice("stale", "clock", Some("alert"), &html! {
                strong { (since(at)) "the audit cannot be kept, so changes to charts are refused. " }
                "Reading still works. Nothing that was refused reached Accuro. "
                a href="/runbooks/AccuscopeAuditUnavailable" { "What to do" }
            }))
        }
        @if let Some(at) = frame.unkept.journal_since {
            (notice("stale", "clock", Some("alert"), &html! {
                strong { (since(at)) "the disk does not take records of calls. " }
                "Calls still pass through to Accuro. "
                @if frame.unkept.lost > 0 { (frame.unkept.lost) " calls are not recorded so far." }
                @else { "None is lost so far; they wait in memory." }
            }))
        }
    }
}

/// What somebody waited for is said to that person, until they have seen it.
fn news(frame: &Frame) -> Markup {
    html! {
        @for each in &frame.news {
            (notice("works", "info", Some("status"), &html! {
                strong { "It works since " (frame.home.when(each.works_at, frame.now)) ", " (ago(each.works_at, frame.now)) ". " }
                "You asked to be told. "
                a href={ "/d/" (each.diagnosis) } { "See the diagnosis" }
                form.inline action={ "/d/" (each.diagnosis) "/watch" } method="post" {
                    button.linkbtn type="submit" name="turn" value="off" { "Put this away" }
                }
            }))
        }
    }
}

/// What is old is said before anything else.
fn banner(frame: &Frame) -> Markup {
    let body = match frame.freshness {
        Freshness::Stale { recorded_until } => html! {
            strong {
                "What you see is from " (frame.home.when(recorded_until, frame.now)) ", "
                (ago(recorded_until, frame.now)) ". "
            }
            "We are not recording calls right now, so a clinic could be failing without showing here. "
            "Calls still pass through to Accuro."
        },
        Freshness::Unreachable => html! {
            strong { "We can’t read what was recorded. " }
            "The store does not answer, so this page cannot say how the clinics do. "
            "Calls still pass through to Accuro and are still recorded."
        },
        Freshness::Live { .. } | Freshness::Behind { .. } | Freshness::Unasked => return html! {},
    };
    notice("stale", "clock", Some("status"), &body)
}

/// What clinics notice is said on every page.
fn writes_off(frame: &Frame) -> Markup {
    let Some(cause) = frame.read_only.filter(|_| frame.reader.is_some()) else { return html! {} };
    let body = html! {
        strong { "Clinics can look things up and cannot save. " }
        (cause_of(cause)) " "
        a href="/writes" { "See writes" } "."
    };
    notice("stale", "warn", Some("status"), &body)
}

fn foot(frame: &Frame) -> Markup {
    let preferences = &frame.preferences;
    html! {
        div.side-foot {
            (frame.freshness.line(frame))
            p.keys hidden { button.linkbtn type="button" data-pause { "Pause updates" } }
            p {
                @if preferences.utc {
                    "Times: UTC. " a href=(frame.preferences.with_utc(&frame.address, false)) data-utc { "Show clinic time" }
                } @else {
                    "Times: clinic’s own clock. " a href=(frame.preferences.with_utc(&frame.address, true)) data-utc { "Show UTC" }
                }
            }
            form.theme action="/preferences" method="post" {
                input type="hidden" name="back" value=(frame.address);
                span #theme-label { "Look:" }
                span role="group" aria-labelledby="theme-label" {
                    @for theme in Theme::ALL {
                        button.linkbtn type="submit" name="theme" value=(theme.as_str())
                            aria-pressed=(preferences.theme == theme) { (theme.word()) }
                    }
                }
            }
            (language(frame))
            @if frame.may(Permission::Health) {
                p { a href="/kept" { "What is kept and until when" } }
                p { a href="/roles" { "Who may do what" } }
            }
            @if frame.may(Permission::People) { p { a href="/people" { "People" } } }
            @if let Some(reader) = &frame.reader {
                @if let Some(name) = &reader.name {
                    form action="/sign-out" method="post" {
                        @if reader.has_account { a href="/me" { (name) } } @else { (name) }
                        ", " (policy::word(reader.role)) ". "
                        button.linkbtn type="submit" { "Sign out" }
                    }
                } @else { p { "Sign-in is off on this machine." } }
            }
        }
    }
}

/// The language of the site's words; each is named in itself.
fn language(frame: &Frame) -> Markup {
    html! {
        form.theme action="/preferences" method="post" {
            input type="hidden" name="back" value=(frame.address);
            span #language-label { (frame.t("Language:", "Langue :")) }
            span role="group" aria-labelledby="language-label" {
                @for language in Language::ALL {
                    button.linkbtn type="submit" name="lang" value=(language.as_str()) lang=(language.tag())
                        aria-pressed=(frame.preferences.language == language) { (language.word()) }
                }
            }
        }
    }
}
