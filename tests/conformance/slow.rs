//! Thousands at once that send or take next to nothing: they are let go in time, and who is quick
//! does not feel them.

use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::support::child::Program;
use crate::support::upstream::OK;
use crate::support::{Client, Peer, RawUpstream, until};

/// The limit that each kind of slowness meets.
const LIMIT: Duration = Duration::from_secs(2);
/// Within which, after its limit, everything has to be gone: 6 s where the machine has nothing else to
/// do, and twice that beside other tests.
const GRACE: Duration = Duration::from_secs(12);
const GET: &str = "GET /good HTTP/1.1\r\nHost: p\r\n\r\n";

/// How many come at once; `ACCUSCOPE_TEST_SLOW` sets it.
fn number() -> usize {
    std::env::var("ACCUSCOPE_TEST_SLOW").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000)
}

/// One connection that is slow in one way.
async fn slow(address: std::net::SocketAddr, kind: usize) -> TcpStream {
    use tokio::io::AsyncWriteExt;
    let socket = TcpSocket::new_v4().unwrap();
    // Little room, so that an answer which nobody reads stops soon.
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut socket = socket.connect(address).await.unwrap();
    let bytes = match kind % 3 {
        0 => "GET /slow HTTP/1.1\r\nHost: p\r\nX-",
        1 => "POST /slow HTTP/1.1\r\nHost: p\r\nContent-Length: 100000\r\n\r\nabc",
        _ => "GET /large HTTP/1.1\r\nHost: p\r\n\r\n",
    };
    socket.write_all(bytes.as_bytes()).await.unwrap();
    socket
}

/// The times of one call after the other, sorted.
async fn times(program: &Program, calls: usize) -> Vec<Duration> {
    let mut client = program.client().await;
    let mut times = Vec::new();
    for _ in 0..calls {
        let asked = Instant::now();
        client.try_send(GET).await;
        let answer = if let Some(answer) = client.try_answer_to("GET").await {
            answer
        } else {
            // A machine that is busy for longer than the limit: the connection had idled away, which
            // every client has to expect (RFC 9112, 9.5).
            client = program.client().await;
            client.send(GET).await;
            client.answer().await
        };
        assert_eq!(answer.status, 200);
        times.push(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    times.sort_unstable();
    times
}

fn shown(times: &[Duration]) -> String {
    let at = |part: usize| times[(times.len() * part / 100).min(times.len() - 1)];
    format!("p50 {:?}, p99 {:?}, worst {:?}", at(50), at(99), at(100))
}

async fn connections(program: &Program) -> u32 {
    let (_, text) = program.page("/metrics").await;
    let line = text.lines().find_map(|line| line.strip_prefix("accuscope_proxy_connections "));
    line.unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_slow_heads_bodies_and_readers_are_let_go_in_time() {
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        while let Some(head) = peer.head().await {
            if head.starts_with("GET /large") {
                let length = 1_024 * 1_024;
                peer.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n")).await;
                peer.send(vec![b'x'; length]).await;
            } else if head.starts_with("GET") {
                peer.send(OK).await;
            } else {
                peer.closed().await;
            }
        }
    })
    .await;
    let settings = [("proxy.head_timeout", "\"2s\""), ("proxy.body_idle_timeout", "\"2s\"")];
    let program = Program::start(&upstream.url(), &settings).await;
    let quiet = times(&program, 200).await;

    let mut coming = JoinSet::new();
    for kind in 0..number() {
        let proxy = program.proxy;
        coming.spawn(async move { (kind, slow(proxy, kind).await) });
        // The listener's queue is not what is tried here.
        if kind % 64 == 63 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let held: Vec<(_, TcpStream)> = coming.join_all().await;
    let all_there = Instant::now();
    let gone = async {
        until("the last slow connection's end", || async {
            (connections(&program).await <= 1).then_some(())
        })
        .await;
        all_there.elapsed()
    };
    let (under_attack, gone_after) = tokio::join!(times(&program, 200), gone);
    println!(
        "{} slow connections gone after {gone_after:?} at a limit of {LIMIT:?}; a good client: \
         quiet {}; under attack {}",
        number(),
        shown(&quiet),
        shown(&under_attack)
    );
    assert!(gone_after <= LIMIT + GRACE, "{gone_after:?}");
    // Every client sees the end, and a slow head or body was told why.
    // They came in any order.
    let (_, slow_head) = held.into_iter().find(|(kind, _)| *kind == 0).unwrap();
    Client::of(slow_head).answer().await.is_problem(408);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_byte_now_and_then_is_no_progress() {
    use tokio::io::AsyncWriteExt;
    let upstream = RawUpstream::scripted(|mut peer: Peer| async move {
        peer.request().await;
    })
    .await;
    let settings = [("proxy.head_timeout", "\"1s\""), ("proxy.body_idle_timeout", "\"1s\"")];
    let program = Program::start(&upstream.url(), &settings).await;
    for start in [
        "POST /slow HTTP/1.1\r\nHost: p\r\nContent-Length: 100000\r\n\r\n",
        "POST /slow HTTP/1.1\r\nHost: p\r\nTransfer-Encoding: chunked\r\n\r\n4000\r\n",
        "GET /slow HTTP/1.1\r\nHost: p\r\nX-",
    ] {
        let client = program.client().await;
        let (reading, mut writing) = client.socket.into_split();
        let dripping = tokio::spawn(async move {
            let mut bytes = start.as_bytes();
            while writing.write_all(bytes).await.is_ok() {
                bytes = b"x";
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
        let begun = Instant::now();
        let mut told = vec![0; 4_096];
        let read = crate::support::soon("an answer", async {
            use tokio::io::AsyncReadExt;
            let mut reading = reading;
            reading.read(&mut told).await
        });
        let read = read.await.unwrap();
        assert!(told[..read].starts_with(b"HTTP/1.1 408 "), "{}", String::from_utf8_lossy(&told));
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        dripping.abort();
    }
}
