//! What the other facts are worth: ln of likelihood ratios, as data beside their reasons.
//!
//! Owns the numbers that are not about who shares a trouble. Positive speaks for a cause.

use super::super::barren::BARREN;
use super::super::cells::{Cell, Cells};
use super::super::facts::Facts;
use super::beta::ln_sum;
use crate::diagnosis::symptom::Symptom;
use crate::domain::cause::Cause;

/// Kinds of unavailability, as each cause brings them: no connection, no answer in time, errors.
const LACKS: &[(Cause, [f64; 3])] = &[
    (Cause::AccuroDown, [0.06, 0.4, 0.54]),
    (Cause::AccuroSlow, [0.02, 0.88, 0.1]),
    (Cause::AccuroUnreachable, [0.94, 0.03, 0.03]),
    (Cause::Unknown, [0.33, 0.33, 0.34]),
];
/// One clinic may meet any of these alone, mostly errors: what it meets says little of how many share it.
const LACKS_OF_A_CLINIC: [(f64, Cause); 3] =
    [(0.25, Cause::AccuroUnreachable), (0.25, Cause::AccuroSlow), (0.5, Cause::AccuroDown)];
/// Failures of one outage are of one kind, so more than so many say no more.
const MOST_LACKS: f64 = 6.0;

/// So many searches in a row find nothing because of what was typed.
const TYPED_WRONGLY: u32 = 3;
/// How many outages are of several kinds by turns.
const BY_TURNS: f64 = 0.15;
/// So few answers for each missing one are none.
const NEARLY_NONE: f64 = 0.1;

/// The sum of what speaks for a cause, in nats.
pub(super) fn hints(cause: Cause, symptom: Symptom, facts: &Facts, cells: &Cells) -> f64 {
    match symptom {
        Symptom::Refused => refused(cause, facts, cells),
        Symptom::Grant => grant(cause, facts, cells),
        Symptom::NotFound => not_found(cause, facts, cells),
        Symptom::Empty => empty(cause, facts, cells),
        Symptom::Unavailable => unavailable(cause, facts),
        Symptom::Worked => worked(cause, facts),
        _ => 0.0,
    }
}

fn refused(cause: Cause, facts: &Facts, cells: &Cells) -> f64 {
    // 401 means a dead token more often than a missing permission, and 403 hardly ever does.
    let (refused, forbidden, expired) =
        (1.0 - facts.forbidden - facts.token_expired, facts.forbidden, facts.token_expired);
    let fine = |seen: &[Cell]| {
        let worked: f64 = seen.iter().map(|cell| cells.get(*cell).unlike).sum();
        if worked < 0.5 { -1.2 } else { 0.0 }
    };
    let meanwhile = f64::from(facts.sign_ins.works_meanwhile.min(5));
    match cause {
        Cause::SessionExpired => {
            // A dead token stays dead.
            let alive = f64::from(facts.alive_after.min(5));
            // A second one that is refused, too, is not one dead token.
            let another = if facts.tokens >= 2 { -2.5 * (1.0 - expired) } else { 0.0 };
            0.4 * refused - 2.0 * forbidden + 4.0 * expired - 1.2 * alive + another
        }
        // "Fine elsewhere" is part of these causes, so it has to have been seen.
        Cause::SectionRestricted => {
            let fine = fine(&[Cell::OwnElsewhere, Cell::OwnPatientElsewhere, Cell::PeerTask]);
            let mismatch = if facts.mismatch { -1.5 } else { 0.0 };
            0.3 * forbidden - 4.0 * expired + fine + mismatch
        }
        Cause::ChartRestricted | Cause::ChartMaskedForAll => {
            let known = if facts.has_patient { 0.0 } else { -3.0 };
            let fine = fine(&[Cell::OwnTask, Cell::OwnElsewhere, Cell::PeerPatient]);
            0.3 * forbidden - 4.0 * expired + known + fine
        }
        Cause::WrongContext => (if facts.mismatch { 5.0 } else { -6.0 }) - 2.0 * expired,
        // Without a refused sign-in there is nothing to say so.
        Cause::ClinicSignInFailing => {
            let likes = |cell| cells.get(cell).likes;
            let grants =
                likes(Cell::PeerGrants) + likes(Cell::OtherAppGrants) + likes(Cell::OwnGrants);
            let others =
                likes(Cell::PeerElsewhere) + likes(Cell::PeerTask) + likes(Cell::OtherApps);
            (match grants {
                0 => -4.0,
                // Tokens that are alive work; where none does, it is the connection.
                _ if facts.sign_ins.works_meanwhile == 0
                    && !facts.sign_ins.ran_out_meanwhile
                    && others >= 3 =>
                {
                    -1.5
                }
                1 | 2 => 0.5,
                _ => 2.0,
            }) - 0.5 * forbidden
                + 0.2 * meanwhile
        }
        Cause::AppCredentialsRejected => {
            let seen = cells.get(Cell::ClinicsTask).calls()
                + cells.get(Cell::ClinicsElsewhere).calls()
                + cells.get(Cell::ClinicGrants).calls();
            (if seen == 0 { -1.5 } else { 0.0 }) - 2.0 * expired
        }
        Cause::ClinicConnectionRejected => -2.0 * expired - meanwhile - ran_out_meanwhile(facts),
        _ => 0.0,
    }
}

