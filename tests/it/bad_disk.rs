//! "Saving does not work": a disk that takes no audit record stops writes, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use accuscope::domain::audit::{CallResult, Event, Kind, Record};

use crate::support::app::{CLINICS, page};
use crate::support::audit::audit;
use crate::support::upstream::OK;
use crate::support::{RawUpstream, TestApp, exchange, until};

const POST: &str = "POST /rest/v1/a HTTP/1.1\r\nHost: p\r\nContent-Length: 2\r\n\r\n{}";
const GET: &str = "GET /rest/v1/a HTTP/1.1\r\nHost: p\r\n\r\n";

/// A small disk of its own, for those who may mount one.
pub(crate) struct SmallDisk {
    pub(crate) path: PathBuf,
    place: tempfile::TempDir,
}

fn run(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

impl SmallDisk {
    /// In memory, so small that it is soon full.
    fn in_memory() -> Option<Self> {
        Self::mount(|_, at| run("mount", &["-t", "tmpfs", "-o", "size=256k", "tmpfs", at]))
    }

    /// In a file, with a file system that can be frozen: then a write does not come back.
    pub(crate) fn in_a_file() -> Option<Self> {
        Self::mount(|place, at| {
            let image = place.join("image");
            fs::File::create(&image).unwrap().set_len(16 * 1_024 * 1_024).unwrap();
            let image = image.to_str().unwrap();
            // Reading must not write access times on a frozen disk.
            run("mkfs.ext4", &["-q", image]) && run("mount", &["-o", "loop,noatime", image, at])
        })
    }

    /// What another machine would find on it if the power went now: the same file system, without what
    /// is only in this machine's memory.
    pub(crate) fn as_after_a_power_cut(&self) -> Self {
        let image = self.place.path().join("image");
        let copy = Self::mount(|place, at| {
            let copy = place.join("image");
            fs::copy(&image, &copy).unwrap();
            run("mount", &["-o", "loop", copy.to_str().unwrap(), at])
        });
        copy.unwrap()
    }

    fn mount(mount: impl FnOnce(&Path, &str) -> bool) -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("disk");
        fs::create_dir(&path).unwrap();
        if mount(place.path(), path.to_str().unwrap()) {
            return Some(Self { path, place });
        }
        let mut out = std::io::stderr();
        std::io::Write::write_all(&mut out, b"skipped: mounting a disk needs root\n").unwrap();
        None
    }

    fn fill(&self) {
        use std::io::Write;
        let mut file = fs::File::create(self.path.join("full")).unwrap();
        while file.write_all(&[0; 512]).is_ok() {}
    }

    fn free(&self) {
        fs::remove_file(self.path.join("full")).unwrap();
    }

    fn freeze(&self, frozen: bool) -> bool {
        run("fsfreeze", &[if frozen { "-f" } else { "-u" }, self.path.to_str().unwrap()])
    }

    fn app(&self, upstream: &RawUpstream) -> TestApp {
        let journal = format!("\"{}\"", self.journal().display());
        TestApp::with(&upstream.url(), &[("journal.dir", &journal)], CLINICS)
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.path.join("journal")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        self.freeze(false);
        run("umount", &["-l", self.path.to_str().unwrap()]);
    }
}

