//! Alerts as Alertmanager told of them.
//!
//! Owns what is kept of one: names of a fixed alphabet, enums and times. Annotations are texts and are
//! not kept. Which incident an alert is about is decided in [`tie`], how it is silenced in [`silence`]; when an alert fires is Prometheus's
//! business.

pub mod silence;
pub mod tie;

use std::time::Duration;

use super::labels::{Category, label_enum};
use super::names::{AlertName, ClinicId};
use super::time::Timestamp;

/// An alert that was not told of for so long is not believed to fire: whoever told of it is gone. It is
/// longer than Alertmanager's usual pause between two tellings, four hours.
pub const BELIEVED_FOR: Duration = Duration::from_hours(5);

/// The alert that always fires, to prove that alerts arrive.
pub const WATCHDOG: &str = "AccuscopeWatchdog";

label_enum! {
    /// Who is told of an alert.
    Severity, "a severity" {
        /// Somebody is woken.
        Critical = "critical",
        /// Somebody looks at it in the morning.
        Warning = "warning",
        /// Nobody.
        Silent = "none",
    }
}

/// What Alertmanager tells an alert by: a digest of its labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// Reads 1 to 16 hexadecimal digits; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.bytes().all(|b| b.is_ascii_hexdigit()) && matches!(text.len(), 1..=16);
        if fits { u64::from_str_radix(text, 16).ok().map(Self) } else { None }
    }
}

/// One alert, from when it began to fire until it ended. What fires again later is another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The alert's identity, with `starts_at`.
    pub fingerprint: Fingerprint,
    /// The rule.
    pub name: AlertName,
    /// The clinic, where it is about one.
    pub clinic: Option<ClinicId>,
    /// Who is told.
    pub severity: Severity,
    /// The kind of failures, where the rule says so.
    pub category: Option<Category>,
    /// When it began to fire.
    pub starts_at: Timestamp,
    /// When it ended; `None` while it fires.
    pub ends_at: Option<Timestamp>,
    /// When it was last told of.
    pub told_at: Timestamp,
}

impl Alert {
    /// Whether it fires, as far as is known.
    #[must_use]
    pub fn fires(&self, now: Timestamp) -> bool {
        self.ends_at.is_none() && now.since(self.told_at) <= BELIEVED_FOR
    }

    /// Whether it is worth showing: it is not the one that always fires.
    #[must_use]
    pub fn tells_of_trouble(&self) -> bool {
        self.name.as_str() != WATCHDOG
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_hexadecimal_and_nothing_else() {
        for (text, expected) in [
            ("00000000000000ff", Some(255)),
            ("ffffffffffffffff", Some(u64::MAX)),
            ("", None),
            ("+ff", None),
            ("00000000000000fff", None),
            ("Tremblay", None),
        ] {
            assert_eq!(Fingerprint::parse(text).map(|found| found.0), expected, "{text}");
        }
    }

    #[test]
    fn an_alert_of_which_nothing_is_heard_is_not_believed() {
        let told = Timestamp::from_seconds(1_800_000_000);
        let alert = Alert {
            fingerprint: Fingerprint(1),
            name: AlertName::parse("AccuscopeDown").unwrap(),
            clinic: None,
            severity: Severity::Critical,
            category: None,
            starts_at: told,
            ends_at: None,
            told_at: told,
        };
        assert!(alert.fires(told.plus(Duration::from_hours(4))));
        assert!(!alert.fires(told.plus(Duration::from_hours(6))));
        assert!(!Alert { ends_at: Some(told), ..alert }.fires(told));
    }
}
