//! The comparisons in words: name, counts, whether they agree, what they tell.
//!
//! Owns the stable names of the checks and their sentences. Counts are of calls as they were, not
//! weighed.

use super::alike::Core;
use super::answer::Check;
use super::cells::{Cell, Cells, Count};
use super::facts::Facts;
use super::model;
use super::refused;
use super::scene::Scene;
use super::symptom::Symptom;
use super::ticket;
use crate::domain::cause::Cause;

/// A check: its name, the comparisons it sums up, and its sentences.
struct Words {
    check: &'static str,
    cells: &'static [Cell],
    /// Mostly like the ticket, mostly the contrary, some of both. The last two say that something
    /// worked, so they are for where something did.
    like: &'static str,
    unlike: &'static str,
    mixed: &'static str,
}

/// Checks whose first sentence says that nothing works, so that it is for where nothing did.
const NOTHING_WORKS: &[&str] = &[
    "same_patient_other_actors",
    "same_patient_other_operations",
    "same_actor_other_operations",
    "same_actor_other_token",
    "other_offices",
    "sign_in",
    "sign_in_other_apps",
    "sign_in_other_clinics",
];

/// What is said where nothing worked, and nothing was quite like the ticket either.
const ANOTHER_WAY: &str = "The calls compared here failed as well, but in another way.";
const SOME_ANOTHER_WAY: &str =
    "The calls compared here failed as well, some of them in another way.";
const CAME_EMPTY: &str = "The calls compared here came back empty.";
const ALSO_EMPTY: &str = "The calls compared here came back empty or failed in another way.";

/// Calls of a comparison by how they ended, and those that are like the ticket.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    worked: u32,
    empty: u32,
    failed: u32,
    likes: u32,
}

impl Tally {
    const fn all(self) -> u32 {
        self.worked + self.empty + self.failed
    }
}

/// The sentence that the counts bear out.
fn tells(words: &Words, tally: Tally) -> &'static str {
    let Tally { worked, empty, failed, likes } = tally;
    let share = f64::from(likes) / f64::from(tally.all().max(1));
    let (mostly, hardly) = (share >= 0.8, share <= 0.2);
    if worked == 0 {
        return match (empty, failed) {
            _ if mostly => words.like,
            (_, 0) => CAME_EMPTY,
            (0, _) if hardly => ANOTHER_WAY,
            (0, _) => SOME_ANOTHER_WAY,
            _ => ALSO_EMPTY,
        };
    }
    // Of what worked, the likes are those that took long.
    let all_worked = empty + failed == 0;
    let few = worked.saturating_mul(2) < tally.all() - empty;
    if all_worked || hardly && !few {
        words.unlike
    } else if mostly && !NOTHING_WORKS.contains(&words.check) {
        words.like
    } else {
        words.mixed
    }
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
        "With another sign-in of the same person, other tasks work.",
        "With other sign-ins of the same person, some other tasks work.";
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
        let mut tally = Tally::default();
        let mut supports: Option<bool> = None;
        for (cell, count) in counts.filter(|(_, count)| count.calls() > 0) {
            tally.worked += count.worked;
            tally.empty += count.empty;
            tally.failed += count.failed;
            tally.likes += count.likes;
            let agrees = model::expects(core, cause, cell).agrees(count.like, count.unlike);
            supports = agrees.map_or(supports, |agrees| Some(agrees && supports.unwrap_or(true)));
        }
        if tally.all() == 0 {
            empty.push(words.check);
            continue;
        }
        let (Tally { worked, empty, failed, .. }, check) = (tally, words.check);
        let supports = supports.unwrap_or(false);
        run.push(Check { check, worked, empty, failed, supports, tells: tells(words, tally) });
    }
    run.push(refused::check(scene, ticket, cause));
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
    let unnamed = ticket::names_nobody(scene, ticket);
    let tells = match (worked, empty, failed) {
        _ if unnamed => NAMES_NOBODY,
        (0, 0, 0) => "No call was recorded that fits the question.",
        (_, 0, 0) => "The calls in question worked.",
        (0, _, 0) => "The calls in question came back empty.",
        (0, 0, _) => "The calls in question failed.",
        (0, ..) => "The calls in question failed or came back empty.",
        _ => "Some of the calls in question worked.",
    };
    let supports = cause != Cause::Unknown && !unnamed;
    Check { check: "ticket", worked, empty, failed, supports, tells }
}

