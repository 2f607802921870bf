//! What differs between the calls that fail and those that work.
//!
//! Owns the comparison and its order. For each facet of a call the value is named that failing calls
//! have so much oftener than working ones that chance does not explain it: the lower end of a 99 %
//! interval of the difference of the two shares (Newcombe 1998, method 10, from Wilson's intervals)
//! ranks them. A difference is no cause: what to make of it is the reader's business.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use crate::domain::event::Exchange;
use crate::domain::labels::label_enum;
use crate::domain::reference::Reference;
use crate::domain::time::Timestamp;

label_enum! {
    /// Something by which calls can differ.
    Facet, "a facet" {
        /// Which clinic.
        Clinic = "clinic",
        /// Which application.
        App = "app",
        /// Which task.
        Operation = "operation",
        /// Whose authority.
        Context = "context",
        /// In which office.
        Office = "office",
        /// How long the token had been in use, as far as its calls were read.
        TokenAge = "token_age",
        /// The version in the path.
        ApiVersion = "api_version",
        /// Which accuscope process.
        Instance = "instance",
        /// The structure of the answer.
        Shape = "shape",
    }
}

/// One call as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// It is one of those that fail.
    pub fails: bool,
    /// What is known of it.
    pub values: Vec<(Facet, String)>,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// With the value.
    pub with: u64,
    /// Of all of which the facet is known.
    pub of: u64,
}

/// A value that failing calls have oftener.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Of which facet.
    pub facet: Facet,
    /// The value.
    pub value: String,
    /// How many of the failing calls have it.
    pub failing: Share,
    /// How many of the working ones.
    pub working: Share,
    /// By how much of all calls they differ at least, 0 to 1.
    pub at_least: f64,
}

/// What came out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Differences {
    /// The greatest first, one a facet.
    pub found: Vec<Difference>,
    /// Facets in which failing and working calls are alike.
    pub alike: Vec<Facet>,
    /// How many failing and working calls were compared.
    pub failing: u64,
    /// See `failing`.
    pub working: u64,
}

/// Differences that are surely smaller are not worth a line.
const LEAST: f64 = 0.05;
/// Where no value differs by more, and so many calls of both sorts are known, the facet is alike.
const ALIKE: f64 = 0.1;
const ALIKE_LEAST: u64 = 20;
/// 99 % of a normal distribution lie within so many deviations on either side.
const Z: f64 = 2.576;

/// Compares calls.
#[must_use]
pub fn differences(calls: &[Compared]) -> Differences {
    let mut counts: BTreeMap<Facet, BTreeMap<&str, [u64; 2]>> = BTreeMap::new();
    for call in calls {
        for (facet, value) in &call.values {
            let of = counts.entry(*facet).or_default().entry(value).or_default();
            of[usize::from(call.fails)] += 1;
        }
    }
    let failing = calls.iter().filter(|call| call.fails).count() as u64;
    let mut all =
        Differences { failing, working: calls.len() as u64 - failing, ..Differences::default() };
    for (facet, values) in counts {
        let known = |side: usize| values.values().map(|count| count[side]).sum::<u64>();
        let (of_working, of_failing) = (known(0), known(1));
        let each = values.iter().map(|(value, [working, failing])| {
            let failing = Share { with: *failing, of: of_failing };
            let working = Share { with: *working, of: of_working };
            let at_least = at_least(failing, working);
            Difference { facet, value: (*value).to_owned(), failing, working, at_least }
        });
        let each: Vec<Difference> = each.collect();
        let apart = each.iter().map(|one| (share(one.failing) - share(one.working)).abs());
        let many = of_working.min(of_failing) >= ALIKE_LEAST;
        if many && apart.fold(0.0, f64::max) <= ALIKE {
            all.alike.push(facet);
        }
        let most = each.into_iter().max_by(|a, b| a.at_least.total_cmp(&b.at_least));
        all.found.extend(most.filter(|one| one.at_least > LEAST));
    }
    all.found.sort_by(|a, b| b.at_least.total_cmp(&a.at_least));
    all
}

/// By how much the share of the failing calls is greater at least; negative where it may be smaller.
fn at_least(failing: Share, working: Share) -> f64 {
    let (a, b) = (share(failing), share(working));
    let (low, _) = wilson(failing);
    let (_, high) = wilson(working);
    (a - b) - ((a - low).powi(2) + (high - b).powi(2)).sqrt()
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand calls")]
fn share(share: Share) -> f64 {
    if share.of == 0 { 0.0 } else { share.with as f64 / share.of as f64 }
}

/// Wilson's interval of a share; all of 0 to 1 where nothing is known.
#[expect(clippy::cast_precision_loss, reason = "a few thousand calls")]
fn wilson(of: Share) -> (f64, f64) {
    if of.of == 0 {
        return (0.0, 1.0);
    }
    let (n, p, z2) = (of.of as f64, share(of), Z * Z);
    let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// When each token was first seen among calls.
#[must_use]
pub fn first_seen<'c>(
    calls: impl Iterator<Item = &'c Exchange>,
) -> HashMap<&'c Reference, Timestamp> {
    let mut first = HashMap::new();
    for call in calls {
        if let Some(token) = &call.token_ref {
            let at = first.entry(token).or_insert(call.ts);
            *at = call.ts.min(*at);
        }
    }
    first
}

