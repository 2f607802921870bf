//! Silences: which alerts one mutes, for how long, why, and what is read of those that are there.
//!
//! Owns the closed words. A silence that is set here mutes the alerts that speak of an incident's cause, at
//! its clinic, and no others; an incident of no one clinic leaves the alerts of single clinics on. Of a
//! silence that somebody set elsewhere the comment and the author are texts, and are not read. Does not
//! speak to Alertmanager.

use std::time::Duration;

use uuid::Uuid;

use super::tie;
use crate::domain::cause::Cause;
use crate::domain::labels::{Environment, label_enum};
use crate::domain::names::{AlertName, ClinicId};
use crate::domain::time::Timestamp;

label_enum! {
    /// For how long.
    Span, "a length of a silence" {
        /// Half an hour.
        HalfHour = "30m",
        /// Two hours.
        TwoHours = "2h",
        /// Eight hours: a shift, and no longer, so that no silence outlives whoever set it.
        EightHours = "8h",
    }
}

impl Span {
    /// How long that is.
    #[must_use]
    pub const fn length(self) -> Duration {
        match self {
            Self::HalfHour => Duration::from_mins(30),
            Self::TwoHours => Duration::from_hours(2),
            Self::EightHours => Duration::from_hours(8),
        }
    }
}

label_enum! {
    /// Why nobody is to be told.
    Why, "a reason for a silence" {
        /// Somebody is at it.
        WorkedOn = "worked_on",
        /// Accuro's support knows and is at it.
        KnownToAccuro = "known_to_accuro",
        /// The clinic knows and is at it.
        KnownToClinic = "known_to_clinic",
        /// Work that was planned.
        Planned = "planned",
        /// Nothing is wrong.
        FalseAlarm = "false_alarm",
    }
}

/// One condition of a silence that is set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Matcher {
    /// The label.
    pub label: &'static str,
    /// What it must be: a name, or names with `|` between.
    pub value: String,
    /// Whether there are several.
    pub is_regex: bool,
}

/// The alerts that speak of a cause.
pub fn names_of(cause: Cause) -> impl Iterator<Item = &'static str> {
    tie::NAMES.iter().copied().filter(move |name| tie::speaks_of(name).contains(&cause))
}

/// What a silence about an incident asks of an alert; `None` where no alert speaks of the cause.
///
/// The environment may be missing from an alert, as in the webhook: then it is one of this installation's.
#[must_use]
pub fn matchers(
    cause: Cause,
    clinic: Option<&ClinicId>,
    environment: Environment,
) -> Option<Vec<Matcher>> {
    let names: Vec<&str> = names_of(cause).collect();
    if names.is_empty() {
        return None;
    }
    let clinic = clinic.map(|id| id.as_str().to_owned()).unwrap_or_default();
    Some(vec![
        Matcher { label: "alertname", value: names.join("|"), is_regex: true },
        Matcher { label: "clinic", value: clinic, is_regex: false },
        Matcher { label: "environment", value: format!("{environment}|"), is_regex: true },
    ])
}

const AUTHOR: &str = "accuscope";
const NUMBERED: &str = "accuscope account ";

/// Who set it, as Alertmanager keeps it: a number, no name, since Alertmanager shows it to everybody and
/// keeps it as it likes.
#[must_use]
pub fn author(account: Option<u32>) -> String {
    account.map_or_else(|| AUTHOR.to_owned(), |number| format!("{NUMBERED}{number}"))
}

/// Who set a silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Somebody on this site; the number of the account, where there is one.
    Site(Option<u32>),
    /// Somebody elsewhere.
    Elsewhere,
}

impl By {
    /// Reads what Alertmanager keeps.
    #[must_use]
    pub fn read(text: &str) -> Self {
        match text.strip_prefix(NUMBERED) {
            Some(number) => number.parse().map_or(Self::Elsewhere, |it| Self::Site(Some(it))),
            None if text == AUTHOR => Self::Site(None),
            None => Self::Elsewhere,
        }
    }
}

/// The comment that Alertmanager keeps: closed words and the incident's number.
#[must_use]
pub fn comment(why: Why, incident: i64) -> String {
    format!("{why} (accuscope, INC-{incident})")
}

/// The reason that a comment of ours gives; `None` for any other text.
#[must_use]
pub fn why_of(comment: &str) -> Option<Why> {
    let (word, rest) = comment.split_once(" (accuscope, INC-")?;
    let number = rest.strip_suffix(')')?;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if digits { Why::parse(word) } else { None }
}

/// A condition of a silence that is there, as far as it is in words that may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// One of these alerts.
    Alerts(Vec<AlertName>),
    /// One of these clinics.
    Clinics(Vec<ClinicId>),
    /// Alerts that are about no single clinic.
    NoClinic,
    /// This environment.
    Here,
    /// Something else, which only Alertmanager shows.
    Other,
}

