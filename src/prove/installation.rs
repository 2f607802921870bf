//! This very installation, started once more: the same program and settings, on the loopback, in front
//! of the proof's own upstream, with a journal, an audit and a store of its own.
//!
//! Owns the child process and the variables that are laid over the operator's settings. The settings
//! file, the keys and the endpoint catalogue are the operator's own and are only read.

use std::ffi::OsString;
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use sha2::{Digest as _, Sha256};

use super::ProveError;
use crate::config::Config;
use crate::domain::registry::{App, Registry};

/// How long the child may take to serve, or to stop.
const PATIENCE: Duration = Duration::from_secs(30);
/// The tenant of the clinic that is invented where none is registered.
const INVENTED_TENANT: &str = "5d0ce7a1-0c0e-4f3b-9f6e-3b1f6a2c9d10";

/// What the child is started with.
pub(super) struct Plan<'p> {
    /// The program.
    pub(super) program: &'p Path,
    /// The operator's settings.
    pub(super) settings: &'p Path,
    /// The folder of this run.
    pub(super) folder: &'p Path,
    /// The store of this run.
    pub(super) store_url: &'p str,
    /// The proof's upstream.
    pub(super) upstream: SocketAddr,
    /// Where spans go.
    pub(super) collector: SocketAddr,
    /// The key of the application that may do everything, and of the one of one clinic.
    pub(super) app_keys: [&'p str; 2],
}

/// Where a clinic of the installation is.
#[derive(Clone)]
pub(super) struct ClinicSign {
    /// Its id.
    pub(super) id: String,
    /// Its tenant.
    pub(super) tenant: String,
}

/// The first registered clinic, or the invented one.
pub(super) fn clinic(registry: &Registry) -> ClinicSign {
    registry.clinics().first().map_or_else(
        || ClinicSign { id: "proof-clinic".into(), tenant: INVENTED_TENANT.into() },
        |clinic| ClinicSign { id: clinic.id.to_string(), tenant: clinic.tenant.to_string() },
    )
}

/// The variables that are laid over the operator's settings.
fn variables(plan: &Plan<'_>, config: &Config) -> Vec<(OsString, OsString)> {
    let base = &config.upstream.base_url;
    let mut all = vec![
        ("PROXY__LISTEN", "127.0.0.1:0".to_owned()),
        ("OPS__LISTEN", "127.0.0.1:0".to_owned()),
        ("OPS__AUTH", "local".to_owned()),
        ("TELEMETRY__LISTEN", "127.0.0.1:0".to_owned()),
        ("TELEMETRY__OTLP_ENDPOINT", format!("http://{}", plan.collector)),
        ("TELEMETRY__LOG_LEVEL", "trace".to_owned()),
        // The proof presses every button: nobody outside is to be told, and no page muted.
        ("ALERTS__WEBHOOK", String::new()),
        ("ALERTS__ALERTMANAGER_URL", String::new()),
        ("UPSTREAM__BASE_URL", format!("http://{}{}", plan.upstream, base.prefix())),
        ("UPSTREAM__ALLOWED_HOSTS", "[]".to_owned()),
        ("ENVIRONMENTS", "{}".to_owned()),
        ("PROXY__TLS", "{}".to_owned()),
        ("UPSTREAM__RESPONSE_TIMEOUT", "3s".to_owned()),
        ("PROXY__HEAD_TIMEOUT", "3s".to_owned()),
        ("PROXY__BODY_IDLE_TIMEOUT", "3s".to_owned()),
        // The proof's many failures would keep its own calls back.
        ("BREAKER__ENABLED", "false".to_owned()),
        ("LIMITS__APP_PER_MINUTE", "0".to_owned()),
        ("LIMITS__CLINIC_PER_MINUTE", "0".to_owned()),
        ("PROXY__READ_ONLY", "false".to_owned()),
        ("PROXY__DRAIN_TIMEOUT", "2s".to_owned()),
        ("STORE__URL", plan.store_url.to_owned()),
        ("JOURNAL__DIR", plan.folder.join("journal").display().to_string()),
        ("APPS", apps(&config.registry, plan.app_keys)),
    ];
    if config.registry.clinics().is_empty() {
        let clinic = clinic(&config.registry);
        let entry = format!(
            r#"[{{ id = "{}", name = "Proof", tenant = "{}" }}]"#,
            clinic.id, clinic.tenant
        );
        all.push(("CLINICS", entry));
    }
    let ours =
        all.into_iter().map(|(key, value)| (format!("ACCUSCOPE__{key}").into(), value.into()));
    // Whatever a library may take a level from is opened, too.
    let levels = [("RUST_LOG", "trace"), ("RUST_BACKTRACE", "full"), ("RUST_LIB_BACKTRACE", "1")];
    ours.chain(levels.map(|(name, value)| (name.into(), value.into()))).collect()
}

