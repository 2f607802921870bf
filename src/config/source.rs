//! The file and the environment variables as one table, with typed look-ups.
//!
//! Owns the merge, the check for unknown keys and the wording of mistakes. An environment variable
//! `ACCUSCOPE__PROXY__LISTEN` overrides the key `proxy.listen`; its value may be TOML or plain text.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::{Table, Value};

use super::error::ConfigError;
use super::known::{self, Known};

const VARIABLE_PREFIX: &str = "ACCUSCOPE__";

/// The settings before they have types.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) file: PathBuf,
    pub(super) table: Table,
    /// Keys that an environment variable set, and its name.
    variables: HashMap<String, String>,
}

impl Source {
    /// Reads the text, lays the variables over it and refuses unknown keys.
    pub(super) fn read(
        text: &str,
        file: &Path,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let start = error.span().map_or(0, |span| span.start);
            ConfigError::NotToml {
                file: file.to_owned(),
                line: text.get(..start).map_or(1, |before| before.matches('\n').count() + 1),
                problem: error.message().lines().next().unwrap_or_default().to_owned(),
            }
        })?;
        let mut source = Self { file: file.to_owned(), table, variables: HashMap::new() };
        for (name, value) in variables {
            if let Some(path) = name.strip_prefix(VARIABLE_PREFIX) {
                let key = path.to_ascii_lowercase().replace("__", ".");
                source.variables.insert(key.clone(), name.clone());
                set(&mut source.table, &key, value);
            }
        }
        source.refuse_unknown_keys()?;
        Ok(source)
    }

    /// No file at all.
    pub(super) fn nowhere() -> Self {
        Self { file: PathBuf::new(), table: Table::new(), variables: HashMap::new() }
    }

    /// The same without any value: where mistakes are named, and no more.
    pub(super) fn bare(&self) -> Self {
        Self { file: self.file.clone(), table: Table::new(), variables: self.variables.clone() }
    }

    fn refuse_unknown_keys(&self) -> Result<(), ConfigError> {
        for (section, value) in &self.table {
            match (section.as_str(), value) {
                ("clinics" | "apps" | "notes" | "environments", _) => {}
                (_, Value::Table(inner)) => {
                    for key in inner.keys() {
                        self.must_be_known(known::KEYS, &format!("{section}.{key}"))?;
                    }
                }
                _ => self.must_be_known(known::KEYS, section)?,
            }
        }
        Ok(())
    }

    /// Refuses a key that is not in the list.
    pub(super) fn must_be_known(&self, keys: &[Known], key: &str) -> Result<(), ConfigError> {
        if keys.iter().any(|known| known.key == key) {
            return Ok(());
        }
        let nearest = known::nearest(keys, key);
        Err(ConfigError::UnknownKey { place: self.place(key), key: key.to_owned(), nearest })
    }

    fn place(&self, key: &str) -> String {
        let file = self.file.display();
        self.variables
            .get(key)
            .map_or_else(|| file.to_string(), |name| format!("environment variable {name}"))
    }

    /// The mistake "this key does not take that".
    pub(super) fn wrong(&self, key: &str, expected: &str) -> ConfigError {
        let known = known::KEYS.iter().find(|known| known.key == key);
        let last = key.rsplit('.').next().unwrap_or(key);
        ConfigError::Wrong {
            place: self.place(key),
            key: key.to_owned(),
            expected: expected.to_owned(),
            example: known.map_or_else(String::new, |known| format!("{last} = {}", known.example)),
        }
    }

    /// The value of a key, else its default.
    pub(super) fn value(&self, key: &'static str) -> Result<Value, ConfigError> {
        let found = match key.split_once('.') {
            None => self.table.get(key),
            Some((section, name)) => {
                self.table.get(section).and_then(Value::as_table).and_then(|t| t.get(name))
            }
        };
        if let Some(value) = found {
            return Ok(value.clone());
        }
        let known = known::KEYS.iter().find(|known| known.key == key);
        let default = known.and_then(|known| known.default).and_then(parse_value);
        let last = key.rsplit('.').next().unwrap_or(key);
        default.ok_or_else(|| ConfigError::Missing {
            file: self.file.clone(),
            key,
            example: known.map_or_else(String::new, |known| format!("{last} = {}", known.example)),
        })
    }

    pub(super) fn text(&self, key: &'static str) -> Result<String, ConfigError> {
        match self.value(key)? {
            Value::String(text) => Ok(text),
            _ => Err(self.wrong(key, "a text in quotes")),
        }
    }

    pub(super) fn optional_text(&self, key: &'static str) -> Result<Option<String>, ConfigError> {
        self.text(key).map(|text| Some(text).filter(|text| !text.is_empty()))
    }

    pub(super) fn texts(&self, key: &'static str) -> Result<Vec<String>, ConfigError> {
        texts(&self.value(key)?).ok_or_else(|| self.wrong(key, "a list of texts"))
    }

    pub(super) fn address(&self, key: &'static str) -> Result<SocketAddr, ConfigError> {
        let text = self.text(key)?;
        text.parse().map_err(|_| self.wrong(key, "an IP address with a port"))
    }

    pub(super) fn duration(&self, key: &'static str) -> Result<Duration, ConfigError> {
        super::duration::parse(&self.text(key)?)
            .ok_or_else(|| self.wrong(key, "a whole number with ms, s, m, h, d or y"))
    }

    /// A duration that may not be zero: a limit of zero would refuse everything.
    pub(super) fn limit(&self, key: &'static str) -> Result<Duration, ConfigError> {
        let duration = self.duration(key)?;
        if duration.is_zero() { Err(self.wrong(key, "longer than 0")) } else { Ok(duration) }
    }

    /// A whole number between two, both included.
    pub(super) fn between(
        &self,
        key: &'static str,
        least: usize,
        most: usize,
    ) -> Result<usize, ConfigError> {
        let number = self.value(key)?.as_integer().and_then(|n| usize::try_from(n).ok());
        number
            .filter(|n| (least..=most).contains(n))
            .ok_or_else(|| self.wrong(key, &format!("a whole number from {least} to {most}")))
    }

    /// The root of a server: scheme, host, port.
    pub(super) fn server(&self, key: &'static str) -> Result<Option<String>, ConfigError> {
        let Some(text) = self.optional_text(key)? else { return Ok(None) };
        let valid = super::BaseUrl::parse(&text).is_some();
        if valid { Ok(Some(text)) } else { Err(self.wrong(key, "http(s)://host:port")) }
    }

    pub(super) fn count(&self, key: &'static str) -> Result<usize, ConfigError> {
        let number = self.value(key)?.as_integer().and_then(|n| usize::try_from(n).ok());
        number.filter(|n| *n > 0).ok_or_else(|| self.wrong(key, "a whole number above 0"))
    }

    /// A count that may be 0.
    pub(super) fn number(&self, key: &'static str) -> Result<u32, ConfigError> {
        let number = self.value(key)?.as_integer().and_then(|n| u32::try_from(n).ok());
        number.ok_or_else(|| self.wrong(key, "a whole number"))
    }

    /// A number from 0 to 100.
    pub(super) fn percent(&self, key: &'static str) -> Result<u64, ConfigError> {
        let number = self.value(key)?.as_integer().and_then(|n| u64::try_from(n).ok());
        number.filter(|n| *n <= 100).ok_or_else(|| self.wrong(key, "a whole number from 0 to 100"))
    }

    pub(super) fn flag(&self, key: &'static str) -> Result<bool, ConfigError> {
        self.value(key)?.as_bool().ok_or_else(|| self.wrong(key, "true or false"))
    }

    pub(super) fn label<T>(
        &self,
        key: &'static str,
        parse: fn(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        let expected = match key {
            "environment" => "\"sandbox\" or \"production\"",
            "telemetry.otlp_protocol" => "\"http/protobuf\" or \"grpc\"",
            "ops.auth" => "\"local\", \"oidc\" or \"off\"",
            _ => "one of error, warn, info, debug, trace",
        };
        parse(&self.text(key)?).ok_or_else(|| self.wrong(key, expected))
    }
}

/// The texts of a list; `None` if it is not a list of texts.
pub(super) fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

/// Reads a TOML value.
pub(super) fn parse_value(text: &str) -> Option<Value> {
    format!("v = {text}").parse::<Table>().ok().and_then(|mut table| table.remove("v"))
}

fn set(table: &mut Table, key: &str, text: String) {
    let value = parse_value(&text).unwrap_or(Value::String(text));
    let mut at = table;
    let mut parts = key.split('.').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            at.insert(part.to_owned(), value);
            return;
        }
        let next = at.entry(part).or_insert_with(|| Value::Table(Table::new()));
        if !next.is_table() {
            *next = Value::Table(Table::new());
        }
        let Value::Table(inner) = next else { return };
        at = inner;
    }
}
