//! The weekly letter as an operator meets it: the command, the settings, and a serving process, in front of
//! a real SMTP server on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod sink;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use accuscope::clock::Clock;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use sink::Sink;

const PASSWORD: &str = "a-password-for-tests-only";

/// A folder with a settings file.
struct Place(tempfile::TempDir);

impl Place {
    /// The settings of tests, with a `[digest]` of these lines; none without any.
    fn new(digest: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        std::fs::write(place.path("k1"), [7; 32]).unwrap();
        std::fs::write(place.path("password"), format!("{PASSWORD}\n")).unwrap();
        let text = format!(
            "environment = \"sandbox\"\n\
             proxy.listen = \"127.0.0.1:0\"\nops.listen = \"127.0.0.1:0\"\nops.auth = \"off\"\n\
             telemetry.listen = \"127.0.0.1:0\"\nupstream.base_url = \"http://127.0.0.1:9\"\n\
             store.url = \"sqlite:store.db\"\nprivacy.keys = {{ k1 = {{ file = \"k1\" }} }}\n\
             {digest}\n\
             [[clinics]]\nid = \"maple-ridge\"\nname = \"Maple Ridge\"\n\
             tenant = \"e1a47a6d-f563-4f0f-a7f3-b6539ba21330\"\n"
        );
        std::fs::write(place.path("accuscope.toml"), text).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_accuscope"));
        command.args(arguments).current_dir(self.0.path());
        command
    }

    /// Exit status, what was printed, and what was said about a failure.
    fn run(&self, arguments: &[&str], trusted: Option<&Path>) -> (i32, String, String) {
        let mut command = self.command(arguments);
        if let Some(file) = trusted {
            command.env("SSL_CERT_FILE", file);
        }
        let ended = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (ended.status.code().unwrap(), text(ended.stdout), text(ended.stderr))
    }
}

fn digest(server: &str) -> String {
    format!(
        "digest.server = \"{server}\"\ndigest.from = \"accuscope <ops@clinic.example>\"\n\
         digest.to = [\"manager@clinic.example\"]\n"
    )
}

#[test]
fn a_letter_is_printed_without_a_server_and_sends_nothing() {
    let place = Place::new("");
    let (status, text, said) = place.run(&["digest", "--print", "--week", "2026-W47"], None);
    assert_eq!(status, 0, "{said}");
    let subject = "Subject: [Sandbox] accuscope: Week 47: no clinic used it\n";
    assert!(text.starts_with(subject), "{text}");
    assert!(text.contains("- Maple Ridge: "), "{text}");
    let (status, html, said) = place.run(&["digest", "--print", "--html"], None);
    assert_eq!(status, 0, "{said}");
    assert!(html.starts_with("<!DOCTYPE html>"), "{html}");
    for (arguments, tells) in [
        (&["digest"][..], "no server: set digest.server"),
        (&["digest", "--print", "--week", "Tremblay"], "--week: not an ISO week"),
        (&["digest", "--html"], "--print"),
    ] {
        let (status, _, said) = place.run(arguments, None);
        assert_eq!(status, 2, "{said}");
        assert!(said.contains(tells) && !said.contains("Tremblay"), "{said}");
    }
    let (status, help, _) = place.run(&["digest", "--help"], None);
    assert!(status == 0 && help.contains("--print"), "{help}");
}

#[test]
fn settings_that_cannot_work_stop_the_start_and_name_the_key() {
    let server = "digest.server = \"smtp://mail.example\"\n";
    let from = "digest.from = \"ops@clinic.example\"\n";
    for (lines, key) in [
        ("digest.server = \"plain://mail.example:25\"\n".to_owned(), "digest.server"),
        ("digest.server = \"smtp://me:secret@mail.example\"\n".to_owned(), "digest.server"),
        (format!("{server}digest.from = \"nobody\"\n"), "digest.from"),
        (format!("{server}{from}"), "digest.to"),
        (format!("{server}{from}digest.to = [\"x\"]\n"), "digest.to"),
        (format!("{server}{from}digest.user = \"me\"\n"), "digest.password_file"),
        ("digest.day = \"someday\"\n".to_owned(), "digest.day"),
        ("digest.hour = 24\n".to_owned(), "digest.hour"),
        ("digest.timezone = \"Vancouver\"\n".to_owned(), "digest.timezone"),
    ] {
        let (status, _, said) = Place::new(&lines).run(&["digest", "--print"], None);
        assert_eq!(status, 2, "{lines}");
        assert!(said.contains(key), "{lines}: {said}");
        assert!(!said.contains("secret"), "{said}");
    }
}

