//! The comparisons in words: name, counts, whether they agree, what they tell.
//!
//! Owns the stable names of the checks and their sentences. Counts are of calls as they were, not
//! weighed.

use super::alike::Core;
use super::answer::Check;
use super::cells::{Cell, Cells};
use super::facts::Facts;
use super::model;
use super::scene::Scene;
use super::symptom::Symptom;
use crate::domain::cause::Cause;
use crate::domain::labels::Category;
use crate::store::Sighting;

/// A check: its name, the comparisons it sums up, and its sentences.
struct Words {
    check: &'static str,
    cells: &'static [Cell],
    /// Mostly like the ticket, mostly the contrary, some of both.
    like: &'static str,
    unlike: &'static str,
    mixed: &'static str,
}

macro_rules! words {
    ($($check:literal [$($cell:ident),+] $like:literal, $unlike:literal, $mixed:literal;)+) => {
        &[$(Words {
            check: $check,
            cells: &[$(Cell::$cell),+],
            like: $like,
            unlike: $unlike,
            mixed: $mixed,
        }),+]
    };
}

const WORDS: &[Words] = words! {
    "same_patient_other_actors" [PeerPatient, PeerPatientElsewhere]
        "Nobody gets through to this patient.", "The chart exists and can be opened.",
        "Some colleagues get through to this patient and some do not.";
    "same_actor_other_patients" [OwnTask]
        "The same person meets it with other patients, too.",
        "The same person gets through for other patients.",
        "The same person gets through for some patients only.";
    "same_patient_other_operations" [OwnPatientElsewhere]
        "Other parts of this chart are closed to the person, too.",
        "The same person gets through to other parts of this chart.",
        "The same person gets through to some parts of this chart only.";
    "same_actor_other_operations" [OwnElsewhere]
        "Nothing works for this person.", "Other tasks work for this person, so the sign-in is alive.",
        "Some of the person's other tasks work.";
    "same_actor_other_token" [OwnOtherToken]
        "It is the same with the person's other sign-ins.",
        "With another sign-in of the same person, it works.",
        "With other sign-ins of the same person, it works at times.";
    "same_operation_other_actors" [PeerTask]
        "Colleagues meet it in the same task.", "The same task works for colleagues.",
        "The same task works for some colleagues only.";
    "same_clinic_other_operations" [PeerElsewhere]
        "The clinic's other tasks meet it, too.", "The clinic's other tasks work.",
        "Some of the clinic's other tasks work.";
    "other_apps" [OtherApps]
        "Other apps meet it at this clinic, too.", "Other apps work at this clinic.",
        "Other apps work at this clinic at times.";
    "other_offices" [OtherOffices]
        "It is not found in other offices either.", "It is found in another office.",
        "It is found in some other offices.";
    "sign_in" [OwnGrants, PeerGrants]
        "Accuro refuses the clinic's sign-ins.", "Sign-ins work at this clinic.",
        "Some sign-ins work at this clinic.";
    "sign_in_other_apps" [OtherAppGrants]
        "Accuro refuses the sign-ins of other apps at this clinic, too.",
        "Other apps' sign-ins work at this clinic.",
        "Some sign-ins of other apps work at this clinic.";
    "sign_in_other_clinics" [ClinicGrants]
        "Accuro refuses the app's sign-ins at other clinics, too.",
        "The app's sign-ins work at other clinics.",
        "The app's sign-ins work at some other clinics.";
    "other_clinics_same_operation" [ClinicsTask]
        "Other clinics meet it in the same task.", "The same task works at other clinics.",
        "The same task works at some other clinics.";
    "other_clinics" [ClinicsElsewhere]
        "Other clinics meet it in other tasks, too.", "Other clinics work.",
        "Some of what other clinics ask for works.";
    "other_clinics_other_apps" [ClinicsOtherApps]
        "Other apps meet it at other clinics, too.", "Other apps work at other clinics.",
        "Other apps work at some other clinics.";
    "same_kind_of_token" [ContextHere]
        "Others who hold such a token meet it on the same paths.",
        "Such tokens work on the same paths for others.",
        "Such tokens work on the same paths at times.";
    "other_kind_of_token" [OtherContexts]
        "Tokens of other kinds meet it on the same paths, too.",
        "Tokens of other kinds work on the same paths.",
        "Tokens of other kinds work on the same paths at times.";
};

