//! What the adoption report measures clinics by: gates for all, hours and invitations for each.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use jiff::civil::Date;
use toml::Value;

use super::Config;
use super::aside::Mistake;
use super::entries::{Entry, date, date_of};
use super::error::ConfigError;
use super::lists::Lists;
use super::source::{Source, texts};
use crate::domain::adoption::note::NoteKind;
use crate::domain::adoption::{GateChanges, Gates, Goals, Note, OpeningHours};
use crate::domain::names::ClinicId;
use crate::domain::registry::{Clinic, Merged, Phase, Rollout};

/// What thresholds may stand where some differ.
const GATES: &str = "gates such as staff_percent = 50 (0 to 100), first_time_percent = 97.5, weeks = 2 (1 to 12), tasks = 3 (0 to 8), active_days = 8 (0 to 14)";

/// `[adoption]`.
pub(super) fn goals(source: &Source) -> Result<Goals, ConfigError> {
    let key = "adoption.phases";
    let expected = format!("onboarding, pilot or expanding, each with {GATES}");
    let phases = source.value(key)?;
    let of_phase = |(name, gates): (&String, &Value)| {
        // From live on there is nothing to move up to.
        let phase = Phase::parse(name).filter(|phase| *phase < Phase::Live)?;
        Some((phase, changes(gates)?))
    };
    let phases = phases.as_table().and_then(|table| table.iter().map(of_phase).collect());
    Ok(Goals { all: gates(source)?, phases: phases.ok_or_else(|| source.wrong(key, &expected))? })
}

/// Some thresholds that differ; `None` where it is something else.
fn changes(value: &Value) -> Option<GateChanges> {
    let mut made = GateChanges::default();
    for (name, value) in value.as_table()? {
        let whole = |most: i64| value.as_integer().filter(|number| (0..=most).contains(number));
        let whole = |most: i64| whole(most).map(i64::cast_unsigned);
        match name.as_str() {
            "staff_percent" => made.staff_percent = Some(whole(100)?),
            "first_time_percent" => made.first_time_permille = Some(permille(value)?),
            "weeks" => made.weeks = Some(whole(12).filter(|weeks| *weeks > 0)?),
            "tasks" => made.tasks = Some(whole(8)?),
            "active_days" => made.active_days = Some(whole(14)?),
            _ => return None,
        }
    }
    Some(made)
}

/// A share in tenths of a percent.
fn permille(value: &Value) -> Option<u64> {
    let share = match value {
        Value::Integer(percent) => u64::try_from(*percent).ok()?.checked_mul(10),
        Value::Float(percent) if (0.0..=100.0).contains(percent) => tenths(*percent),
        _ => None,
    };
    share.filter(|share| *share <= 1_000)
}

fn gates(source: &Source) -> Result<Gates, ConfigError> {
    let key = "adoption.first_time_percent";
    let share = permille(&source.value(key)?);
    let expected = "a number from 0 to 100, with one decimal at most";
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
        gates: changes(&entry.value("gates")?).ok_or_else(|| entry.wrong("gates", GATES))?,
        merged: merged(entry)?,
    })
}

/// No clinic became part of another one before.
const EARLIEST_MERGER: Date = jiff::civil::date(2000, 1, 1);
/// What a merger's day has to be.
const MERGER_DAY: &str = "a date from 2000 to a year from now";
/// How far ahead a merger may be told.
const MOST_DAYS_AHEAD: i64 = 366;

/// Whether a merger is told of a day too far ahead.
#[must_use]
pub fn is_too_far(on: Date, today: Date) -> bool {
    on > today.saturating_add(MOST_DAYS_AHEAD.days())
}

impl Config {
    /// Refuses a merger that is told of a day too far ahead: it is a slip, and would stay unnoticed for years.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Wrong`], with the key.
    pub fn refuse_far_mergers(&self, today: Date) -> Result<(), ConfigError> {
        self.lists.refuse_far_mergers(today)
    }
}

impl Lists {
    fn refuse_far_mergers(&self, today: Date) -> Result<(), ConfigError> {
        let is_far = |clinic: &Clinic| {
            clinic.rollout.merged.as_ref().is_some_and(|merged| is_too_far(merged.on, today))
        };
        let Some(at) = self.clinics.iter().position(is_far) else { return Ok(()) };
        Err(ConfigError::Wrong {
            place: self.source.file.display().to_string(),
            key: format!("clinics[{}].merged_on", at + 1),
            expected: MERGER_DAY.to_owned(),
            example: "merged_on = 2026-12-01".to_owned(),
        })
    }
}

/// The mistake of a merger that is told of a day too far ahead.
#[must_use]
pub fn too_far() -> Mistake {
    Mistake::of("merged_on", &format!("must be {MERGER_DAY}; example: 2026-12-01"))
}

/// Which clinic it became part of, and when: both or neither.
fn merged(entry: &Entry<'_>) -> Result<Option<Merged>, ConfigError> {
    let into = entry.text("merged_into")?;
    match (into.is_empty(), date(entry, "merged_on")?) {
        (true, None) => Ok(None),
        (true, Some(_)) => Err(entry.wrong("merged_into", "there, since merged_on is")),
        (false, None) => Err(entry.wrong("merged_on", "there, since merged_into is")),
        (false, Some(on)) if on < EARLIEST_MERGER => Err(entry.wrong("merged_on", MERGER_DAY)),
        (false, Some(on)) => {
            Ok(Some(Merged { into: entry.name("merged_into", ClinicId::parse)?, on }))
        }
    }
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
        kind: note_kind(&entry.text("kind")?).ok_or_else(|| entry.wrong("kind", kinds))?,
        text,
        clinics: clinics.ok_or_else(|| entry.wrong("clinics", "a list of registered clinics"))?,
    })
}

