//! What somebody types about a clinic, an app or a key, and the entry that it makes.
//!
//! Owns the way from a form's texts to an entry of the settings file and back. Checks nothing: an entry is
//! checked where all entries are (`config::lists`), so that a form takes exactly what the file takes.

use serde::Deserialize;
use toml::{Table, Value};

use crate::domain::labels::Environment;
use crate::domain::registry::AppKeyDigest;

/// A clinic as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ClinicDraft {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its tenant in this environment.
    pub tenant: String,
    /// Its tenant in the other one; empty: not known.
    pub other_tenant: String,
    /// Its IANA time zone.
    pub timezone: String,
    /// How far it is in the rollout.
    pub phase: String,
    /// The first day of real use; empty: none yet.
    pub went_live: String,
    /// From when its staff could use it; empty: not known.
    pub enabled: String,
    /// How many were invited; empty: not known.
    pub invited_staff: String,
    /// When it is open, a line each; empty: the usual.
    pub hours: String,
    /// When it is closed, dates with spaces or commas between them.
    pub holidays: String,
    /// Gates of its own, a line each.
    pub gates: String,
    /// The clinic that it became part of; empty: none.
    pub merged_into: String,
    /// Since when; empty: not at all.
    pub merged_on: String,
}

impl ClinicDraft {
    /// The entry.
    #[must_use]
    pub fn body(&self, environment: Environment) -> String {
        let mut table = Table::new();
        put(&mut table, "id", &self.id);
        put(&mut table, "name", &self.name);
        put(&mut table, "tenant", &self.tenant);
        if !self.other_tenant.trim().is_empty() {
            let mut tenants = Table::new();
            put(&mut tenants, environment.other().as_str(), &self.other_tenant);
            table.insert("tenants".to_owned(), tenants.into());
        }
        for (key, text) in [
            ("timezone", &self.timezone),
            ("phase", &self.phase),
            ("went_live", &self.went_live),
            ("enabled", &self.enabled),
        ] {
            put_if_any(&mut table, key, text);
        }
        let invited = self.invited_staff.trim();
        if !invited.is_empty() {
            // What is no number stays a text, and is refused as such.
            let number = invited.parse().map(Value::Integer);
            let value = number.unwrap_or_else(|_| Value::String(invited.to_owned()));
            table.insert("invited_staff".to_owned(), value);
        }
        put_list(&mut table, "hours", self.hours.lines());
        put_list(&mut table, "holidays", words(&self.holidays));
        if !self.gates.trim().is_empty() {
            // What is no table stays a text, and is refused as such.
            let gates = self.gates.parse::<Table>().map(Value::Table);
            let gates = gates.unwrap_or_else(|_| Value::String(self.gates.clone()));
            table.insert("gates".to_owned(), gates);
        }
        put_if_any(&mut table, "merged_into", &self.merged_into);
        put_if_any(&mut table, "merged_on", &self.merged_on);
        table.to_string()
    }

    /// What was typed to make an entry.
    #[must_use]
    pub fn of_body(body: &str, environment: Environment) -> Self {
        let table: Table = body.parse().unwrap_or_default();
        let tenants = table.get("tenants").and_then(Value::as_table);
        let other = tenants.map(|tenants| text(tenants, environment.other().as_str()));
        Self {
            id: text(&table, "id"),
            name: text(&table, "name"),
            tenant: text(&table, "tenant"),
            other_tenant: other.unwrap_or_default(),
            timezone: text(&table, "timezone"),
            phase: text(&table, "phase"),
            went_live: text(&table, "went_live"),
            enabled: text(&table, "enabled"),
            invited_staff: text(&table, "invited_staff"),
            hours: list(&table, "hours").join("\n"),
            holidays: list(&table, "holidays").join(", "),
            gates: match table.get("gates") {
                Some(Value::Table(gates)) => gates.to_string().trim_end().to_owned(),
                _ => text(&table, "gates"),
            },
            merged_into: text(&table, "merged_into"),
            merged_on: text(&table, "merged_on"),
        }
    }

    /// Every field with its name, in the order of the form.
    #[must_use]
    pub fn fields(&self) -> [(&'static str, &str); 14] {
        [
            ("id", &self.id),
            ("name", &self.name),
            ("tenant", &self.tenant),
            ("other_tenant", &self.other_tenant),
            ("timezone", &self.timezone),
            ("phase", &self.phase),
            ("went_live", &self.went_live),
            ("enabled", &self.enabled),
            ("invited_staff", &self.invited_staff),
            ("hours", &self.hours),
            ("holidays", &self.holidays),
            ("gates", &self.gates),
            ("merged_into", &self.merged_into),
            ("merged_on", &self.merged_on),
        ]
    }
}

/// An app as it is typed; its keys are entries of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct AppDraft {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The clinics it may work for, with spaces or commas between them; empty: all.
    pub clinics: String,
}

