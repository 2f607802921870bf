//! Silences on an incident's page, over a real Alertmanager and over one that misbehaves.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use accuscope::clock::Clock;
use accuscope::config::AlertmanagerConfig;
use accuscope::domain::audit::Event;
use accuscope::domain::clinic_scope::ClinicScope;
use accuscope::domain::names::{AccountId, InstanceId};
use accuscope::domain::role::Role;
use accuscope::domain::time::Timestamp;
use accuscope::ops::{Alertmanager, Auth};
use accuscope::store::{FirstLink, NewToken, SecretDigest};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::incidents::{site, token};
use crate::support::{Site, now};

/// A running Alertmanager, ended with the test.
struct Running {
    process: Child,
    address: SocketAddr,
    http: reqwest::Client,
    _folder: tempfile::TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Running {
    /// `None` where it is not installed and nobody insists.
    async fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("alertmanager.yml");
        fs::write(&file, "route: {receiver: none}\nreceivers: [{name: none}]\n").unwrap();
        // The port is free again when Alertmanager binds it; nobody else asks for this one.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let start = |program| {
            Command::new(program)
                .arg(format!("--config.file={}", file.display()))
                .arg(format!("--storage.path={}", folder.path().display()))
                .arg(format!("--web.listen-address={address}"))
                .arg("--cluster.listen-address=")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
        };
        let process = start("prometheus-alertmanager").or_else(|_| start("alertmanager")).ok();
        let insist = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(process.is_some() || !insist, "apt-get install prometheus-alertmanager (Debian)");
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::new();
        let running = Self { process: process?, address, http, _folder: folder };
        for _ in 0..400 {
            if running.http.get(running.url("/-/ready")).send().await.is_ok() {
                return Some(running);
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("Alertmanager did not start within ten seconds");
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    async fn fire(&self, alerts: &[(&str, &str)]) {
        let alert = |(name, clinic): &(&str, &str)| json!({"labels": {"alertname": name, "clinic": clinic}});
        let alerts: Vec<Value> = alerts.iter().map(alert).collect();
        let posted = self.http.post(self.url("/api/v2/alerts")).json(&alerts);
        assert!(posted.send().await.unwrap().status().is_success());
    }

    async fn get(&self, what: &str) -> Vec<Value> {
        let answer = self.http.get(self.url(&format!("/api/v2/{what}"))).send().await.unwrap();
        answer.json().await.unwrap()
    }

    /// Names and clinics of the alerts that are silenced.
    async fn silenced(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut found: Vec<_> = self
            .get("alerts")
            .await
            .iter()
            .filter(|alert| alert["status"]["silencedBy"] != json!([]))
            .map(|alert| (text(&alert["labels"]["alertname"]), text(&alert["labels"]["clinic"])))
            .collect();
        found.sort();
        found
    }
}

fn asking(site: Site, address: SocketAddr) -> Site {
    let url = format!("http://{address}");
    let config = AlertmanagerConfig { url, user: None, secret_file: None };
    site.with(|state| state.alertmanager = Some(Arc::new(Alertmanager::new(config).unwrap())))
}

/// Signs in with a token, at the time of the machine: Alertmanager goes by that.
async fn session(site: &Site, role: Role) -> String {
    site.state.clock.set(Clock::system().now());
    let token = token(site, role).await;
    site.post_as("", "/sign-in", &format!("token={token}")).await.cookie()
}

/// The id of a silence that the page offers to end.
fn offered(page: &str) -> Option<&str> {
    let (_, after) = page.split_once("name=\"silence\" value=\"")?;
    after.split('"').next()
}

#[tokio::test]
async fn on_call_silences_an_incidents_alerts_sees_it_and_ends_it() {
    let Some(alertmanager) = Running::start().await else { return };
    let (site, number) = site(Auth::Sessions).await;
    let site = asking(site, alertmanager.address);
    let oncall = session(&site, Role::Oncall).await;
    let address = format!("/incidents/{number}");
    let page = site.get_as(&oncall, &address).await.text;
    assert!(page.contains("Nothing is silenced"), "{page}");
    alertmanager
        .fire(&[
            ("AccuscopeClinicAuthFailing", "harbour-view"),
            ("AccuscopeClinicAuthFailing", "lakeshore"),
            ("AccuscopeUpstreamOutage", ""),
            ("AccuscopeWatchdog", ""),
        ])
        .await;

    // What nobody can choose silences nothing.
    for form in ["", "for=30m", "for=9000h&why=worked_on", "for=30m&why=Tremblay"] {
        let answer = site.post_as(&oncall, &format!("{address}/silence"), form).await;
        assert_eq!(answer.status, 303, "{form}");
    }
    assert!(alertmanager.get("silences").await.is_empty());

    let form = "for=2h&why=known_to_clinic";
    let answer = site.post_as(&oncall, &format!("{address}/silence"), form).await;
    assert_eq!(
        (answer.status.as_u16(), answer.headers.get("location").map(|to| to.to_str().unwrap())),
        (303, Some(&*format!("{address}#h-silences"))),
        "{}",
        answer.text
    );
    let kept = alertmanager.get("silences").await;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0]["createdBy"], "accuscope");
    assert_eq!(kept[0]["comment"], format!("known_to_clinic (accuscope, INC-{number})"));
    let end = Timestamp::parse(kept[0]["endsAt"].as_str().unwrap()).unwrap();
    let expected = site.state.clock.now().plus(Duration::from_hours(2));
    assert!(end.since(expected).max(expected.since(end)) < Duration::from_secs(1), "{end}");
    let muted = [("AccuscopeClinicAuthFailing".to_owned(), "harbour-view".to_owned())];
    assert_eq!(alertmanager.silenced().await, muted, "this clinic's, and nothing else");