/// Reads a condition: names, or names with `|` between. Any other expression is a text from outside.
#[must_use]
pub fn condition(label: &str, value: &str, equal: bool, environment: Environment) -> Condition {
    let all = |parts: std::str::Split<'_, char>| parts.map(str::to_owned).collect::<Vec<_>>();
    let parts = all(value.split('|'));
    let read = match (label, equal) {
        ("alertname", true) => {
            let names: Result<_, _> = parts.iter().map(|part| AlertName::parse(part)).collect();
            names.ok().map(Condition::Alerts)
        }
        ("clinic", true) if value.is_empty() => Some(Condition::NoClinic),
        ("clinic", true) => {
            let ids: Result<_, _> = parts.iter().map(|part| ClinicId::parse(part)).collect();
            ids.ok().map(Condition::Clinics)
        }
        ("environment", true) => {
            let here = |part: &String| part.is_empty() || part == environment.as_str();
            parts.iter().all(here).then_some(Condition::Here)
        }
        _ => None,
    };
    read.unwrap_or(Condition::Other)
}

/// A silence that is there, or will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// What Alertmanager tells it by.
    pub id: Uuid,
    /// Since when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Who set it.
    pub by: By,
    /// Why, where it was set here.
    pub why: Option<Why>,
    /// What it asks of an alert.
    pub conditions: Vec<Condition>,
    /// Whether it was set here and asks exactly what a silence of the incident asks. Others are ended where
    /// they were set: they may mute what nobody here sees.
    pub is_own: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clinic(id: &str) -> ClinicId {
        ClinicId::parse(id).unwrap()
    }

    #[test]
    fn a_silence_asks_for_the_cause_the_clinic_and_the_environment() {
        let lake = clinic("lakeshore");
        let found = matchers(Cause::ClinicConnectionRejected, Some(&lake), Environment::Sandbox);
        let found = found.unwrap();
        let pairs: Vec<_> = found.iter().map(|m| (m.label, m.value.as_str())).collect();
        assert_eq!(
            pairs,
            [
                (
                    "alertname",
                    "AccuscopeClinicAuthFailing|AccuscopeFleetAuthFailing|AccuscopeTokenRefreshFailing"
                ),
                ("clinic", "lakeshore"),
                ("environment", "sandbox|"),
            ]
        );
        let wide = matchers(Cause::AccuroDown, None, Environment::Production).unwrap();
        assert_eq!((wide[1].value.as_str(), wide[1].is_regex), ("", false), "no single clinic");
        assert!(wide[0].value.contains("AccuscopeUpstreamOutage"));
        assert_eq!(matchers(Cause::Delivered, None, Environment::Sandbox), None);
    }

    #[test]
    fn nothing_that_always_fires_is_ever_asked_for() {
        assert!(!tie::NAMES.contains(&crate::domain::alert::WATCHDOG));
    }

    #[test]
    fn comment_and_author_come_back_and_other_texts_do_not() {
        for why in Why::ALL {
            assert_eq!(why_of(&comment(*why, 12)), Some(*why));
        }
        for text in [
            "",
            "Tremblay, Zoë",
            "worked_on",
            "worked_on (accuscope, INC-)",
            "worked_on (accuscope, INC-1) Tremblay",
            "Tremblay (accuscope, INC-1)",
        ] {
            assert_eq!(why_of(text), None, "{text}");
        }
        for (text, by) in [
            ("accuscope", By::Site(None)),
            ("accuscope account 7", By::Site(Some(7))),
            ("accuscope account r.okafor", By::Elsewhere),
            ("r.okafor", By::Elsewhere),
        ] {
            assert_eq!(By::read(text), by, "{text}");
        }
        assert_eq!(By::read(&author(Some(7))), By::Site(Some(7)));
        assert_eq!(By::read(&author(None)), By::Site(None));
    }

    #[test]
    fn a_condition_is_shown_in_names_or_not_at_all() {
        let alert = |name| AlertName::parse(name).unwrap();
        for (label, value, equal, expected) in [
            ("alertname", "A|B", true, Condition::Alerts(vec![alert("A"), alert("B")])),
            ("alertname", "Zoë Tremblay", true, Condition::Other),
            ("alertname", "A.*", true, Condition::Other),
            ("alertname", "A", false, Condition::Other),
            ("clinic", "", true, Condition::NoClinic),
            ("clinic", "lakeshore", true, Condition::Clinics(vec![clinic("lakeshore")])),
            ("clinic", "lakeshore", false, Condition::Other),
            ("environment", "sandbox|", true, Condition::Here),
            ("environment", "production", true, Condition::Other),
            ("patient", "9123456780", true, Condition::Other),
        ] {
            let read = condition(label, value, equal, Environment::Sandbox);
            assert_eq!(read, expected, "{label} {value}");
        }
    }

    #[test]
    fn no_silence_outlives_a_shift() {
        let longest = Span::ALL.iter().map(|span| span.length()).max();
        assert_eq!(longest, Some(Duration::from_hours(8)));
    }
}
