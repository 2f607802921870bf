//! The real program as a process of its own, whose settings a test can change, and whose sockets a
//! test can keep.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::support::app::page;
use crate::support::{Client, until};

pub(crate) const MAPLE: &str = "e1a47a6d-f563-4f0f-a7f3-b6539ba21330";
pub(crate) const CEDAR: &str = "0b5b6a3e-1d5e-4b43-9a56-0c1d6f4b7a11";

/// A folder with a settings file.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    base_url: String,
}

impl Place {
    pub(crate) fn new(base_url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("k1"), [7; 32]).unwrap();
        Self { folder, base_url: base_url.to_owned() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the settings: the defaults of tests, a test's own lines over them, then tables. Whole or
    /// not at all, as an editor does.
    pub(crate) fn write(&self, lines: &str, tables: &str) {
        let own = |key: &str| lines.lines().any(|line| line.starts_with(&format!("{key} ")));
        let mut text = String::new();
        for (key, value) in [
            ("environment", "\"sandbox\"".to_owned()),
            ("proxy.listen", "\"127.0.0.1:0\"".to_owned()),
            ("ops.listen", "\"127.0.0.1:0\"".to_owned()),
            ("ops.auth", "\"off\"".to_owned()),
            ("telemetry.listen", "\"127.0.0.1:0\"".to_owned()),
            ("upstream.base_url", format!("{:?}", self.base_url)),
            ("store.url", format!("\"sqlite:{}\"", self.path("store.db").display())),
            ("journal.dir", format!("\"{}\"", self.path("journal").display())),
            ("privacy.keys", format!("{{ k1 = {{ file = \"{}\" }} }}", self.path("k1").display())),
        ] {
            if !own(key) {
                writeln!(text, "{key} = {value}").unwrap();
            }
        }
        let fresh = self.path("fresh.toml");
        fs::write(&fresh, format!("{text}{lines}\n{tables}")).unwrap();
        fs::rename(fresh, self.path("accuscope.toml")).unwrap();
    }

    /// Runs a command of the program to its end: exit status, standard output, standard error.
    pub(crate) fn run(&self, command: &str) -> (i32, String, String) {
        self.run_with(&[command])
    }

    /// The same with arguments.
    pub(crate) fn run_with(&self, words: &[&str]) -> (i32, String, String) {
        let ended = Command::new(env!("CARGO_BIN_EXE_accuscope"))
            .args(words)
            .arg("--config")
            .arg(self.path("accuscope.toml"))
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (ended.status.code().unwrap(), text(ended.stdout), text(ended.stderr))
    }

    fn command(&self, listener: Option<&TcpListener>) -> Command {
        // The shell moves the socket to where the protocol wants it, and becomes the program.
        let script = "exec 3<&0 </dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec \"$@\"";
        let program = env!("CARGO_BIN_EXE_accuscope");
        let mut command = if listener.is_some() {
            let mut shell = Command::new("sh");
            shell.args(["-c", script, "sh", program]);
            shell
        } else {
            Command::new(program)
        };
        let input = listener.map_or_else(Stdio::null, |listener| {
            Stdio::from(OwnedFd::from(listener.try_clone().unwrap()))
        });
        command.args(["serve", "--config"]).arg(self.path("accuscope.toml")).stdin(input);
        command
    }

    /// Starts `serve` with a socket where it must refuse to start: what it says.
    pub(crate) fn serve_in_vain(&self, listener: &TcpListener) -> String {
        let ended = self.command(Some(listener)).output().unwrap();
        assert_eq!(ended.status.code(), Some(2));
        String::from_utf8(ended.stderr).unwrap()
    }

    /// Starts `serve` and waits until it serves.
    pub(crate) async fn serve(&self) -> Serving {
        self.serve_with(&[], None).await
    }

    /// Starts `serve` with variables and, as its first socket (`LISTEN_FDS`), a listener that the
    /// caller keeps.
    pub(crate) async fn serve_with(
        &self,
        variables: &[(&str, &Path)],
        listener: Option<&TcpListener>,
    ) -> Serving {
        let log = File::create(self.path("log")).unwrap();
        let child = self
            .command(listener)
            .envs(variables.iter().copied())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let started = until("the program's first line", || async {
            let text = fs::read_to_string(self.path("log")).unwrap();
            let line = text.lines().find(|line| line.contains("accuscope serves"))?;
            serde_json::from_str::<serde_json::Value>(line).ok()
        })
        .await;
        let of = |name: &str| started[name].as_str().unwrap().parse().unwrap();
        Serving {
            child,
            log: self.path("log"),
            proxy: of("proxy"),
            ops: of("ops"),
            telemetry: of("telemetry"),
        }
    }
}

/// A running program.
pub(crate) struct Serving {
    child: Child,
    log: PathBuf,
    pub(crate) proxy: SocketAddr,
    pub(crate) ops: SocketAddr,
    pub(crate) telemetry: SocketAddr,
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Serving {
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    /// Asks the process to stop and waits for its exit code.
    pub(crate) async fn terminate(&mut self) -> i32 {
        self.signal("-TERM");
        self.ended().await
    }

    pub(crate) async fn ended(&mut self) -> i32 {
        until("the program's end", || {
            let ended = self.child.try_wait().unwrap();
            async move { ended.map(|status| status.code().unwrap()) }
        })
        .await
    }

    /// The log so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Waits until the log holds a text so many times.
    pub(crate) async fn logged(&self, text: &str, times: usize) {
        until(text, || async { (self.log().matches(text).count() >= times).then_some(()) }).await;
    }

    /// Asks for new settings, and waits until they are taken or refused.
    pub(crate) async fn hang_up(&self) {
        let count = |log: &str| log.matches("new settings").count();
        let before = count(&self.log());
        self.signal("-HUP");
        until("an answer to SIGHUP", || async { (count(&self.log()) > before).then_some(()) })
            .await;
    }

    /// One call on a connection of its own: status and problem document.
    pub(crate) async fn call(&self, target: &str, headers: &str) -> (u16, serde_json::Value) {
        let mut client = Client::connect(self.proxy).await;
        client.send(format!("GET {target} HTTP/1.1\r\nhost: p\r\n{headers}\r\n")).await;
        let answer = client.answer().await;
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    /// The value of one series of `/metrics`; 0 where it does not exist.
    pub(crate) async fn metric(&self, series: &str) -> f64 {
        let (_, text) = page(self.telemetry, "/metrics").await;
        let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().unwrap())
    }
}

/// What stands in the settings for a key.
pub(crate) fn digest(key: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(key.as_bytes()))
}
