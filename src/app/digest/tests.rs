//! Letters to a real SMTP server on loopback: once a week, again after a failure, and what each failure is.

use std::path::Path;

use jiff::civil::Weekday;

use super::*;
use crate::config::SmtpTls;
use crate::domain::letter::Schedule;
use crate::journal::Folder;
use crate::journal::audit::AuditWriter;
use crate::store::StoreUrl;

#[path = "../../../tests/smtp/sink.rs"]
mod sink;

use sink::Sink;

/// The Monday after week 47 of 2026, two hours after its letter is due.
const NOW: &str = "2026-11-23T09:00:00Z";
const PASSWORD: &str = "a-password-for-tests-only";

fn now() -> Timestamp {
    Timestamp::parse(NOW).unwrap()
}

fn config(port: u16) -> DigestConfig {
    let mailbox = |text: &str| text.parse().unwrap();
    DigestConfig {
        host: "127.0.0.1".into(),
        port,
        tls: SmtpTls::Plain,
        login: None,
        from: mailbox("accuscope <ops@clinic.example>"),
        to: vec![mailbox("manager@clinic.example"), mailbox("second@clinic.example")],
        schedule: Schedule { day: Weekday::Monday, hour: 7, time_zone: jiff::tz::TimeZone::UTC },
        site: Some("https://ops.example".into()),
        language: crate::domain::refusal_words::Language::English,
    }
}

struct Place {
    store: Store,
    audit: AuditWriter,
    folder: tempfile::TempDir,
}

impl Place {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreUrl::sqlite(&folder.path().join("s.db"))).await.unwrap();
        let metrics = Arc::new(Metrics::new("1", "production", &[]));
        let journal = Folder::open(folder.path()).unwrap();
        let clock = Clock::fixed(now());
        let audit = AuditWriter::start(&journal, 1 << 20, None, metrics, clock).unwrap();
        Self { store, audit, folder }
    }

    /// What stands in the audit about letters, once the process has stopped.
    fn told(self) -> Vec<String> {
        self.audit.stop();
        let files = std::fs::read_dir(self.folder.path()).unwrap().map(|file| file.unwrap().path());
        let mut files: Vec<_> =
            files.filter(|file| file.to_string_lossy().contains("audit-")).collect();
        files.sort();
        let text: String =
            files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
        let records =
            text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let letters = records.filter(|record| record["kind"] == "admin");
        letters.map(|record| record["detail"].as_str().unwrap().to_owned()).collect()
    }

    /// A process at a time.
    fn process(&self, config: &DigestConfig, at: Timestamp) -> Letters {
        Letters {
            config: config.clone(),
            environment: Environment::Production,
            goals: Goals::default(),
            store: StoreHandle::from(self.store.clone()),
            registry: Arc::new(Registry::default()).into(),
            metrics: Arc::new(Metrics::new("1", "production", &[])),
            audit: self.audit.log(),
            clock: Clock::fixed(at),
        }
    }

    /// One look at a time; gives how often each result was counted then, of two.
    async fn look(&self, config: &DigestConfig, at: Timestamp, results: [&str; 2]) -> [u64; 2] {
        let process = self.process(config, at);
        process.look(&self.store).await.unwrap();
        results.map(|result| process.metrics.letters.with_label_values(&[result]).get())
    }
}

#[tokio::test]
async fn a_letter_is_sent_once_by_one_of_several_processes_and_not_again_after_a_restart() {
    let Some(sink) = Sink::start("plain", &[]) else { return };
    let (place, config) = (Place::new().await, config(sink.port));
    let early = Timestamp::parse("2026-11-23T06:59:59Z").unwrap();
    assert_eq!(place.look(&config, early, ["sent", "later"]).await, [0, 0], "not due");
    let (one, two) = tokio::join!(
        place.look(&config, now(), ["sent", "later"]),
        place.look(&config, now(), ["sent", "later"]),
    );
    assert_eq!(one[0] + two[0], 1);
    let later = now().plus(Duration::from_hours(24));
    assert_eq!(place.look(&config, later, ["sent", "later"]).await, [0, 0], "after a restart");
    let letter = sink.letter();
    assert_eq!(letter["from"], "ops@clinic.example");
    let both = serde_json::json!(["manager@clinic.example", "second@clinic.example"]);
    assert_eq!(letter["to"], both);
    let data = letter["data"].as_str().unwrap();
    for field in [
        "Subject: accuscope: Week 47: no clinics are registered",
        "Message-ID: <adoption-2026-W47-production@clinic.example>",
        "Auto-Submitted: auto-generated",
        "multipart/alternative",
        "https://ops.example/adoption?week=",
    ] {
        assert!(
            data.contains(field) || data.replace("=\r\n", "").contains(field),
            "{field} in {data}"
        );
    }
    assert!(sink.is_empty(), "one letter");
    let state = place.store.whole().letters().await.unwrap();
    assert_eq!((state.sent, state.failed), (Some(now()), None));
    // The next week has its own.
    let next = now().plus(Duration::from_hours(7 * 24));
    assert_eq!(place.look(&config, next, ["sent", "later"]).await, [1, 0]);
    assert!(sink.letter()["data"].as_str().unwrap().contains("Week 48"));
}

