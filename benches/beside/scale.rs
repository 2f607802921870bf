//! How a row stands more of one thing at a time: connections, idle ones, bodies, delays, clinics, processors.
//!
//! Owns the points and the table. Where a peer is started anew for each point, it is because its settings differ.

use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use super::load::{Asked, CONNECTIONS, Load, Way};
use super::peer::{self, Peer, Start};
use super::{Figures, measure, say, setting};

const MIB: usize = 1_048_576;

/// One line of the table.
struct Point {
    what: String,
    load: Load,
    /// Connections that are open and ask for nothing.
    idle: u32,
    start: Start,
}

pub(crate) fn measure_all(folder: &Path, upstream: SocketAddr, length: Duration) {
    say("| | | requests/s | CPU us/request | p50 us | p99 us | resident MiB |");
    say("| --- | --- | --- | --- | --- | --- | --- |");
    let mut peers: Vec<Peer> = Vec::new();
    let mut started = None;
    for (number, point) in points(length).into_iter().enumerate() {
        let how = (point.start.clinics, point.start.processors);
        if started != Some(how) {
            peers.clear();
            let folder = folder.join(number.to_string());
            std::fs::create_dir(&folder).unwrap();
            peers = peer::start_all(&folder, upstream, point.start);
            started = Some(how);
            for peer in &peers {
                measure(peer, &Load::usual(Way::Closed { length: Duration::from_millis(500) }));
            }
        }
        for peer in &peers {
            let idle: Vec<TcpStream> =
                (0..point.idle).map(|_| TcpStream::connect(peer.address).unwrap()).collect();
            let figures = measure(peer, &point.load);
            let resident = peer.spent().resident_kib / 1_024;
            drop(idle);
            line(&point.what, peer.name, &figures, resident);
        }
    }
}

fn line(what: &str, name: &str, figures: &Figures, resident: u64) {
    let Figures { per_second, cpu_us, p50, p99, .. } = figures;
    say(&format!(
        "| {what} | {name} | {per_second:.0} | {cpu_us:.1} | {p50} | {p99} | {resident} |"
    ));
}

fn points(length: Duration) -> Vec<Point> {
    let two = Start { two: true, ..Start::default() };
    let closed = Way::Closed { length };
    let open = Way::Open { rate: setting("RATE", 2_000), length };
    let point = |what: String, way: Way, connections: u32, asked: Asked| Point {
        what,
        load: Load { way, connections, asked },
        idle: 0,
        start: two,
    };
    let mut points = Vec::new();
    for connections in [1, 8, 64, 256, 1_000] {
        let what = format!("{connections} connections, as fast as they can");
        points.push(point(what, closed, connections, Asked::default()));
    }
    for bytes in [2, 2_048, 65_536, MIB, 64 * MIB] {
        let asked = Asked { answer_bytes: Some(bytes), ..Asked::default() };
        let connections = if bytes > MIB { 4 } else { 16 };
        let what = format!("answers of {bytes} bytes, {connections} connections");
        points.push(point(what, closed, connections, asked));
    }
    for ms in [0, 20, 200, 2_000] {
        let asked = Asked { after: Some(Duration::from_millis(ms)), ..Asked::default() };
        let way = Way::Closed { length: length.max(Duration::from_millis(2 * ms)) };
        points.push(point(format!("Accuro takes {ms} ms, 1,000 connections"), way, 1_000, asked));
    }
    for idle in [0, 1_000, 10_000] {
        let what = format!("{idle} idle connections beside an open loop");
        let usual = point(what, open, CONNECTIONS, Asked::default());
        points.push(Point { idle, ..usual });
    }
    for clinics in [1, 30, 1_000] {
        let asked = Asked { clinics, ..Asked::default() };
        let usual = point(format!("{clinics} clinics in turn"), closed, clinics.max(64), asked);
        points.push(Point { start: Start { clinics, ..two }, ..usual });
    }
    for processors in [1, 2] {
        let usual =
            point(format!("{processors} processors"), closed, CONNECTIONS, Asked::default());
        points.push(Point { start: Start { processors, ..two }, ..usual });
    }
    points
}
