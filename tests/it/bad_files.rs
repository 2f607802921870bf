//! "Somebody touched the files": what is damaged is named, nothing is written over, and the rest goes on.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::app::{CLINICS, settings_text};
use crate::support::audit::audit;
use crate::support::child::Program;
use crate::support::upstream::OK;
use crate::support::{RawUpstream, TestApp, exchange, until};

const POST: &str = "POST /rest/v1/a HTTP/1.1\r\nHost: p\r\nContent-Length: 2\r\n\r\n{}";
const GET: &str = "GET /rest/v1/a HTTP/1.1\r\nHost: p\r\n\r\n";

/// An installation that does not run.
struct Stopped(tempfile::TempDir);

impl Stopped {
    fn new(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = settings_text(folder.path(), "http://127.0.0.1:9", settings, CLINICS);
        fs::write(folder.path().join("accuscope.toml"), text).unwrap();
        Self(folder)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        run(self.0.path(), arguments)
    }
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_accuscope"));
    command.arg("--config").arg(folder.join("accuscope.toml")).args(arguments);
    command.current_dir(folder).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|p| if p.is_dir() { [below(&p), vec![p]].concat() } else { vec![p] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_record_is_named_and_the_program_goes_on_behind_it() {
    let upstream = RawUpstream::always(OK).await;
    let mut program = Program::start(&upstream.url(), &[]).await;
    let journal = program.folder().join("journal");
    let write = async |program: &Program| {
        let mut client = program.client().await;
        client.send(POST).await;
        assert_eq!(client.answer().await.status, 200);
    };
    write(&program).await;
    let file = journal.join("audit-00000001.ndjson");
    let mut edited = String::new();
    program = program
        .kill_and_restart(&upstream.url(), &[], |_| {
            let whole = fs::read_to_string(&file).unwrap();
            edited = whole.replacen("\"method\":\"POST\"", "\"method\":\"PUT\"", 1);
            fs::write(&file, &edited).unwrap();
            fs::write(journal.join("notes.txt"), "mine").unwrap();
        })
        .await;
    write(&program).await;
    assert_eq!(program.terminate().await, 0);
    let now = fs::read_to_string(&file).unwrap();
    assert!(now.starts_with(&edited), "nothing was written over");
    assert_eq!(fs::read_to_string(journal.join("notes.txt")).unwrap(), "mine");
    let verify = run(program.folder(), &["audit", "verify"]);
    let text = said(&verify);
    assert_eq!(verify.status.code(), Some(1), "{text}");
    assert!(text.contains("audit-00000001.ndjson:2: record 2: edited"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_line_of_the_journal_is_counted_and_the_rest_is_indexed() {
    let upstream = RawUpstream::always(OK).await;
    let mut program = Program::start(&upstream.url(), &[]).await;
    let mut client = program.client().await;
    client.send(GET).await;
    assert_eq!(client.answer().await.status, 200);
    let file = program.folder().join("journal/exchanges-00000001.ndjson");
    until("the call in the journal", || async {
        fs::read_to_string(&file).unwrap().contains("\"id\"").then_some(())
    })
    .await;
    program = program
        .kill_and_restart(&upstream.url(), &[], |folder| {
            let whole = fs::read_to_string(&file).unwrap();
            fs::write(&file, format!("{whole}{{\"v\":1,\"id\":\"what?\"}}\n")).unwrap();
            // Everything is indexed anew.
            for name in ["accuscope.db", "accuscope.db-wal", "accuscope.db-shm", "store.db"] {
                drop(fs::remove_file(folder.join(name)));
            }
        })
        .await;
    let mut client = program.client().await;
    client.send(GET).await;
    assert_eq!(client.answer().await.status, 200);
    until("the damage in the metrics", || async {
        let (_, text) = program.page("/metrics").await;
        text.contains("accuscope_index_skipped_lines_total 1\n").then_some(())
    })
    .await;
    until("the rest in the store", || async {
        let (_, text) = program.page("/metrics").await;
        text.contains("accuscope_journal_unindexed_events 0\n").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_changed_under_its_name_stops_the_start() {
    let upstream = RawUpstream::always(OK).await;
    let mut app = TestApp::start(&upstream.url());
    app.stop().await;
    let key = app.folder().join("k1");
    let old = fs::read(&key).unwrap();
    fs::write(&key, [9; 32]).unwrap();
    let output = run(app.folder(), &["serve"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("the key k1 is not the one that made references"), "{text}");
    let check = said(&run(app.folder(), &["check"]));
    assert!(check.contains("the key k1 is not the one"), "{check}");
    fs::write(&key, old).unwrap();
    let check = said(&run(app.folder(), &["check"]));
    assert!(!check.contains("is not the one"), "{check}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_program_makes_is_for_its_own_account_only() {
    let upstream = RawUpstream::always(OK).await;
    let mut app = TestApp::start(&upstream.url());
    until("the store", || async { app.store() }).await;
    exchange(&app, POST).await;
    app.stop().await;
    let mine = ["accuscope.toml", "k1"];
    let made: Vec<_> = below(app.folder())
        .into_iter()
        .filter(|path| !mine.contains(&path.file_name().unwrap().to_str().unwrap()))
        .collect();
    assert!(made.len() >= 7, "{made:?}");
    for path in made {
        let wanted = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), wanted, "{}", path.display());
    }
    assert!(audit(&app.folder().join("journal")).len() > 3);
}

#[test]
fn check_warns_of_a_key_that_others_can_read_and_a_made_one_is_private() {
    let stopped = Stopped::new(&[("audit.signing_key", "{ file = \"seal.pem\" }")]);
    let made = stopped.run(&["audit", "key", "create", "seal.pem"]);
    assert!(made.status.success(), "{}", said(&made));
    assert_eq!(mode(&stopped.0.path().join("seal.pem")), 0o600);
    let again = stopped.run(&["audit", "key", "create", "seal.pem"]);
    assert!(!again.status.success() && said(&again).contains("cannot be written"));
    let key = stopped.0.path().join("k1");
    for (bits, warned) in [(0o644, true), (0o600, false)] {
        fs::set_permissions(&key, fs::Permissions::from_mode(bits)).unwrap();
        let text = said(&stopped.run(&["check"]));
        assert_eq!(text.contains("every account of this machine can read"), warned, "{text}");
        assert!(text.contains("signs checkpoints as"), "{text}");
    }
}