fn refused(records: &[Record]) -> u64 {
    let gap = |record: &Record| record.entry.detail.filter(|d| d.event == Event::Gap)?.count;
    records.iter().filter_map(gap).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_full_disk_writes_are_refused_in_a_second_and_reads_flow() {
    let Some(disk) = SmallDisk::in_memory() else { return };
    let upstream = RawUpstream::always(OK).await;
    let mut app = disk.app(&upstream);
    assert_eq!(exchange(&app, POST).await.status, 200);
    disk.fill();
    // The last page of the file may have room for a few more records.
    let mut sent = 1;
    let problem = loop {
        let (begun, answer) = (now(), exchange(&app, POST).await);
        assert!(begun.elapsed() < Duration::from_secs(1), "refused in {:?}", begun.elapsed());
        if answer.status != 200 {
            break answer.is_problem(503);
        }
        sent += 1;
        assert!(sent < 50, "the disk is not full");
    };
    assert_eq!(problem["reason"], "audit_unavailable");
    assert_eq!(problem["category"], "policy");
    for _ in 0..20 {
        let begun = now();
        exchange(&app, POST).await.is_problem(503);
        assert_eq!(exchange(&app, GET).await.status, 200, "reads flow");
        assert!(begun.elapsed() < Duration::from_secs(1));
    }
    assert!((app.metric("accuscope_audit_available").await).abs() < 0.5);
    let (_, ready) = app.telemetry("/readyz").await;
    assert!(ready.contains("\"audit\":\"unavailable\""), "{ready}");
    // What is looked up has to be kept, too; and every page says since when it cannot be.
    until("the store", || async { app.store() }).await;
    for path in ["/", "/clinics", "/runbooks"] {
        let (_, text) = page(app.at.ops, path).await;
        assert!(
            text.contains("the audit cannot be kept, so changes to charts are refused"),
            "{path}"
        );
    }
    let (_, status) = page(app.at.ops, "/api/v1/status").await;
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert!(status["audit_unavailable_since"].is_string(), "{status}");
    assert!(status["state"] != "working" && status["cause"].is_string(), "{status}");
    assert_eq!(page(app.at.ops, "/calls").await.0, 503);
    disk.free();
    app.metric_is("accuscope_audit_available", 1.0).await;
    assert_eq!(exchange(&app, POST).await.status, 200);
    assert!(!page(app.at.ops, "/").await.1.contains("the audit cannot be kept"));
    app.running.take().unwrap().stop().await;
    let records = audit(&disk.journal());
    let of = |kind| records.iter().filter(|record| record.entry.kind == kind).count();
    assert_eq!((of(Kind::Intent), of(Kind::Outcome)), (sent + 1, sent + 1));
    let writes = upstream.seen_text().matches("POST ").count();
    assert_eq!(writes, sent + 1, "nothing was sent without an intent");
    assert_eq!(refused(&records), 22, "the gap counts what was refused");
    assert!(records.iter().all(|record| record.entry.result != Some(CallResult::Unknown)));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_disk_that_does_not_answer_writes_are_refused_in_a_second_and_reads_flow() {
    let Some(disk) = SmallDisk::in_a_file() else { return };
    let upstream = RawUpstream::always(OK).await;
    let mut app = disk.app(&upstream);
    until("the store", || async { app.store() }).await;
    assert_eq!(exchange(&app, POST).await.status, 200);
    assert!(disk.freeze(true));
    for _ in 0..10 {
        let begun = now();
        let problem = exchange(&app, POST).await.is_problem(503);
        assert!(begun.elapsed() < Duration::from_secs(1), "refused in {:?}", begun.elapsed());
        assert_eq!(problem["reason"], "audit_unavailable");
        let begun = now();
        assert_eq!(exchange(&app, GET).await.status, 200);
        assert!(begun.elapsed() < Duration::from_millis(400), "reads do not wait");
    }
    assert_eq!(page(app.at.ops, "/calls").await.0, 503, "nothing is looked up unseen");
    app.metric_is("accuscope_audit_available", 0.0).await;
    assert!(disk.freeze(false));
    app.metric_is("accuscope_audit_available", 1.0).await;
    assert_eq!(exchange(&app, POST).await.status, 200);
    app.running.take().unwrap().stop().await;
    let records = audit(&disk.journal());
    let of = |kind| records.iter().filter(|record| record.entry.kind == kind).count();
    assert_eq!((of(Kind::Intent) - of(Kind::Refused), of(Kind::Outcome)), (2, 2));
    assert_eq!(upstream.seen_text().matches("POST ").count(), 2, "what was refused was not sent");
    assert_eq!(refused(&records), 11, "the gap counts what was refused");
}

#[expect(clippy::disallowed_methods, reason = "the test measures what an app waits")]
fn now() -> Instant {
    Instant::now()
}
