//! "We restarted it in office hours, and screens went red."
//!
//! `ACCUSCOPE_TEST_RESTARTS` sets how many restarts the longest test makes (10 without it).

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::launch::Place;
use crate::support::app::page;
use crate::support::upstream::{OK, pause};
use crate::support::{Client, Peer, RawUpstream, until};

const CLIENTS: usize = 16;

/// Clients that call as fast as they are answered, each on a connection that it keeps until it is told
/// that an answer was the last.
struct Load {
    stop: Arc<AtomicBool>,
    good: Arc<AtomicUsize>,
    clients: JoinSet<Vec<String>>,
}

impl Load {
    fn start(to: &watch::Receiver<SocketAddr>) -> Self {
        let (stop, good) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            clients.spawn(client(to.clone(), Arc::clone(&stop), Arc::clone(&good)));
        }
        Self { stop, good, clients }
    }

    fn good(&self) -> usize {
        self.good.load(Ordering::SeqCst)
    }

    /// Waits until so many more calls have worked.
    async fn more(&self, number: usize) {
        let wanted = self.good() + number;
        until("more calls", || async { (self.good() >= wanted).then_some(()) }).await;
    }

    /// Ends the load: calls that worked, and what failed.
    async fn end(self) -> (usize, Vec<String>) {
        self.stop.store(true, Ordering::SeqCst);
        let failures = self.clients.join_all().await.concat();
        (self.good.load(Ordering::SeqCst), failures)
    }
}

async fn client(
    to: watch::Receiver<SocketAddr>,
    stop: Arc<AtomicBool>,
    good: Arc<AtomicUsize>,
) -> Vec<String> {
    let mut failures = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        let at = *to.borrow();
        let Ok(socket) = TcpStream::connect(at).await else {
            failures.push("a connection was refused".to_owned());
            continue;
        };
        drop(socket.set_nodelay(true));
        let mut client = Client::of(socket);
        loop {
            if !client.try_send(b"GET /a HTTP/1.1\r\nhost: p\r\n\r\n").await {
                failures.push("a connection broke before a request".to_owned());
                break;
            }
            let Some(answer) = client.try_answer_to("GET").await else {
                failures.push("a connection broke without an answer".to_owned());
                break;
            };
            if answer.status != 200 {
                failures.push(format!("status {}", answer.status));
                break;
            }
            good.fetch_add(1, Ordering::SeqCst);
            let last = answer.header("connection") == Some("close");
            if last || stop.load(Ordering::SeqCst) || *to.borrow() != at {
                break;
            }
        }
    }
    failures
}

async fn busy() -> RawUpstream {
    RawUpstream::scripted(|mut peer: Peer| async move {
        while peer.request().await.is_some() {
            pause(5).await;
            peer.send(OK).await;
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_socket_that_is_handed_over_no_call_fails_across_restarts() {
    let restarts: usize = std::env::var("ACCUSCOPE_TEST_RESTARTS")
        .map_or(10, |number| number.parse().expect("a number"));
    let upstream = busy().await;
    let place = Place::new(&upstream.url());
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = held.local_addr().unwrap();
    place.write(&format!("proxy.listen = \"{at}\"\nproxy.drain_timeout = \"10s\""), "");
    let mut serving = place.serve_with(&[], Some(&held)).await;
    assert_eq!(serving.proxy, at);
    let (_keep, to) = watch::channel(at);
    let load = Load::start(&to);
    for _ in 0..restarts {
        load.more(200).await;
        assert_eq!(serving.terminate().await, 0, "{}", serving.log());
        serving = place.serve_with(&[], Some(&held)).await;
    }
    load.more(200).await;
    let (good, failures) = load.end().await;
    assert_eq!(failures, Vec::<String>::new(), "of {good} calls");
    assert_eq!(serving.terminate().await, 0);
    let events = crate::support::app::journal(&place.path("journal"));
    assert_eq!(events.len(), good, "every call is recorded, and none twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_balancer_that_asks_readyz_no_call_fails_while_each_is_restarted() {
    let upstream = busy().await;
    let places = [Place::new(&upstream.url()), Place::new(&upstream.url())];
    for place in &places {
        place.write("proxy.readiness_delay = \"700ms\"", "");
    }
    let mut all = [places[0].serve().await, places[1].serve().await];
    let (steer, to) = watch::channel(all[0].proxy);
    let load = Load::start(&to);
    for at in [0, 1, 0] {
        load.more(100).await;
        let other = all[1 - at].proxy;
        all[at].signal("-TERM");
        // The balancer sees that this one is not ready, and sends to the other.
        let telemetry = all[at].telemetry;
        until("not ready", || async {
            let (status, text) = page(telemetry, "/readyz").await;
            (status == 503 && text.contains("draining")).then_some(())
        })
        .await;
        assert!(TcpStream::connect(all[at].proxy).await.is_ok(), "it still takes connections");
        steer.send(other).unwrap();
        assert_eq!(all[at].ended().await, 0);
        all[at] = places[at].serve().await;
    }
    load.more(100).await;
    let (good, failures) = load.end().await;
    assert_eq!(failures, Vec::<String>::new(), "of {good} calls");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_no_setting_means_stops_the_start() {
    let place = Place::new("http://127.0.0.1:9");
    place.write("", "");
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let error = place.serve_in_vain(&held);
    let address = held.local_addr().unwrap().to_string();
    assert!(error.contains("LISTEN_FDS") && error.contains(&address), "{error}");
}
