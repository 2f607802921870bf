//! A real app in this process, on free ports, in a temporary folder.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use accuscope::app::{Addresses, App, Running};
use accuscope::clock::Clock;
use accuscope::config::Config;
use accuscope::store::Store;
use serde_json::Value;
use tempfile::TempDir;

use super::{Client, until};

/// The settings that every test starts from; a test's own lines replace these, key by key.
const DEFAULTS: [(&str, &str); 8] = [
    ("proxy.listen", "\"127.0.0.1:0\""),
    ("ops.listen", "\"127.0.0.1:0\""),
    ("ops.auth", "\"off\""),
    ("telemetry.listen", "\"127.0.0.1:0\""),
    ("proxy.drain_timeout", "\"5s\""),
    ("upstream.connect_timeout", "\"2s\""),
    ("upstream.response_timeout", "\"10s\""),
    ("proxy.body_idle_timeout", "\"10s\""),
];

pub(crate) const CLINICS: &str = r#"
[[clinics]]
id = "maple-ridge"
name = "Maple Ridge Family Practice"
tenant = "e1a47a6d-f563-4f0f-a7f3-b6539ba21330"

[[clinics]]
id = "cedar-hill"
name = "Cedar Hill Clinic"
tenant = "0b5b6a3e-1d5e-4b43-9a56-0c1d6f4b7a11"
"#;

/// One running app.
pub(crate) struct TestApp {
    pub(crate) running: Option<Running>,
    pub(crate) at: Addresses,
    folder: TempDir,
}

impl TestApp {
    /// Starts an app in front of a base URL.
    pub(crate) fn start(base_url: &str) -> Self {
        Self::with(base_url, &[], CLINICS)
    }

    /// Starts an app with settings of its own and a text of tables (`[[clinics]]`, `[[apps]]`).
    pub(crate) fn with(base_url: &str, settings: &[(&str, &str)], tables: &str) -> Self {
        Self::with_clock(base_url, settings, tables, Clock::system())
    }

    /// Starts an app by a clock.
    pub(crate) fn with_clock(
        base_url: &str,
        settings: &[(&str, &str)],
        tables: &str,
        clock: Clock,
    ) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let folder = tempfile::tempdir().unwrap();
        let text = settings_text(folder.path(), base_url, settings, tables);
        let file = folder.path().join("accuscope.toml");
        fs::write(&file, &text).unwrap();
        let config = Config::parse(&text, &file, std::iter::empty()).unwrap();
        let app = App::open(config, clock).unwrap();
        let running = app.start().unwrap();
        Self { at: running.addresses, running: Some(running), folder }
    }

    /// The temporary folder, with journal and database.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The store, once it is reached.
    pub(crate) fn store(&self) -> Option<Store> {
        self.running.as_ref().unwrap().store.get().cloned()
    }

    /// A connection to the proxy.
    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.at.proxy).await
    }

    /// The one event with a support code.
    pub(crate) async fn event(&self, support_code: &str) -> Value {
        let found = until("the event of a support code", || async {
            let mut events = self.events();
            events.retain(|event| event["support_code"] == support_code);
            (!events.is_empty()).then_some(events)
        })
        .await;
        assert_eq!(found.len(), 1, "one event for one call");
        found.into_iter().next().unwrap()
    }

    /// The journal's events as of now.
    pub(crate) fn events(&self) -> Vec<Value> {
        journal(&self.folder.path().join("journal"))
    }

    /// Waits until the journal holds so many events.
    pub(crate) async fn events_of(&self, number: usize) -> Vec<Value> {
        until("the events", || async { Some(self.events()).filter(|all| all.len() >= number) })
            .await
    }

    /// Stops the app; every event that it recorded, and the number of calls that were cut.
    pub(crate) async fn stop(&mut self) -> (Vec<Value>, i64) {
        let cut = super::soon("a stop", self.running.take().unwrap().stop()).await;
        (self.events(), cut)
    }

    /// A page of the telemetry listener: status and text.
    pub(crate) async fn telemetry(&self, path: &str) -> (u16, String) {
        page(self.at.telemetry, path).await
    }

    /// The value of one series of `/metrics`; 0 where it does not exist.
    pub(crate) async fn metric(&self, series: &str) -> f64 {
        let (_, text) = self.telemetry("/metrics").await;
        let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().unwrap())
    }

    /// Waits until one series has a value.
    pub(crate) async fn metric_is(&self, series: &str, wanted: f64) {
        until(&format!("{series} {wanted}"), || async {
            let value = self.metric(series).await;
            ((value - wanted).abs() < 0.5).then_some(())
        })
        .await;
    }
}

/// A settings file's text.
pub(crate) fn settings_text(
    folder: &Path,
    base_url: &str,
    settings: &[(&str, &str)],
    tables: &str,
) -> String {
    let key = folder.join("k1");
    fs::write(&key, [7; 32]).unwrap();
    let mut text = String::from("environment = \"sandbox\"\n");
    let own = |key: &str| settings.iter().any(|(name, _)| *name == key);
    for (key, value) in DEFAULTS.iter().filter(|(key, _)| !own(key)).chain(settings) {
        writeln!(text, "{key} = {value}").unwrap();
    }
    writeln!(text, "upstream.base_url = \"{base_url}\"").unwrap();
    if !own("store.url") {
        writeln!(text, "store.url = \"sqlite:{}\"", folder.join("store.db").display()).unwrap();
    }
    if !own("journal.dir") {
        writeln!(text, "journal.dir = \"{}\"", folder.join("journal").display()).unwrap();
    }
    writeln!(text, "privacy.keys = {{ k1 = {{ file = \"{}\" }} }}", key.display()).unwrap();
    text + tables
}

/// The whole lines of a journal folder.
pub(crate) fn journal(folder: &Path) -> Vec<Value> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    let is_segment = |name: &str| name.starts_with("exchanges-") && name.ends_with(".ndjson");
    files.retain(|path| is_segment(path.file_name().unwrap().to_str().unwrap()));
    files.sort();
    let mut events = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let read = whole.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        // Marks say when events were recorded.
        events.extend(read.filter(|line| line["mark"].is_null()));
    }
    events
}

/// Gets a page with a connection of its own.
pub(crate) async fn page(address: std::net::SocketAddr, path: &str) -> (u16, String) {
    let mut client = Client::connect(address).await;
    client
        .send(format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"))
        .await;
    let answer = client.answer().await;
    (answer.status, answer.text())
}