fn grant(cause: Cause, facts: &Facts, cells: &Cells) -> f64 {
    let others = [Cell::OwnElsewhere, Cell::PeerTask, Cell::PeerElsewhere, Cell::OtherApps];
    let refused: u32 = others.iter().map(|cell| cells.get(*cell).likes).sum();
    // `invalid_client` is about the app or its secret; `invalid_grant` about a password or a token.
    match cause {
        Cause::AppCredentialsRejected => 1.6 * facts.client_rejected - 0.8,
        Cause::SessionExpired => {
            0.3 - 3.0 * facts.client_rejected - if facts.sign_ins.nobodys { 2.0 } else { 0.0 }
        }
        // Tokens that are still alive work while new ones are refused.
        Cause::ClinicConnectionRejected => {
            -f64::from(facts.sign_ins.works_meanwhile.min(5)) - ran_out_meanwhile(facts)
        }
        // Where what living tokens ask for is refused as well and nothing works, it is the connection.
        Cause::ClinicSignInFailing
            if facts.sign_ins.works_meanwhile == 0
                && refused > 0
                && !facts.sign_ins.ran_out_meanwhile =>
        {
            -1.5
        }
        _ => 0.0,
    }
}

/// A connection that is rejected does not wait for tokens to run out.
fn ran_out_meanwhile(facts: &Facts) -> f64 {
    if facts.sign_ins.ran_out_meanwhile { 2.0 } else { 0.0 }
}

fn not_found(cause: Cause, facts: &Facts, cells: &Cells) -> f64 {
    let before = facts.worked_before > 0;
    let known = facts.has_patient;
    let elsewhere = cells.get(Cell::OtherOffices).worked > 0;
    match cause {
        Cause::RecordGone => {
            let history = if before {
                -0.05
            } else if known {
                -3.0
            } else {
                -1.0
            };
            history + 4.0 * facts.gone
        }
        Cause::NeverFound => (if before { -3.5 } else { -0.05 }) - 3.0 * facts.gone,
        Cause::WrongOffice => {
            // What was there in this office before is not in the wrong one.
            (if elsewhere { 0.5 } else { -3.5 }) - 4.0 * facts.gone - if before { 3.0 } else { 0.0 }
        }
        Cause::ChartRestricted => {
            if known {
                0.0
            } else {
                -3.0
            }
        }
        _ => 0.0,
    }
}

fn empty(cause: Cause, facts: &Facts, cells: &Cells) -> f64 {
    let barren = facts.barren.is_no_chance();
    let barren_row = f64::from(facts.barren.calls.saturating_sub(BARREN - 1).min(4));
    let found = |cell| cells.get(cell).worked > 0;
    let colleagues = found(Cell::PeerTask) || found(Cell::PeerPatient);
    match cause {
        // What somebody typed finds nothing; a list has nothing that could be typed wrongly.
        Cause::NoMatch => {
            // Nobody types so many things in a row that are not there.
            let row = f64::from(facts.unbroken.saturating_sub(TYPED_WRONGLY).min(5));
            (if facts.is_search { 0.6 } else { -1.2 })
                + if facts.others_found > 0 && !barren { 0.3 } else { -0.7 }
                - 0.8 * row
                - if barren { barren_row } else { 0.0 }
        }
        Cause::SilentlyFiltered => {
            let elsewhere = if facts.found_elsewhere > 0 { -1.5 } else { 0.0 };
            // One patient's list may hold nothing; it takes a colleague who sees more, or a second one.
            let ordinary = facts.has_patient
                && !found(Cell::PeerPatient)
                && cells.get(Cell::OwnTask).likes == 0;
            (if facts.is_search { -0.4 } else { 0.5 })
                + if barren { 0.7 * barren_row } else { 0.0 }
                + if colleagues { elsewhere } else { -3.0 }
                + if ordinary { -2.5 } else { 0.0 }
        }
        Cause::WrongOffice if facts.found_elsewhere > 0 => 2.3,
        Cause::WrongOffice => {
            if found(Cell::OtherOffices) {
                0.8
            } else {
                -4.0
            }
        }
        _ => 0.0,
    }
}

