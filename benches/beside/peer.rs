//! The rows: each a program with settings of its own in front of the one upstream, and what the kernel says
//! that its processes used.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::settings::{self, Place};
use super::{clock, say};

/// A program under load. Dropping it ends it, by its process id.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    child: Child,
    log: PathBuf,
}

/// What processes used so far.
#[derive(Default)]
pub(crate) struct Spent {
    /// Time on a processor, in the kernel or not.
    pub(crate) cpu_ns: u64,
    /// How often they were switched away from, willingly or not.
    pub(crate) switches: u64,
    /// What stands in the log.
    pub(crate) log_bytes: u64,
    /// What they hold of memory now.
    pub(crate) resident_kib: u64,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        drop(Command::new("kill").args(["-TERM", &pid]).status());
        let limit = clock() + Duration::from_secs(10);
        while clock() < limit {
            if let Ok(Some(_)) = self.child.try_wait() {
                return;
            }
            sleep(Duration::from_millis(20));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A row: its name, the program, its arguments, its settings.
struct Row {
    name: &'static str,
    /// Where it is; empty for ours.
    program: &'static str,
    arguments: &'static [&'static str],
    settings: fn(&Place) -> String,
    /// Its log, a file or a folder.
    log: &'static str,
}

const ROWS: &[Row] = &[
    Row {
        name: "nginx, JSON log",
        program: "/usr/sbin/nginx",
        arguments: &["-p", ".", "-c", "settings", "-e", "error.log"],
        settings: settings::nginx,
        log: "access.log",
    },
    Row {
        name: "HAProxy, JSON log",
        program: "/usr/sbin/haproxy",
        arguments: &["-db", "-f", "settings"],
        settings: settings::haproxy,
        log: "out.log",
    },
    Row {
        name: "Caddy, JSON log",
        program: "target/peers/bin/caddy",
        arguments: &["run", "--adapter", "caddyfile", "--config", "settings"],
        settings: settings::caddy,
        log: "access.log",
    },
    Row {
        name: "Traefik, JSON log",
        program: "target/peers/bin/traefik",
        arguments: &["--configFile=settings.yml"],
        settings: settings::traefik,
        log: "access.log",
    },
    Row {
        name: "Envoy, JSON log",
        program: "target/peers/bin/envoy-itself",
        arguments: &[
            "--config-path",
            "settings.yml",
            "--disable-hot-restart",
            "--log-level",
            "error",
        ],
        settings: settings::envoy,
        log: "access.log",
    },
    Row {
        name: "accuscope",
        program: "",
        arguments: &["serve", "--config", "settings"],
        settings: settings::accuscope,
        log: "journal",
    },
];

impl Row {
    fn program(&self) -> PathBuf {
        let ours = || std::env::var_os("ACCUSCOPE_BESIDE_PROGRAM").map(PathBuf::from);
        let program = match self.program {
            "" => ours().unwrap_or_else(|| "target/release/accuscope".into()),
            others => others.into(),
        };
        // It is started in a folder of its own.
        fs::canonicalize(&program).unwrap_or(program)
    }
}

/// How rows are started.
#[derive(Clone, Copy, Default)]
pub(crate) struct Start {
    /// Those alone whose settings know clinics and processors: nginx and accuscope.
    pub(crate) two: bool,
    /// So many clinics more than the one.
    pub(crate) clinics: u32,
    /// On so many processors alone; 0 is all.
    pub(crate) processors: u32,
}

/// Starts every row that is installed.
pub(crate) fn start_all(folder: &Path, upstream: SocketAddr, how: Start) -> Vec<Peer> {
    let wanted = |row: &&Row| !how.two || matches!(row.name, "nginx, JSON log" | "accuscope");
    let installed = |row: &&Row| {
        let program = row.program();
        if !program.exists() {
            say(&format!("left out, since {} is not there: {}", program.display(), row.name));
        }
        program.exists()
    };
    let rows = ROWS.iter().filter(wanted).filter(installed);
    rows.map(|row| start(row, folder, upstream, how)).collect()
}

fn start(row: &Row, folder: &Path, upstream: SocketAddr, how: Start) -> Peer {
    let folder = folder.join(row.name.replace([' ', ','], ""));
    fs::create_dir(&folder).unwrap();
    let [listen, second, third] = [0; 3].map(|_| free_address());
    let at = folder.display().to_string();
    let place =
        Place { folder: at, listen, others: [second, third], upstream, clinics: how.clinics };
    let settings = (row.settings)(&place);
    fs::write(folder.join("settings"), &settings).unwrap();
    // Some programs tell by the name what is in a file.
    fs::write(folder.join("settings.yml"), settings).unwrap();
    let mut command = Command::new(row.program());
    if how.processors > 0 {
        command = Command::new("taskset");
        command.args(["-c", &format!("0-{}", how.processors - 1)]).arg(row.program());
    }
    let mut child = command
        .args(row.arguments)
        .current_dir(&folder)
        .env("HOME", &folder)
        .env("XDG_CONFIG_HOME", &folder)
        .env("XDG_DATA_HOME", &folder)
        .stdin(Stdio::null())
        .stdout(File::create(folder.join("out.log")).unwrap())
        .stderr(File::create(folder.join("err.log")).unwrap())
        .spawn()
        .unwrap();
    let limit = clock() + Duration::from_mins(1);
    while TcpStream::connect(listen).is_err() {
        let ended = child.try_wait().unwrap();
        let said = || fs::read_to_string(folder.join("err.log")).unwrap();
        assert!(ended.is_none() && clock() < limit, "{} does not listen: {}", row.name, said());
        sleep(Duration::from_millis(20));
    }
    Peer { name: row.name, address: listen, child, log: folder.join(row.log) }
}

/// An address that nobody listens on right now.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

impl Peer {
    /// What its processes used so far.
    pub(crate) fn spent(&self) -> Spent {
        let mut spent = Spent { log_bytes: size(&self.log), ..Spent::default() };
        let mut left = vec![self.child.id()];
        while let Some(process) = left.pop() {
            let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else { continue };
            let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
            let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
            let resident =
                resident.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
            spent.resident_kib += resident.unwrap_or(0u64);
            for thread in threads.flatten() {
                let read = |file: &str| fs::read_to_string(thread.path().join(file));
                // A thread may end while it is looked at.
                let (Ok(ran), Ok(status)) = (read("schedstat"), read("status")) else { continue };
                spent.cpu_ns += ran.split(' ').next().unwrap().parse::<u64>().unwrap();
                spent.switches += switches(&status);
                let children = read("children").unwrap_or_default();
                left.extend(children.split_whitespace().map(|id| id.parse::<u32>().unwrap()));
            }
        }
        spent
    }
}

fn size(path: &Path) -> u64 {
    match fs::read_dir(path) {
        Ok(inside) => inside.map(|entry| size(&entry.unwrap().path())).sum(),
        Err(_) => fs::metadata(path).map_or(0, |file| file.len()),
    }
}

fn switches(status: &str) -> u64 {
    let lines = status.lines().filter_map(|line| line.split_once("ctxt_switches:"));
    lines.map(|(_, number)| number.trim().parse::<u64>().unwrap()).sum()
}
