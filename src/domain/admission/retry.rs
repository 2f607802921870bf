//! May a read be sent again, and when: conservative on purpose.
//!
//! Owns the decision, the pause, and the budget that keeps retries from making an outage worse.
//! Nothing that could change a chart ever gets here as retryable, whatever its method is.

use std::time::Duration;

use super::window::Counts;
use crate::domain::labels::{Method, label_enum};
use crate::domain::time::Timestamp;

/// How often, how long and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryRules {
    /// Most times that one read is sent; 1 means no retry.
    pub most_sends: u32,
    /// Most retries, in percent of the calls of the last ten seconds. One is always allowed.
    pub budget_percent: u64,
    /// The pause before the first retry, doubled before each further one.
    pub pause: Duration,
    /// The longest pause; a `Retry-After` beyond it goes to the app instead.
    pub longest_pause: Duration,
}

/// Whether a request may be sent more than once at all.
///
/// The catalogue decides: a GET that it knows as a mutation is one. What it does not know counts as a
/// mutation unless it is GET or HEAD. RFC 9110, 9.2.2 would allow more (PUT, DELETE are idempotent);
/// Accuro documents nothing of the kind, and a repeated change harms a patient.
#[must_use]
pub const fn may_repeat(method: Method, mutation: bool, has_body: bool) -> bool {
    matches!(method, Method::Get | Method::Head) && !mutation && !has_body
}

/// How a send failed, before a byte of it reached the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendFailure {
    /// No connection was made.
    Connect,
    /// Accuro answered with this status.
    Status(u16),
    /// Anything else: Accuro may be at work on it, and another one would not help.
    Other,
}

label_enum! {
    /// Why a read that could have been sent again was not.
    Withheld, "a reason to withhold a retry" {
        /// There were as many retries as the budget has room for.
        Budget = "budget",
        /// The app's answer would have come too late.
        Deadline = "deadline",
        /// Accuro is being left alone.
        Circuit = "circuit",
    }
}

/// A send that failed.
#[derive(Clone, Copy, Debug)]
pub struct Failed {
    /// How.
    pub failure: SendFailure,
    /// How often the request has been sent.
    pub sends: u32,
    /// What `Retry-After` asks for.
    pub retry_after: Option<Duration>,
    /// What is left of the app's time.
    pub left: Duration,
    /// The breaker of its class lets calls through.
    pub circuit_closed: bool,
    /// A number from 0 to 1.
    pub random: f64,
}

/// Decides whether to send again: after which pause, or why not (`None`: it is no case for a retry).
/// The budget is asked last, by the caller, since asking spends it.
///
/// The pause is half fixed, half random ("equal jitter"), so that calls that failed together do not
/// come back together.
///
/// # Errors
///
/// Why it is not sent again.
pub fn pause(rules: RetryRules, failed: Failed) -> Result<Duration, Option<Withheld>> {
    let transient = match failed.failure {
        SendFailure::Connect => true,
        SendFailure::Status(status) => matches!(status, 502..=504),
        SendFailure::Other => false,
    };
    if !transient || failed.sends >= rules.most_sends {
        return Err(None);
    }
    if !failed.circuit_closed {
        return Err(Some(Withheld::Circuit));
    }
    let doubled = rules.pause.saturating_mul(1 << failed.sends.saturating_sub(1).min(16));
    let ceiling = doubled.min(rules.longest_pause);
    let jittered = ceiling.mul_f64(0.5 + failed.random.clamp(0.0, 1.0) / 2.0);
    let pause = match failed.retry_after {
        // Not earlier than asked for, and not all at once.
        Some(asked) if asked <= rules.longest_pause => {
            jittered.max(asked + rules.pause.mul_f64(failed.random.clamp(0.0, 1.0)))
        }
        Some(_) => return Err(Some(Withheld::Deadline)),
        None => jittered,
    };
    if pause >= failed.left { Err(Some(Withheld::Deadline)) } else { Ok(pause) }
}

/// Whether the budget has room for one more retry, by the calls and retries of the last ten seconds.
/// The share is rounded up, so that a quiet clinic has one too.
#[must_use]
pub const fn budget_allows(rules: RetryRules, counts: Counts) -> bool {
    counts.hits < (counts.all * rules.budget_percent).div_ceil(100)
}

