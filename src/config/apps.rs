//! `[[apps]]`: who may call, with which keys, for which clinics.

use toml::{Table, Value};

use super::entries::{Entry, date_of};
use super::error::ConfigError;
use super::known::KEY_KEYS;
use super::source::texts;
use crate::domain::labels::Environment;
use crate::domain::names::{AppId, AppKeyId, ClinicId};
use crate::domain::registry::{App, AppKey, AppKeyDigest};
use crate::domain::time::Timestamp;

/// The name of the key that `key_sha256` gives.
const ONLY_KEY: &str = "key";
const DIGEST: &str = "the SHA-256 of the key as 64 hexadecimal digits";

/// One entry.
pub(super) fn app(entry: &Entry<'_>) -> Result<App, ConfigError> {
    let clinics = texts(&entry.value("clinics")?)
        .and_then(|texts| texts.iter().map(|text| ClinicId::parse(text).ok()).collect())
        .ok_or_else(|| entry.wrong("clinics", "a list of clinic ids"))?;
    Ok(App {
        id: entry.name("id", AppId::parse)?,
        name: entry.display_name()?,
        keys: keys(entry)?,
        clinics,
    })
}

pub(super) fn keys(entry: &Entry<'_>) -> Result<Vec<AppKey>, ConfigError> {
    let mut keys = Vec::new();
    let text = entry.text("key_sha256")?;
    if !text.is_empty() {
        let digest = digest(&text).ok_or_else(|| entry.wrong("key_sha256", DIGEST))?;
        let id = AppKeyId::parse(ONLY_KEY).unwrap_or_else(|_| unreachable!("it is a name"));
        keys.push(AppKey::new(id, digest));
    }
    let expected = "a list of tables such as { id = \"2026-11\", sha256 = \"…\" }";
    let not_a_list = || entry.wrong("keys", expected);
    for value in entry.value("keys")?.as_array().ok_or_else(not_a_list)? {
        let table = value.as_table().ok_or_else(not_a_list)?;
        for key in table.keys() {
            entry.source.must_be_known(KEY_KEYS, key)?;
        }
        keys.push(key(entry, table)?);
    }
    Ok(keys)
}

fn key(entry: &Entry<'_>, table: &Table) -> Result<AppKey, ConfigError> {
    let wrong = |expected: &str| entry.wrong("keys", expected);
    let text = |name: &str| table.get(name).map(|value| value.as_str().unwrap_or_default());
    let sha256 = text("sha256").unwrap_or_default();
    let digest = digest(sha256).ok_or_else(|| wrong(&format!("entries with sha256 = {DIGEST}")))?;
    // The first digits tell keys apart and are no way back to the key.
    let id =
        AppKeyId::parse(text("id").unwrap_or_else(|| &sha256[..8]).to_ascii_lowercase().as_str())
            .map_err(|error| wrong(&format!("entries whose id is one: {error}")))?;
    let environment = text("environment")
        .map(|text| Environment::parse(text).ok_or(()))
        .transpose()
        .map_err(|()| wrong("entries whose environment is \"sandbox\" or \"production\""))?;
    let not_after = table
        .get("not_after")
        .map(|value| end(value).ok_or(()))
        .transpose()
        .map_err(|()| wrong("entries whose not_after is a date or an RFC 3339 time"))?;
    let revoked = match table.get("revoked") {
        None => false,
        Some(Value::Boolean(revoked)) => *revoked,
        Some(_) => return Err(wrong("entries whose revoked is true or false")),
    };
    Ok(AppKey { environment, not_after, revoked, ..AppKey::new(id, digest) })
}

/// A time, or the end of a day in UTC.
fn end(value: &Value) -> Option<Timestamp> {
    let text = date_of(value)?;
    if let Ok(time) = Timestamp::parse(&text) {
        return Some(time);
    }
    let day: jiff::civil::Date = text.parse().ok()?;
    let after = jiff::tz::TimeZone::UTC
        .to_timestamp(day.tomorrow().ok()?.to_datetime(jiff::civil::Time::midnight()))
        .ok()?;
    Some(Timestamp::from_micros(after.as_microsecond()))
}

fn digest(text: &str) -> Option<AppKeyDigest> {
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
    <[u8; 32]>::try_from(bytes).ok().map(AppKeyDigest)
}