/// A call as it is compared. `tokens` are those of [`first_seen`].
#[must_use]
pub fn compared<S: std::hash::BuildHasher>(
    call: &Exchange,
    fails: bool,
    tokens: &HashMap<&Reference, Timestamp, S>,
) -> Compared {
    let age = || Some(age(call.ts.since(*tokens.get(call.token_ref.as_ref()?)?)).to_owned());
    // Not that of an error: failing calls have one and working ones have not, which says nothing.
    let shape = || call.shape.map(|digest| digest.to_string());
    let values = [
        (Facet::Clinic, call.clinic.as_ref().map(ToString::to_string)),
        (Facet::App, call.app.as_ref().map(ToString::to_string)),
        (Facet::Operation, Some(call.operation.to_string())),
        (Facet::Context, Some(call.context.to_string())),
        (Facet::Office, call.office.map(|office| office.to_string())),
        (Facet::TokenAge, age()),
        (Facet::ApiVersion, call.api_version.map(|version| version.to_string())),
        (Facet::Instance, Some(call.instance.to_string())),
        (Facet::Shape, shape()),
    ];
    let known = values.into_iter().filter_map(|(facet, value)| Some((facet, value?)));
    Compared { fails, values: known.collect() }
}

/// How long a token has been in use, in a few words.
fn age(age: Duration) -> &'static str {
    match age.as_secs() / 60 {
        0..5 => "under 5 min",
        5..30 => "5 to 30 min",
        30..60 => "30 to 60 min",
        _ => "over an hour",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(of: &[(bool, &str, usize)]) -> Vec<Compared> {
        let one = |fails, text: &str| {
            let pair = |pair: &str| {
                let (facet, value) = pair.split_once('=').unwrap();
                (Facet::parse(facet).unwrap(), value.to_owned())
            };
            Compared { fails, values: text.split(' ').map(pair).collect() }
        };
        of.iter().flat_map(|(fails, text, n)| vec![one(*fails, text); *n]).collect()
    }

    fn told(found: &Differences) -> Vec<String> {
        found.found.iter().map(|one| format!("{}={}", one.facet, one.value)).collect()
    }

    #[test]
    fn the_value_that_failing_calls_share_is_named_and_the_strongest_comes_first() {
        for (what, of, expected) in [
            (
                "one clinic",
                vec![
                    (true, "clinic=a app=x", 40),
                    (false, "clinic=b app=x", 60),
                    (false, "clinic=c app=x", 60),
                ],
                vec!["clinic=a"],
            ),
            (
                "one app, mostly at one clinic",
                vec![
                    (true, "clinic=a app=y", 30),
                    (true, "clinic=b app=y", 20),
                    (false, "clinic=a app=x", 40),
                    (false, "clinic=b app=x", 60),
                ],
                vec!["app=y"],
            ),
            (
                "a new version, and an old token",
                vec![
                    (true, "api_version=v2 token_age=old", 45),
                    (true, "api_version=v2 token_age=new", 5),
                    (false, "api_version=v1 token_age=new", 45),
                    (false, "api_version=v1 token_age=old", 45),
                ],
                vec!["api_version=v2", "token_age=old"],
            ),
            ("nothing works", vec![(true, "clinic=a", 50)], vec![]),
            ("nothing fails", vec![(false, "clinic=a", 50)], vec![]),
            (
                "too few to tell",
                vec![(true, "clinic=a", 2), (false, "clinic=b", 2), (false, "clinic=a", 1)],
                vec![],
            ),
            ("alike", vec![(true, "clinic=a", 50), (false, "clinic=a", 50)], vec![]),
        ] {
            assert_eq!(told(&differences(&calls(&of))), expected, "{what}");
        }
    }

    #[test]
    fn what_makes_no_difference_is_said_only_of_enough_calls() {
        let of = |n| calls(&[(true, "app=x clinic=a", n), (false, "app=x clinic=b", n)]);
        assert_eq!(differences(&of(20)).alike, [Facet::App]);
        assert_eq!(differences(&of(19)).alike, []);
    }

    #[test]
    fn a_call_of_which_a_facet_is_not_known_counts_for_the_others_only() {
        let of = [(true, "clinic=a", 30), (true, "app=x clinic=a", 5), (false, "clinic=b", 30)];
        let found = differences(&calls(&of));
        assert_eq!(told(&found), ["clinic=a"]);
        assert_eq!((found.failing, found.working), (35, 30));
        assert_eq!(found.found[0].failing, Share { with: 35, of: 35 });
    }

    #[test]
    fn the_interval_is_the_books() {
        // Newcombe (1998), case (a): 56 of 70 and 48 of 80. At 95 % the book has 0.0524; at 99 % the
        // same formula, computed elsewhere, gives this.
        let found = at_least(Share { with: 56, of: 70 }, Share { with: 48, of: 80 });
        assert!((found - 0.005_358).abs() < 1e-5, "{found}");
        let (low, high) = wilson(Share { with: 0, of: 0 });
        assert!(low.abs() < 1e-9 && (high - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_tokens_age_is_told_from_its_first_call() {
        for (minutes, expected) in
            [(0, "under 5 min"), (5, "5 to 30 min"), (59, "30 to 60 min"), (60, "over an hour")]
        {
            assert_eq!(age(Duration::from_mins(minutes)), expected);
        }
    }
}