/// Reads `Retry-After`: seconds or a date (RFC 9110, 10.2.3). A date that has passed asks for nothing.
#[must_use]
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More than fits is longer than anybody waits.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::from(u32::MAX))));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?;
    Some(Timestamp::from_micros(date.timestamp().as_microsecond()).since(now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULES: RetryRules = RetryRules {
        most_sends: 2,
        budget_percent: 10,
        pause: Duration::from_millis(100),
        longest_pause: Duration::from_secs(2),
    };

    const FAILED: Failed = Failed {
        failure: SendFailure::Connect,
        sends: 1,
        retry_after: None,
        left: Duration::from_secs(30),
        circuit_closed: true,
        random: 0.5,
    };

    #[test]
    fn only_reads_that_the_catalogue_calls_reads_are_repeated() {
        for (method, mutation, has_body, may) in [
            (Method::Get, false, false, true),
            (Method::Head, false, false, true),
            (Method::Get, true, false, false),
            (Method::Get, false, true, false),
            (Method::Post, false, false, false),
            (Method::Put, false, false, false),
            (Method::Delete, true, false, false),
            (Method::Options, false, false, false),
            (Method::Query, false, false, false),
            (Method::Other, false, false, false),
        ] {
            assert_eq!(may_repeat(method, mutation, has_body), may, "{method} {mutation}");
        }
    }

    #[test]
    fn sends_again_after_what_passes_and_after_nothing_else() {
        let ms = |ms: u64| Ok(Duration::from_millis(ms));
        let asks = |seconds| Some(Duration::from_secs(seconds));
        let status = |status| Failed { failure: SendFailure::Status(status), ..FAILED };
        #[rustfmt::skip]
        let table = [
            (FAILED, ms(75)),
            (Failed { random: 0.0, ..FAILED }, ms(50)),
            (Failed { random: 1.0, ..FAILED }, ms(100)),
            (status(502), ms(75)),
            (status(503), ms(75)),
            (status(504), ms(75)),
            (status(500), Err(None)),
            (status(429), Err(None)),
            (status(408), Err(None)),
            (status(401), Err(None)),
            (status(404), Err(None)),
            (Failed { failure: SendFailure::Other, ..FAILED }, Err(None)),
            (Failed { sends: 2, ..FAILED }, Err(None)),
            (Failed { retry_after: asks(1), ..status(503) }, ms(1_050)),
            (Failed { retry_after: asks(0), ..status(503) }, ms(75)),
            (Failed { retry_after: asks(3), ..status(503) }, Err(Some(Withheld::Deadline))),
            (Failed { left: Duration::from_millis(75), ..FAILED }, Err(Some(Withheld::Deadline))),
            (Failed { circuit_closed: false, ..FAILED }, Err(Some(Withheld::Circuit))),
        ];
        for (failed, expected) in table {
            assert_eq!(pause(RULES, failed), expected, "{failed:?}");
        }
    }

    #[test]
    fn one_retry_in_ten_calls_and_one_for_a_quiet_clinic() {
        for (all, hits, allows) in [
            (0, 0, false),
            (1, 0, true),
            (1, 1, false),
            (10, 1, false),
            (11, 1, true),
            (100, 9, true),
            (100, 10, false),
        ] {
            assert_eq!(budget_allows(RULES, Counts { all, hits }), allows, "{all} {hits}");
        }
        let none = RetryRules { budget_percent: 0, ..RULES };
        assert!(!budget_allows(none, Counts { all: 1_000, hits: 0 }));
    }

    #[test]
    fn reads_both_forms_of_retry_after() {
        let now = Timestamp::parse("2026-11-25T10:00:00Z").unwrap();
        for (value, expected) in [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("Wed, 25 Nov 2026 10:00:30 GMT", Some(30)),
            ("Wed, 25 Nov 2026 09:00:00 GMT", Some(0)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("99999999999999999999999", Some(u64::from(u32::MAX))),
        ] {
            assert_eq!(retry_after(value, now), expected.map(Duration::from_secs), "{value:?}");
        }
    }

    proptest! {
        /// Whatever the load, the retries of a window stay within a tenth of its calls, rounded up.
        #[test]
        fn the_budget_is_kept(gaps in proptest::collection::vec(0u64..50, 1..400)) {
            let window = super::super::window::Window::new(10_000);
            let mut now = 0;
            for gap in gaps {
                now += gap;
                window.count(now, false);
                window.try_hit(now, |counts| budget_allows(RULES, counts));
                let counts = window.counts(now);
                prop_assert!(counts.hits <= counts.all.div_ceil(10).max(1));
            }
        }

        #[test]
        fn a_pause_never_outlasts_the_app_s_time(sends in 1u32..5, left in 0u64..5_000, random in 0.0..1.0f64, asked in proptest::option::of(0u64..5)) {
            let failed = Failed {
                sends,
                left: Duration::from_millis(left),
                random,
                retry_after: asked.map(Duration::from_secs),
                ..FAILED
            };
            let rules = RetryRules { most_sends: 9, ..RULES };
            if let Ok(pause) = pause(rules, failed) {
                prop_assert!(pause < failed.left);
                prop_assert!(failed.retry_after.is_none_or(|asked| pause >= asked));
            }
        }
    }
}
