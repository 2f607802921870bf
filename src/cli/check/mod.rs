//! `check`: what would go wrong, before it does. Changes nothing, and sends nothing that could change
//! a chart.
//!
//! Owns the questions and their order. Exit status: 2 where `serve` would not start, 1 where it would
//! start and something is wrong, 0 otherwise.

mod files;
mod findings;
mod outside;

use std::path::Path;

use super::exit::{Exit, Failure, block_on, settings};
use crate::app;
use crate::clock::Clock;
use crate::config::{Config, DigestConfig};
use crate::journal::audit::key;
use crate::journal::is_in_use;
use crate::keys::Keyring;
use crate::ops::{Alertmanager, Oidc};
use findings::{Finding, Findings};

/// `check`.
pub(super) fn run(file: &Path) -> Result<Exit, Failure> {
    let config = settings(file)?;
    let mut findings = Findings::default();
    findings.tell("settings", Finding::Fine(file.display().to_string()))?;
    findings.tell("environment", environment(&config))?;
    findings.tell("apps", apps(&config))?;
    let today = config.registry.local_day(None, Clock::system().now());
    if let Err(error) = config.refuse_far_mergers(today) {
        findings.tell("mergers", Finding::fatal(&error))?;
    }
    for one in config.lists.with(&app::kept_copy(&config.journal.dir)).set_aside {
        findings.tell("kept on the site", Finding::Problem(format!("{one} does not count")))?;
    }
    if let Some(oidc) = config.ops.oidc.clone() {
        let told = format!("with {}", oidc.issuer);
        findings.tell("sign-in", Finding::needed(Oidc::new(oidc).map(|_| told)))?;
    }
    if let Some(at) = config.alertmanager.clone() {
        let told = format!("silences at {}", at.url);
        findings.tell("alertmanager", Finding::needed(Alertmanager::new(at).map(|_| told)))?;
    }
    if let Some(digest) = &config.digest {
        findings.tell("weekly letter", letter(digest))?;
    }
    findings.tell("keys", keys(&config))?;
    if let Some(file) = config.audit.signing_key.as_deref() {
        findings.tell("audit key", audit_key(file))?;
    }
    if let Some(tls) = &config.proxy.tls {
        findings.tell("certificate", files::certificate(tls, Clock::system().now()))?;
    }
    let catalogue = app::catalogue(config.catalogue_file.as_deref());
    let count = catalogue.map(|catalogue| format!("{} endpoints", catalogue.endpoints().len()));
    findings.tell("catalogue", Finding::needed(count))?;
    findings.tell("journal", files::journal(&config.journal.dir))?;
    for (name, key, address) in [
        ("proxy port", "proxy.listen", config.proxy.listen),
        ("ops port", "ops.listen", config.ops.listen),
        ("telemetry port", "telemetry.listen", config.telemetry.listen),
    ] {
        let running = is_in_use(&config.journal.dir);
        let found = match app::could_bind(key, address) {
            Ok(()) => Finding::Fine(format!("{address} is free")),
            Err(_) if running => {
                Finding::Fine(format!("{address} is in use, as it is while accuscope runs"))
            }
            Err(error) => Finding::fatal(&error),
        };
        findings.tell(name, found)?;
    }
    block_on(async {
        findings.tell("store", outside::store(&config).await)?;
        findings.tell("upstream", outside::upstream(&config).await)?;
        if let Some(otlp) = &config.telemetry.otlp {
            findings.tell("spans", outside::otlp(&otlp.endpoint).await)?;
        }
        Ok(())
    })?;
    findings.exit()
}

fn environment(config: &Config) -> Finding {
    let (environment, host) = (config.environment, config.upstream.base_url.host());
    if config.has_host_list {
        Finding::Fine(format!("{environment}, and {host} is on its list of hosts"))
    } else {
        Finding::Note(format!(
            "{environment}, in front of {host}; without upstream.allowed_hosts only the host's name can warn of the wrong one"
        ))
    }
}

/// The mail server is not spoken to: it would count tries, and a letter is no question.
fn letter(digest: &DigestConfig) -> Finding {
    let told = Finding::Fine(format!("by {}, port {}", digest.host, digest.port));
    let Some((_, file)) = &digest.login else { return told };
    if std::fs::metadata(file).is_ok_and(|file| file.len() > 0) {
        let key = ("digest.password_file", file.as_path());
        return files::open_to_others([key].into_iter()).unwrap_or(told);
    }
    let trouble = "digest.password_file: the file is not there, or is empty";
    Finding::Problem(trouble.to_owned())
}

fn apps(config: &Config) -> Finding {
    let registry = &config.registry;
    let (clinics, apps) = (registry.clinics().len(), registry.apps().len());
    let keys: usize = registry.apps().iter().map(|app| app.keys.len()).sum();
    let text = format!("{clinics} clinics, {apps} apps, {keys} keys");
    if let Err(error) = config.refuse_open_door(registry) {
        return Finding::fatal(&error);
    }
    if registry.requires_keys() {
        Finding::Fine(text)
    } else {
        Finding::Note(format!(
            "{text}; without keys the proxy listens on loopback only, and lets everybody there in"
        ))
    }
}

fn audit_key(file: &Path) -> Finding {
    match key::signing(file) {
        Err(error) => Finding::fatal(&error),
        Ok(key) => {
            files::open_to_others([("audit.signing_key", file)].into_iter()).unwrap_or_else(|| {
                Finding::Fine(format!("signs checkpoints as {}", key.public().name()))
            })
        }
    }
}

fn keys(config: &Config) -> Finding {
    let privacy = &config.privacy;
    match Keyring::load(&privacy.active_key, &privacy.key_files) {
        Err(error) => Finding::fatal(&error),
        Ok(keys) => {
            if let Err(error) = app::look_at_keys(&config.journal.dir, &keys) {
                return Finding::fatal(&error);
            }
            let files = privacy.key_files.iter().map(|(_, file)| ("privacy.keys", file.as_path()));
            files::open_to_others(files).unwrap_or_else(|| {
                Finding::Fine(format!(
                    "{} keys, {} is active",
                    privacy.key_files.len(),
                    privacy.active_key
                ))
            })
        }
    }
}
