//! Our own log lines as JSON on standard output.
//!
//! Owns the filter: only lines of `crate::telemetry::events` pass. Libraries log request lines and
//! headers at their debug levels, so no level of ours may ever let theirs through.

use std::sync::atomic::{AtomicU8, Ordering};

use tracing::Level;
use tracing::subscriber::Interest;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, filter, fmt};

use super::events::TARGET;
use super::tripwire;

/// The level in force, from 1 (error) to 5 (trace).
static LEVEL: AtomicU8 = AtomicU8::new(3);

/// Starts logging lines up to a level, one of error, warn, info, debug, trace; any other text means
/// info. A second call changes nothing but the level.
pub fn start(level: &str) {
    set_level(level);
    let ours = filter::dynamic_filter_fn(|line, _| {
        line.target() == TARGET && rank(*line.level()) <= LEVEL.load(Ordering::Relaxed)
    });
    // Asked once for each place in the code that logs. Without it the libraries' places are asked about at
    // each line, and put their lines together (a whole SQL statement) before they hear that nobody wants them.
    let ours = ours.with_callsite_filter(|place| {
        if place.target() == TARGET { Interest::sometimes() } else { Interest::never() }
    });
    let lines = fmt::layer().json().flatten_event(true).with_target(false);
    let lines = lines.with_writer(|| tripwire::Out).with_filter(ours);
    // Only a second start can fail, and the first one stays in force.
    drop(tracing_subscriber::registry().with(lines).try_init());
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location();
        super::events::panicked(
            place.map_or("unknown", |p| p.file()),
            place.map_or(0, std::panic::Location::line),
        );
    }));
}

/// Logs lines up to another level from now on.
pub fn set_level(level: &str) {
    let level: Level = level.parse().unwrap_or(Level::INFO);
    LEVEL.store(rank(level), Ordering::Relaxed);
}

const fn rank(level: Level) -> u8 {
    match level {
        Level::ERROR => 1,
        Level::WARN => 2,
        Level::INFO => 3,
        Level::DEBUG => 4,
        Level::TRACE => 5,
    }
}
