//! One stack: the program, Prometheus and Alertmanager as processes, and those who are told.
//!
//! Owns their settings, made from the examples that ship: only addresses, the scrape interval and the
//! environment are filled in.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Json;
use axum::extract::{Path as UrlPath, State};
use axum::routing::post;
use serde_json::Value;
use tempfile::TempDir;

use super::{clinics, clock};

/// Somebody was told of an alert.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) receiver: String,
    pub(crate) alert: String,
    pub(crate) fingerprint: String,
    pub(crate) at: std::time::Instant,
}

type Book = Arc<Mutex<Vec<Told>>>;

/// A process that is killed at the end.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

pub(crate) struct Stack {
    program: Option<Process>,
    _prometheus: Process,
    _alertmanager: Process,
    folder: TempDir,
    pub(crate) proxy: SocketAddr,
    pub(crate) ops: SocketAddr,
    pub(crate) prometheus: SocketAddr,
    pub(crate) told: Book,
}

/// An address that nobody listens on. Nobody else asks for it before it is used.
fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn run(program: &str, arguments: &[&str], log: &Path) -> Child {
    let log = File::create(log).unwrap();
    let command = &mut Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    command.spawn().unwrap_or_else(|error| panic!("{program} does not start: {error}"))
}

impl Stack {
    pub(crate) async fn start(upstream: SocketAddr, scrape: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let [proxy, ops, telemetry, prometheus, alertmanager] = [(); 5].map(|()| free());
        settings(at, [proxy, ops, telemetry], upstream);
        let told = Book::default();
        let sink = sink(&told).await;
        alertmanager_settings(at, ops, sink);
        prometheus_settings(at, telemetry, alertmanager, ops, scrape);
        let path = |name: &str| at.join(name).display().to_string();
        let of_alertmanager: [&str; 4] = [
            &format!("--config.file={}", path("alertmanager.yml")),
            &format!("--storage.path={}", path("alertmanager")),
            &format!("--web.listen-address={alertmanager}"),
            "--cluster.listen-address=",
        ];
        let of_prometheus: [&str; 3] = [
            &format!("--config.file={}", path("prometheus.yml")),
            &format!("--storage.tsdb.path={}", path("prometheus")),
            &format!("--web.listen-address={prometheus}"),
        ];
        let stack = Self {
            program: Some(Process(serve(at))),
            _alertmanager: Process(run(
                "prometheus-alertmanager",
                &of_alertmanager,
                &at.join("alertmanager.log"),
            )),
            _prometheus: Process(run("prometheus", &of_prometheus, &at.join("prometheus.log"))),
            folder,
            proxy,
            ops,
            prometheus,
            told,
        };
        let client = reqwest::Client::new();
        let limit = clock() + Duration::from_mins(1);
        for address in
            [format!("http://{ops}/api/v1/status"), format!("http://{prometheus}/-/ready")]
        {
            while client.get(&address).send().await.is_err() {
                assert!(clock() < limit, "{address} does not answer");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        stack
    }

    /// Kills the program.
    pub(crate) fn kill(&mut self) {
        self.program = None;
    }

    /// Starts the program again.
    pub(crate) fn start_again(&mut self) {
        self.program = Some(Process(serve(self.folder.path())));
    }
}

fn serve(at: &Path) -> Child {
    let config = at.join("accuscope.toml").display().to_string();
    run(env!("CARGO_BIN_EXE_accuscope"), &["serve", "--config", &config], &at.join("accuscope.log"))
}

fn settings(at: &Path, [proxy, ops, telemetry]: [SocketAddr; 3], upstream: SocketAddr) {
    let folder = at.display();
    let text = format!(
        "environment = \"sandbox\"\nproxy.listen = \"{proxy}\"\nops.listen = \"{ops}\"\nops.auth = \"off\"\n\
         telemetry.listen = \"{telemetry}\"\nupstream.base_url = \"http://{upstream}\"\n\
         store.url = \"sqlite:{folder}/store.db\"\njournal.dir = \"{folder}/journal\"\n\
         privacy.keys = {{ k1 = {{ file = \"{folder}/k1\" }} }}\n{}",
        clinics::settings()
    );
    fs::write(at.join("k1"), [7; 32]).unwrap();
    fs::write(at.join("accuscope.toml"), text).unwrap();
}

fn alertmanager_settings(at: &Path, ops: SocketAddr, sink: SocketAddr) {
    let text = fs::read_to_string("alerts/examples/alertmanager.yml").unwrap();
    let (kept, _) = text.split_once("\nreceivers:").unwrap();
    let to = |name: &str| {
        format!("  - name: {name}\n    webhook_configs: [{{url: \"http://{sink}/{name}\"}}]\n")
    };
    let text = format!(
        "{kept}\nreceivers:\n{}{}{}  - name: accuscope\n    webhook_configs: [{{url: \"http://{ops}/api/v1/alertmanager\"}}]\n",
        to("pager"),
        to("tickets"),
        to("dead-mans-switch"),
    );
    fs::write(at.join("alertmanager.yml"), text).unwrap();
}

fn prometheus_settings(
    at: &Path,
    telemetry: SocketAddr,
    alertmanager: SocketAddr,
    ops: SocketAddr,
    scrape: u64,
) {
    let rules = fs::canonicalize("alerts").unwrap();
    let text = fs::read_to_string("alerts/examples/prometheus.yml").unwrap();
    let text = text
        .replace("../", &format!("{}/", rules.display()))
        .replace("interval: 15s", &format!("interval: {scrape}s"))
        .replace("https://ops.example", &format!("http://{ops}"))
        .replace("environment: production", "environment: sandbox")
        .replace("127.0.0.1:9464", &telemetry.to_string())
        .replace("127.0.0.1:9093", &alertmanager.to_string());
    fs::write(at.join("prometheus.yml"), text).unwrap();
}

/// Whoever is told: writes down what fires.
async fn sink(told: &Book) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router =
        axum::Router::new().route("/{receiver}", post(write_down)).with_state(Arc::clone(told));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

async fn write_down(
    State(told): State<Book>,
    UrlPath(receiver): UrlPath<String>,
    Json(body): Json<Value>,
) {
    let mut told = told.lock().unwrap();
    for alert in body["alerts"].as_array().unwrap() {
        if alert["status"] == "firing" {
            told.push(Told {
                receiver: receiver.clone(),
                alert: alert["labels"]["alertname"].as_str().unwrap().to_owned(),
                fingerprint: alert["fingerprint"].as_str().unwrap().to_owned(),
                at: clock(),
            });
        }
    }
}
