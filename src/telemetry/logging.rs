//! Our own log lines as JSON on standard output.
//!
//! Owns the filter: only lines of `crate::telemetry::events` pass. Libraries log request lines and
//! headers at their debug levels, so no level of ours may ever let theirs through.

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, filter, fmt};

use super::events::TARGET;

/// Starts logging lines up to a level, one of error, warn, info, debug, trace; any other text means
/// info. A second call changes nothing.
pub fn start(level: &str) {
    let level: tracing::Level = level.parse().unwrap_or(tracing::Level::INFO);
    let ours = filter::filter_fn(move |line| line.target() == TARGET && *line.level() <= level);
    let lines = fmt::layer().json().flatten_event(true).with_target(false).with_filter(ours);
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
