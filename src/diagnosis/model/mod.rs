//! From evidence to probabilities: naive Bayes over the comparisons and hints.
//!
//! Pure. For each cause that can show the symptom: prior × Π over comparisons of the Beta-binomial
//! probability of what was counted × hints. The comparisons are not independent, so the sum of logs
//! is tempered before it becomes probabilities; and what rests on few calls is capped, whatever it
//! says.
//!
//! | file | what |
//! | --- | --- |
//! | [`beta`] | small counts |
//! | [`table`] | what each cause expects of each comparison, priors |
//! | [`hints`] | what reasons, kinds of failure, history and structures are worth |

pub(super) mod beta;
pub(super) mod hints;
pub(super) mod table;

use self::beta::Level;
use self::table::Row;
use super::alike::Core;
use super::cells::{Cell, Cells};
use super::facts::Facts;
use crate::domain::cause::Cause;

/// A cause, how probable it is, and what speaks against it most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candidate {
    pub(super) cause: Cause,
    /// 0 to 1; all candidates together make 1.
    pub(super) probability: f64,
    /// The comparison that speaks against it most, against the best one.
    pub(super) against: Option<Cell>,
}

/// Comparisons overlap, so the evidence is worth less than its sum.
const TEMPER: f64 = 0.8;
/// From this sum on, it is Accuro's for everybody, in one way or another.
const FAMILY_FROM: f64 = 0.7;
/// How much a comparison must speak against a cause to be named, in nats.
const WORTH_NAMING: f64 = 0.7;

/// The causes of a core, the most probable first.
pub(super) fn candidates(core: &Core, cells: &Cells, facts: &Facts) -> Vec<Candidate> {
    let rows = table::rows(core.symptom);
    let score = |row: &Row| {
        let cells = Cell::ALL.iter().map(|cell| ln(row, *cell, cells)).sum::<f64>();
        row.prior.ln() + cells
    };
    let hint = |row: &Row| hints::hints(row.cause, core.symptom, facts, cells);
    let scores: Vec<f64> = rows.iter().map(|row| TEMPER * (score(row) + hint(row))).collect();
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = scores.iter().map(|score| (score - most).exp()).sum();
    let best = rows.iter().zip(&scores).max_by(|a, b| a.1.total_cmp(b.1)).map(|(row, _)| row);
    let mut candidates: Vec<Candidate> = Vec::with_capacity(rows.len());
    let mut sorted: Vec<(&Row, f64)> = rows.iter().zip(scores.iter().copied()).collect();
    // Of the ways in which one cause shows, the most probable comes first and says what speaks against it.
    sorted.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cause.cmp(&b.0.cause)));
    for (row, score) in sorted {
        let probability = (score - most).exp() / sum;
        match candidates.iter_mut().find(|candidate| candidate.cause == row.cause) {
            Some(candidate) => candidate.probability += probability,
            None => candidates.push(Candidate {
                cause: row.cause,
                probability,
                against: best.and_then(|best| against(row, best, cells)),
            }),
        }
    }
    candidates.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(a.cause.cmp(&b.cause)));
    candidates
}

fn ln(row: &Row, cell: Cell, cells: &Cells) -> f64 {
    let count = cells.get(cell);
    row.level(cell).ln(count.like, count.unlike)
}

fn against(row: &Row, best: &Row, cells: &Cells) -> Option<Cell> {
    let loss = |cell: &Cell| ln(best, *cell, cells) - ln(row, *cell, cells);
    let worst = Cell::ALL.iter().max_by(|a, b| loss(a).total_cmp(&loss(b)))?;
    (loss(worst) > WORTH_NAMING).then_some(*worst)
}

/// Whether anything that was looked at tells two causes apart.
pub(super) fn told_apart(
    core: &Core,
    cells: &Cells,
    facts: &Facts,
    one: Cause,
    other: Cause,
) -> bool {
    let row = |cause| table::rows(core.symptom).iter().find(|row| row.cause == cause);
    let Some((one, other)) = row(one).zip(row(other)) else { return true };
    let hint = |row: &Row| hints::hints(row.cause, core.symptom, facts, cells);
    let by_cell =
        Cell::ALL.iter().any(|cell| ln(one, *cell, cells) - ln(other, *cell, cells) > WORTH_NAMING);
    by_cell || hint(one) - hint(other) > 1.0
}

