//! `check`: what would go wrong, before it does. Sends nothing that could change a chart.

use std::fmt::Display;
use std::io::Write;
use std::path::Path;

use super::exit::{Exit, Failure, block_on, settings, store};
use crate::app;
use crate::config::{Config, Scheme};
use crate::journal::audit::key;
use crate::journal::{Folder, JournalError};
use crate::keys::Keyring;

struct Findings {
    trouble: bool,
}

impl Findings {
    fn tell(&mut self, what: &str, found: &Result<String, String>) -> Result<(), Failure> {
        let (mark, text) = match found {
            Ok(text) => ("ok     ", text),
            Err(text) => ("problem", text),
        };
        self.trouble |= found.is_err();
        writeln!(std::io::stdout(), "{mark}  {what}: {text}")?;
        Ok(())
    }

    /// What works, and should be otherwise.
    fn warn(what: &str, text: &str) -> Result<(), Failure> {
        writeln!(std::io::stdout(), "warning  {what}: {text}")?;
        Ok(())
    }
}

/// Whether accounts besides the file's own may read it.
fn is_open_to_others(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

fn text<T>(
    result: Result<T, impl Display>,
    fine: impl FnOnce(T) -> String,
) -> Result<String, String> {
    result.map(fine).map_err(|error| error.to_string())
}

/// `check`.
pub(super) fn run(file: &Path) -> Result<Exit, Failure> {
    let config = settings(file)?;
    let mut findings = Findings { trouble: false };
    findings
        .tell("settings", &Ok(format!("{}, environment {}", file.display(), config.environment)))?;
    let (clinics, apps) = (config.registry.clinics().len(), config.registry.apps().len());
    findings.tell("registry", &Ok(format!("{clinics} clinics, {apps} apps")))?;
    let keys = Keyring::load(&config.privacy.active_key, &config.privacy.key_files);
    findings.tell(
        "keys",
        &text(keys, |_| {
            format!(
                "{} keys, {} is active",
                config.privacy.key_files.len(),
                config.privacy.active_key
            )
        }),
    )?;
    let seal = config.audit.signing_key.as_deref();
    if let Some(file) = seal {
        let key = key::signing(file);
        findings.tell(
            "audit key",
            &text(key, |key| format!("signs checkpoints as {}", key.public().name())),
        )?;
    }
    let files = config.privacy.key_files.iter().map(|(_, file)| file.as_path()).chain(seal);
    for file in files.filter(|file| is_open_to_others(file)) {
        let file = file.display();
        Findings::warn("keys", &format!("{file} can be read by others; chmod 600 {file}"))?;
    }
    let catalogue = app::catalogue(config.catalogue_file.as_deref());
    findings.tell(
        "catalogue",
        &text(catalogue, |catalogue| format!("{} endpoints", catalogue.endpoints().len())),
    )?;
    findings.tell("journal", &journal(&config))?;
    block_on(async {
        let opened = match store(&config).await {
            Ok(store) => {
                store.close().await;
                Ok("reached, schema up to date".to_owned())
            }
            Err(failure) => Err(failure.message),
        };
        findings.tell("store", &opened)?;
        findings.tell("upstream", &upstream(&config).await)
    })?;
    Ok(if findings.trouble { Exit::Trouble } else { Exit::Success })
}

fn journal(config: &Config) -> Result<String, String> {
    match Folder::open(&config.journal.dir) {
        Ok(folder) => {
            if let Ok(keys) = Keyring::load(&config.privacy.active_key, &config.privacy.key_files) {
                app::compare_keys(folder.path(), &keys).map_err(|error| error.to_string())?;
            }
            Ok(format!("{} is writable, instance {}", folder.path().display(), folder.instance()))
        }
        Err(JournalError::InUse { path }) => {
            Ok(format!("{} is in use by a running accuscope", path.display()))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Asks the upstream for its API version, as anybody may.
async fn upstream(config: &Config) -> Result<String, String> {
    let base = &config.upstream.base_url;
    let scheme = if base.scheme() == Scheme::Https { "https" } else { "http" };
    let place = format!("{scheme}://{}{}", base.authority(), base.prefix());
    // A second call finds the provider installed, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .connect_timeout(config.upstream.connect_timeout)
        .timeout(config.upstream.response_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(|_| "no client can be made".to_owned())?;
    let answer = client.get(format!("{place}/rest/v1/api-version")).send().await;
    match answer {
        Ok(answer) => Ok(format!("{place} answers with status {}", answer.status().as_u16())),
        Err(error) if error.is_connect() => {
            Err(format!("{place} cannot be reached; check upstream.base_url"))
        }
        Err(error) if error.is_timeout() => {
            Err(format!("{place} does not answer within upstream.response_timeout"))
        }
        Err(_) => Err(format!("{place} does not answer in HTTP")),
    }
}