fn unavailable(cause: Cause, facts: &Facts) -> f64 {
    let lacks = facts.lacks.map(f64::from);
    let all: f64 = lacks.iter().sum();
    let weight = if all > MOST_LACKS { MOST_LACKS / all } else { 1.0 };
    let of = |cause: Cause| -> f64 {
        let kinds = LACKS.iter().find(|(of, _)| *of == cause).map_or([1.0; 3], |(_, kinds)| *kinds);
        lacks.iter().zip(kinds).map(|(n, p)| n * weight * p.ln()).sum()
    };
    let (answered, slow) = (f64::from(facts.answered), f64::from(facts.slow));
    // Who answers late is there; who answers nobody is not.
    let nothing_comes = all + answered >= 3.0 && answered <= NEARLY_NONE * all;
    // Some outages are of all kinds by turns.
    let of_all_kinds = |by_turns: [f64; 3]| -> f64 {
        let sum: f64 = lacks.iter().zip(by_turns).map(|(n, p)| n * weight * p.ln()).sum();
        ln_sum(&[(1.0 - BY_TURNS, of(cause)), (BY_TURNS, sum)])
    };
    let kind = match cause {
        Cause::AccuroDown => of_all_kinds([0.3, 0.35, 0.35]),
        Cause::AccuroUnreachable => of_all_kinds([0.6, 0.2, 0.2]),
        Cause::ClinicDown => ln_sum(&LACKS_OF_A_CLINIC.map(|(share, cause)| match cause {
            Cause::AccuroSlow if nothing_comes => (share, of(Cause::AccuroDown)),
            cause => (share, of(cause)),
        })),
        _ => of(cause),
    };
    let late = slow >= 0.4 * answered;
    let answers = match cause {
        Cause::AccuroSlow if nothing_comes => -8.0,
        Cause::AccuroSlow if facts.answered >= 3 => {
            if late {
                3.0
            } else {
                -4.0
            }
        }
        Cause::AccuroSlow if facts.answered > 0 && late => 1.0,
        Cause::AccuroDown | Cause::ClinicDown | Cause::AccuroUnreachable
            if !nothing_comes && facts.answered >= 3 && slow >= 0.6 * answered =>
        {
            -1.5
        }
        _ => 0.0,
    };
    kind + answers
}

fn worked(cause: Cause, facts: &Facts) -> f64 {
    let shape = &facts.shape;
    let many = shape.changed >= 1 && shape.changed >= shape.same;
    match cause {
        Cause::AnswerChanged => match (shape.changed_here, many, shape.same) {
            (false, ..) if shape.perhaps && many => 0.0,
            (false, ..) => -9.0,
            (true, true, 0) => 5.0,
            // Where some clinics' answers are as before, it may be an optional field.
            (true, true, same) => {
                5.0 - 4.0 * f64::from(same) / f64::from(same.saturating_add(shape.changed))
            }
            (true, false, 0) => 1.0,
            (true, false, _) => -2.0,
        },
        Cause::AccuroSlow if facts.slow_own == 0 => -6.0,
        Cause::AccuroSlow => {
            let (answered, slow) =
                (f64::from(facts.answered_elsewhere), f64::from(facts.slow_elsewhere));
            match facts.answered_elsewhere {
                0..=2 => -1.0,
                _ if slow >= 0.3 * answered => 3.0,
                _ if slow <= 0.1 * answered => -4.0,
                _ => 0.0,
            }
        }
        _ => 0.0,
    }
}
