//! A real SMTP server for the tests of the weekly letter: started for one test, ended with it.
//!
//! Where it is not installed (`npm --prefix tests/smtp ci`), a test says so and passes, unless
//! `ACCUSCOPE_TEST_SMTP` is set, as `./test` does.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

/// How long a letter may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Sink {
    child: Child,
    lines: Receiver<Value>,
    pub(crate) port: u16,
}

impl Sink {
    /// Starts it; `None`, with words, where it is not installed.
    pub(crate) fn start(mode: &str, files: &[&Path]) -> Option<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/smtp");
        if !here.join("node_modules/smtp-server").is_dir() {
            let skipped = b"skipped: sending a letter needs npm --prefix tests/smtp ci\n";
            std::io::stderr().write_all(skipped).unwrap();
            assert!(std::env::var_os("ACCUSCOPE_TEST_SMTP").is_none(), "the sink is missing");
            return None;
        }
        let mut child = Command::new("node")
            .arg(here.join("sink.mjs"))
            .arg(mode)
            .args(files)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (say, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                drop(say.send(serde_json::from_str(&line).unwrap()));
            }
        });
        let first: Value = lines.recv_timeout(PATIENCE).unwrap();
        let port = u16::try_from(first["port"].as_u64().unwrap()).unwrap();
        Some(Self { child, lines, port })
    }

    /// The next letter that arrives.
    pub(crate) fn letter(&self) -> Value {
        self.lines.recv_timeout(PATIENCE).unwrap()
    }

    /// Whether nothing more has arrived.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.try_recv().is_err()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
