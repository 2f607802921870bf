//! Who is told, and which alert keeps quiet while a wider one speaks, asked of a real Alertmanager
//! with the configuration that ships as an example.
//!
//! The labels of the alerts come from the rule files. Does not look at when an alert fires; see
//! `alerts.rs`.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its files has failed")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use accuscope::clock::Clock;
use accuscope::domain::alert::{Alert, Severity};
use accuscope::domain::labels::Environment;
use accuscope::domain::names::ClinicId;
use accuscope::domain::registry::{Clinic, Phase, Registry, Rollout};
use accuscope::domain::role::Role;
use accuscope::domain::time::Timestamp;
use accuscope::ops::{Auth, OpsState, router};
use accuscope::store::{NewToken, SecretDigest, Store, StoreHandle, StoreUrl};
use serde_json::{Value, json};

const EXAMPLE: &str = "alerts/examples/alertmanager.yml";

/// Starts the first of `programs` that is installed. `None` where none is and nobody insists.
fn start(programs: &[&str], arguments: &[&str]) -> Option<Child> {
    for program in programs {
        let command = &mut Command::new(program);
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null());
        if let Ok(child) = command.spawn() {
            return Some(child);
        }
    }
    let insist = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(
        !insist,
        "{} does not start. Install it: apt-get install prometheus-alertmanager (Debian)",
        programs[0]
    );
    None
}

/// The `severity` and `scope` of an alert's first rule.
fn labels(alert: &str) -> (String, String) {
    let files = fs::read_dir("alerts").unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|end| end == "yml"));
    let rules: String = files.flat_map(fs::read_to_string).collect();
    let (_, rule) = rules.split_once(&format!("alert: {alert}\n")).unwrap();
    let value = |key: &str| {
        let line = rule.lines().find_map(|line| line.trim().strip_prefix(key));
        line.unwrap().to_owned()
    };
    (value("severity: "), value("scope: "))
}

#[test]
fn each_alert_reaches_the_people_who_can_act() {
    for (alert, receivers) in [
        ("AccuscopeWatchdog", "dead-mans-switch"),
        ("AccuscopeDown", "accuscope,pager"),
        ("AccuscopeUpstreamOutage", "accuscope,pager"),
        ("AccuscopeUpstreamDegraded", "accuscope,pager"),
        ("AccuscopeClinicAuthFailing", "accuscope,pager"),
        ("AccuscopeFleetAuthFailing", "accuscope,pager"),
        ("AccuscopeRecorderDropping", "accuscope,pager"),
        ("AccuscopeAuditUnavailable", "accuscope,pager"),
        ("AccuscopeWritesUnresolved", "accuscope,tickets"),
        ("AccuscopeUnusualAccess", "accuscope,tickets"),
        ("AccuscopeIndexerBehind", "accuscope,tickets"),
        ("AccuscopeUnknownClinicTraffic", "accuscope,tickets"),
        ("AccuscopeErrorBudgetBurnFast", "accuscope,pager"),
        ("AccuscopeFleetTrafficDrop", "accuscope,pager"),
        ("AccuscopeRedactionEscape", "accuscope,pager"),
        ("AccuscopeEnvironmentMismatch", "accuscope,pager"),
        ("AccuscopeErrorBudgetBurnSlow", "accuscope,tickets"),
        ("AccuscopeClinicSilent", "accuscope,tickets"),
        ("AccuscopeTokenRefreshFailing", "accuscope,tickets"),
        ("AccuscopeUpstreamBrownout", "accuscope,tickets"),
        ("AccuscopeSchemaDrift", "accuscope,tickets"),
    ] {
        let (severity, scope) = labels(alert);
        let arguments = [
            "config",
            "routes",
            "test",
            &format!("--config.file={EXAMPLE}"),
            &format!("--verify.receivers={receivers}"),
            &format!("alertname={alert}"),
            &format!("severity={severity}"),
            &format!("scope={scope}"),
        ];
        let Some(amtool) = start(&["amtool"], &arguments) else { return };
        let output = amtool.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{alert} should reach {receivers}, and reaches {said}");
    }
}

/// A running Alertmanager, ended with the test.
struct Alertmanager {
    process: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Alertmanager {
    /// With the example's routes and inhibitions, and receivers that lead nowhere.
    fn start() -> Option<Self> {
        Self::telling("")
    }

    /// The same, and `accuscope` is told as these lines say.
    fn telling(webhook: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let text = fs::read_to_string(EXAMPLE).unwrap();
        let (kept, _) = text.split_once("\nreceivers:").unwrap();
        let names = ["pager", "tickets", "dead-mans-switch"];
        let receivers: Vec<String> = names.map(|name| format!("- name: {name}")).to_vec();
        let receivers = format!("{}\n- name: accuscope\n{webhook}", receivers.join("\n"));
        let file = folder.path().join("alertmanager.yml");
        fs::write(&file, format!("{kept}\nreceivers:\n{receivers}\n")).unwrap();
        // The port is free again when Alertmanager binds it; nobody else asks for this one.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let arguments = [
            &format!("--config.file={}", file.display()),
            &format!("--storage.path={}", folder.path().display()),
            &format!("--web.listen-address={address}"),
            "--cluster.listen-address=",
        ];
        let process = start(&["prometheus-alertmanager", "alertmanager"], &arguments)?;
        Some(Self { process, address, _folder: folder })
    }

