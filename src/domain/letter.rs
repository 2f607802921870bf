//! The weekly letter about adoption: when it is due, when it is tried again, and why it could not be sent.
//!
//! Owns these rules. What stands in it is the site's report; who sends it is the process's.

use std::time::Duration;

use jiff::ToSpan as _;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::adoption::Week;
use super::labels::label_enum;
use super::time::Timestamp;

/// A letter that could not be sent for so long is not sent any more: the next one is near.
const LATEST: Duration = Duration::from_hours(72);
/// The pause after the first try that failed; it doubles.
const FIRST_PAUSE: Duration = Duration::from_mins(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

label_enum! {
    /// Why a letter could not be sent.
    Failure, "a failure of a letter" {
        /// The server did not answer, or not in time.
        Unreachable = "unreachable",
        /// No TLS, or a certificate that is not trusted.
        Tls = "tls",
        /// The server did not take user and password, or the password's file cannot be read.
        SignIn = "sign_in",
        /// The server does not take this letter: its sender, an address or its content.
        Refused = "refused",
        /// The server asks to try again later.
        Later = "later",
        /// The figures could not be read.
        Figures = "figures",
    }
}

/// When letters are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// On which day of the week.
    pub day: Weekday,
    /// From which full hour on, 0 to 23.
    pub hour: i8,
    /// By whose clock.
    pub time_zone: TimeZone,
}

impl Schedule {
    /// The week that a letter is due about: the last one that is over once its hour has come, for three
    /// days.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Option<Week> {
        let today = self.time_zone.to_datetime(now.to_jiff()).date();
        let running = Week::of(today);
        [running, running.plus(-1)].into_iter().find_map(|week| {
            let days = i64::from(self.day.to_monday_zero_offset());
            let hour = week.first().saturating_add(days.days()).at(self.hour, 0, 0, 0);
            // An hour that the clock leaves out is the one after it.
            let at = self.time_zone.to_timestamp(hour).ok()?;
            let at = Timestamp::from_micros(at.as_microsecond());
            (at <= now && now.since(at) < LATEST).then(|| week.plus(-1))
        })
    }
}

/// The pause after so many tries that failed.
#[must_use]
pub fn pause(tries: u32) -> Duration {
    let doublings = tries.saturating_sub(1).min(16);
    (FIRST_PAUSE * 2_u32.saturating_pow(doublings)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn schedule(day: Weekday, hour: i8, zone: &str) -> Schedule {
        Schedule { day, hour, time_zone: TimeZone::get(zone).unwrap() }
    }

    #[test]
    fn a_letter_is_due_from_its_hour_on_for_three_days() {
        let monday = schedule(Weekday::Monday, 7, "America/Toronto");
        for (now, due) in [
            ("2026-11-23T11:59:59Z", None),
            ("2026-11-23T12:00:00Z", Some("2026-W47")),
            ("2026-11-26T11:59:59Z", Some("2026-W47")),
            ("2026-11-26T12:00:00Z", None),
            ("2026-11-30T11:59:59Z", None),
            ("2026-11-30T12:00:00Z", Some("2026-W48")),
            // Over the turn of the year, and in summer time.
            ("2027-01-04T12:00:00Z", Some("2026-W53")),
            ("2026-07-06T11:00:00Z", Some("2026-W27")),
        ] {
            assert_eq!(monday.due(at(now)).map(|week| week.to_string()).as_deref(), due, "{now}");
        }
    }

    #[test]
    fn a_letter_on_sunday_is_still_due_on_tuesday() {
        let sunday = schedule(Weekday::Sunday, 20, "UTC");
        for (now, due) in [
            ("2026-11-22T19:00:00Z", None),
            ("2026-11-22T20:00:00Z", Some("2026-W46")),
            ("2026-11-24T20:00:00Z", Some("2026-W46")),
            ("2026-11-25T20:00:00Z", None),
        ] {
            assert_eq!(sunday.due(at(now)).map(|week| week.to_string()).as_deref(), due, "{now}");
        }
    }

    #[test]
    fn an_hour_that_the_clock_leaves_out_or_repeats_is_met_once() {
        // In Toronto 2:00 on 8 March 2026 is left out, and 1:00 on 1 November comes twice.
        let spring = schedule(Weekday::Sunday, 2, "America/Toronto");
        assert_eq!(spring.due(at("2026-03-08T06:59:59Z")), None);
        assert!(spring.due(at("2026-03-08T07:00:00Z")).is_some());
        let autumn = schedule(Weekday::Sunday, 1, "America/Toronto");
        let (first, second) = (at("2026-11-01T05:00:00Z"), at("2026-11-01T06:00:00Z"));
        assert!(autumn.due(first).is_some());
        assert_eq!(autumn.due(first), autumn.due(second), "one week, so one letter");
    }

    #[test]
    fn the_pause_doubles_up_to_an_hour() {
        for (tries, minutes) in [(0, 1), (1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (u32::MAX, 60)] {
            assert_eq!(pause(tries), Duration::from_mins(minutes), "{tries}");
        }
    }
}
