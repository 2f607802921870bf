//! What is outside: the store, Accuro, and where spans go. Each is asked one question.

use std::time::Duration;

use tokio::net::TcpStream;

use super::findings::Finding;
use crate::cli::exit::Failure;
use crate::config::{BaseUrl, Config, Scheme};
use crate::store::{Looked, StoreError, StoreUrl, look};

/// How long a server may take to take a connection.
const PATIENCE: Duration = Duration::from_secs(3);

/// Looks at the store; makes no file and no table.
pub(super) async fn store(config: &Config) -> Finding {
    let url = match StoreUrl::parse(&config.store.url) {
        Ok(url) => url,
        Err(error) => return Finding::Fatal(format!("store.url: {error}")),
    };
    let found = match look(&url).await {
        Ok(found) => found,
        Err(error) => return Finding::Problem(words(error)),
    };
    let folder = url.file().and_then(std::path::Path::parent);
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    match (found, folder) {
        (Looked::NoFile, Some(folder)) if !folder.is_dir() => {
            Finding::Problem(format!("store.url: {} is no folder", folder.display()))
        }
        (Looked::NoFile, _) => Finding::Fine("no file yet; it will be made".to_owned()),
        (Looked::Empty, _) => Finding::Fine("reached; its tables will be made".to_owned()),
        (Looked::Older, _) => {
            Finding::Note("reached; serve will bring its tables up to date".to_owned())
        }
        (Looked::Current, _) => Finding::Fine("reached, tables up to date".to_owned()),
    }
}

fn words(error: StoreError) -> String {
    let Failure { message, .. } = error.into();
    message
}

/// Asks the upstream for its API version, as anybody may.
pub(super) async fn upstream(config: &Config) -> Finding {
    let place = config.upstream.base_url.to_string();
    // A second call finds the provider installed, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .connect_timeout(config.upstream.connect_timeout)
        .timeout(config.upstream.response_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build();
    let Ok(client) = client else { return Finding::Problem("no client can be made".to_owned()) };
    let answer = client.get(format!("{place}/rest/v1/api-version")).send().await;
    match answer.map(|answer| answer.status().as_u16()) {
        Ok(status @ 500..) => {
            Finding::Problem(format!("{place} answers with status {status}: it is in trouble"))
        }
        Ok(404) => Finding::Note(format!(
            "{place} answers, but knows no /rest/v1/api-version (404); is a path missing in upstream.base_url?"
        )),
        Ok(status) => Finding::Fine(format!("{place} answers with status {status}")),
        Err(error) if error.is_connect() => {
            Finding::Problem(format!("{place} cannot be reached; check upstream.base_url"))
        }
        Err(error) if error.is_timeout() => {
            Finding::Problem(format!("{place} does not answer within upstream.response_timeout"))
        }
        Err(_) => Finding::Problem(format!("{place} does not answer in HTTP")),
    }
}

/// Whether somebody listens where spans go.
pub(super) async fn otlp(endpoint: &str) -> Finding {
    let Some(url) = BaseUrl::parse(endpoint) else {
        return Finding::Fatal("telemetry.otlp_endpoint: must be http(s)://host:port".to_owned());
    };
    let port = if url.scheme() == Scheme::Https { ":443" } else { ":80" };
    let port = if url.authority() == url.host() { port } else { "" };
    let place = format!("{}{port}", url.authority());
    match tokio::time::timeout(PATIENCE, TcpStream::connect(&place)).await {
        Ok(Ok(_)) => Finding::Fine(format!("{place} takes connections")),
        _ => Finding::Problem(format!(
            "telemetry.otlp_endpoint: {place} takes no connection; spans would be lost, calls not"
        )),
    }
}
