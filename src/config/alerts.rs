//! `alerts.alertmanager_*`: where silences are looked up and set, and how accuscope signs in there.
//!
//! Owns the keys' form. Does not read the secret's file, and speaks to nobody.

use std::path::PathBuf;

use super::BaseUrl;
use super::error::ConfigError;
use super::source::Source;

/// Where silences are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertmanagerConfig {
    /// Its address, with the prefix of its pages if it has one, without a slash at the end.
    pub url: String,
    /// The name to sign in with; `None`: the secret is a bearer token.
    pub user: Option<String>,
    /// The file with the token, or with the name's password; `None`: it lets everybody in.
    pub secret_file: Option<PathBuf>,
}

const URL: &str = "alerts.alertmanager_url";
const USER: &str = "alerts.alertmanager_user";
const SECRET: &str = "alerts.alertmanager_secret_file";

/// `alerts.alertmanager_*`; `None` where there is none.
pub(super) fn alertmanager(source: &Source) -> Result<Option<AlertmanagerConfig>, ConfigError> {
    let user = source.optional_text(USER)?;
    let secret_file = source.optional_text(SECRET)?.map(PathBuf::from);
    // A name with a colon or a control character would read as another name and another password.
    let odd = |name: &String| name.contains(':') || name.chars().any(char::is_control);
    if user.as_ref().is_some_and(odd) {
        return Err(source.wrong(USER, "a name without a colon"));
    }
    if user.is_some() && secret_file.is_none() {
        return Err(source.wrong(SECRET, "the file with the password of alerts.alertmanager_user"));
    }
    let Some(text) = source.optional_text(URL)? else { return Ok(None) };
    // The secret and the right to mute pages go there, so it is TLS or this machine.
    match BaseUrl::parse(&text).filter(BaseUrl::is_private) {
        Some(url) => Ok(Some(AlertmanagerConfig { url: url.to_string(), user, secret_file })),
        None => Err(source.wrong(URL, "https://host[:port] (http on this machine only)")),
    }
}