    let page = site.get_as(&oncall, &address).await.text;
    for expected in ["The clinic is working on it", "Set here", "at Harbour View Medical"] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    // A second one takes the place of the first.
    site.post_as(&oncall, &format!("{address}/silence"), "for=30m&why=planned").await;
    let kept = alertmanager.get("silences").await;
    let active = |kept: &[Value]| kept.iter().filter(|s| s["status"]["state"] == "active").count();
    assert_eq!(active(&kept), 1, "{kept:?}");

    let page = site.get_as(&oncall, &address).await.text;
    let id = offered(&page).unwrap().to_owned();
    site.post_as(&oncall, &format!("{address}/silence/end"), &format!("silence={id}")).await;
    assert_eq!(active(&alertmanager.get("silences").await), 0);
    assert!(alertmanager.silenced().await.is_empty());
    let deeds = site.witness.deeds();
    let about: Vec<_> = deeds
        .iter()
        .filter(|deed| matches!(deed, Event::AlertsSilenced | Event::SilenceEnded | Event::NotDone))
        .collect();
    assert_eq!(about, [&Event::AlertsSilenced, &Event::AlertsSilenced, &Event::SilenceEnded]);
}

#[tokio::test]
async fn a_silence_of_somebody_elsewhere_is_shown_without_its_texts_and_stays() {
    let Some(alertmanager) = Running::start().await else { return };
    let (site, number) = site(Auth::Sessions).await;
    let site = asking(site, alertmanager.address);
    let oncall = session(&site, Role::Oncall).await;
    alertmanager.fire(&[("AccuscopeClinicAuthFailing", "harbour-view")]).await;
    let at = |minutes| {
        let now = Clock::system().now();
        now.plus(Duration::from_mins(minutes)).to_string()
    };
    let silence = |clinic: &str| {
        json!({
            "matchers": [
                {"name": "clinic", "value": clinic, "isRegex": true, "isEqual": true},
                {"name": "alertname", "value": "Zoe|AccuscopeClinicAuthFailing", "isRegex": true, "isEqual": true},
                {"name": "patient", "value": "9123456780|", "isRegex": true, "isEqual": true},
            ],
            "startsAt": at(0), "endsAt": at(60),
            "createdBy": "Zoë Tremblay", "comment": "chart of Tremblay 9123456780",
        })
    };
    for clinic in ["harbour-view|tremblay", "lakeshore"] {
        let posted = alertmanager.http.post(alertmanager.url("/api/v2/silences"));
        let answer = posted.json(&silence(clinic)).send().await.unwrap();
        assert!(answer.status().is_success(), "{:?}", answer.text().await);
    }
    let address = format!("/incidents/{number}");
    let page = site.get_as(&oncall, &address).await.text;
    for expected in [
        "Set in Alertmanager, and ended there",
        "Why stands in Alertmanager",
        "at Harbour View Medical; Clinic auth failing; conditions that Alertmanager shows",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    for hidden in ["Tremblay", "tremblay", "Zoë", "Zoe", "9123456780", "name=\"silence\""] {
        assert!(!page.contains(hidden), "{hidden} in {page}");
    }
    assert_eq!(page.matches("Set in Alertmanager").count(), 1, "the other clinic’s is none of it");
    let kept = alertmanager.get("silences").await;
    for id in kept.iter().map(|silence| silence["id"].as_str().unwrap()) {
        let form = format!("silence={id}");
        site.post_as(&oncall, &format!("{address}/silence/end"), &form).await;
    }
    let kept = alertmanager.get("silences").await;
    assert!(kept.iter().all(|silence| silence["status"]["state"] == "active"), "not ours to end");
}

#[tokio::test]
async fn an_account_is_told_to_alertmanager_by_its_number() {
    let Some(alertmanager) = Running::start().await else { return };
    let (site, number) = site(Auth::Sessions).await;
    let site = asking(site, alertmanager.address);
    site.state.clock.set(Clock::system().now());
    let digest = SecretDigest::of(b"first-0123456789abcdef");
    let (admin, instance) = (AccountId::parse("admin"), InstanceId::parse("i-1"));
    let now = site.state.clock.now();
    let made = site.store.create_first_link(digest, &admin.unwrap(), &instance.unwrap(), now).await;
    assert_eq!(made.unwrap(), FirstLink::Wanted);
    let chosen = "name=zoe&passphrase=heron moss lamp kettle&again=heron moss lamp kettle";
    let zoe = site.post_as("", "/sign-in/first-0123456789abcdef", chosen).await.cookie();
    let account = site.store.accounts().await.unwrap()[0].number;
    let address = format!("/incidents/{number}");
    site.post_as(&zoe, &format!("{address}/silence"), "for=8h&why=false_alarm").await;
    let kept = alertmanager.get("silences").await;
    assert_eq!(kept[0]["createdBy"], format!("accuscope account {account}"));
    let page = site.get_as(&zoe, &address).await.text;
    assert!(page.contains(&format!("Set here, by account {account}")), "{page}");
}

#[tokio::test]
async fn what_alertmanager_refuses_is_said_and_kept_as_not_done() {
    let Some(alertmanager) = Running::start().await else { return };
    let (site, number) = site(Auth::Sessions).await;
    let site = asking(site, alertmanager.address);
    // The site's time is days behind the machine's here, so the end has passed.
    let oncall = site.sign_in(Role::Oncall).await;
    let form = "for=8h&why=planned";
    let answer = site.post_as(&oncall, &format!("/incidents/{number}/silence"), form).await;
    assert_eq!(answer.status, 502);
    assert!(answer.text.contains("It was not done: Alertmanager refused it."), "{}", answer.text);
    let deeds = site.witness.deeds();
    assert!(deeds.ends_with(&[Event::AlertsSilenced, Event::NotDone]), "{deeds:?}");
    assert!(alertmanager.get("silences").await.is_empty());
}

/// An Alertmanager that answers everything alike, and what it was sent with.
async fn odd(
    status: StatusCode,
    body: &'static str,
) -> (SocketAddr, Arc<std::sync::Mutex<Vec<String>>>) {
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let keep = Arc::clone(&seen);
    let answer = move |headers: HeaderMap| async move {
        let sent = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
        keep.lock().unwrap().extend(sent);
        (status, body)
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = axum::Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, seen)
}

#[tokio::test]
async fn without_alertmanager_the_rest_of_the_page_works_and_says_so() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (closed, _) = odd(StatusCode::UNAUTHORIZED, "").await;
    let (strange, _) = odd(StatusCode::OK, "<html>Tremblay</html>").await;
    let (failing, _) = odd(StatusCode::INTERNAL_SERVER_ERROR, "Tremblay").await;
    for (address, says) in [
        (nobody, "Alertmanager cannot be reached."),
        (closed, "Alertmanager does not let accuscope in"),
        (strange, "Alertmanager answered with what accuscope does not understand."),
        (failing, "Alertmanager answered with what accuscope does not understand."),
    ] {
        let (site, number) = site(Auth::Sessions).await;
        let site = asking(site, address);
        let oncall = site.sign_in(Role::Oncall).await;
        let page = site.get_as(&oncall, &format!("/incidents/{number}")).await;
        assert_eq!(page.status, 200, "{says}");
        assert!(page.text.contains(says), "{says} in {}", page.text);
        assert!(page.text.contains("Some of its calls") && !page.text.contains("Tremblay"));
        let form = "for=30m&why=planned";
        let answer = site.post_as(&oncall, &format!("/incidents/{number}/silence"), form).await;
        assert_eq!(answer.status, 502, "{says}");
        assert!(answer.text.contains("Nothing was silenced."), "{}", answer.text);
        assert!(!site.witness.deeds().contains(&Event::AlertsSilenced), "nothing was tried");
    }
}

