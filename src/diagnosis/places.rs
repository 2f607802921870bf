//! Which comparisons a call belongs to, and on which side of them it stands.
//!
//! Owns that sorting. What a comparison finds is counted in [`super::cells`].

use super::alike::Core;
use super::cells::Cell;
use super::path_kind::PathKind;
use super::scene::{Scene, Seen};
use super::symptom::Symptom;
use super::ticket::{is_grant, is_one_of};
use crate::domain::reason::Reason;

/// Whether a call is like the ticket's in a comparison, or the contrary; `None` if it says nothing.
pub(super) fn compare(of: Symptom, cell: Cell, seen: &Seen, symptom: Symptom) -> Option<bool> {
    if cell.is_about_grants() {
        // A refusal at the token endpoint is one, however it was said.
        return match symptom {
            Symptom::Grant | Symptom::Refused => Some(true),
            Symptom::Worked => Some(false),
            _ => None,
        };
    }
    let of = if of == Symptom::Grant { Symptom::Refused } else { of };
    if of == Symptom::Worked {
        return (symptom == Symptom::Worked).then_some(seen.slow);
    }
    // An empty list of a patient's does not show that the record is there.
    if of == Symptom::NotFound && symptom == Symptom::Empty && cell.is_of_the_patient() {
        return None;
    }
    of.compare(symptom)
}

/// Whether a call was refused because its token ran out, which says nothing of a refusal whose token did not: the end
/// of one token is nobody else's.
pub(super) fn is_another_end(scene: &Scene, core: &Core, seen: &Seen) -> bool {
    let ran_out = |seen: &Seen| seen.call.ending.reason() == Some(Reason::TokenExpired);
    core.symptom == Symptom::Refused
        && ran_out(seen)
        && !is_one_of(seen.call.token.as_ref(), &core.tokens)
        && !core.calls.iter().any(|index| ran_out(&scene.seen[*index]))
}

/// Whether a call is refused as the ticket is for the kind of its token: another task on paths that are not this
/// token's is the same matter.
fn is_of_another_token(scene: &Scene, core: &Core, seen: &Seen) -> bool {
    let path = PathKind::of(seen);
    core.symptom == Symptom::Refused
        && seen.call.context == core.context
        && path == PathKind::of_core(scene, core)
        && path.refuses(core.context)
}

/// The comparisons that a call belongs to.
pub(super) fn places(scene: &Scene, core: &Core, seen: &Seen, in_core: bool) -> Vec<Cell> {
    let mut places = Vec::with_capacity(4);
    let here = scene.is_here(&seen.call);
    let mine = here && core.is_mine(seen);
    if is_grant(seen) {
        if core.symptom == Symptom::Grant
            || core.symptom == Symptom::Refused
            || core.symptom == Symptom::Scope
        {
            let same_app =
                seen.call.app == core.app || seen.call.app.is_none() || core.app.is_none();
            match (here, mine) {
                _ if in_core => {}
                (true, true) => places.push(Cell::OwnGrants),
                (true, false) if same_app => places.push(Cell::PeerGrants),
                (true, false) => places.push(Cell::OtherAppGrants),
                (false, _) if same_app => places.push(Cell::ClinicGrants),
                _ => {}
            }
            return places;
        }
        if core.symptom != Symptom::Unavailable {
            return places;
        }
    }
    let (task, patient) = (core.is_same_task(seen), core.is_of_patient(seen));
    if here && in_core {
        places.push(Cell::OwnHere);
        return places;
    }
    let same_app = seen.call.app == core.app || seen.call.app.is_none() || core.app.is_none();
    // A form is one app's, too; of others only what they send of the same kind compares.
    let about_apps = matches!(
        core.symptom,
        Symptom::Refused | Symptom::Grant | Symptom::Scope | Symptom::Invalid
    );
    if core.symptom == Symptom::Invalid && !same_app && !task {
        return places;
    }
    let same_kind = seen.call.context == core.context;
    let path = PathKind::of(seen);
    if !task && is_of_another_token(scene, core, seen) {
        places.push(Cell::ContextHere);
        return places;
    }
    if matches!(core.symptom, Symptom::Refused | Symptom::Scope) {
        match (same_kind, path == PathKind::of_core(scene, core)) {
            // What is about the ticket's patient may be the patient's.
            (true, true) if !mine && !patient => places.push(Cell::ContextHere),
            (true, false) => places.push(Cell::ContextElsewhere),
            (false, true) => places.push(Cell::OtherContexts),
            _ => {}
        }
    }
    if about_apps && mine && !same_kind {
        // A token of another kind is another sign-in.
        return places;
    }
    if !here {
        if seen.call.clinic.is_none() || scene.subject.clinic.is_none() && mine {
            return places;
        }
        places.push(match (about_apps && !same_app, task) {
            (true, _) => Cell::ClinicsOtherApps,
            (false, true) => Cell::ClinicsTask,
            (false, false) => Cell::ClinicsElsewhere,
        });
        return places;
    }
    if !same_app {
        places.push(Cell::OtherApps);
        if about_apps && !patient {
            return places;
        }
    }
    let other_office = match (core.office, seen.call.office) {
        (Some(own), Some(other)) => own != other,
        _ => false,
    };
    let about_offices = matches!(core.symptom, Symptom::Empty | Symptom::NotFound);
    if about_offices && other_office {
        // Only the same thing proves that it is there: the same kind of list or record, of the same
        // patient; and where none is named, what the person asked for. Others' lists are other lists.
        let same = core.is_same_thing(seen) || seen.symptom == Some(core.symptom);
        if same && if core.patients.is_empty() { mine && task } else { patient } {
            places.push(Cell::OtherOffices);
        }
        return places;
    }
    let other_token = !core.tokens.is_empty()
        && seen.call.token.as_ref().is_some_and(|token| !core.tokens.contains(token));
    places.push(match (mine, patient, task) {
        (true, true, true) => Cell::OwnHere,
        (true, true, false) => Cell::OwnPatientElsewhere,
        (true, false, true) => Cell::OwnTask,
        (true, false, false) if other_token => Cell::OwnOtherToken,
        (true, false, false) => Cell::OwnElsewhere,
        (false, true, true) => Cell::PeerPatient,
        (false, true, false) => Cell::PeerPatientElsewhere,
        (false, false, true) => Cell::PeerTask,
        (false, false, false) => Cell::PeerElsewhere,
    });
    places
}
