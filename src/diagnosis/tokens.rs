//! What a token's other calls tell of one call: of what kind the token is, and whether its end was noticed
//! and mended at once.
//!
//! Owns both readings. The proxy knows the kind of a token whose grant it saw; of others it only knows the
//! path that was called.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::path_kind::PathKind;
use super::scene::Seen;
use super::symptom::Symptom;
use crate::domain::ids::EventId;
use crate::domain::labels::Context;
use crate::domain::names::AppId;
use crate::domain::reason::Reason;
use crate::domain::reference::Reference;

/// So many answers of one kind tell what kind a token is of, and so many what kind all of an app's are.
const TELLING: usize = 2;
const TELLING_OF_APP: usize = 5;

/// How many calls of each kind worked.
type Works = BTreeMap<Context, usize>;

/// Takes a token for one of the kind with which it works, where it works with no other; one that worked nowhere
/// for one of the app's kind.
pub(super) fn tell_kinds(seen: &mut [Seen]) {
    let (mut tokens, mut apps) =
        (BTreeMap::<Reference, Works>::new(), BTreeMap::<AppId, Works>::new());
    for one in seen.iter() {
        let answered = matches!(one.symptom, Some(Symptom::Worked | Symptom::Empty));
        let (true, Some(token)) = (answered, &one.call.token) else { continue };
        // A token that worked on paths for everybody is of no kind by that.
        if matches!(one.call.context, Context::NoToken | Context::Unknown) {
            continue;
        }
        *tokens.entry(token.clone()).or_default().entry(one.call.context).or_default() += 1;
        if let Some(app) = &one.call.app {
            *apps.entry(app.clone()).or_default().entry(one.call.context).or_default() += 1;
        }
    }
    for one in seen.iter_mut().filter(|one| one.symptom == Some(Symptom::Refused)) {
        let path = context(PathKind::of(one));
        // What is not of the path's kind was told by the grant.
        if path.is_none() || Some(one.call.context) != path {
            continue;
        }
        let by_token = one.call.token.as_ref().and_then(|token| tokens.get(token));
        let by_app = || one.call.app.as_ref().and_then(|app| apps.get(app));
        let of_app = || by_app().and_then(|works| only(works, TELLING_OF_APP));
        let told = match by_token {
            // Too few to tell by themselves, but all of the app's say the same.
            Some(works) => only(works, TELLING)
                .or_else(|| only(works, 1).filter(|kind| of_app() == Some(*kind))),
            None => of_app(),
        };
        if let Some(kind) = told {
            one.call.context = kind;
        }
    }
}

/// The one kind that worked, if it did so often enough.
fn only(works: &Works, least: usize) -> Option<Context> {
    match works.iter().next() {
        Some((kind, times)) if works.len() == 1 && *times >= least => Some(*kind),
        _ => None,
    }
}

const fn context(path: PathKind) -> Option<Context> {
    Some(match path {
        PathKind::Patient => Context::Patient,
        PathKind::Provider => Context::Provider,
        PathKind::Client => Context::Client,
        PathKind::Anybody => return None,
    })
}

/// Within this, the app noticed by itself and renewed the token.
const RENEWED_WITHIN: Duration = Duration::from_secs(30);

/// A token that ran out, was refused once and renewed at once with the same call made again: nobody noticed.
/// The call that was asked about says what it says.
pub(super) fn leave_out_renewals(seen: &mut [Seen], named: Option<EventId>) {
    let mut refused: BTreeMap<Reference, usize> = BTreeMap::new();
    for one in seen.iter().filter(|one| one.symptom == Some(Symptom::Refused)) {
        if let Some(token) = &one.call.token {
            *refused.entry(token.clone()).or_default() += 1;
        }
    }
    let healed: BTreeSet<usize> = (0..seen.len())
        .filter(|index| {
            let one = &seen[*index];
            let is_single =
                one.call.token.as_ref().and_then(|token| refused.get(token)) == Some(&1);
            let ran_out = one.call.ending.reason() == Some(Reason::TokenExpired);
            is_single
                && ran_out
                && one.symptom == Some(Symptom::Refused)
                && Some(one.call.id) != named
                && seen[index + 1..]
                    .iter()
                    .take_while(|later| later.call.ts.since(one.call.ts) <= RENEWED_WITHIN)
                    .any(|later| is_made_again(one, later))
        })
        .collect();
    for index in healed {
        seen[index].symptom = None;
    }
}

/// Whether a call is the same once more, with another token, and worked.
fn is_made_again(before: &Seen, later: &Seen) -> bool {
    let (one, other) = (&before.call, &later.call);
    matches!(later.symptom, Some(Symptom::Worked | Symptom::Empty))
        && other.clinic == one.clinic
        && other.app == one.app
        && other.actor == one.actor
        && other.operation == one.operation
        && other.patient == one.patient
        && other.token.is_some()
        && other.token != one.token
}
