//! The lists and tables of the settings: keys of references, clinics, applications.

use std::path::PathBuf;

use toml::{Table, Value};

use super::PrivacyConfig;
use super::error::ConfigError;
use super::known::{APP_KEYS, CLINIC_KEYS, Known};
use super::source::{Source, parse_value, texts};
use crate::domain::names::{AppId, ClinicId, KeyId, NameError};
use crate::domain::registry::{App, AppKeyDigest, Clinic, Phase, Registry};

/// `[privacy]` and `[privacy.keys]`.
pub(super) fn privacy(source: &Source) -> Result<PrivacyConfig, ConfigError> {
    let key = "privacy.active_key";
    let active_key =
        KeyId::parse(&source.text(key)?).map_err(|error| source.wrong(key, &error.to_string()))?;
    let key = "privacy.keys";
    let value = source.value(key)?;
    let expected = "names, each with a file";
    let table = value.as_table().ok_or_else(|| source.wrong(key, expected))?;
    let mut key_files = Vec::new();
    for (name, entry) in table {
        let id = KeyId::parse(name).map_err(|error| source.wrong(key, &error.to_string()))?;
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

/// `[[clinics]]` and `[[apps]]`.
pub(super) fn registry(source: &Source) -> Result<Registry, ConfigError> {
    let clinics = list(source, "clinics", CLINIC_KEYS, clinic)?;
    let apps = list(source, "apps", APP_KEYS, app)?;
    Registry::new(clinics, apps)
        .map_err(|error| ConfigError::Registry { file: source.file.clone(), source: error })
}

fn list<T>(
    source: &Source,
    name: &'static str,
    keys: &'static [Known],
    read: fn(&Entry<'_>) -> Result<T, ConfigError>,
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

struct Entry<'s> {
    source: &'s Source,
    name: &'static str,
    number: usize,
    keys: &'static [Known],
    table: &'s Table,
}

impl Entry<'_> {
    fn known(&self, key: &str) -> Option<&'static Known> {
        self.keys.iter().find(|known| known.key == key)
    }

    fn wrong(&self, key: &str, expected: &str) -> ConfigError {
        ConfigError::Wrong {
            place: self.source.file.display().to_string(),
            key: format!("{}[{}].{key}", self.name, self.number),
            expected: expected.to_owned(),
            example: self.known(key).map_or_else(String::new, |k| format!("{key} = {}", k.example)),
        }
    }

    fn value(&self, key: &str) -> Result<Value, ConfigError> {
        let default = || self.known(key).and_then(|known| known.default).and_then(parse_value);
        self.table.get(key).cloned().or_else(default).ok_or_else(|| self.wrong(key, "there"))
    }

    fn text(&self, key: &str) -> Result<String, ConfigError> {
        let value = self.value(key)?;
        value.as_str().map(str::to_owned).ok_or_else(|| self.wrong(key, "a text in quotes"))
    }

    fn name<T>(
        &self,
        key: &str,
        parse: fn(&str) -> Result<T, NameError>,
    ) -> Result<T, ConfigError> {
        parse(&self.text(key)?).map_err(|error| self.wrong(key, &error.to_string()))
    }
}

fn clinic(entry: &Entry<'_>) -> Result<Clinic, ConfigError> {
    let tenant = uuid::Uuid::try_parse(&entry.text("tenant")?);
    let time_zone = jiff::tz::TimeZone::get(&entry.text("timezone")?);
    let phases = "one of onboarding, pilot, expanding, live, paused";
    Ok(Clinic {
        id: entry.name("id", ClinicId::parse)?,
        name: entry.text("name")?,
        tenant: tenant.map_err(|_| entry.wrong("tenant", "a UUID"))?,
        time_zone: time_zone
            .map_err(|_| entry.wrong("timezone", "a name of the IANA time zone database"))?,
        phase: Phase::parse(&entry.text("phase")?).ok_or_else(|| entry.wrong("phase", phases))?,
        went_live: date(entry)?,
    })
}

fn date(entry: &Entry<'_>) -> Result<Option<jiff::civil::Date>, ConfigError> {
    let text = match entry.value("went_live")? {
        Value::String(text) if text.is_empty() => return Ok(None),
        Value::String(text) => text,
        Value::Datetime(date) => date.to_string(),
        _ => return Err(entry.wrong("went_live", "a date")),
    };
    text.parse().map(Some).map_err(|_| entry.wrong("went_live", "a date"))
}

fn app(entry: &Entry<'_>) -> Result<App, ConfigError> {
    let clinics = texts(&entry.value("clinics")?)
        .and_then(|texts| texts.iter().map(|text| ClinicId::parse(text).ok()).collect())
        .ok_or_else(|| entry.wrong("clinics", "a list of clinic ids"))?;
    Ok(App {
        id: entry.name("id", AppId::parse)?,
        name: entry.text("name")?,
        key: key_digest(entry)?,
        clinics,
    })
}

fn key_digest(entry: &Entry<'_>) -> Result<Option<AppKeyDigest>, ConfigError> {
    let text = entry.text("key_sha256")?;
    if text.is_empty() {
        return Ok(None);
    }
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok();
    let digest = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let expected = "the SHA-256 of the key as 64 hexadecimal digits";
    digest
        .map(|digest| Some(AppKeyDigest(digest)))
        .ok_or_else(|| entry.wrong("key_sha256", expected))
}
