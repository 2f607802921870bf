//! The real program as a process of its own: for its memory, its output, and its sudden death.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::app::{CLINICS, page, settings_text};
use super::{Client, until};

/// A running program.
pub(crate) struct Program {
    child: Child,
    folder: TempDir,
    pub(crate) proxy: SocketAddr,
    pub(crate) ops: SocketAddr,
    pub(crate) telemetry: SocketAddr,
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Program {
    /// Starts `accuscope serve` in a fresh folder.
    pub(crate) async fn start(base_url: &str, settings: &[(&str, &str)]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), base_url, settings, None).await
    }

    /// Starts it where no file may grow beyond so many blocks of 512 bytes: a full disk.
    pub(crate) async fn start_on_full_disk(base_url: &str, blocks: u32) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), base_url, &[], Some(blocks)).await
    }

    /// Makes room again on the full disk.
    pub(crate) fn make_room(&self) {
        let pid = self.child.id().to_string();
        let done = Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited:"]).status();
        assert!(done.unwrap().success());
    }

    async fn start_in(
        folder: TempDir,
        base_url: &str,
        settings: &[(&str, &str)],
        blocks: Option<u32>,
    ) -> Self {
        let file = folder.path().join("accuscope.toml");
        fs::write(&file, settings_text(folder.path(), base_url, settings, CLINICS)).unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let program = env!("CARGO_BIN_EXE_accuscope");
        // The limit comes as an error to a process that ignores the signal of it.
        let limited = |blocks| format!("trap '' XFSZ; ulimit -S -f {blocks}; exec \"$@\"");
        let mut command = match blocks {
            Some(blocks) => {
                let mut shell = Command::new("sh");
                shell.args(["-c", &limited(blocks), "sh", program]);
                shell
            }
            None => Command::new(program),
        };
        let child = command
            .args(["serve", "--config"])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let log = folder.path().join("log");
        let started = until("the program's first line", || async {
            let text = fs::read_to_string(&log).unwrap();
            let line = text.lines().find(|line| line.contains("accuscope serves"))?;
            Some(serde_json::from_str::<serde_json::Value>(line).unwrap())
        })
        .await;
        let of = |name: &str| started[name].as_str().unwrap().parse().unwrap();
        Self { child, folder, proxy: of("proxy"), ops: of("ops"), telemetry: of("telemetry") }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.proxy).await
    }

    /// Sends the process a signal, by its name.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    /// Resident memory, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1_024
    }

    /// Kills the process without warning and starts it again on the same folder.
    pub(crate) async fn kill_and_restart(
        mut self,
        base_url: &str,
        settings: &[(&str, &str)],
        between: impl FnOnce(&Path),
    ) -> Self {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let fresh = tempfile::tempdir().unwrap();
        let folder = std::mem::replace(&mut self.folder, fresh);
        between(folder.path());
        Self::start_in(folder, base_url, settings, None).await
    }

    /// What it has said so far, on either output.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Runs another command on the same settings: whether it succeeded, and what it said.
    pub(crate) fn command(&self, arguments: &[&str]) -> (bool, String) {
        let file = self.folder().join("accuscope.toml");
        let mut command = Command::new(env!("CARGO_BIN_EXE_accuscope"));
        let output = command.arg("--config").arg(file).args(arguments).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    /// Asks the process to stop and waits for its exit code.
    pub(crate) async fn terminate(&mut self) -> i32 {
        let sent = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status();
        assert!(sent.unwrap().success());
        until("the program's end", || {
            let ended = self.child.try_wait().unwrap();
            async move { ended.map(|status| status.code().unwrap()) }
        })
        .await
    }

    pub(crate) async fn page(&self, path: &str) -> (u16, String) {
        page(self.telemetry, path).await
    }
}