impl AppDraft {
    /// The entry.
    #[must_use]
    pub fn body(&self) -> String {
        let mut table = Table::new();
        put(&mut table, "id", &self.id);
        put(&mut table, "name", &self.name);
        put_list(&mut table, "clinics", words(&self.clinics));
        table.to_string()
    }

    /// What was typed to make an entry.
    #[must_use]
    pub fn of_body(body: &str) -> Self {
        let table: Table = body.parse().unwrap_or_default();
        Self {
            id: text(&table, "id"),
            name: text(&table, "name"),
            clinics: list(&table, "clinics").join(", "),
        }
    }

    /// Every field with its name, in the order of the form.
    #[must_use]
    pub fn fields(&self) -> [(&'static str, &str); 3] {
        [("id", &self.id), ("name", &self.name), ("clinics", &self.clinics)]
    }
}

/// A key of an app as it is asked for; the key itself is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct KeyDraft {
    /// What it is called.
    pub id: String,
    /// The environment it is for; empty: either.
    pub environment: String,
    /// The last day on which it opens the door; empty: open.
    pub not_after: String,
}

impl KeyDraft {
    /// The entry of a key of which only a digest is kept.
    #[must_use]
    pub fn body(&self, digest: AppKeyDigest, revoked: bool) -> String {
        let mut table = Table::new();
        put(&mut table, "id", &self.id);
        put(&mut table, "sha256", &data_encoding::HEXLOWER.encode(&digest.0));
        put_if_any(&mut table, "environment", &self.environment);
        put_if_any(&mut table, "not_after", &self.not_after);
        if revoked {
            table.insert("revoked".to_owned(), Value::Boolean(true));
        }
        table.to_string()
    }

    /// What an entry says besides the digest and whether it is revoked.
    #[must_use]
    pub fn of_body(body: &str) -> Self {
        let table: Table = body.parse().unwrap_or_default();
        Self {
            id: text(&table, "id"),
            environment: text(&table, "environment"),
            not_after: text(&table, "not_after"),
        }
    }
}

fn put(table: &mut Table, key: &str, text: &str) {
    table.insert(key.to_owned(), Value::String(text.trim().to_owned()));
}

fn put_if_any(table: &mut Table, key: &str, text: &str) {
    if !text.trim().is_empty() {
        put(table, key, text);
    }
}

fn put_list<'t>(table: &mut Table, key: &str, items: impl Iterator<Item = &'t str>) {
    let items: Vec<Value> = items
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(|item| Value::String(item.to_owned()))
        .collect();
    if !items.is_empty() {
        table.insert(key.to_owned(), Value::Array(items));
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c.is_whitespace())
}

fn text(table: &Table, key: &str) -> String {
    match table.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}

fn list(table: &Table, key: &str) -> Vec<String> {
    let items = table.get(key).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_comes_back_as_it_was() {
        let draft = ClinicDraft {
            id: "old-mill".to_owned(),
            name: "Old Mill \"Family\" Practice".to_owned(),
            tenant: "e1a47a6d-f563-4f0f-a7f3-b6539ba21330".to_owned(),
            other_tenant: "e1a47a6d-f563-4f0f-a7f3-b6539ba21331".to_owned(),
            timezone: "America/Toronto".to_owned(),
            phase: "pilot".to_owned(),
            went_live: "2026-09-14".to_owned(),
            enabled: String::new(),
            invited_staff: "24".to_owned(),
            hours: "mon-fri 08:00-17:00\nsat 09:00-12:00".to_owned(),
            holidays: "2026-12-25, 2026-12-26".to_owned(),
            gates: "staff_percent = 50\nweeks = 4".to_owned(),
            merged_into: "lakeshore".to_owned(),
            merged_on: "2026-12-01".to_owned(),
        };
        let body = draft.body(Environment::Sandbox);
        assert_eq!(ClinicDraft::of_body(&body, Environment::Sandbox), draft);
        let app =
            AppDraft { id: "web".to_owned(), name: "Web".to_owned(), clinics: "a, b".to_owned() };
        assert_eq!(AppDraft::of_body(&app.body()), app);
        let key = KeyDraft {
            id: "2026-11".to_owned(),
            environment: "sandbox".to_owned(),
            not_after: String::new(),
        };
        assert_eq!(KeyDraft::of_body(&key.body(AppKeyDigest([1; 32]), true)), key);
    }
}
