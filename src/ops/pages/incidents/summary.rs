//! The summary of an incident as Markdown, for the review afterwards.
//!
//! Owns the text. It holds what the page holds, without single calls: counts, times, causes, alerts, and
//! what colleagues noted under their accounts. No patient and nobody of a clinic is in it.

use std::fmt::Write as _;

use super::list::{length, sentence, zone};
use super::load::IncidentModel;
use super::{course, differs, todo};
use crate::domain::registry::Registry;
use crate::ops::components::shell::Frame;
use crate::ops::words;
use crate::ops::words::endings::short;
use crate::ops::words::incidents::facet;
use crate::ops::words::numbers::{count, counted};
use crate::ops::words::times::Zone;

/// The text.
pub(super) fn summary(model: &IncidentModel, registry: &Registry, frame: &Frame) -> String {
    let incident = &model.incident;
    let zone = zone(incident, registry, frame);
    let mut text = format!("# Incident {}: {}\n\n", incident.number, sentence(incident, registry));
    facts(&mut text, model, &zone, frame);
    text.push_str("\n## What happened\n\n| When (UTC) | What |\n| --- | --- |\n");
    for step in course::steps(model) {
        let at = step.at.to_string();
        line(&mut text, &[at.get(..19).unwrap_or(&at).replace('T', " "), step.what]);
    }
    compared(&mut text, model, registry);
    text.push_str("\n## Alerts\n\n");
    if model.alerts.is_empty() {
        text.push_str("Alertmanager told of none.\n");
    }
    for alert in &model.alerts {
        let end = alert.ends_at.map_or_else(|| "still firing".to_owned(), |end| end.to_string());
        let _ =
            writeln!(text, "- {} ({}), {} to {end}", alert.name, alert.severity, alert.starts_at);
    }
    let messages = todo::texts(model, registry, &zone, frame);
    text.push_str("\n## What clinics were to be told\n\n");
    for paragraph in messages.admin {
        let _ = writeln!(text, "> {paragraph}\n>");
    }
    text.push_str("\n## For the review\n\n- What went well?\n- What did not?\n- What changes, who does it, until when?\n");
    let _ = writeln!(
        text,
        "\nMade by accuscope at {} (UTC). No patient and nobody of a clinic is named here.",
        frame.now
    );
    text
}

fn line(text: &mut String, cells: &[String]) {
    for cell in cells {
        let _ = write!(text, "| {} ", cell.replace('|', "\\|"));
    }
    text.push_str("|\n");
}

fn facts(text: &mut String, model: &IncidentModel, zone: &Zone, frame: &Frame) {
    let incident = &model.incident;
    let peak = incident.peak;
    let (owner, _) = words::health::owner(incident.owner());
    let end = match incident.closed_at {
        Some(closed) => zone.when(closed, frame.now),
        None => "still open".to_owned(),
    };
    let people = peak.actors.map_or_else(|| "not known".to_owned(), count);
    let sure = words::health::confidence(incident.confidence);
    let wrong = words::health::trouble(incident.key.trouble());
    text.push_str("| | |\n| --- | --- |\n");
    for (name, value) in [
        ("What was wrong", format!("{wrong} (`{}`, {sure})", incident.key.cause)),
        ("Environment", frame.environment.to_string()),
        ("From", format!("{} ({})", zone.when(incident.since, frame.now), zone.label)),
        ("Until", end),
        ("Length", length(incident, frame)),
        ("Clinics at its worst", count(peak.clinics)),
        ("People at its worst", people),
        ("Calls, at least", count(peak.calls)),
        ("Whose to fix", owner.to_owned()),
    ] {
        line(text, &[name.to_owned(), value]);
    }
}

fn compared(text: &mut String, model: &IncidentModel, registry: &Registry) {
    let differences = &model.calls.differences;
    let _ = writeln!(text, "\n## {}\n", differs::finding(model));
    if !differences.found.is_empty() {
        text.push_str(
            "| What | Which | Of the failing calls | Of the others |\n| --- | --- | --- | --- |\n",
        );
    }
    for one in &differences.found {
        let which = differs::value(one, registry);
        let cells = [
            facet(one.facet).to_owned(),
            which,
            differs::of(one.failing),
            differs::of(one.working),
        ];
        line(text, &cells);
    }
    let _ = writeln!(
        text,
        "\nCompared: {} that failed, {} that worked.",
        counted(differences.failing, "call", "calls"),
        counted(differences.working, "call", "calls")
    );
    if !model.calls.reasons.is_empty() {
        let reasons = model.calls.reasons.iter();
        let reasons = reasons.map(|(reason, n)| format!("{} ({})", short(*reason), count(*n)));
        let _ = writeln!(text, "How they failed: {}.", differs::list(reasons));
    }
}
