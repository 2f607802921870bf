//! Who looks up unusually many patients: one decision from counts.
//!
//! Owns the rule. An hour counts as unusual if somebody looked up many more different patients in it than
//! they usually do and than others of their role usually do. It is a reason to ask, not a proof.
//!
//! "Usual" is the ninth decile of the hours in which somebody looked anybody up, within
//! [`LOOKBACK`]. It is known from [`MIN_OWN_HOURS`] such hours of one's own, and from
//! [`MIN_ROLE_HOURS`] of others of the role, of at least [`MIN_ROLE_ACCOUNTS`] accounts. The limit is
//! [`FACTOR`] times the larger of what is known, and never below [`FLOOR`]; where nothing is known, it is
//! [`LIMIT_UNKNOWN`]. Hours of an account never raise what is usual for its own role.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::names::AccountId;
use super::role::Role;

/// How far back "usual" looks.
pub const LOOKBACK: Duration = Duration::from_hours(28 * 24);
/// How long the stretch is that is judged, up to now.
pub const STRETCH: Duration = Duration::from_hours(1);
/// Hours of one's own from which on they say what is usual.
pub const MIN_OWN_HOURS: usize = 10;
/// Hours of others of the role from which on they say what is usual.
pub const MIN_ROLE_HOURS: usize = 20;
/// Others of the role, at least.
pub const MIN_ROLE_ACCOUNTS: usize = 2;
/// So many times the usual is unusual.
pub const FACTOR: u64 = 3;
/// Fewer different patients than this are never unusual.
pub const FLOOR: u64 = 15;
/// The limit where nothing is known.
pub const LIMIT_UNKNOWN: u64 = 30;

/// How many different patients an account looked up within an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupHour {
    /// Whose.
    pub account: AccountId,
    /// As what.
    pub role: Option<Role>,
    /// Different patients.
    pub patients: u64,
}

/// An account that looked up unusually many patients within the last hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusual {
    /// Whose.
    pub account: AccountId,
    /// As what.
    pub role: Option<Role>,
    /// Different patients within the last hour.
    pub patients: u64,
    /// What is usual for the account, where that is known.
    pub own_usual: Option<u64>,
    /// What is usual for others of the role, where that is known.
    pub role_usual: Option<u64>,
}

/// Those of the last hour that are unusual against the hours before, most patients first.
#[must_use]
pub fn unusual(past: &[LookupHour], last_hour: &[LookupHour]) -> Vec<Unusual> {
    let mut own: BTreeMap<&AccountId, Vec<u64>> = BTreeMap::new();
    for hour in past {
        own.entry(&hour.account).or_default().push(hour.patients);
    }
    let judged = last_hour.iter().filter_map(|now| {
        let own_usual = own
            .get(&now.account)
            .filter(|hours| hours.len() >= MIN_OWN_HOURS)
            .and_then(|hours| ninth_decile(hours));
        let role_usual = role_usual(past, now);
        (now.patients >= limit(own_usual, role_usual)).then(|| Unusual {
            account: now.account.clone(),
            role: now.role,
            patients: now.patients,
            own_usual,
            role_usual,
        })
    });
    let mut found: Vec<Unusual> = judged.collect();
    found.sort_by(|a, b| b.patients.cmp(&a.patients).then_with(|| a.account.cmp(&b.account)));
    found
}

/// From how many patients on an hour is unusual.
#[must_use]
pub fn limit(own_usual: Option<u64>, role_usual: Option<u64>) -> u64 {
    match own_usual.max(role_usual) {
        Some(usual) => usual.saturating_mul(FACTOR).max(FLOOR),
        None => LIMIT_UNKNOWN,
    }
}

fn role_usual(past: &[LookupHour], now: &LookupHour) -> Option<u64> {
    let role = now.role?;
    let others = past.iter().filter(|hour| hour.role == Some(role) && hour.account != now.account);
    let accounts: BTreeSet<&AccountId> = others.clone().map(|hour| &hour.account).collect();
    let hours: Vec<u64> = others.map(|hour| hour.patients).collect();
    let enough = hours.len() >= MIN_ROLE_HOURS && accounts.len() >= MIN_ROLE_ACCOUNTS;
    if enough { ninth_decile(&hours) } else { None }
}

/// The smallest value that nine in ten do not exceed (nearest rank).
fn ninth_decile(values: &[u64]) -> Option<u64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * 9).div_ceil(10);
    sorted.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hour(account: &str, role: Role, patients: u64) -> LookupHour {
        LookupHour { account: AccountId::parse(account).unwrap(), role: Some(role), patients }
    }

    fn hours(account: &str, role: Role, patients: u64, count: usize) -> Vec<LookupHour> {
        vec![hour(account, role, patients); count]
    }

    #[test]
    fn an_hour_is_measured_by_ones_own_usual_and_by_the_roles() {
        use Role::{Oncall, Support};
        let team = [hours("b", Support, 8, 10), hours("c", Support, 8, 10)].concat();
        let table = [
            ("nothing known, below the limit", vec![], 29, false),
            ("nothing known, at the limit", vec![], 30, true),
            ("own usual of 6", hours("a", Support, 6, 10), 17, false),
            ("own usual of 6, three times", hours("a", Support, 6, 10), 18, true),
            ("own usual of 1: the floor holds", hours("a", Support, 1, 10), 14, false),
            ("own usual of 1: the floor is reached", hours("a", Support, 1, 10), 15, true),
            ("too few hours of one's own", hours("a", Support, 1, 9), 29, false),
            ("the role's usual of 8", team.clone(), 23, false),
            ("the role's usual of 8, three times", team.clone(), 24, true),
            (
                "the larger of both counts",
                [team.clone(), hours("a", Support, 20, 10)].concat(),
                59,
                false,
            ),
            ("both are passed", [team, hours("a", Support, 20, 10)].concat(), 60, true),
            ("one colleague is no role", hours("b", Support, 1, 40), 29, false),
            ("another role says nothing", hours("b", Oncall, 1, 40), 29, false),
        ];
        for (what, past, patients, expected) in table {
            let found = unusual(&past, &[hour("a", Support, patients)]);
            assert_eq!(!found.is_empty(), expected, "{what}");
        }
    }

    #[test]
    fn one_bad_hour_in_ten_does_not_become_usual() {
        let past = [hours("a", Role::Support, 4, 18), hours("a", Role::Support, 400, 2)].concat();
        assert_eq!(unusual(&past, &[hour("a", Role::Support, 400)])[0].own_usual, Some(4));
    }

    proptest! {
        #[test]
        fn more_patients_are_never_less_unusual_and_few_never_are(
            past in proptest::collection::vec((0usize..4, 0u64..60), 0..80),
            patients in 0u64..400,
        ) {
            let name = ["a", "b", "c", "d"];
            let mut past: Vec<_> =
                past.into_iter().map(|(who, n)| hour(name[who], Role::Support, n)).collect();
            let is = |past: &[LookupHour], n| !unusual(past, &[hour("a", Role::Support, n)]).is_empty();
            let found = is(&past, patients);
            prop_assert!(!found || is(&past, patients + 1));
            prop_assert!(!found || patients >= FLOOR);
            past.reverse();
            prop_assert_eq!(is(&past, patients), found, "the order of hours does not matter");
        }
    }
}
