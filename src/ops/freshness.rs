//! How old what a page shows is.
//!
//! Owns the steps from live to stale and their words. A page that was left open ages by itself: the
//! moment stands in it, and the script counts on from there.

use std::time::Duration;

use maud::{Markup, html};

use super::components::shell::Frame;
use crate::domain::health::verdict::STALE_AFTER;
use crate::domain::time::Timestamp;

/// Recording that lags by more than this is called behind.
const BEHIND_AFTER: Duration = Duration::from_secs(10);

/// How old what is shown is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// Recorded up to a few seconds ago.
    Live {
        /// Up to when.
        recorded_until: Timestamp,
    },
    /// Recorded up to less than a minute ago.
    Behind {
        /// Up to when.
        recorded_until: Timestamp,
    },
    /// Recorded up to longer ago.
    Stale {
        /// Up to when.
        recorded_until: Timestamp,
    },
    /// The store does not answer.
    Unreachable,
    /// The page shows nothing recorded.
    Unasked,
}

impl Freshness {
    /// The freshness of what was recorded until then.
    pub(crate) fn of(recorded_until: Option<Timestamp>, now: Timestamp) -> Self {
        match recorded_until {
            None => Self::Unreachable,
            Some(until) if now.since(until) > STALE_AFTER => Self::Stale { recorded_until: until },
            Some(until) if now.since(until) > BEHIND_AFTER => {
                Self::Behind { recorded_until: until }
            }
            Some(until) => Self::Live { recorded_until: until },
        }
    }

    /// Whether what is shown must not be taken for the present.
    pub(crate) const fn is_stale(self) -> bool {
        matches!(self, Self::Stale { .. } | Self::Unreachable)
    }

    /// The line in the navigation's foot.
    pub(crate) fn line(self, frame: &Frame) -> Markup {
        let (class, text, since) = match self {
            Self::Live { recorded_until } => (
                "live",
                format!(
                    "{} {}",
                    frame.t("Live. Updated", "En direct. Mis à jour"),
                    frame.ago(recorded_until)
                ),
                recorded_until,
            ),
            Self::Behind { recorded_until } => {
                let language = frame.preferences.language;
                let behind =
                    super::words::numbers::span_in(frame.now.since(recorded_until), language);
                ("live", format!("{behind} {}", frame.t("behind", "de retard")), recorded_until)
            }
            Self::Stale { recorded_until } => (
                "live is-stale",
                format!(
                    "{} {}, {}",
                    frame.t("Stale. From", "Périmé. De"),
                    frame.home.when(recorded_until, frame.now),
                    frame.ago(recorded_until)
                ),
                recorded_until,
            ),
            Self::Unreachable => {
                return html! { p.live.is-stale { span { (frame.t("Stale. The store does not answer", "Périmé. La base ne répond pas")) } } };
            }
            Self::Unasked => return html! {},
        };
        // The script counts on from the page's own moment, so a wrong clock in the browser is harmless.
        let age = frame.now.since(since).as_secs();
        html! { p class=(class) data-part="live" { span data-age=(age) { (text) } } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recording_that_stopped_is_stale_within_a_minute() {
        let now = Timestamp::from_seconds(1_000);
        let at = |ago: i64| Freshness::of(Some(Timestamp::from_seconds(1_000 - ago)), now);
        assert!(matches!(at(2), Freshness::Live { .. }));
        assert!(matches!(at(30), Freshness::Behind { .. }));
        assert!(matches!(at(61), Freshness::Stale { .. }));
        assert!(at(61).is_stale() && Freshness::of(None, now).is_stale());
    }
}