/// What a cause expects of a comparison.
pub(super) fn expects(core: &Core, cause: Cause, cell: Cell) -> Level {
    let row = table::rows(core.symptom).iter().find(|row| row.cause == cause);
    row.map_or(Level::Any, |row| row.level(cell))
}

/// How many calls bear on a cause: the ticket's own, those that the cause says fail, and those that
/// show the difference.
pub(super) fn bearing(core: &Core, cells: &Cells, cause: Cause) -> u32 {
    let own = u32::try_from(core.calls.len()).unwrap_or(u32::MAX);
    let shared: u32 = Cell::ALL
        .iter()
        .filter(|cell| **cell != Cell::OwnHere)
        .filter(|cell| {
            let level = expects(core, cause, **cell);
            matches!(level, Level::Always | Level::Mostly)
                || level == Level::Some && cause == Cause::AccuroSlow
        })
        .map(|cell| cells.get(*cell).likes)
        .sum();
    let telling = match cause {
        // That colleagues' same list holds something tells that there is something.
        Cause::SilentlyFiltered if core.is_list() && core.patients.is_empty() => {
            cells.get(Cell::PeerTask).worked.min(1)
        }
        Cause::ChartRestricted | Cause::SectionRestricted | Cause::SilentlyFiltered => {
            cells.get(Cell::PeerPatient).worked
        }
        Cause::NoMatch => cells.get(Cell::OwnTask).worked,
        Cause::WrongOffice => cells.get(Cell::OtherOffices).worked,
        // The same was taken for another record, from whomever.
        Cause::RecordRejected => {
            (cells.get(Cell::PeerTask).worked + cells.get(Cell::OwnTask).worked).min(1)
        }
        // The kind of token is told by itself.
        Cause::WrongContext => 2,
        _ => 0,
    };
    own + shared + telling
}

/// The most that may be said on so many calls. It grows with them, so that more evidence for a
/// cause never makes it less sure.
pub(super) fn cap(bearing: u32, speaks_for_itself: bool) -> f64 {
    if speaks_for_itself {
        return 0.97;
    }
    (1.0 - 0.6 / f64::from(bearing.saturating_add(1))).min(0.97)
}

/// Whether Accuro fails everybody for certain, and only the way it does is open: that is no reason to say nothing.
pub(super) fn is_of_one_family(candidates: &[Candidate]) -> bool {
    let of_all = |candidate: &Candidate| {
        matches!(candidate.cause, Cause::AccuroDown | Cause::AccuroSlow | Cause::AccuroUnreachable)
    };
    let family = candidates.iter().take_while(|candidate| of_all(candidate));
    family.map(|candidate| candidate.probability).sum::<f64>() >= FAMILY_FROM
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn that_accuro_fails_all_is_said_where_only_the_way_is_open() {
        let of = |causes: &[(Cause, f64)]| -> Vec<Candidate> {
            let candidate = |(cause, probability): &(Cause, f64)| Candidate {
                cause: *cause,
                probability: *probability,
                against: None,
            };
            causes.iter().map(candidate).collect()
        };
        let (down, unreachable) = (Cause::AccuroDown, Cause::AccuroUnreachable);
        for (candidates, expected) in [
            (vec![(down, 0.45), (unreachable, 0.4), (Cause::Unknown, 0.15)], true),
            (vec![(unreachable, 0.4), (Cause::AccuroSlow, 0.35), (down, 0.1)], true),
            (vec![(down, 0.45), (Cause::ClinicDown, 0.4), (unreachable, 0.15)], false),
            (vec![(down, 0.35), (unreachable, 0.3), (Cause::Unknown, 0.35)], false),
            (vec![(Cause::Unknown, 0.4), (down, 0.35), (unreachable, 0.25)], false),
        ] {
            assert_eq!(is_of_one_family(&of(&candidates)), expected, "{candidates:?}");
        }
    }
}
