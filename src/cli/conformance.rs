//! `conformance`: does a sandbox answer as the endpoint catalogue says?
//!
//! Sends reads only, one after the other, and prints templates, never a path. What is judged is in
//! [`crate::domain::conformance`].

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use zeroize::Zeroizing;

use super::exit::{Exit, Failure, block_on, settings};
use crate::app;
use crate::config::BaseUrl;
use crate::domain::catalogue::{Catalogue, Endpoint};
use crate::domain::conformance::{Answered, Learned, Verdict, judge, plan};
use crate::domain::labels::Environment;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Most bytes of an answer that are looked at.
const MAX_ANSWER_BYTES: usize = 8 * 1_024 * 1_024;

/// What to check.
#[derive(Args)]
pub(super) struct ConformanceArguments {
    /// The address of the sandbox: scheme, host, port where it is another one, path prefix where there is one.
    #[arg(long, value_name = "URL")]
    base_url: String,
    /// A file with an access token. Without one, only whether the paths are there is seen.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The UUID of the clinic, sent as `uuid`.
    #[arg(long, value_name = "UUID")]
    tenant: Option<uuid::Uuid>,
    /// A file with the number of a patient of the sandbox, so that charts are read too.
    #[arg(long, value_name = "FILE")]
    patient_file: Option<PathBuf>,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,
}

/// One endpoint and what came of it.
struct Line<'c> {
    endpoint: &'c Endpoint,
    status: Option<u16>,
    verdict: Verdict,
}

/// `conformance`.
pub(super) fn run(file: &Path, arguments: &ConformanceArguments) -> Result<Exit, Failure> {
    let base = BaseUrl::parse(&arguments.base_url)
        .ok_or_else(|| Failure::usage("--base-url: must be http(s)://host[:port][/prefix]"))?;
    let overlay = if file.exists() {
        let config = settings(file)?;
        if config.environment == Environment::Production {
            let name = file.display();
            return Err(Failure::usage(format!(
                "{name}: environment is production; this check is for a sandbox"
            )));
        }
        config.catalogue_file
    } else {
        None
    };
    let catalogue = app::catalogue(overlay.as_deref())?;
    let token = arguments.token_file.as_deref().map(secret).transpose()?;
    let mut learned = Learned::default();
    if let Some(file) = &arguments.patient_file {
        learned.take("patientId", &secret(file)?);
    }
    let sandbox = Sandbox::new(&base, token, arguments.tenant)?;
    let lines = block_on(sandbox.ask_all(&catalogue, learned))?;
    let mut out = std::io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", json(&lines))?;
    } else {
        write!(out, "{}", table(&lines))?;
    }
    let breach = lines.iter().any(|line| line.verdict.is_breach());
    Ok(if breach { Exit::Trouble } else { Exit::Success })
}

/// The one line of a file.
fn secret(file: &Path) -> Result<Zeroizing<String>, Failure> {
    let text = std::fs::read_to_string(file).map(Zeroizing::new).map_err(|error| {
        Failure::usage(format!("{}: cannot be read ({})", file.display(), error.kind()))
    })?;
    let line = text.trim();
    if line.is_empty() || line.contains(['\r', '\n']) {
        return Err(Failure::usage(format!("{}: must hold one line", file.display())));
    }
    Ok(Zeroizing::new(line.to_owned()))
}

struct Sandbox {
    client: reqwest::Client,
    place: String,
    token: Option<Zeroizing<String>>,
    tenant: Option<uuid::Uuid>,
}

