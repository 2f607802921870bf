//! What the adoption report measures clinics by: gates for all, hours and invitations for each.

use std::collections::BTreeSet;

use toml::Value;

use super::entries::{Entry, date, date_of};
use super::error::ConfigError;
use super::source::{Source, texts};
use crate::domain::adoption::note::NoteKind;
use crate::domain::adoption::{Gates, Note, OpeningHours};
use crate::domain::names::ClinicId;
use crate::domain::registry::Rollout;

/// `[adoption]`.
pub(super) fn gates(source: &Source) -> Result<Gates, ConfigError> {
    let key = "adoption.first_time_percent";
    let share = match source.value(key)? {
        Value::Integer(percent) => u64::try_from(percent).ok().map(|percent| percent * 10),
        Value::Float(percent) if (0.0..=100.0).contains(&percent) => tenths(percent),
        _ => None,
    };
    let expected = "a number from 0 to 100, with one decimal at most";
    let share = share.filter(|share| *share <= 1_000);
    Ok(Gates {
        staff_percent: source.percent("adoption.staff_percent")?,
        first_time_permille: share.ok_or_else(|| source.wrong(key, expected))?,
        weeks: source.between("adoption.weeks", 1, 12)? as u64,
        tasks: source.between("adoption.tasks", 0, 8)? as u64,
        active_days: source.between("adoption.active_days", 0, 14)? as u64,
    })
}

/// Tenths of a number that has no more than one decimal.
fn tenths(percent: f64) -> Option<u64> {
    let text = percent.to_string();
    let (whole, decimal) = text.split_once('.').unwrap_or((&text, "0"));
    let (whole, decimal): (u64, u64) = (whole.parse().ok()?, decimal.parse().ok()?);
    (decimal < 10).then_some(whole * 10 + decimal)
}

/// What of a clinic's entry is about its rollout.
pub(super) fn rollout(entry: &Entry<'_>) -> Result<Rollout, ConfigError> {
    let invited = entry.value("invited_staff")?.as_integer().and_then(|n| u64::try_from(n).ok());
    let invited = invited.ok_or_else(|| entry.wrong("invited_staff", "a whole number"))?;
    let lines = texts(&entry.value("hours")?);
    let lines = lines.ok_or_else(|| entry.wrong("hours", "a list of days with hours"))?;
    let holidays = holidays(&entry.value("holidays")?);
    let holidays = holidays.ok_or_else(|| entry.wrong("holidays", "a list of dates"))?;
    let usual = ["mon-fri 08:00-17:00".to_owned()];
    let lines = if lines.is_empty() { &usual[..] } else { &lines };
    let hours = OpeningHours::parse(lines.iter().map(String::as_str), holidays);
    Ok(Rollout {
        enabled: date(entry, "enabled")?,
        invited_staff: (invited > 0).then_some(invited),
        hours: hours.map_err(|_| entry.wrong("hours", "days with hours, a line each"))?,
    })
}

/// One `[[notes]]` entry.
pub(super) fn note(entry: &Entry<'_>, known: &[ClinicId]) -> Result<Note, ConfigError> {
    let kinds = "one of release, training, phase, other";
    let texts = texts(&entry.value("clinics")?);
    let clinics = texts.and_then(|texts| {
        let ids =
            texts.iter().map(|text| ClinicId::parse(text).ok().filter(|id| known.contains(id)));
        ids.collect::<Option<Vec<ClinicId>>>()
    });
    let text = entry.text("text")?;
    if !Note::is_text(&text) {
        return Err(entry.wrong("text", "one line of 80 characters at most"));
    }
    Ok(Note {
        day: date(entry, "date")?.ok_or_else(|| entry.wrong("date", "a date"))?,
        kind: NoteKind::parse(&entry.text("kind")?).ok_or_else(|| entry.wrong("kind", kinds))?,
        text,
        clinics: clinics.ok_or_else(|| entry.wrong("clinics", "a list of registered clinics"))?,
    })
}