    fn ask(&self, request: &str) -> Option<String> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        head.contains(" 200 ").then(|| body.to_owned())
    }

    fn send(&self, alerts: &Value) -> bool {
        let body = alerts.to_string();
        let head = "POST /api/v2/alerts HTTP/1.0\r\nContent-Type: application/json";
        self.ask(&format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())).is_some()
    }

    fn alerts(&self) -> Vec<Value> {
        let body = self.ask("GET /api/v2/alerts HTTP/1.0\r\n\r\n").unwrap_or_default();
        serde_json::from_str(&body).unwrap_or_default()
    }
}

/// Asks again until there is an answer, for ten seconds at most.
fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    for _ in 0..200 {
        if let Some(answer) = ask() {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{what} did not happen within ten seconds");
}

/// Whether an alert is muted while all the others of its story are there.
type Part = (&'static str, &'static str, bool);

/// Alerts that fire together: name, clinic, and whether it is muted. One environment a story, so that
/// the stories do not meet.
const STORIES: &[(&str, &[Part])] = &[
    (
        "outage",
        &[
            ("AccuscopeUpstreamOutage", "", false),
            ("AccuscopeUpstreamDegraded", "", true),
            ("AccuscopeFleetAuthFailing", "", true),
            ("AccuscopeClinicAuthFailing", "maple-ridge", true),
            ("AccuscopeTokenRefreshFailing", "maple-ridge", true),
            ("AccuscopeUpstreamBrownout", "", true),
            ("AccuscopeCircuitOpen", "", true),
            ("AccuscopeRateLimited", "", true),
            ("AccuscopeErrorBudgetBurnFast", "", true),
            ("AccuscopeErrorBudgetBurnSlow", "", true),
            ("AccuscopeClinicSilent", "lakeshore", true),
            ("AccuscopeFleetTrafficDrop", "", true),
            ("AccuscopeEmptyAnswersRising", "lakeshore", true),
            ("AccuscopeRedactionEscape", "", false),
            ("AccuscopeRecorderDropping", "", false),
            ("AccuscopeUnknownClinicTraffic", "", false),
            ("AccuscopeWatchdog", "", false),
        ],
    ),
    (
        "fleet",
        &[
            ("AccuscopeFleetAuthFailing", "", false),
            ("AccuscopeClinicAuthFailing", "maple-ridge", true),
            ("AccuscopeClinicAuthFailing", "kitsilano", true),
            ("AccuscopeUpstreamDegraded", "", false),
        ],
    ),
    (
        "down",
        &[
            ("AccuscopeDown", "", false),
            ("AccuscopeUpstreamOutage", "", true),
            ("AccuscopeUpstreamDegraded", "", true),
            ("AccuscopeFleetAuthFailing", "", true),
            ("AccuscopeClinicAuthFailing", "maple-ridge", true),
            ("AccuscopeIndexerBehind", "", false),
            ("AccuscopeWatchdog", "", false),
        ],
    ),
    (
        "brownout",
        &[
            ("AccuscopeUpstreamBrownout", "", false),
            ("AccuscopeErrorBudgetBurnFast", "", true),
            ("AccuscopeClinicAuthFailing", "maple-ridge", false),
            ("AccuscopeTokenRefreshFailing", "maple-ridge", true),
            ("AccuscopeClinicSilent", "maple-ridge", true),
            ("AccuscopeClinicSilent", "lakeshore", false),
        ],
    ),
    (
        "no traffic",
        &[
            ("AccuscopeFleetTrafficDrop", "", false),
            ("AccuscopeClinicSilent", "maple-ridge", true),
            ("AccuscopeClinicSilent", "lakeshore", true),
        ],
    ),
    // The wider alerts of other environments mute nothing here.
    ("alone", &[("AccuscopeClinicAuthFailing", "maple-ridge", false)]),
];

#[test]
fn a_wider_alert_mutes_the_narrower_ones_and_nothing_else() {
    let mut expected = Vec::new();
    for (environment, alerts) in STORIES {
        for (alert, clinic, muted) in *alerts {
            let (severity, scope) = labels(alert);
            let labels = json!({
                "alertname": alert, "clinic": clinic, "environment": environment,
                "severity": severity, "scope": scope,
            });
            expected.push((labels, *muted));
        }
    }
    // The page of one instance replaces the warning of that instance, not that of another.
    for (instance, severity, muted) in
        [("a", "critical", false), ("a", "warning", true), ("b", "warning", false)]
    {
        let labels = json!({
            "alertname": "AccuscopeIndexerBehind", "environment": "replaced",
            "instance": instance, "severity": severity, "scope": "service",
        });
        expected.push((labels, muted));
    }
    let Some(alertmanager) = Alertmanager::start() else { return };
    let posted = expected.iter().map(|(labels, _)| json!({ "labels": labels })).collect();
    eventually("taking the alerts", || alertmanager.send(&posted).then_some(()));
    let in_state = |alerts: &[Value], state: &str| {
        alerts.iter().filter(|alert| alert["status"]["state"] == state).count()
    };
    let to_mute = expected.iter().filter(|(_, muted)| *muted).count();
    let seen = eventually("muting as many alerts as expected", || {
        let alerts = alertmanager.alerts();
        let all = alerts.len() == expected.len() && in_state(&alerts, "unprocessed") == 0;
        (all && in_state(&alerts, "suppressed") == to_mute).then_some(alerts)
    });
    for (labels, muted) in &expected {
        let same = |alert: &&Value| {
            let theirs = &alert["labels"];
            labels.as_object().unwrap().iter().all(|(key, value)| {
                theirs[key].as_str().unwrap_or_default() == value.as_str().unwrap_or_default()
            })
        };
        let alert = seen.iter().find(same).unwrap();
        assert_eq!(alert["status"]["state"] == "suppressed", *muted, "{labels}");
    }
}

/// A site that listens, with a token for Alertmanager in a file.
struct Site {
    store: Store,
    address: SocketAddr,
    token: std::path::PathBuf,
    _folder: tempfile::TempDir,
}

impl Site {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreUrl::sqlite(&folder.path().join("s.db"))).await.unwrap();
        let new = NewToken {
            id: uuid::Uuid::from_u128(1),
            digest: SecretDigest::of(b"acs_of_alertmanager"),
            role: Role::Oncall,
            name: "alertmanager",
            clinics: accuscope::domain::clinic_scope::ClinicScope::all(),
            created: Timestamp::from_seconds(0),
            expires: None,
        };
        store.create_token(&new).await.unwrap();
        let token = folder.path().join("token");
        fs::write(&token, "acs_of_alertmanager").unwrap();
        let clinic = Clinic {
            id: ClinicId::parse("maple-ridge").unwrap(),
            name: "Maple Ridge".to_owned(),
            tenant: uuid::Uuid::from_u128(1),
            time_zone: jiff::tz::TimeZone::UTC,
            phase: Phase::Live,
            went_live: None,
            rollout: Rollout::default(),
        };
        let registry = Arc::new(Registry::new(vec![clinic], vec![]).unwrap());
        let slot = StoreHandle::from(store.clone());
        let clock = Clock::system();
        let state = OpsState::new(slot, registry, Environment::Sandbox, Auth::Sessions, clock);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router(state)).await });
        Self { store, address, token, _folder: folder }
    }

    /// The receiver, as in the example but for the address and the token's place.
    fn webhook(&self) -> String {
        format!(
            "  webhook_configs:\n  - url: http://{}/api/v1/alertmanager\n    http_config:\n      \
             authorization: {{credentials_file: {}}}",
            self.address,
            self.token.display()
        )
    }

    /// What is kept of alerts, once it is so many of which so many fire.
    async fn alerts(&self, what: &str, all: usize, firing: usize) -> Vec<Alert> {
        for _ in 0..600 {
            let kept = self.store.alerts(Timestamp::from_seconds(0)).await.unwrap();
            let fires = kept.iter().filter(|alert| alert.ends_at.is_none()).count();
            if (kept.len(), fires) == (all, firing) {
                return kept;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{what} did not reach the site within thirty seconds");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_alertmanager_tells_the_site_of_alerts_and_of_their_end() {
    let site = Site::start().await;
    let Some(alertmanager) = Alertmanager::telling(&site.webhook()) else { return };
    let (severity, scope) = labels("AccuscopeClinicAuthFailing");
    let alert = |name: &str, clinic: &str, end: Option<&str>| {
        let mut alert = json!({
            "labels": {
                "alertname": name, "clinic": clinic, "environment": "sandbox",
                "severity": severity, "scope": scope, "category": "auth",
            },
            "annotations": {"summary": "a text that must not be kept"},
            "startsAt": "2026-01-02T03:04:05.678Z",
        });
        if let Some(end) = end {
            alert["endsAt"] = json!(end);
        }
        alert
    };
    let firing = json!([
        alert("AccuscopeClinicAuthFailing", "maple-ridge", None),
        alert("AccuscopeClinicAuthFailing", "nobody-registered-it", None),
    ]);
    eventually("taking the alerts", || alertmanager.send(&firing).then_some(()));
    let kept = site.alerts("what fires", 2, 2).await;
    let maple = kept.iter().find(|alert| alert.clinic.is_some()).unwrap();
    assert_eq!(maple.name.as_str(), "AccuscopeClinicAuthFailing");
    assert_eq!(maple.starts_at.to_string(), "2026-01-02T03:04:05.678000Z");
    assert_eq!(maple.severity, Severity::Critical);
    let over =
        json!([alert("AccuscopeClinicAuthFailing", "maple-ridge", Some("2026-01-02T04:00:00Z"))]);
    eventually("taking the end", || alertmanager.send(&over).then_some(()));
    let kept = site.alerts("the end", 2, 1).await;
    let maple = kept.iter().find(|alert| alert.clinic.is_some()).unwrap();
    assert_eq!(maple.ends_at.unwrap().to_string(), "2026-01-02T04:00:00.000000Z");
}
