//! The program under test as a process of its own: its settings, its log, what the kernel and its own
//! metrics say of it.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::sleep;

use super::connection::{Connection, Received};
use super::{clock, folder};

const CLINICS: &str = r#"
[[clinics]]
id = "maple-ridge"
name = "Maple Ridge Family Practice"
tenant = "e1a47a6d-f563-4f0f-a7f3-b6539ba21330"

[[clinics]]
id = "cedar-hill"
name = "Cedar Hill Clinic"
tenant = "0b5b6a3e-1d5e-4b43-9a56-0c1d6f4b7a11"
"#;

pub(crate) struct Program {
    child: Child,
    folder: TempDir,
    pub(crate) proxy: SocketAddr,
    telemetry: SocketAddr,
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Program {
    /// Starts `serve` in front of an upstream, with lines of settings; `prepare` may put files into its
    /// folder first and give further lines.
    pub(crate) async fn start(
        upstream: SocketAddr,
        lines: &str,
        prepare: impl FnOnce(&Path) -> String,
    ) -> Self {
        let folder = folder();
        let at = folder.path().display().to_string();
        let mut text = "environment = \"sandbox\"\nops.auth = \"off\"\n".to_owned();
        for listener in ["proxy", "ops", "telemetry"] {
            writeln!(text, "{listener}.listen = \"127.0.0.1:0\"").unwrap();
        }
        writeln!(text, "upstream.base_url = \"http://{upstream}\"").unwrap();
        writeln!(text, "store.url = \"sqlite:{at}/store.db\"\njournal.dir = \"{at}/journal\"")
            .unwrap();
        writeln!(text, "privacy.keys = {{ k1 = {{ file = \"{at}/k1\" }} }}\n{lines}").unwrap();
        writeln!(text, "{}{CLINICS}", prepare(folder.path())).unwrap();
        fs::write(folder.path().join("k1"), [7; 32]).unwrap();
        fs::write(folder.path().join("accuscope.toml"), text).unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let child = command(folder.path(), &["serve"])
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let limit = clock() + Duration::from_mins(1);
        let started = loop {
            let text = fs::read_to_string(folder.path().join("log")).unwrap();
            let line = text.lines().find(|line| line.contains("accuscope serves"));
            if let Some(Ok(line)) = line.map(serde_json::from_str::<serde_json::Value>) {
                break line;
            }
            assert!(clock() < limit, "the program does not start:\n{text}");
            sleep(Duration::from_millis(20)).await;
        };
        let of = |name: &str| started[name].as_str().unwrap().parse().unwrap();
        Self { child, proxy: of("proxy"), telemetry: of("telemetry"), folder }
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.folder.path().join("journal")
    }

    /// Asks it to stop; its exit code, `None` if it has to be killed.
    pub(crate) async fn stop(&mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let limit = clock() + Duration::from_mins(1);
        while clock() < limit {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            sleep(Duration::from_millis(20)).await;
        }
        None
    }

    /// Runs another command of the program with the same settings: whether it worked, and what it said.
    pub(crate) fn run(&self, arguments: &[&str]) -> (bool, String) {
        let ended = command(self.folder.path(), arguments).output().unwrap();
        let said = [ended.stdout, ended.stderr].concat();
        (ended.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    fn proc(&self, name: &str) -> PathBuf {
        Path::new("/proc").join(self.child.id().to_string()).join(name)
    }

    /// Resident memory, in KiB.
    pub(crate) fn rss_kib(&self) -> u64 {
        let status = fs::read_to_string(self.proc("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    pub(crate) fn descriptors(&self) -> usize {
        fs::read_dir(self.proc("fd")).unwrap().count()
    }

    /// User and system time so far, in microseconds. The kernel counts in hundredths of a second.
    pub(crate) fn cpu_us(&self) -> u64 {
        let stat = fs::read_to_string(self.proc("stat")).unwrap();
        // Fields 14 and 15; the second one, in brackets, may hold spaces.
        let fields = stat.rsplit(") ").next().unwrap().split(' ');
        fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap() * 10_000).sum()
    }

    /// All metrics, as text.
    pub(crate) async fn metrics(&self) -> String {
        let mut connection = Connection::open(self.telemetry).await.unwrap();
        connection.send(b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
        match connection.answer(Duration::ZERO).await {
            Received::Whole(answer) => String::from_utf8_lossy(&answer.body).into_owned(),
            _ => String::new(),
        }
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_accuscope"));
    command.args(arguments).args(["--config", "accuscope.toml"]).current_dir(folder);
    command
}

/// The value of one series; 0 where it does not exist.
pub(crate) fn metric(text: &str, series: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.and_then(|value| value.parse().ok()).unwrap_or(0.0)
}
