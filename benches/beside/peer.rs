//! The rows: each a program with settings of its own in front of the one upstream, and what the kernel says
//! that its processes used.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

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

/// Where a row is, and what it stands in front of.
struct Place {
    folder: String,
    listen: SocketAddr,
    others: [SocketAddr; 2],
    upstream: SocketAddr,
}

const ROWS: &[Row] = &[
    Row {
        name: "nginx, JSON log",
        program: "/usr/sbin/nginx",
        arguments: &["-p", ".", "-c", "settings", "-e", "error.log"],
        settings: nginx,
        log: "access.log",
    },
    Row {
        name: "HAProxy, JSON log",
        program: "/usr/sbin/haproxy",
        arguments: &["-db", "-f", "settings"],
        settings: haproxy,
        log: "out.log",
    },
    Row {
        name: "accuscope",
        program: "",
        arguments: &["serve", "--config", "settings"],
        settings: accuscope,
        log: "journal",
    },
];

impl Row {
    fn program(&self) -> PathBuf {
        if !self.program.is_empty() {
            return self.program.into();
        }
        let ours = std::env::var_os("ACCUSCOPE_BESIDE_PROGRAM");
        let ours = ours.map_or_else(|| "target/release/accuscope".into(), PathBuf::from);
        fs::canonicalize(&ours).unwrap_or(ours)
    }
}

/// Starts every row that is installed.
pub(crate) fn start_all(folder: &Path, upstream: SocketAddr) -> Vec<Peer> {
    let installed = |row: &&Row| {
        let program = row.program();
        if !program.exists() {
            say(&format!("left out, since {} is not there: {}", program.display(), row.name));
        }
        program.exists()
    };
    ROWS.iter().filter(installed).map(|row| start(row, folder, upstream)).collect()
}

fn start(row: &Row, folder: &Path, upstream: SocketAddr) -> Peer {
    let folder = folder.join(row.name.replace([' ', ','], ""));
    fs::create_dir(&folder).unwrap();
    let [listen, second, third] = [0; 3].map(|_| free_address());
    let at = folder.display().to_string();
    let place = Place { folder: at, listen, others: [second, third], upstream };
    fs::write(folder.join("settings"), (row.settings)(&place)).unwrap();
    let mut child = Command::new(row.program())
        .args(row.arguments)
        .current_dir(&folder)
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

/// One line a call with what an access log can tell of it.
fn nginx(place: &Place) -> String {
    let Place { listen, upstream, .. } = place;
    format!(
        r#"daemon off;
worker_processes auto;
pid nginx.pid;
error_log error.log warn;
events {{ worker_connections 4096; }}
http {{
  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
  keepalive_requests 100000000;
  log_format line escape=json '{{"ts":"$time_iso8601","id":"$request_id","method":"$request_method","route":"$kind",'
    '"status":$status,"upstream_status":"$upstream_status","seconds":$request_time,"upstream_seconds":"$upstream_response_time",'
    '"upstream_head_seconds":"$upstream_header_time","bytes_in":$request_length,"bytes_out":$bytes_sent,'
    '"clinic":"$http_accuscope_clinic","actor":"$http_accuscope_actor","upstream":"$upstream_addr","connection":$connection}}';
  map $uri $kind {{
    default other;
    ~^/rest/v1/provider-portal/patients/[0-9]+$ patient.read;
    ~^/rest/v1/provider-portal/patients/[0-9]+/medications$ medication.list;
    ~^/rest/v1/provider-portal/appointments appointment.list;
    ~^/rest/v1/provider-portal/offices/[0-9]+$ office.read;
  }}
  access_log access.log line;
  upstream accuro {{ server {upstream}; keepalive 128; keepalive_requests 100000000; }}
  server {{
    listen {listen} backlog=1024;
    location / {{
      proxy_pass http://accuro;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Request-Id $request_id;
      proxy_set_header traceparent 00-$request_id-0123456789abcdef-01;
      add_header X-Request-Id $request_id always;
    }}
  }}
}}
"#
    )
}

fn haproxy(place: &Place) -> String {
    let Place { listen, upstream, .. } = place;
    format!(
        r#"global
  log stdout format raw local0
  maxconn 4096
defaults
  mode http
  log global
  option http-keep-alive
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  log-format '{{"ts":"%[date(0,ms)]","id":"%ID","method":"%HM","status":%ST,"ms":%Ta,"upstream_ms":%Tr,"head_ms":%TR,"bytes_in":%U,"bytes_out":%B,"clinic":"%[capture.req.hdr(0)]","actor":"%[capture.req.hdr(1)]","backend":"%b","server":"%s","connections":%ac,"ending":"%ts"}}'
frontend apps
  bind {listen}
  unique-id-format %[uuid()]
  unique-id-header X-Request-Id
  declare capture request len 40
  declare capture request len 40
  http-request capture req.hdr(Accuscope-Clinic) id 0
  http-request capture req.hdr(Accuscope-Actor) id 1
  default_backend accuro
backend accuro
  http-reuse always
  server one {upstream}
"#
    )
}

fn accuscope(place: &Place) -> String {
    let Place { folder, listen, others: [ops, telemetry], upstream } = place;
    fs::write(format!("{folder}/k1"), [7; 32]).unwrap();
    format!(
        r#"environment = "sandbox"
proxy.listen = "{listen}"
ops.listen = "{ops}"
ops.auth = "off"
telemetry.listen = "{telemetry}"
upstream.base_url = "http://{upstream}"
store.url = "sqlite:{folder}/store.db"
journal.dir = "{folder}/journal"
privacy.keys = {{ k1 = {{ file = "{folder}/k1" }} }}
[[clinics]]
id = "maple-ridge"
name = "Maple Ridge Family Practice"
tenant = "e1a47a6d-f563-4f0f-a7f3-b6539ba21330"
"#
    )
}
