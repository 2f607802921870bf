//! What accuscope itself refused of a ticket's calls: by a rule or a limit, since a change with the same key
//! came before, or as no valid request.
//!
//! Owns that check, its sentences, and which rule it was.

use super::answer::Check;
use super::scene::Scene;
use super::symptom::{Rule, is_ours, repeat};
use crate::domain::cause::Cause;
use crate::domain::labels::Category;
use crate::domain::reason::Reason;
use crate::store::Sighting;

/// What accuscope itself refused of the ticket's calls.
pub(super) fn check(scene: &Scene, ticket: &[usize], cause: Cause) -> Check {
    let calls = ticket.iter().map(|index| &scene.seen[*index].call);
    let count = |fits: &dyn Fn(&Sighting) -> bool| {
        u32::try_from(calls.clone().filter(|call| fits(call)).count()).unwrap_or(u32::MAX)
    };
    let repeated = count(&|call| repeat(call).is_some());
    let by_rule =
        count(&|call| repeat(call).is_none() && call.ending.category() == Some(Category::Policy));
    let invalid = count(&|call| repeat(call).is_none() && is_invalid(call));
    let failed = repeated + by_rule + invalid;
    let worked = u32::try_from(calls.len()).unwrap_or(u32::MAX) - failed;
    let ours =
        matches!(cause, Cause::RefusedByAccuscope | Cause::AccuscopeFailing | Cause::RateLimited);
    let tells = match (repeated, by_rule, invalid, worked) {
        (0, 0, 0, _) => NONE,
        (1.., 0, 0, 0) => NOT_SENT_AGAIN,
        (1.., ..) => SOME_NOT_SENT_AGAIN,
        // Of one that broke off, part may have reached Accuro.
        (0, _, 1.., _) => INVALID_HERE,
        (0, 1.., 0, 0) => rule_of(calls).map_or(THESE, self::by_rule),
        _ => SOME,
    };
    let supports = if failed > 0 { ours } else { !ours && cause != Cause::Unknown };
    Check { check: "refused_by_accuscope", worked, empty: 0, failed, supports, tells }
}

const NONE: &str = "accuscope refused none of these calls.";
const THESE: &str = "accuscope refused these calls itself; they did not reach Accuro.";
const SOME: &str = "accuscope refused some of these calls itself; those did not reach Accuro.";
const NOT_SENT_AGAIN: &str = "accuscope refused these calls itself: a change with the same key had come before, so they were not sent to Accuro.";
const SOME_NOT_SENT_AGAIN: &str = "accuscope refused some of these calls itself: a change with the same key had come before, so those were not sent to Accuro.";
const INVALID_HERE: &str =
    "At least one of these calls was refused by accuscope itself, as no valid request.";

/// The rule that turned all of these calls away, as far as a rule did.
pub(super) fn rule_of<'c>(calls: impl Iterator<Item = &'c Sighting>) -> Option<Rule> {
    let mut rules = calls.filter_map(Rule::of);
    let first = rules.next()?;
    rules.all(|other| other == first).then_some(first)
}

const fn by_rule(rule: Rule) -> &'static str {
    match rule {
        Rule::AppKey => "accuscope refused these calls itself: it did not know the app's key.",
        Rule::Clinic => {
            "accuscope refused these calls itself: the app was not registered for the clinic."
        }
        Rule::Environment => {
            "accuscope refused these calls itself: sandbox and production were mixed up."
        }
        Rule::ReadOnly => "accuscope refused these changes itself: changes were switched off.",
    }
}

/// Whether a call was no request that accuscope could pass on.
fn is_invalid(call: &Sighting) -> bool {
    let reason = call.ending.reason();
    let of_form =
        matches!(reason, Some(Reason::BadRequest | Reason::TooLarge | Reason::MethodNotAllowed));
    of_form && is_ours(call)
}

/// Every sentence of the check, for the pages that say them in another language.
#[cfg(test)]
pub(crate) fn sentences() -> impl Iterator<Item = &'static str> {
    let ruled = Rule::ALL.map(by_rule);
    [NONE, THESE, SOME, NOT_SENT_AGAIN, SOME_NOT_SENT_AGAIN, INVALID_HERE].into_iter().chain(ruled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::fixtures::call;
    use crate::domain::reason::Ending;

    #[test]
    fn the_rule_is_named_where_it_was_one() {
        let of = |reasons: &[Reason]| {
            let calls: Vec<Sighting> = reasons
                .iter()
                .map(|reason| Sighting { ending: Ending::failed(*reason), ..call(0) })
                .collect();
            rule_of(calls.iter())
        };
        for (reasons, rule) in [
            (&[Reason::AppKeyUnknown][..], Some(Rule::AppKey)),
            (&[Reason::ClinicNotAllowed; 3], Some(Rule::Clinic)),
            (&[Reason::EnvironmentMismatch], Some(Rule::Environment)),
            (&[Reason::ReadOnly, Reason::RateLimit], Some(Rule::ReadOnly)),
            (&[Reason::ReadOnly, Reason::ClinicNotAllowed], None),
            (&[Reason::Overloaded, Reason::NotFound], None),
            (&[], None),
        ] {
            assert_eq!(of(reasons), rule, "{reasons:?}");
        }
    }
}
