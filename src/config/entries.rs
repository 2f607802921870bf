//! The lists and tables of the settings: keys of references, clinics, and what lists have in common.

use std::path::PathBuf;

use toml::{Table, Value};

use super::error::ConfigError;
use super::known::{APP_KEYS, CLINIC_KEYS, Known, NOTE_KEYS};
use super::lists::Lists;
use super::source::{Source, parse_value};
use super::{PrivacyConfig, adoption, apps, environments};
use crate::domain::labels::Environment;
use crate::domain::names::{ClinicId, KeyId, NameError};
use crate::domain::registry::{Clinic, Phase};

/// The longest name of a clinic or an app that people see, in characters.
pub(super) const MAX_DISPLAY_NAME: usize = 120;

/// `[privacy]` and `[privacy.keys]`.
pub(super) fn privacy(source: &Source) -> Result<PrivacyConfig, ConfigError> {
    let key = "privacy.active_key";
    let active_key =
        KeyId::parse(&source.text(key)?).map_err(|error| source.wrong(key, &error.expected()))?;
    let key = "privacy.keys";
    let value = source.value(key)?;
    let expected = "names, each with a file";
    let table = value.as_table().ok_or_else(|| source.wrong(key, expected))?;
    let mut key_files = Vec::new();
    for (name, entry) in table {
        let id = KeyId::parse(name).map_err(|error| source.wrong(key, &error.expected()))?;
        let file = entry.get("file").and_then(Value::as_str);
        let only_file = entry.as_table().is_some_and(|entry| entry.len() == 1);
        let file = file.filter(|_| only_file).ok_or_else(|| source.wrong(key, expected))?;
        key_files.push((id, PathBuf::from(file)));
    }
    if !key_files.iter().any(|(id, _)| *id == active_key) {
        return Err(source.wrong("privacy.active_key", "one of the names in privacy.keys"));
    }
    Ok(PrivacyConfig { active_key, key_files })
}

/// `audit.signing_key`: a table with a file, or an empty one.
pub(super) fn signing_key(source: &Source) -> Result<Option<PathBuf>, ConfigError> {
    let key = "audit.signing_key";
    let value = source.value(key)?;
    let table = value.as_table().filter(|table| table.keys().all(|name| name == "file"));
    let table = table.ok_or_else(|| source.wrong(key, "a table with a file"))?;
    let text = |file: &Value| {
        let text = file.as_str().filter(|text| !text.is_empty()).map(PathBuf::from);
        text.ok_or_else(|| source.wrong(key, "a table with a file"))
    };
    table.get("file").map(text).transpose()
}

/// `[[clinics]]`, `[[apps]]` and `[[notes]]`, and what is known of the other environment.
pub(super) fn lists(source: &Source, environment: Environment) -> Result<Lists, ConfigError> {
    let mut other_tenants = environments::other_tenants(source, environment)?;
    let clinics = list(source, "clinics", CLINIC_KEYS, |entry| {
        let (clinic, other) = clinic(entry, environment)?;
        other_tenants.extend(other.map(|tenant| (tenant, Some(clinic.id.clone()))));
        Ok(clinic)
    })?;
    let apps = list(source, "apps", APP_KEYS, apps::app)?;
    let known: Vec<_> = clinics.iter().map(|clinic| clinic.id.clone()).collect();
    let notes = list(source, "notes", NOTE_KEYS, |entry| adoption::note(entry, &known))?;
    Ok(Lists { source: source.bare(), environment, clinics, apps, notes, other_tenants })
}