#[tokio::test]
async fn the_secret_is_a_bearer_token_or_the_password_of_a_name_and_stands_on_no_page() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    fs::write(&file, "s3cret-of-alertmanager\n").unwrap();
    for (user, expected) in [
        (None, "Bearer s3cret-of-alertmanager"),
        (Some("accuscope".to_owned()), "Basic YWNjdXNjb3BlOnMzY3JldC1vZi1hbGVydG1hbmFnZXI="),
    ] {
        let (address, seen) = odd(StatusCode::OK, "[]").await;
        let (site, number) = site(Auth::Off).await;
        let url = format!("http://{address}");
        let config = AlertmanagerConfig { url, user, secret_file: Some(file.clone()) };
        let ours = Arc::new(Alertmanager::new(config).unwrap());
        let site = site.with(|state| state.alertmanager = Some(ours));
        let page = site.get(&format!("/incidents/{number}")).await.text;
        assert!(page.contains("Nothing is silenced") && !page.contains("s3cret"), "{page}");
        assert_eq!(*seen.lock().unwrap(), [expected, expected]);
    }
    fs::write(&file, "\n").unwrap();
    let url = "http://127.0.0.1:9".to_owned();
    let empty = AlertmanagerConfig { url, user: None, secret_file: Some(file) };
    assert!(Alertmanager::new(empty).is_err());
}