#[tokio::test]
async fn what_could_not_be_sent_is_tried_again_after_a_pause() {
    let Some(sink) = Sink::start("plain", &[]) else { return };
    let place = Place::new().await;
    // Nobody listens there: the port was given back.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (down, up) = (config(gone), config(sink.port));
    let results = ["sent", "unreachable"];
    assert_eq!(place.look(&down, now(), results).await, [0, 1]);
    let state = place.store.whole().letters().await.unwrap();
    assert_eq!(state.failed, Some((now(), Failure::Unreachable)));
    let after = |seconds| now().plus(Duration::from_secs(seconds));
    assert_eq!(place.look(&down, after(59), results).await, [0, 0], "it pauses");
    assert_eq!(place.look(&down, after(60), results).await, [0, 1]);
    assert_eq!(place.look(&up, after(60 + 119), results).await, [0, 0], "twice as long");
    assert_eq!(place.look(&up, after(60 + 120), results).await, [1, 0]);
    let state = place.store.whole().letters().await.unwrap();
    assert_eq!((state.sent, state.failed), (Some(after(180)), None));
    assert!(sink.letter()["data"].as_str().unwrap().contains("Week 47"));
    assert_eq!(place.told(), ["letter_not_sent=1", "letter_not_sent=2", "letter_sent=2"]);
}

#[tokio::test]
async fn each_failure_has_its_word_and_the_password_goes_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file
    };
    let right = file("right", &format!("{PASSWORD}\n"));
    let wrong = file("wrong", "another one");
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = file("certificate", &certified.cert.pem());
    let key = file("key", &certified.signing_key.serialize_pem());
    let tls: &[&Path] = &[&certificate, &key];
    let login = |file: &Path| Some(("accuscope".to_owned(), file.to_owned()));
    for (mode, files, protection, user, expected) in [
        ("login", &[][..], SmtpTls::Plain, login(&right), "sent"),
        ("login", &[][..], SmtpTls::Plain, login(&wrong), "sign_in"),
        ("login", &[][..], SmtpTls::Plain, login(&folder.path().join("none")), "sign_in"),
        ("login", &[][..], SmtpTls::Plain, None, "sign_in"),
        ("refuse", &[][..], SmtpTls::Plain, None, "refused"),
        ("later", &[][..], SmtpTls::Plain, None, "later"),
        // Nobody vouches for the certificate; and whoever offers no STARTTLS is told nothing.
        ("starttls", tls, SmtpTls::StartTls, login(&right), "tls"),
        ("tls", tls, SmtpTls::Wrapped, login(&right), "tls"),
        ("plain", &[][..], SmtpTls::StartTls, login(&right), "tls"),
    ] {
        let Some(sink) = Sink::start(mode, files) else { return };
        let place = Place::new().await;
        let plain = config(sink.port);
        let host = if files.is_empty() { plain.host.clone() } else { "localhost".to_owned() };
        let config = DigestConfig { host, tls: protection, login: user, ..plain };
        let counted = place.look(&config, now(), [expected, "unreachable"]).await;
        let what = format!("{mode} {protection:?} {expected}");
        assert_eq!(counted, [1, 0], "{what}: {:?}", place.store.whole().letters().await.unwrap());
        if expected == "sent" {
            let letter = sink.letter();
            assert_eq!(letter["user"], "accuscope", "{what}");
            assert!(!letter["data"].as_str().unwrap().contains(PASSWORD));
        } else {
            assert!(sink.is_empty(), "{what}");
        }
    }
}