fn holidays(value: &Value) -> Option<BTreeSet<jiff::civil::Date>> {
    value.as_array()?.iter().map(|day| date_of(day)?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;
    use jiff::civil::date;

    fn config(lines: &str) -> Result<Config, ConfigError> {
        let text = format!(
            "environment = \"sandbox\"\nupstream.base_url = \"http://127.0.0.1:9000\"\n{lines}"
        );
        Config::parse(&text, Path::new("a.toml"), std::iter::empty())
    }

    const CLINIC: &str = "[[clinics]]\nid = \"a\"\nname = \"A\"\ntenant = \"e1a47a6d-f563-4f0f-a7f3-b6539ba21330\"\n";

    fn problem(lines: &str) -> String {
        config(lines).err().unwrap().to_string()
    }

    #[test]
    fn gates_and_what_is_planned_are_read() {
        let read = config(&format!(
            "adoption.first_time_percent = 97\nadoption.tasks = 4\n{CLINIC}enabled = 2026-09-01\n\
             invited_staff = 24\nhours = [\"mon-thu 09:00-18:00\"]\nholidays = [2026-12-24]"
        ))
        .unwrap_or_else(|error| panic!("{error}"));
        let gates = Gates { first_time_permille: 970, tasks: 4, ..Gates::default() };
        assert_eq!(read.adoption, gates);
        let rollout = &read.registry.clinics()[0].rollout;
        assert_eq!((rollout.enabled, rollout.invited_staff), (Some(date(2026, 9, 1)), Some(24)));
        assert!(rollout.hours.on(date(2026, 12, 23)).is_some());
        assert!(rollout.hours.on(date(2026, 12, 24)).is_none(), "a holiday");
        let plain = config(CLINIC).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(plain.registry.clinics()[0].rollout, Rollout::default());
        assert_eq!(plain.adoption, Gates::default());
    }

    #[test]
    fn notes_are_read_with_the_clinics_that_they_concern() {
        let read = config(&format!(
            "{CLINIC}[[notes]]\ndate = 2026-11-03\nkind = \"training\"\ntext = \"Front desk\"\n\
             clinics = [\"a\"]\n[[notes]]\ndate = 2026-11-10\ntext = \"Version 2\""
        ))
        .unwrap_or_else(|error| panic!("{error}"));
        let notes: Vec<_> =
            read.registry.notes().iter().map(|n| (n.kind, n.clinics.len())).collect();
        assert_eq!(notes, [(NoteKind::Training, 1), (NoteKind::Other, 0)]);
        for (lines, words) in [
            ("date = 2026-11-03\ntext = \"\"", "notes[1].text: must be one line"),
            ("text = \"x\"", "notes[1].date: must be there"),
            (
                "date = 2026-11-03\ntext = \"x\"\nclinics = [\"b\"]",
                "notes[1].clinics: must be a list of",
            ),
            ("date = 2026-11-03\ntext = \"x\"\nkind = \"party\"", "notes[1].kind: must be one of"),
        ] {
            let said = problem(&format!("{CLINIC}[[notes]]\n{lines}"));
            assert!(said.contains(words), "{lines}: {said}");
        }
    }

    #[test]
    fn a_mistake_is_named() {
        for (lines, words) in [
            (
                "adoption.staff_percent = 101",
                "adoption.staff_percent: must be a whole number from 0 to 100",
            ),
            (
                "adoption.first_time_percent = 98.55",
                "adoption.first_time_percent: must be a number from 0",
            ),
            ("adoption.weeks = 0", "adoption.weeks: must be a whole number from 1 to 12"),
            (&format!("{CLINIC}hours = [\"always\"]"), "clinics[1].hours: must be days with hours"),
            (
                &format!("{CLINIC}holidays = [\"Tremblay\"]"),
                "clinics[1].holidays: must be a list of dates",
            ),
            (
                &format!("{CLINIC}invited_staff = -1"),
                "clinics[1].invited_staff: must be a whole number",
            ),
            (&format!("{CLINIC}enabled = \"soon\""), "clinics[1].enabled: must be a date"),
        ] {
            let said = problem(lines);
            assert!(said.contains(words) && !said.contains("Tremblay"), "{lines}: {said}");
        }
    }
}