#[test]
fn check_looks_at_the_password_and_sends_nothing() {
    let login = |file: &str| {
        let server = digest("smtps://mail.example");
        format!("{server}digest.user = \"me\"\ndigest.password_file = \"{file}\"\n")
    };
    for (lines, tells) in [
        (digest("smtps://mail.example"), "ok       weekly letter: by mail.example, port 465"),
        (login("nowhere"), "problem  weekly letter: digest.password_file: the file is not there"),
        (login("password"), "problem  weekly letter: digest.password_file: every account"),
    ] {
        let place = Place::new(&lines);
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        std::fs::set_permissions(place.path("password"), open).unwrap();
        let (_, out, _) = place.run(&["check"], None);
        assert!(out.contains(tells), "{out}");
    }
}

/// An issuer's certificate, and certificate and key of `localhost` by it.
fn certificates(place: &Place) -> [PathBuf; 3] {
    let mut authority = CertificateParams::new(Vec::default()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let pem = authority.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(authority, key);
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let own = own.signed_by(&key, &issuer).unwrap();
    let files = [("issuer", pem), ("certificate", own.pem()), ("key", key.serialize_pem())];
    files.map(|(name, text)| {
        let file = place.path(name);
        std::fs::write(&file, text).unwrap();
        file
    })
}

#[test]
fn the_command_sends_over_tls_that_it_trusts_and_over_no_other() {
    let folder = Place::new("");
    let [issuer, certificate, key] = certificates(&folder);
    for (mode, scheme) in [("starttls", "smtp"), ("tls", "smtps")] {
        let Some(sink) = Sink::start(mode, &[&certificate, &key]) else { return };
        let place = Place::new(&digest(&format!("{scheme}://localhost:{}", sink.port)));
        let (status, _, said) = place.run(&["digest"], None);
        assert_eq!(status, 1, "{mode}");
        assert!(said.contains("no TLS that can be trusted"), "{said}");
        assert!(sink.is_empty());
        let (status, out, said) = place.run(&["digest"], Some(&issuer));
        assert_eq!((status, out.as_str()), (0, "sent to 1 addresses\n"), "{mode}: {said}");
        let letter = sink.letter();
        assert_eq!(letter["secure"], true, "{mode}");
        let data = letter["data"].as_str().unwrap();
        assert!(data.contains("Subject: [Sandbox] accuscope: "), "{data}");
        // Both are in the audit.
        let (status, audit, said) = place.run(&["audit", "export", "--format", "ndjson"], None);
        assert_eq!(status, 0, "{said}");
        let records = audit.lines().map(|line| serde_json::from_str(line).unwrap());
        let letters: Vec<String> = records
            .filter(|record: &serde_json::Value| record["kind"] == "admin")
            .map(|record| record["detail"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(letters, ["letter_not_sent=1", "letter_sent=1"], "{mode}");
    }
}

/// A process that serves, ended when it is dropped.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_process_sends_the_weeks_letter_once_and_not_again_after_a_restart() {
    let Some(sink) = Sink::start("login", &[]) else { return };
    let server = digest(&format!("plain://127.0.0.1:{}", sink.port));
    // The hour of today has come already, in the middle of the day as at midnight.
    let today = jiff::tz::TimeZone::UTC.to_datetime(Clock::system().now().to_jiff()).date();
    let login =
        "digest.user = \"accuscope\"\ndigest.password_file = \"password\"\ndigest.hour = 0\n";
    let day = today.strftime("%A");
    let place = Place::new(&format!("{server}{login}digest.day = \"{day}\"\n"));
    let serve = || {
        let mut command = place.command(&["serve"]);
        Serving(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    };
    let first = serve();
    let letter = sink.letter();
    assert_eq!(letter["user"], "accuscope");
    assert_eq!(letter["to"], serde_json::json!(["manager@clinic.example"]));
    let data = letter["data"].as_str().unwrap();
    assert!(data.contains("Message-ID: <adoption-") && !data.contains(PASSWORD), "{data}");
    drop(first);
    let _second = serve();
    // A letter that somebody asks for is another one; whatever the process sends would come before it.
    let (status, _, said) = place.run(&["digest"], None);
    assert_eq!(status, 0, "{said}");
    let asked = sink.letter();
    let asked = asked["data"].as_str().unwrap();
    let id =
        |data: &str| data.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned();
    assert_ne!(id(asked), id(data));
    assert!(sink.is_empty());
}
