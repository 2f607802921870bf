//! The load: kept connections, a thread each, so that a wait ends when it should to a few microseconds.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::clock;

/// Over how many connections, unless a row of the scale says so.
pub(crate) const CONNECTIONS: u32 = 64;

/// What is asked for.
#[derive(Clone, Copy, Default)]
pub(crate) struct Asked {
    /// An answer of so many bytes, not of the usual length.
    pub(crate) answer_bytes: Option<usize>,
    /// … that comes so late.
    pub(crate) after: Option<Duration>,
    /// By so many clinics in turn, `clinic-0` and on; 0 is the one of the settings.
    pub(crate) clinics: u32,
}

/// How requests come, and over how many connections.
pub(crate) struct Load {
    pub(crate) way: Way,
    pub(crate) connections: u32,
    pub(crate) asked: Asked,
}

/// How requests come.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    /// So many a second, whether or not earlier ones are answered yet.
    Open {
        /// Requests a second.
        rate: u64,
        /// For so long.
        length: Duration,
    },
    /// One after the other on each connection.
    Closed {
        /// For so long.
        length: Duration,
    },
}

/// What callers saw.
pub(crate) struct Seen {
    /// How long each one waited; in an open loop from when its request was due.
    pub(crate) waits: Vec<Duration>,
    pub(crate) took: Duration,
}

impl Load {
    /// Over the usual number of connections, for the usual answers.
    pub(crate) fn usual(way: Way) -> Self {
        Self { way, connections: CONNECTIONS, asked: Asked::default() }
    }

    pub(crate) fn run(&self, proxy: SocketAddr) -> Seen {
        let (begun, asked, connections) = (clock(), self.asked, self.connections);
        let callers: Vec<_> = (0..connections)
            .map(|number| match self.way {
                Way::Open { rate, length } => {
                    let apart = Duration::from_secs(1) * connections / u32::try_from(rate).unwrap();
                    let first = begun + apart * number / connections;
                    let end = begun + length;
                    thread::spawn(move || {
                        paced(Caller::connect(proxy, number, asked), first, apart, end)
                    })
                }
                Way::Closed { length } => thread::spawn(move || {
                    eager(Caller::connect(proxy, number, asked), begun + length)
                }),
            })
            .collect();
        let waits = callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect();
        Seen { waits, took: begun.elapsed() }
    }
}

fn paced(mut caller: Caller, first: Instant, apart: Duration, end: Instant) -> Vec<Duration> {
    let mut waits = Vec::new();
    let mut due = first;
    while due < end {
        thread::sleep(due.saturating_duration_since(clock()));
        caller.call();
        waits.push(due.elapsed());
        due += apart;
    }
    waits
}

fn eager(mut caller: Caller, end: Instant) -> Vec<Duration> {
    let mut waits = Vec::new();
    while clock() < end {
        let begun = clock();
        caller.call();
        waits.push(begun.elapsed());
    }
    waits
}

const PATHS: [&str; 4] =
    ["patients/{id}", "patients/{id}/medications", "appointments?patientId={id}", "offices/{id}"];

struct Caller {
    socket: TcpStream,
    random: u64,
    token: String,
    /// The clinic's header, and what is wished of the answer.
    headers: String,
    bytes: Vec<u8>,
}

impl Caller {
    fn connect(proxy: SocketAddr, number: u32, asked: Asked) -> Self {
        let socket = TcpStream::connect(proxy).unwrap();
        socket.set_nodelay(true).unwrap();
        let token = format!("{number:032x}{number:032x}");
        let random = u64::from(number) + 1;
        let mut headers = match asked.clinics {
            0 => "Accuscope-Clinic: maple-ridge\r\n".to_owned(),
            clinics => format!("Accuscope-Clinic: clinic-{}\r\n", number % clinics),
        };
        if let Some(bytes) = asked.answer_bytes {
            write!(headers, "X-Answer-Bytes: {bytes}\r\n").unwrap();
        }
        if let Some(after) = asked.after {
            write!(headers, "X-Answer-After-Ms: {}\r\n", after.as_millis()).unwrap();
        }
        let room =
            if asked.answer_bytes.is_some_and(|bytes| bytes > 65_536) { 262_144 } else { 16_384 };
        Self { socket, random, token, headers, bytes: vec![0; room] }
    }

    /// Asks, and reads the whole answer.
    fn call(&mut self) {
        // Knuth's constants; the high bits are random enough for who is asked for.
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let drawn = usize::try_from(self.random >> 33).unwrap();
        let path = PATHS[drawn % PATHS.len()].replace("{id}", &(drawn % 99_991).to_string());
        let request = format!(
            "GET /rest/v1/provider-portal/{path} HTTP/1.1\r\nHost: proxy\r\nUser-Agent: load\r\nAccept: application/json\r\nAuthorization: Bearer {}\r\n{}Accuscope-Actor: staff-7\r\n\r\n",
            self.token, self.headers
        );
        self.socket.write_all(request.as_bytes()).unwrap();
        let (mut seen, mut whole) = (0, None);
        while whole.is_none_or(|whole| seen < whole) {
            // Only the head is kept whole; what follows may be of any length.
            let from = if whole.is_none() { seen } else { 0 };
            let read = self.socket.read(&mut self.bytes[from..]).unwrap();
            assert_ne!(read, 0, "the proxy hung up");
            seen += read;
            whole = whole.or_else(|| length(&self.bytes[..seen]));
        }
    }
}

/// How long an answer is, once its head is there.
fn length(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap().to_ascii_lowercase();
    // A proxy that answers by itself would cost little.
    let is_upstreams = head.contains("\r\nx-upstream: accuro");
    assert!(head.starts_with("http/1.1 200 ") && is_upstreams, "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).unwrap();
    Some(end + 4 + length.trim().parse::<usize>().unwrap())
}
