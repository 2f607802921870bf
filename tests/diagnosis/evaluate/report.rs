//! The figures as text, for people and for `BENCHMARKS.md`.

#![expect(clippy::cast_precision_loss, reason = "figures for people")]

use std::fmt::Write as _;

use super::figures::{Figures, Share};
use super::judge::Judged;
use crate::scenario::Half;

/// Both halves' figures, then what was missed in the half to tune on.
pub(crate) fn text(judged: &[Judged]) -> String {
    let of = |half| judged.iter().filter(move |one: &&Judged| one.half == half);
    let mut text = String::new();
    for (half, title) in [(Half::HeldOut, "Held out"), (Half::Train, "To tune on")] {
        write!(text, "{title}\n\n{}\n", figures(&Figures::of(of(half)))).unwrap();
    }
    write!(text, "Missed in the half to tune on\n\n").unwrap();
    for one in of(Half::Train) {
        missed(&mut text, one);
    }
    text
}

fn figures(figures: &Figures) -> String {
    let mut text = String::from("| measure | right | of | share |\n| --- | --- | --- | --- |\n");
    let rows = [
        ("first answer", figures.first),
        ("first or second answer", figures.second),
        ("scope", figures.scope),
        ("persistence", figures.persistence),
        ("owner", figures.owner),
        ("since, within 10 minutes", figures.since),
        ("affected, in bounds", figures.affected),
    ];
    for (name, Share { right, of }) in rows {
        let share = Share { right, of }.value();
        writeln!(text, "| {name} | {right} | {of} | {share:.3} |").unwrap();
    }
    let Figures { brier, sure_and_wrong, too_sure, .. } = figures;
    write!(
        text,
        "\nBrier score {brier:.4}; wrong above 0.8 confidence: {sure_and_wrong}; surer than thin \
         evidence allows: {too_sure}\n\n| confidence | answers | mean confidence | right |\n\
         | --- | --- | --- | --- |\n"
    )
    .unwrap();
    for (number, bin) in figures.bins.iter().enumerate().filter(|(_, bin)| bin.answers > 0) {
        let mean = bin.confidence / bin.answers as f64;
        let right = bin.right as f64 / bin.answers as f64;
        let (low, high) = (number as f64 / 10.0, (number + 1) as f64 / 10.0);
        writeln!(text, "| {low:.1} to {high:.1} | {} | {mean:.3} | {right:.3} |", bin.answers)
            .unwrap();
    }
    text.push_str("\n| cause | right | of | answered instead |\n| --- | --- | --- | --- |\n");
    for (cause, Share { right, of }) in &figures.by_cause {
        let instead = figures.confused.iter().filter(|((truth, _), _)| truth == cause);
        let instead: Vec<_> = instead.map(|((_, said), times)| format!("{said} {times}")).collect();
        writeln!(text, "| {cause} | {right} | {of} | {} |", instead.join(", ")).unwrap();
    }
    text
}

fn missed(text: &mut String, one: &Judged) {
    let said = &one.said;
    let mut wrong = Vec::new();
    for (name, right) in [
        ("cause", Some(one.top1)),
        ("scope", one.scope),
        ("persistence", one.persistence),
        ("owner", Some(one.owner)),
        ("since", one.since),
        ("affected", one.affected),
        ("confidence", Some(!one.too_sure)),
    ] {
        if right == Some(false) {
            wrong.push(name);
        }
    }
    if wrong.is_empty() {
        return;
    }
    let second = said.alternatives.first().map_or("", |second| &second.cause);
    writeln!(
        text,
        "{}: {}\n    accepted {}; said {} {:.2}, then {second}; {} / {} (wanted {}); since {:?}; {:?}\n    {}",
        one.name,
        wrong.join(", "),
        one.accepted.join("|"),
        said.cause,
        said.confidence,
        said.scope,
        said.persistence,
        one.wanted,
        said.since,
        said.affected,
        one.question,
    )
    .unwrap();
}