/// One entry that is kept elsewhere, as a list of the file would have it.
pub(super) fn kept<T>(
    source: &Source,
    name: &'static str,
    keys: &'static [Known],
    table: &Table,
    read: impl FnOnce(&Entry<'_>) -> Result<T, ConfigError>,
) -> Result<T, ConfigError> {
    for key in table.keys() {
        source.must_be_known(keys, key)?;
    }
    read(&Entry { source, name, number: 0, keys, table })
}

fn list<T>(
    source: &Source,
    name: &'static str,
    keys: &'static [Known],
    mut read: impl FnMut(&Entry<'_>) -> Result<T, ConfigError>,
) -> Result<Vec<T>, ConfigError> {
    let Some(value) = source.table.get(name) else { return Ok(Vec::new()) };
    let not_a_list = || source.wrong(name, &format!("entries that begin with [[{name}]]"));
    let mut entries = Vec::new();
    for (index, item) in value.as_array().ok_or_else(not_a_list)?.iter().enumerate() {
        let table = item.as_table().ok_or_else(not_a_list)?;
        for key in table.keys() {
            source.must_be_known(keys, key)?;
        }
        entries.push(read(&Entry { source, name, number: index + 1, keys, table })?);
    }
    Ok(entries)
}

/// One entry of a list.
pub(super) struct Entry<'s> {
    pub(super) source: &'s Source,
    name: &'static str,
    number: usize,
    keys: &'static [Known],
    pub(super) table: &'s Table,
}

impl Entry<'_> {
    fn known(&self, key: &str) -> Option<&'static Known> {
        self.keys.iter().find(|known| known.key == key)
    }

    pub(super) fn wrong(&self, key: &str, expected: &str) -> ConfigError {
        ConfigError::Wrong {
            place: self.source.file.display().to_string(),
            key: format!("{}[{}].{key}", self.name, self.number),
            expected: expected.to_owned(),
            example: self.known(key).map_or_else(String::new, |k| format!("{key} = {}", k.example)),
        }
    }

    pub(super) fn value(&self, key: &str) -> Result<Value, ConfigError> {
        let default = || self.known(key).and_then(|known| known.default).and_then(parse_value);
        self.table.get(key).cloned().or_else(default).ok_or_else(|| self.wrong(key, "there"))
    }

    pub(super) fn text(&self, key: &str) -> Result<String, ConfigError> {
        let value = self.value(key)?;
        value.as_str().map(str::to_owned).ok_or_else(|| self.wrong(key, "a text in quotes"))
    }

    /// What people call it: one line, so that it fits wherever it is shown.
    pub(super) fn display_name(&self) -> Result<String, ConfigError> {
        let text = self.text("name")?;
        let fits = (1..=MAX_DISPLAY_NAME).contains(&text.chars().count());
        let plain = !text.chars().any(char::is_control) && text.trim() == text;
        let expected = format!("one line of at most {MAX_DISPLAY_NAME} characters");
        if fits && plain { Ok(text) } else { Err(self.wrong("name", &expected)) }
    }

    pub(super) fn name<T>(
        &self,
        key: &str,
        parse: fn(&str) -> Result<T, NameError>,
    ) -> Result<T, ConfigError> {
        parse(&self.text(key)?).map_err(|error| self.wrong(key, &error.expected()))
    }
}

pub(super) fn clinic(
    entry: &Entry<'_>,
    environment: Environment,
) -> Result<(Clinic, Option<uuid::Uuid>), ConfigError> {
    let (tenant, other) = environments::tenants(entry, environment)?;
    let time_zone = jiff::tz::TimeZone::get(&entry.text("timezone")?);
    let phases = "one of onboarding, pilot, expanding, live, paused";
    let clinic = Clinic {
        id: entry.name("id", ClinicId::parse)?,
        name: entry.display_name()?,
        tenant,
        time_zone: time_zone
            .map_err(|_| entry.wrong("timezone", "a name of the IANA time zone database"))?,
        phase: Phase::parse(&entry.text("phase")?).ok_or_else(|| entry.wrong("phase", phases))?,
        went_live: date(entry, "went_live")?,
        rollout: adoption::rollout(entry)?,
    };
    Ok((clinic, other))
}

/// A date that may be left out.
pub(super) fn date(entry: &Entry<'_>, key: &str) -> Result<Option<jiff::civil::Date>, ConfigError> {
    let text = date_of(&entry.value(key)?).ok_or_else(|| entry.wrong(key, "a date"))?;
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| entry.wrong(key, "a date"))
}

/// The text of a date, quoted or not.
pub(super) fn date_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Datetime(date) => Some(date.to_string()),
        _ => None,
    }
}
