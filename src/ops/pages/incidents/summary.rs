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
use crate::ops::words::language::said;
use crate::ops::words::times::Zone;

/// The text.
pub(super) fn summary(model: &IncidentModel, registry: &Registry, frame: &Frame) -> String {
    let incident = &model.incident;
    let zone = zone(incident, registry, frame);
    let language = frame.language();
    let (number, sentence) = (incident.number, sentence(incident, registry, frame));
    let mut text = said!(
        language,
        "# Incident {number}: {sentence}\n\n",
        "# Incident {number} : {sentence}\n\n"
    );
    facts(&mut text, model, &zone, frame);
    text.push_str(frame.t(
        "\n## What happened\n\n| When (UTC) | What |\n| --- | --- |\n",
        "\n## Ce qui s’est passé\n\n| Quand (UTC) | Quoi |\n| --- | --- |\n",
    ));
    for step in course::steps(model, frame) {
        let at = step.at.to_string();
        line(&mut text, &[at.get(..19).unwrap_or(&at).replace('T', " "), step.what]);
    }
    compared(&mut text, model, registry, frame);
    text.push_str(frame.t("\n## Alerts\n\n", "\n## Alertes\n\n"));
    if model.alerts.is_empty() {
        text.push_str(
            frame.t("Alertmanager told of none.\n", "Alertmanager n’en a signalé aucune.\n"),
        );
    }
    for alert in &model.alerts {
        let end = alert.ends_at.map_or_else(
            || frame.t("still firing", "encore active").to_owned(),
            |end| end.to_string(),
        );
        let (name, severity, start) = (&alert.name, alert.severity, alert.starts_at);
        text.push_str(&said!(
            language,
            "- {name} ({severity}), {start} to {end}\n",
            "- {name} ({severity}), {start} à {end}\n"
        ));
    }
    let messages = todo::texts(model, registry, &zone, frame);
    text.push_str(frame.t(
        "\n## What clinics were to be told\n\n",
        "\n## Ce qu’il fallait dire aux cliniques\n\n",
    ));
    for paragraph in messages.admin {
        let _ = writeln!(text, "> {paragraph}\n>");
    }
    text.push_str(frame.t("\n## For the review\n\n- What went well?\n- What did not?\n- What changes, who does it, until when?\n", "\n## Pour la revue\n\n- Qu’est-ce qui a bien été?\n- Qu’est-ce qui a mal été?\n- Qu’est-ce qui change, qui s’en charge, pour quand?\n"));
    text.push_str(&said!(
        language,
        "\nMade by accuscope at {} (UTC). No patient and nobody of a clinic is named here.\n",
        "\nFait par accuscope à {} (UTC). Aucun patient ni personne d’une clinique n’est nommé ici.\n",
        frame.now
    ));
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
    let (owner, _) = words::health::owner(incident.owner(), frame.language());
    let end = match incident.closed_at {
        Some(closed) => zone.when(closed, frame.now),
        None => frame.t("still open", "encore ouvert").to_owned(),
    };
    let people = peak
        .actors
        .map_or_else(|| frame.t("not known", "inconnu").to_owned(), |people| frame.number(people));
    let sure = words::health::confidence(incident.confidence, frame.language());
    let wrong = words::health::trouble(incident.key.trouble(), frame.language());
    text.push_str("| | |\n| --- | --- |\n");
    for (name, value) in [
        (
            frame.t("What was wrong", "Ce qui n’allait pas"),
            format!("{wrong} (`{}`, {sure})", incident.key.cause),
        ),
        (frame.t("Environment", "Environnement"), frame.environment.to_string()),
        (
            frame.t("From", "De"),
            format!("{} ({})", zone.when(incident.since, frame.now), zone.label),
        ),
        (frame.t("Until", "À"), end),
        (frame.t("Length", "Durée"), length(incident, frame)),
        (frame.t("Clinics at its worst", "Cliniques, au pire"), frame.number(peak.clinics)),
        (frame.t("People at its worst", "Personnes, au pire"), people),
        (frame.t("Calls, at least", "Appels, au moins"), frame.number(peak.calls)),
        (frame.t("Whose to fix", "À qui de réparer"), owner.to_owned()),
    ] {
        line(text, &[name.to_owned(), value]);
    }
}

fn compared(text: &mut String, model: &IncidentModel, registry: &Registry, frame: &Frame) {
    let differences = &model.calls.differences;
    let _ = writeln!(text, "\n## {}\n", differs::finding(model, frame));
    if !differences.found.is_empty() {
        text.push_str(frame.t(
            "| What | Which | Of the failing calls | Of the others |\n| --- | --- | --- | --- |\n",
            "| Quoi | Lequel | Des appels en échec | Des autres |\n| --- | --- | --- | --- |\n",
        ));
    }
    for one in &differences.found {
        let which = differs::value(one, registry, frame);
        let cells = [
            facet(one.facet, frame.language()).to_owned(),
            which,
            differs::of(one.failing, frame),
            differs::of(one.working, frame),
        ];
        line(text, &cells);
    }
    let calls = |n: u64| frame.count(n, ["call", "calls"], ["appel", "appels"]);
    text.push_str(&said!(
        frame.language(),
        "\nCompared: {} that failed, {} that worked.\n",
        "\nComparés : {} en échec, {} réussis.\n",
        calls(differences.failing),
        calls(differences.working)
    ));
    if !model.calls.reasons.is_empty() {
        let reasons = model.calls.reasons.iter();
        let reasons = reasons.map(|(reason, n)| {
            format!("{} ({})", short(*reason, frame.language()), frame.number(*n))
        });
        let reasons = differs::list(reasons);
        text.push_str(&said!(
            frame.language(),
            "How they failed: {reasons}.\n",
            "Comment ils ont échoué : {reasons}.\n"
        ));
    }
}