impl Sandbox {
    fn new(
        base: &BaseUrl,
        token: Option<Zeroizing<String>>,
        tenant: Option<uuid::Uuid>,
    ) -> Result<Self, Failure> {
        let place = base.to_string();
        // A second call finds the provider installed, which is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A redirect would carry the token to a place that nobody has chosen.
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|_| Failure::run_time("no client can be made"))?;
        Ok(Self { client, place, token, tenant })
    }

    async fn ask_all<'c>(
        &self,
        catalogue: &'c Catalogue,
        mut learned: Learned,
    ) -> Result<Vec<Line<'c>>, Failure> {
        let plan = plan(catalogue);
        let mut lines = Vec::with_capacity(plan.len());
        let mut answered = false;
        for endpoint in plan {
            let Some(path) = learned.path(endpoint) else {
                lines.push(Line { endpoint, status: None, verdict: Verdict::NotTried });
                continue;
            };
            let line = match self.ask(&path).await {
                Some((status, content_type, body)) => {
                    answered = true;
                    let content_type = content_type.as_deref();
                    let verdict = judge(endpoint, Answered { status, content_type, body: &body });
                    if verdict == Verdict::Fine && endpoint.list {
                        learned.learn(catalogue, endpoint, &body);
                    }
                    Line { endpoint, status: Some(status), verdict }
                }
                None if !answered => {
                    let place = &self.place;
                    return Err(Failure::run_time(format!("{place} does not answer")));
                }
                None => Line { endpoint, status: None, verdict: Verdict::Broken },
            };
            lines.push(line);
        }
        Ok(lines)
    }

    /// Status, kind and content; `None` without a whole answer.
    async fn ask(&self, path: &str) -> Option<(u16, Option<String>, Zeroizing<Vec<u8>>)> {
        let tenant = self.tenant.map(|tenant| format!("?uuid={tenant}")).unwrap_or_default();
        let mut call = self.client.get(format!("{}{path}{tenant}", self.place));
        if let Some(token) = &self.token {
            call = call.bearer_auth(token.as_str());
        }
        let mut answer = call.header("accept", "application/json, */*;q=0.5").send().await.ok()?;
        let kind = answer.headers().get("content-type");
        let kind = kind.and_then(|kind| kind.to_str().ok()).map(str::to_owned);
        let mut body = Zeroizing::new(Vec::new());
        while let Some(piece) = answer.chunk().await.ok()? {
            if body.len() + piece.len() > MAX_ANSWER_BYTES {
                return None;
            }
            body.extend_from_slice(&piece);
        }
        Some((answer.status().as_u16(), kind, body))
    }
}

fn table(lines: &[Line<'_>]) -> String {
    use std::fmt::Write as _;
    let mut text = format!("{:<34} {:>6}  {:<12} template\n", "operation", "status", "verdict");
    for Line { endpoint, status, verdict } in lines {
        let status = status.map_or_else(|| "-".to_owned(), |status| status.to_string());
        let (operation, route) = (endpoint.operation.as_str(), endpoint.route.as_str());
        let verdict = verdict.as_str();
        // Writing to a `String` does not fail.
        let _ = writeln!(text, "{operation:<34} {status:>6}  {verdict:<12} {route}");
    }
    let count =
        |wanted: &dyn Fn(Verdict) -> bool| lines.iter().filter(|line| wanted(line.verdict)).count();
    let breaches = count(&Verdict::is_breach);
    let as_said = count(&|verdict| matches!(verdict, Verdict::Fine | Verdict::Empty));
    let _ = writeln!(
        text,
        "{} endpoints: {as_said} as the catalogue says, {breaches} otherwise, {} not seen",
        lines.len(),
        lines.len() - breaches - as_said,
    );
    text
}

fn json(lines: &[Line<'_>]) -> serde_json::Value {
    let endpoint = |line: &Line<'_>| {
        serde_json::json!({
            "operation": line.endpoint.operation.as_str(),
            "method": line.endpoint.method.as_str(),
            "template": line.endpoint.route.as_str(),
            "status": line.status,
            "verdict": line.verdict.as_str(),
            "breach": line.verdict.is_breach(),
        })
    };
    serde_json::json!({ "endpoints": lines.iter().map(endpoint).collect::<Vec<_>>() })
}