/// The operator's applications and the two of the proof, as TOML.
fn apps(registry: &Registry, keys: [&str; 2]) -> String {
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let mut entries = Vec::new();
    let mut entry = |id: &str, name: &str, digests: &[String], clinics: &[String]| {
        let keys: Vec<String> =
            digests.iter().map(|it| format!("{{ sha256 = \"{it}\" }}")).collect();
        let clinics: Vec<String> = clinics.iter().map(|clinic| quoted(clinic)).collect();
        entries.push(format!(
            "{{ id = {}, name = {}, keys = [{}], clinics = [{}] }}",
            quoted(id),
            quoted(name),
            keys.join(", "),
            clinics.join(", ")
        ));
    };
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    for App { id, name, keys, clinics } in registry.apps() {
        let digests: Vec<String> = keys.iter().map(|key| hex(&key.digest.0)).collect();
        let clinics: Vec<String> = clinics.iter().map(ToString::to_string).collect();
        entry(id.as_str(), name, &digests, &clinics);
    }
    let digest = |key: &str| hex(&Sha256::digest(key.as_bytes()));
    entry("proof-all", "Proof", &[digest(keys[0])], &[]);
    entry("proof-one", "Proof", &[digest(keys[1])], &[clinic(registry).id]);
    format!("[{}]", entries.join(", "))
}

/// The installation, serving.
pub(super) struct Installation {
    child: Child,
    program: PathBuf,
    settings: PathBuf,
    variables: Vec<(OsString, OsString)>,
    /// Where apps connect.
    pub(super) proxy: SocketAddr,
    /// Where people connect.
    pub(super) ops: SocketAddr,
    /// Where Prometheus connects.
    pub(super) telemetry: SocketAddr,
}

impl Drop for Installation {
    fn drop(&mut self) {
        // After an orderly stop both fail, which is fine.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Installation {
    /// Starts it and waits until it says where it listens.
    pub(super) async fn start(plan: &Plan<'_>, config: &Config) -> Result<Self, ProveError> {
        let variables = variables(plan, config);
        let out = plan.folder.join("stdout.log");
        let child = Command::new(plan.program)
            .args(["serve", "--config"])
            .arg(plan.settings)
            .envs(variables.iter().cloned())
            .stdin(Stdio::null())
            .stdout(File::create(&out)?)
            .stderr(File::create(plan.folder.join("stderr.log"))?)
            .spawn()?;
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut installation = Self {
            child,
            program: plan.program.to_owned(),
            settings: plan.settings.to_owned(),
            variables,
            proxy: nowhere,
            ops: nowhere,
            telemetry: nowhere,
        };
        let started = async {
            loop {
                if let Some(line) = started(&out)? {
                    return Ok(line);
                }
                if let Some(status) = installation.child.try_wait()? {
                    let said = std::fs::read_to_string(plan.folder.join("stderr.log"))?;
                    return Err(ProveError::Ended { status, said: said.trim().to_owned() });
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let [proxy, ops, telemetry] =
            tokio::time::timeout(PATIENCE, started).await.map_err(|_| ProveError::Slow)??;
        installation.proxy = proxy;
        installation.ops = ops;
        installation.telemetry = telemetry;
        Ok(installation)
    }

    /// Runs another command of the program beside the serving process: everything that it prints.
    pub(super) async fn command(&self, arguments: &[&str]) -> Result<Vec<u8>, ProveError> {
        let mut command = tokio::process::Command::new(&self.program);
        command.args(arguments).arg("--config").arg(&self.settings);
        command.envs(self.variables.iter().cloned()).stdin(Stdio::null());
        let output = tokio::time::timeout(PATIENCE, command.output()).await;
        let output = output.map_err(|_| ProveError::Slow)??;
        Ok([output.stdout, output.stderr].concat())
    }

    /// Stops it in order.
    pub(super) async fn stop(&mut self) -> Result<ExitStatus, ProveError> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            kill_process(pid, Signal::TERM).map_err(std::io::Error::from)?;
        }
        let ended = async {
            loop {
                if let Some(status) = self.child.try_wait()? {
                    return Ok(status);
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, ended).await.map_err(|_| ProveError::Slow)?
    }
}

/// The addresses of the first line that says that the program serves.
fn started(log: &Path) -> Result<Option<[SocketAddr; 3]>, ProveError> {
    let text = std::fs::read_to_string(log)?;
    let lines =
        text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    Ok(lines.into_iter().find_map(|line| {
        let of = |name: &str| line.get(name)?.as_str()?.parse().ok();
        Some([of("proxy")?, of("ops")?, of("telemetry")?])
    }))
}
