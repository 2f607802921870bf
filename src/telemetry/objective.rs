//! What counts for the objective of a workflow, and sign-ins that fail in a row.
//!
//! Owns both rules. How fast a budget burns is the alerts' business.

use super::metrics::Metrics;
use crate::domain::catalogue::TOKEN_OPERATION;
use crate::domain::event::Exchange;
use crate::domain::labels::{Category, Outcome};
use crate::domain::reason::Reason;

/// Whether a call counts for the objective, and whether it was bad. What the app broke off says nothing;
/// refusals, mistakes of the app and empty answers are answers.
fn counts(exchange: &Exchange) -> Option<bool> {
    if exchange.ending.outcome() == Outcome::Aborted {
        return None;
    }
    let ours = matches!(
        exchange.ending.reason(),
        Some(Reason::CircuitOpen | Reason::AuditUnavailable | Reason::Overloaded)
    );
    // Accuro asked for fewer calls: that is its answer to us, and an alert of its own.
    let limited = exchange.ending.reason() == Some(Reason::RateLimited);
    let transient = exchange.ending.category() == Some(Category::Transient);
    Some(ours || transient && !limited)
}

impl Metrics {
    pub(super) fn count_objective(&self, exchange: &Exchange) {
        let workflow = exchange.domain.as_str();
        if let Some(bad) = counts(exchange) {
            self.sli_events.with_label_values(&[workflow]).inc();
            if bad {
                self.sli_bad.with_label_values(&[workflow]).inc();
            }
        }
        let Some(clinic) = &exchange.clinic else { return };
        if exchange.operation.as_str() == TOKEN_OPERATION {
            let failures = self.token_failures.with_label_values(&[clinic.as_str()]);
            match (exchange.ending.outcome(), exchange.ending.category()) {
                (Outcome::Ok, _) => failures.set(0),
                (Outcome::Failed, Some(Category::Auth | Category::Transient)) => failures.inc(),
                _ => {}
            }
        }
    }
}
