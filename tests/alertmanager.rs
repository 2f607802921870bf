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
use std::time::Duration;

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
    let files =
        ["alerts/auth.yml", "alerts/upstream.yml", "alerts/service.yml", "alerts/audit.yml"];
    let rules: String = files.iter().flat_map(fs::read_to_string).collect();
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
        let folder = tempfile::tempdir().unwrap();
        let text = fs::read_to_string(EXAMPLE).unwrap();
        let (kept, _) = text.split_once("\nreceivers:").unwrap();
        let names = ["pager", "tickets", "accuscope", "dead-mans-switch"];
        let receivers: Vec<String> = names.map(|name| format!("- name: {name}")).to_vec();
        let file = folder.path().join("alertmanager.yml");
        fs::write(&file, format!("{kept}\nreceivers:\n{}\n", receivers.join("\n"))).unwrap();
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
