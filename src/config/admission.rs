//! `[retry]`, `[breaker]`, `[limits]`, `[idempotency]`, `[cache]`, and `proxy.read_only`.
//!
//! Owns their reading. The defaults are those of a plain reverse proxy wherever a protection could
//! change what an app sees while nothing is wrong: no limit of calls, no shared answers, no cache.
//! What only acts when Accuro fails, or when an app asks for it with an `Idempotency-Key`, is on.

use std::time::Duration;

use super::error::ConfigError;
use super::source::Source;
use crate::domain::admission::breaker::BreakerRules;
use crate::domain::admission::concurrency::ConcurrencyRules;
use crate::domain::admission::read_only::FlapRules;
use crate::domain::admission::retry::RetryRules;

/// Which calls go to Accuro, and how often.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdmissionConfig {
    /// Writes are off.
    pub read_only: bool,
    /// When a read is sent again.
    pub retry: RetryRules,
    /// When Accuro is left alone; `None`: never.
    pub breaker: Option<BreakerRules>,
    /// When Accuro flaps.
    pub flaps: FlapRules,
    /// How many calls there may be.
    pub limits: LimitsConfig,
    /// Keyed writes.
    pub idempotency: IdempotencyConfig,
    /// Answers that are given to more than one call.
    pub cache: CacheConfig,
}

/// `[limits]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LimitsConfig {
    /// Calls of one application a minute; 0: no limit.
    pub app_per_minute: u32,
    /// Calls of one clinic a minute; 0: no limit.
    pub clinic_per_minute: u32,
    /// Calls at Accuro at a time.
    pub in_flight: ConcurrencyRules,
}

/// `[idempotency]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IdempotencyConfig {
    /// How long a key is known.
    pub remember: Duration,
    /// How long an answer is kept to be given again; zero: not at all.
    pub replay: Duration,
    /// Whether keys hold across instances, where the store is PostgreSQL.
    pub shared: bool,
}

/// `[cache]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CacheConfig {
    /// Whether the same reads at the same time share an answer.
    pub coalesce: bool,
    /// How long reference data is given again; zero: no cache.
    pub ttl: Duration,
    /// How much longer while Accuro is down.
    pub stale: Duration,
    /// Most bytes that are kept.
    pub max_bytes: u64,
}

/// A breaker that opens from no failures on would never let anything through.
fn failure_percent(source: &Source) -> Result<u64, ConfigError> {
    let key = "breaker.failure_percent";
    match source.percent(key)? {
        0 => Err(source.wrong(key, "a whole number from 1 to 100")),
        percent => Ok(percent),
    }
}

/// Reads the sections.
pub(super) fn read(source: &Source) -> Result<AdmissionConfig, ConfigError> {
    let (min, max) =
        (count(source, "limits.min_in_flight")?, count(source, "limits.max_in_flight")?);
    if min > max {
        return Err(source.wrong("limits.min_in_flight", "at most limits.max_in_flight"));
    }
    let breaker = BreakerRules {
        min_samples: u64::from(count(source, "breaker.min_samples")?),
        failure_percent: failure_percent(source)?,
        window_ms: milliseconds(source, "breaker.window")?,
        open_ms: milliseconds(source, "breaker.open")?,
    };
    Ok(AdmissionConfig {
        read_only: source.flag("proxy.read_only")?,
        retry: RetryRules {
            most_sends: count(source, "retry.most_sends")?,
            budget_percent: source.percent("retry.budget_percent")?,
            pause: source.duration("retry.pause")?,
            longest_pause: source.duration("retry.longest_pause")?,
        },
        breaker: source.flag("breaker.enabled")?.then_some(breaker),
        flaps: FlapRules {
            openings: source.number("breaker.flap_openings")? as usize,
            within: source.duration("breaker.flap_within")?,
            hold: source.duration("breaker.flap_hold")?,
        },
        limits: LimitsConfig {
            app_per_minute: source.number("limits.app_per_minute")?,
            clinic_per_minute: source.number("limits.clinic_per_minute")?,
            in_flight: ConcurrencyRules { min, max },
        },
        idempotency: IdempotencyConfig {
            remember: source.duration("idempotency.remember")?,
            replay: source.duration("idempotency.replay")?,
            shared: source.flag("idempotency.shared")?,
        },
        cache: CacheConfig {
            coalesce: source.flag("cache.coalesce")?,
            ttl: source.duration("cache.ttl")?,
            stale: source.duration("cache.stale")?,
            max_bytes: source.count("cache.max_bytes")? as u64,
        },
    })
}

fn count(source: &Source, key: &'static str) -> Result<u32, ConfigError> {
    u32::try_from(source.count(key)?).map_err(|_| source.wrong(key, "a whole number above 0"))
}

fn milliseconds(source: &Source, key: &'static str) -> Result<u64, ConfigError> {
    let milliseconds = u64::try_from(source.duration(key)?.as_millis()).ok();
    milliseconds.filter(|ms| *ms > 0).ok_or_else(|| source.wrong(key, "longer than 0ms"))
}