const NAMES_NOBODY: &str = "No call names this patient. These failed around that time and name no patient; nobody knows whether they are meant.";

/// Why a cause is ruled out that no comparison speaks against.
pub(super) const RARER: &str = "It happens far less often, and no call here points to it.";

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
        return NO_FIT;
    };
    let Count { worked, empty, failed, likes, .. } = count;
    let tally = Tally { worked, empty, failed, likes };
    if tally.all() == 0 { NO_FIT } else { tells(words, tally) }
}

const NO_FIT: &str = "The calls in question do not fit it.";

/// Every sentence about comparisons between people, for the pages that say them in another language.
#[cfg(test)]
pub(crate) fn sentences() -> impl Iterator<Item = &'static str> {
    let of_words = WORDS.iter().flat_map(|words| [words.like, words.unlike, words.mixed]);
    let others = [ANOTHER_WAY, SOME_ANOTHER_WAY, CAME_EMPTY, ALSO_EMPTY, NAMES_NOBODY];
    of_words.chain(others).chain([NO_FIT, RARER]).chain(refused::sentences())
}

/// What a sentence says of others' calls: that something works, that nothing does, or neither.
#[cfg(test)]
pub(crate) fn claims(sentence: &str) -> Option<bool> {
    const NOTHING: &[&str] = &[
        "Nobody gets through",
        "Nothing works",
        "Other parts of this chart are closed",
        "It is the same with the person's other sign-ins",
        "It is not found",
        "Accuro refuses",
        "It was never found",
        "The calls in question failed",
        "The calls in question came back empty",
    ];
    const SOMETHING: &[&str] = &["works", "work ", "work.", "worked", "opened", "through", "found"];
    if NOTHING.iter().any(|start| sentence.starts_with(start)) {
        return Some(false);
    }
    SOMETHING.iter().any(|word| sentence.contains(word)).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_says_what_its_counts_say() {
        let words = |check: &str| WORDS.iter().find(|words| words.check == check).unwrap();
        let (chart, task) =
            (words("same_patient_other_actors"), words("same_operation_other_actors"));
        for (of, [worked, empty, failed, likes], told) in [
            (chart, [0, 0, 3, 3], chart.like),
            (chart, [0, 0, 3, 0], ANOTHER_WAY),
            (chart, [0, 0, 4, 2], SOME_ANOTHER_WAY),
            (chart, [0, 2, 0, 0], CAME_EMPTY),
            (chart, [0, 2, 3, 1], ALSO_EMPTY),
            (chart, [1, 0, 9, 9], chart.mixed),
            (chart, [3, 0, 0, 0], chart.unlike),
            (chart, [9, 0, 1, 1], chart.unlike),
            (task, [0, 0, 7, 0], ANOTHER_WAY),
            (task, [1, 0, 9, 9], task.like),
            (task, [1, 0, 9, 0], task.mixed),
            (task, [0, 5, 0, 5], task.like),
            // Of calls that took long, those that are like it worked, too.
            (chart, [5, 0, 0, 5], chart.unlike),
        ] {
            let tally = Tally { worked, empty, failed, likes };
            assert_eq!(tells(of, tally), told, "{} {tally:?}", of.check);
        }
    }

    #[test]
    fn nothing_that_worked_is_claimed_without_a_call_and_nothing_is_denied_beside_one() {
        let counts = || [0, 1, 2, 3, 7];
        for words in WORDS {
            for (worked, empty) in counts().into_iter().flat_map(|w| counts().map(|e| (w, e))) {
                for (failed, likes) in counts().into_iter().flat_map(|f| counts().map(|l| (f, l))) {
                    let tally = Tally { worked, empty, failed, likes };
                    if tally.all() == 0 || likes > tally.all() {
                        continue;
                    }
                    let told = tells(words, tally);
                    let fits = claims(told).is_none_or(|works| works == (worked > 0));
                    assert!(fits, "{}: {told} {tally:?}", words.check);
                }
            }
        }
    }
}
