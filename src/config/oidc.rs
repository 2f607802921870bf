//! `ops.oidc`: the provider that people sign in with, and what its groups give.
//!
//! Owns the table's form. Does not read the secret's file, and speaks to nobody.

use std::path::PathBuf;

use toml::{Table, Value};

use super::error::ConfigError;
use super::known::OIDC_KEYS;
use super::source::{Source, texts};
use super::{BaseUrl, OpsAuth};
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::group_rights::GroupRights;
use crate::domain::names::ClinicId;
use crate::domain::registry::Registry;
use crate::domain::role::Role;

/// `ops.oidc`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcConfig {
    /// The provider, as its tokens name it.
    pub issuer: String,
    /// What the provider calls this installation.
    pub client_id: String,
    /// The file with the client's secret.
    pub client_secret_file: PathBuf,
    /// This site as browsers reach it: scheme, host, port.
    pub site: String,
    /// What the provider is asked for besides `openid`.
    pub scopes: Vec<String>,
    /// The claim that lists groups: of the identity token, else of the userinfo endpoint.
    pub groups_claim: String,
    /// Whether accounts with passphrases sign in as well, for the day on which the provider is down.
    pub accounts: bool,
    /// What groups give.
    pub rights: GroupRights,
}

const KEY: &str = "ops.oidc";

/// `ops.oidc`; `None` where sign-in is another.
pub(super) fn read(
    source: &Source,
    auth: OpsAuth,
    registry: &Registry,
) -> Result<Option<OidcConfig>, ConfigError> {
    let value = source.value(KEY)?;
    let table = value.as_table().ok_or_else(|| source.wrong(KEY, "a table"))?;
    for name in table.keys() {
        source.must_be_known(OIDC_KEYS, name)?;
    }
    if auth != OpsAuth::Oidc {
        return Ok(None);
    }
    let file = Reader { source, table };
    let rights = GroupRights { roles: file.roles()?, clinics: file.clinics(registry)? };
    Ok(Some(OidcConfig {
        issuer: file.address("issuer")?,
        client_id: file.text("client_id", None)?,
        client_secret_file: PathBuf::from(file.text("client_secret_file", None)?),
        site: file.address("site")?.trim_end_matches('/').to_owned(),
        scopes: file.scopes()?,
        groups_claim: file.text("groups_claim", Some("groups"))?,
        accounts: file.flag("accounts")?,
        rights,
    }))
}

struct Reader<'r> {
    source: &'r Source,
    table: &'r Table,
}

impl Reader<'_> {
    fn wrong(&self, name: &str, expected: &str) -> ConfigError {
        self.source.wrong(KEY, &format!("a table whose {name} is {expected}"))
    }

    fn text(&self, name: &str, default: Option<&str>) -> Result<String, ConfigError> {
        let text = match self.table.get(name) {
            None => default,
            Some(value) => value.as_str(),
        };
        let text = text.filter(|text| !text.is_empty() && !text.chars().any(char::is_control));
        text.map(str::to_owned).ok_or_else(|| self.wrong(name, "a text"))
    }

    /// Codes and tokens pass here, so it is TLS or this machine.
    fn address(&self, name: &str) -> Result<String, ConfigError> {
        let text = self.text(name, None)?;
        if BaseUrl::parse(&text).is_some_and(|url| url.is_private()) {
            Ok(text)
        } else {
            Err(self.wrong(name, "https://host (http on this machine only)"))
        }
    }

    fn flag(&self, name: &str) -> Result<bool, ConfigError> {
        let value = self.table.get(name).map_or(Some(false), Value::as_bool);
        value.ok_or_else(|| self.wrong(name, "true or false"))
    }

    fn scopes(&self) -> Result<Vec<String>, ConfigError> {
        let Some(value) = self.table.get("scopes") else { return Ok(vec!["profile".to_owned()]) };
        texts(value).ok_or_else(|| self.wrong("scopes", "a list of texts"))
    }

    fn pairs(&self, name: &str) -> Result<Vec<(&String, &Value)>, ConfigError> {
        let Some(value) = self.table.get(name) else { return Ok(Vec::new()) };
        let table = value.as_table().ok_or_else(|| self.wrong(name, "a table of groups"))?;
        Ok(table.iter().collect())
    }

    fn roles(&self) -> Result<Vec<(String, Role)>, ConfigError> {
        let expected = "a table of groups, each with support, oncall, manager or admin";
        let role = |(group, role): (&String, &Value)| {
            let role = role.as_str().and_then(Role::parse);
            role.map(|role| (group.clone(), role)).ok_or_else(|| self.wrong("groups", expected))
        };
        let roles: Vec<_> =
            self.pairs("groups")?.into_iter().map(role).collect::<Result<_, _>>()?;
        if roles.is_empty() { Err(self.wrong("groups", expected)) } else { Ok(roles) }
    }

    fn clinics(&self, registry: &Registry) -> Result<Vec<(String, ClinicScope)>, ConfigError> {
        let expected = "a table of groups, each with a list of registered clinics";
        let clinics = |(group, ids): (&String, &Value)| {
            let ids = texts(ids).filter(|ids| !ids.is_empty())?;
            let known =
                |id: &String| ClinicId::parse(id).ok().filter(|id| registry.clinic(id).is_some());
            let ids: Option<Vec<ClinicId>> = ids.iter().map(known).collect();
            Some((group.clone(), ClinicScope::only(ids?)))
        };
        let found = self.pairs("clinics")?.into_iter().map(clinics).collect::<Option<_>>();
        found.ok_or_else(|| self.wrong("clinics", expected))
    }
}
