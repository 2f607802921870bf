//! What belongs to which environment: hosts, tenants, and the guard at start.
//!
//! Owns `[environments.sandbox]` and `[environments.production]`, a clinic's `tenants`, and the words
//! for a base URL that is of the other environment. What crosses is decided in
//! `domain::environment`.

use std::collections::HashMap;

use toml::{Table, Value};
use uuid::Uuid;

use super::base_url::BaseUrl;
use super::entries::Entry;
use super::error::ConfigError;
use super::known;
use super::source::{Source, texts};
use crate::domain::environment::{Crossing, Hosts, may_talk_to};
use crate::domain::labels::Environment;
use crate::domain::names::ClinicId;

/// Tenants of the other environment, and the clinic where it is told.
pub(super) type OtherTenants = HashMap<Uuid, Option<ClinicId>>;

/// Refuses a section under `[environments]` that is no environment, and keys that nobody knows.
pub(super) fn refuse_unknown(source: &Source) -> Result<(), ConfigError> {
    let Some(value) = source.table.get("environments") else { return Ok(()) };
    let expected = "sections [environments.sandbox] and [environments.production]";
    let sections = value.as_table().ok_or_else(|| source.wrong("environments", expected))?;
    for (name, section) in sections {
        let known = Environment::parse(name).is_some();
        let section = section.as_table().filter(|_| known);
        let section = section.ok_or_else(|| source.wrong("environments", expected))?;
        for key in section.keys() {
            source.must_be_known(known::KEYS, &format!("environments.{name}.{key}"))?;
        }
    }
    Ok(())
}

/// The base URL, which must be of the environment, and whether a list says so.
pub(super) fn base_url(
    source: &Source,
    environment: Environment,
) -> Result<(BaseUrl, bool), ConfigError> {
    let key = "upstream.base_url";
    let base_url = BaseUrl::parse(&source.text(key)?)
        .ok_or_else(|| source.wrong(key, "http:// or https://, a host, and at most a path"))?;
    let mut own = source.texts("upstream.allowed_hosts")?;
    own.extend(listed(source, environment, "allowed_hosts")?);
    let other_name = environment.other();
    let other = listed(source, other_name, "allowed_hosts")?;
    let hosts = Hosts { own: &own, other: &other };
    match may_talk_to(environment, base_url.host(), base_url.authority(), hosts) {
        Ok(()) => Ok((base_url, !own.is_empty())),
        Err(Crossing::NotListed) => {
            Err(source.wrong(key, "a host that upstream.allowed_hosts lists for this environment"))
        }
        Err(Crossing::ListedForOther) => Err(source.wrong(
            key,
            &format!(
                "a host of {environment}, which is the environment; environments.{other_name}.allowed_hosts lists this one for {other_name}"
            ),
        )),
        Err(Crossing::NamedLikeOther) => Err(source.wrong(
            key,
            &format!(
                "a host of {environment}, which is the environment; its name says {other_name} (if it is {environment}, list it in upstream.allowed_hosts)"
            ),
        )),
    }
}

fn listed(source: &Source, of: Environment, name: &str) -> Result<Vec<String>, ConfigError> {
    let section = source.table.get("environments").and_then(Value::as_table);
    let section = section.and_then(|sections| sections.get(of.as_str())).and_then(Value::as_table);
    let Some(value) = section.and_then(|section| section.get(name)) else { return Ok(Vec::new()) };
    let key = format!("environments.{of}.{name}");
    texts(value).ok_or_else(|| source.wrong(&key, "a list of texts"))
}

/// The tenants that `[environments.<other>]` lists.
pub(super) fn other_tenants(
    source: &Source,
    environment: Environment,
) -> Result<OtherTenants, ConfigError> {
    let other = environment.other();
    let mut found = OtherTenants::new();
    for text in listed(source, other, "tenants")? {
        let tenant = Uuid::try_parse(&text).map_err(|_| {
            source.wrong(&format!("environments.{other}.tenants"), "a list of UUIDs")
        })?;
        found.insert(tenant, None);
    }
    Ok(found)
}

/// A clinic's tenant in this environment, and the one in the other if it is told.
pub(super) fn tenants(
    entry: &Entry<'_>,
    environment: Environment,
) -> Result<(Uuid, Option<Uuid>), ConfigError> {
    let value = entry.value("tenants")?;
    let expected = "sandbox and production, each a UUID";
    let table = value.as_table().ok_or_else(|| entry.wrong("tenants", expected))?;
    if table.keys().any(|name| Environment::parse(name).is_none()) {
        return Err(entry.wrong("tenants", expected));
    }
    let here = of(table, environment).map_err(|()| entry.wrong("tenants", expected))?;
    let there = of(table, environment.other()).map_err(|()| entry.wrong("tenants", expected))?;
    let plain = entry.table.get("tenant");
    let tenant = match (plain, here) {
        (None, Some(here)) => here,
        (Some(_), Some(_)) => {
            let expected = format!("left out where tenants.{environment} is there");
            return Err(entry.wrong("tenant", &expected));
        }
        (_, None) => {
            Uuid::try_parse(&entry.text("tenant")?).map_err(|_| entry.wrong("tenant", "a UUID"))?
        }
    };
    Ok((tenant, there))
}

fn of(table: &Table, environment: Environment) -> Result<Option<Uuid>, ()> {
    let Some(value) = table.get(environment.as_str()) else { return Ok(None) };
    let tenant = value.as_str().and_then(|text| Uuid::try_parse(text).ok());
    tenant.map(Some).ok_or(())
}
