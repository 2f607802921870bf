//! A real Prometheus that scrapes the app under test, where one is installed.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::Client;

/// A running Prometheus, ended with the test. It keeps exemplars.
pub(crate) struct Prometheus {
    process: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Prometheus {
    /// Scrapes a target every second. `None` where it is not installed and nobody insists.
    pub(crate) fn scraping(target: SocketAddr) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("prometheus.yml");
        let settings = format!(
            "scrape_configs:\n- job_name: accuscope\n  scrape_interval: 1s\n  static_configs: [{{targets: ['{target}']}}]\n"
        );
        fs::write(&file, settings).unwrap();
        // The port is free again when Prometheus binds it; nobody else asks for this one.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let process = Command::new("prometheus")
            .arg("--enable-feature=exemplar-storage")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("tsdb").display()))
            .arg(format!("--web.listen-address={address}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok();
        let insist = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(process.is_some() || !insist, "apt-get install prometheus (Debian)");
        Some(Self { process: process?, address, _folder: folder })
    }

    /// What its API says; `None` while it does not answer.
    pub(crate) async fn get(&self, path: &str) -> Option<Value> {
        // It takes a moment to start.
        tokio::net::TcpStream::connect(self.address).await.ok()?;
        let (status, _, text) = page_with(self.address, path, "").await;
        let told: Value = serde_json::from_str(&text).ok()?;
        assert!(status != 400 && status != 422, "{path}: {told}");
        (status == 200).then(|| told["data"].clone())
    }

    /// The series of an expression as of now; `None` while it does not answer.
    pub(crate) async fn query(&self, expression: &str) -> Option<Vec<Value>> {
        let query = utf8_percent_encode(expression, NON_ALPHANUMERIC);
        let told = self.get(&format!("/api/v1/query?query={query}")).await?;
        told["result"].as_array().cloned()
    }
}

/// A page, asked for with further header lines: status, content type and text.
pub(crate) async fn page_with(
    address: SocketAddr,
    path: &str,
    headers: &str,
) -> (u16, String, String) {
    let mut client = Client::connect(address).await;
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n{headers}connection: close\r\n\r\n");
    client.send(request).await;
    let answer = client.answer().await;
    let kind = answer.header("content-type").unwrap_or_default().to_owned();
    (answer.status, kind, answer.text())
}
