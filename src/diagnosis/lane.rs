//! One lane of the picture: somebody's calls, close ones together.
//!
//! Owns the marks of a lane and its counts. Whose lanes there are is decided in [`super::timeline`].

use serde::{Deserialize, Serialize};

use crate::domain::labels::Outcome;
use crate::domain::reason::Ending;
use crate::domain::time::Timestamp;
use crate::store::Sighting;

/// Marks next to each other in a lane.
const SLOTS: i64 = 56;

/// One person's or clinic's calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// Whether it is the subject's.
    pub is_subject: bool,
    /// The clinic's id, or the first letters of the person's reference.
    pub name: String,
    /// The calls, close ones together, in the order of time.
    pub marks: Vec<Mark>,
    /// Calls that worked.
    pub worked: u32,
    /// All calls.
    pub calls: u32,
    /// The last one that worked.
    pub last_worked: Option<i64>,
}

/// Calls that ended alike, close to each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The last of them.
    pub at: i64,
    /// `ok`, `aborted`, or the failure's category.
    pub kind: String,
    /// How many.
    pub calls: u32,
}

/// The first four letters of a reference: enough to see that two are the same.
pub(super) fn short(reference: &str) -> String {
    let symbols = reference.rsplit('_').next().unwrap_or_default();
    symbols.get(..4).unwrap_or_default().to_uppercase()
}

pub(super) fn lane(
    is_subject: bool,
    name: String,
    calls: &[&Sighting],
    from: Timestamp,
    to: Timestamp,
) -> Lane {
    let length = (to.micros() - from.micros()).max(1);
    let mut marks: Vec<(i64, Mark)> = Vec::new();
    let calls: Vec<&&Sighting> = calls.iter().filter(|call| call.ts >= from).collect();
    for call in &calls {
        let at = call.ts.micros();
        let slot = (at - from.micros()) / (length / SLOTS).max(1);
        let kind = kind(call.ending);
        match marks.iter_mut().rev().find(|(other, mark)| *other == slot && mark.kind == kind) {
            Some((_, mark)) => {
                mark.calls += 1;
                mark.at = at;
            }
            None => marks.push((slot, Mark { at, kind: kind.to_owned(), calls: 1 })),
        }
    }
    let mut worked = calls.iter().filter(|call| call.ending == Ending::Ok);
    Lane {
        is_subject,
        name,
        worked: u32::try_from(worked.clone().count()).unwrap_or(u32::MAX),
        calls: u32::try_from(calls.len()).unwrap_or(u32::MAX),
        last_worked: worked.next_back().map(|call| call.ts.micros()),
        marks: marks.into_iter().map(|(_, mark)| mark).collect(),
    }
}

fn kind(ending: Ending) -> &'static str {
    match (ending.outcome(), ending.category()) {
        (Outcome::Aborted, _) => "aborted",
        (_, Some(category)) => category.as_str(),
        (_, None) => "ok",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_shown_by_its_first_letters_only() {
        assert_eq!(short("ac_k1_abcdefghijklmnopqrstuvwxya"), "ABCD");
        assert_eq!(short(""), "");
    }
}