/// A kind that an operator notes; mergers are noted by what the clinics say of themselves.
fn note_kind(text: &str) -> Option<NoteKind> {
    NoteKind::parse(text).filter(|kind| *kind != NoteKind::Merged)
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
        assert_eq!(read.adoption.all, gates);
        let rollout = &read.registry.clinics()[0].rollout;
        assert_eq!((rollout.enabled, rollout.invited_staff), (Some(date(2026, 9, 1)), Some(24)));
        assert!(rollout.hours.on(date(2026, 12, 23)).is_some());
        assert!(rollout.hours.on(date(2026, 12, 24)).is_none(), "a holiday");
        let plain = config(CLINIC).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(plain.registry.clinics()[0].rollout, Rollout::default());
        assert_eq!(plain.adoption, Goals::default());
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
    fn gates_of_a_phase_and_of_a_clinic_are_read() {
        let read = config(&format!(
            "adoption.phases = {{ pilot = {{ staff_percent = 50, first_time_percent = 97.5 }} }}\n\
             {CLINIC}phase = \"pilot\"\ngates = {{ weeks = 4 }}"
        ))
        .unwrap_or_else(|error| panic!("{error}"));
        let of = read.adoption.of(&read.registry.clinics()[0]);
        let gates =
            Gates { staff_percent: 50, first_time_permille: 975, weeks: 4, ..Gates::default() };
        assert_eq!(of, gates);
    }

    #[test]
    fn a_merger_is_read() {
        let other = "[[clinics]]\nid = \"b\"\nname = \"B\"\ntenant = \"e1a47a6d-f563-4f0f-a7f3-b6539ba21331\"\n";
        let read = config(&format!("{CLINIC}merged_into = \"b\"\nmerged_on = 2026-12-01\n{other}"))
            .unwrap_or_else(|error| panic!("{error}"));
        let id = |text| ClinicId::parse(text).unwrap();
        let owner = |day| read.registry.mergers().owner(&id("a"), date(2026, 12, day)).to_string();
        assert_eq!(owner(1), "b");
        let merged = Merged { into: id("b"), on: date(2026, 12, 1) };
        assert_eq!(read.registry.clinics()[0].rollout.merged, Some(merged));
    }

    #[test]
    fn a_merger_is_told_a_year_ahead_and_no_more() {
        let other = "[[clinics]]\nid = \"b\"\nname = \"B\"\ntenant = \"e1a47a6d-f563-4f0f-a7f3-b6539ba21331\"\n";
        let today = date(2026, 11, 30);
        for (on, refused) in [
            ("2000-01-01", false),
            ("2027-12-01", false),
            ("2027-12-02", true),
            ("9999-12-31", true),
        ] {
            let read = config(&format!("{CLINIC}merged_into = \"b\"\nmerged_on = {on}\n{other}"))
                .unwrap_or_else(|error| panic!("{error}"));
            let said = read.refuse_far_mergers(today).err().map(|error| error.to_string());
            let words = "clinics[1].merged_on: must be a date from 2000 to a year from now";
            assert_eq!(said.is_some_and(|said| said.contains(words)), refused, "{on}");
        }
    }

    #[test]
    fn a_circle_is_named_with_its_key() {
        let other = "[[clinics]]\nid = \"b\"\nname = \"B\"\ntenant = \"e1a47a6d-f563-4f0f-a7f3-b6539ba21331\"\nmerged_into = \"a\"\nmerged_on = 2026-12-01\n";
        let said =
            problem(&format!("{CLINIC}merged_into = \"b\"\nmerged_on = 2026-12-01\n{other}"));
        let words = "key clinics[1].merged_into: the clinic a would be part of itself";
        assert!(said.contains(words), "{said}");
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
            ("adoption.phases = { live = {} }", "adoption.phases: must be onboarding, pilot or"),
            (
                "adoption.phases = { pilot = { staff_percent = 101 } }",
                "adoption.phases: must be onboarding, pilot or",
            ),
            (&format!("{CLINIC}gates = {{ weeks = 0 }}"), "clinics[1].gates: must be gates such"),
            (&format!("{CLINIC}gates = {{ staff = 50 }}"), "clinics[1].gates: must be gates such"),
            (&format!("{CLINIC}gates = \"Tremblay\""), "clinics[1].gates: must be gates such"),
            (
                &format!("{CLINIC}merged_into = \"b\""),
                "clinics[1].merged_on: must be there, since merged_into is",
            ),
            (
                &format!("{CLINIC}merged_on = 2026-12-01"),
                "clinics[1].merged_into: must be there, since merged_on is",
            ),
            (
                &format!("{CLINIC}merged_into = \"b\"\nmerged_on = 2026-12-01"),
                "key clinics[1].merged_into: the clinic a became part of b, which is not registered",
            ),
            (
                &format!("{CLINIC}merged_into = \"b\"\nmerged_on = 1999-12-31"),
                "clinics[1].merged_on: must be a date from 2000 to a year from now",
            ),
        ] {
            let said = problem(lines);
            assert!(said.contains(words) && !said.contains("Tremblay"), "{lines}: {said}");
        }
    }
}