/// The checks that had something to look at, and the names of those that had not.
pub(super) fn checks(
    scene: &Scene,
    core: &Core,
    cells: &Cells,
    facts: &Facts,
    cause: Cause,
    ticket: &[usize],
) -> (Vec<Check>, Vec<&'static str>) {
    let mut run = vec![own(scene, ticket, cause)];
    let mut empty = Vec::new();
    for words in WORDS {
        let counts = words.cells.iter().map(|cell| (*cell, cells.get(*cell)));
        let (mut worked, mut nothing, mut failed, mut likes) = (0, 0, 0, 0);
        let mut supports: Option<bool> = None;
        for (cell, count) in counts.filter(|(_, count)| count.calls() > 0) {
            worked += count.worked;
            nothing += count.empty;
            failed += count.failed;
            likes += count.likes;
            let agrees = model::expects(core, cause, cell).agrees(count.like, count.unlike);
            supports = agrees.map_or(supports, |agrees| Some(agrees && supports.unwrap_or(true)));
        }
        let all = worked + nothing + failed;
        if all == 0 {
            empty.push(words.check);
            continue;
        }
        let tells = match f64::from(likes) / f64::from(all) {
            share if share >= 0.8 => words.like,
            share if share <= 0.2 => words.unlike,
            _ => words.mixed,
        };
        let supports = supports.unwrap_or(false);
        run.push(Check { check: words.check, worked, empty: nothing, failed, supports, tells });
    }
    run.push(refused_here(scene, ticket, cause));
    run.extend(others(core, facts, cause));
    (run, empty)
}

/// The ticket's own calls.
pub(super) fn own(scene: &Scene, ticket: &[usize], cause: Cause) -> Check {
    let count = |fits: &dyn Fn(Symptom) -> bool| {
        let symptoms = ticket.iter().filter_map(|index| scene.seen[*index].symptom);
        u32::try_from(symptoms.filter(|symptom| fits(*symptom)).count()).unwrap_or(u32::MAX)
    };
    let worked = count(&|symptom| symptom == Symptom::Worked);
    let empty = count(&|symptom| symptom == Symptom::Empty);
    let failed = count(&|symptom| !matches!(symptom, Symptom::Worked | Symptom::Empty));
    let tells = match (worked, empty, failed) {
        (0, 0, 0) => "No call was recorded that fits the question.",
        (_, 0, 0) => "The calls in question worked.",
        (0, _, 0) => "The calls in question came back empty.",
        (0, 0, _) => "The calls in question failed.",
        (0, ..) => "The calls in question failed or came back empty.",
        _ => "Some of the calls in question worked.",
    };
    let supports = cause != Cause::Unknown;
    Check { check: "ticket", worked, empty, failed, supports, tells }
}

/// What accuscope itself refused of the ticket's calls, by a rule or a limit.
fn refused_here(scene: &Scene, ticket: &[usize], cause: Cause) -> Check {
    let calls = ticket.iter().map(|index| &scene.seen[*index].call);
    let refused = |call: &&Sighting| call.ending.category() == Some(Category::Policy);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let failed = count(calls.clone().filter(refused).count());
    let worked = count(calls.len()) - failed;
    let ours =
        matches!(cause, Cause::RefusedByAccuscope | Cause::AccuscopeFailing | Cause::RateLimited);
    let tells = match (failed, worked) {
        (0, _) => "accuscope refused none of these calls.",
        (_, 0) => "accuscope refused these calls itself; they did not reach Accuro.",
        _ => "accuscope refused some of these calls itself; those did not reach Accuro.",
    };
    let supports = if failed > 0 { ours } else { !ours && cause != Cause::Unknown };
    Check { check: "refused_by_accuscope", worked, empty: 0, failed, supports, tells }
}

/// What is no comparison between people: history, latency, structure.
fn others(core: &Core, facts: &Facts, cause: Cause) -> Vec<Check> {
    let check = |check, worked, failed, supports, tells| Check {
        check,
        worked,
        empty: 0,
        failed,
        supports,
        tells,
    };
    let mut found = Vec::new();
    if core.symptom == Symptom::NotFound && facts.has_patient {
        let (worked, gone) = (facts.worked_before, cause == Cause::RecordGone);
        found.push(if worked > 0 {
            check("before_the_trouble", worked, 0, gone, "It was found before.")
        } else {
            let never = cause == Cause::NeverFound;
            check("before_the_trouble", 0, 0, never, "It was never found.")
        });
    }
    if matches!(core.symptom, Symptom::Unavailable | Symptom::Worked) && facts.answered > 0 {
        let slow = facts.slow * 5 >= facts.answered * 2;
        let tells = if slow {
            "Answers take a multiple of the usual time."
        } else {
            "Answers that come take the usual time."
        };
        let supports = slow == (cause == Cause::AccuroSlow);
        found.push(check("latency", facts.answered - facts.slow, facts.slow, supports, tells));
    }
    let shape = &facts.shape;
    if shape.changed_here {
        let supports = cause == Cause::AnswerChanged;
        let tells = "Answers have another structure than before.";
        found.push(check("answer_shape", shape.same, shape.changed + 1, supports, tells));
    }
    found
}

/// Why a cause is ruled out, given the comparison that speaks against it most.
pub(super) fn reason(cell: Cell, cells: &Cells) -> &'static str {
    let count = cells.get(cell);
    let Some(words) = WORDS.iter().find(|words| words.cells.contains(&cell)) else {
        return "The calls in question do not fit it.";
    };
    if count.like >= count.unlike { words.like } else { words.unlike }
}

/// Every sentence about comparisons between people, for the pages that say them in another language.
#[cfg(test)]
pub(crate) fn sentences() -> impl Iterator<Item = &'static str> {
    WORDS.iter().flat_map(|words| [words.like, words.unlike, words.mixed])
}