#[tokio::test]
async fn where_it_is_off_admins_alone_are_told() {
    let (site, number) = site(Auth::Sessions).await;
    for (role, told) in [(Role::Admin, true), (Role::Oncall, false), (Role::Manager, false)] {
        let cookie = site.sign_in(role).await;
        let page = site.get_as(&cookie, &format!("/incidents/{number}")).await.text;
        assert_eq!(page.contains("alerts.alertmanager_url"), told, "{role}");
        assert_eq!(page.contains("Silences"), told, "{role}");
    }
}

#[tokio::test]
async fn who_sees_one_clinic_silences_that_clinics_incident_and_readers_none() {
    let Some(alertmanager) = Running::start().await else { return };
    let (site, number) = site(Auth::Sessions).await;
    let site = asking(site, alertmanager.address);
    let support = session(&site, Role::Support).await;
    let address = format!("/incidents/{number}");
    let page = site.get_as(&support, &address).await.text;
    assert!(page.contains("Nothing is silenced") && !page.contains("i-silence-for"), "{page}");
    let scoped = NewToken {
        id: uuid::Uuid::from_u128(77),
        digest: SecretDigest::of(b"token-of-one-clinic"),
        role: Role::Oncall,
        name: "one-clinic",
        created: now(),
        clinics: ClinicScope::parse("harbour-view").unwrap(),
        expires: None,
    };
    site.store.create_token(&scoped).await.unwrap();
    let one = site.post_as("", "/sign-in", "token=token-of-one-clinic").await.cookie();
    let answer = site.post_as(&one, &format!("{address}/silence"), "for=30m&why=worked_on").await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    assert_eq!(alertmanager.get("silences").await.len(), 1);
}
