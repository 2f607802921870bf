//! "The appointment is there twice": writes, and connections that break anywhere.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::support::app::CLINICS;
use crate::support::upstream::json;
use crate::support::{Client, RawUpstream, TestApp};
use crate::{keyed, post};

/// How many writes are sent; `ACCUSCOPE_TEST_WRITES` says otherwise.
fn writes() -> usize {
    std::env::var("ACCUSCOPE_TEST_WRITES").map_or(400, |text| text.parse().unwrap())
}

/// A number that looks random and is the same in every run.
fn scattered(number: usize, below: usize) -> usize {
    (number.wrapping_mul(0x9E37_79B9) >> 7) % below
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_write_reaches_accuro_twice_wherever_the_connection_breaks() {
    let delivered = Arc::new(Mutex::new(HashMap::<String, usize>::new()));
    let count = Arc::clone(&delivered);
    let upstream = RawUpstream::scripted(move |mut peer| {
        let count = Arc::clone(&count);
        async move {
            let mut served = 0;
            while let Some(head) = peer.head().await {
                let mut request = crate::Request { head, body: Vec::new(), trailers: Vec::new() };
                if peer.body_of(&mut request).await.is_none() {
                    return;
                }
                let id = String::from_utf8(request.body.clone()).unwrap();
                *count.lock().unwrap().entry(id).or_default() += 1;
                let answer = json(201, "{\"id\":12345}");
                let cut = scattered(peer.number * 31 + served, answer.len() * 2);
                served += 1;
                if cut < answer.len() {
                    // Somewhere in the answer, its first byte included.
                    peer.send(&answer[..cut]).await;
                    return peer.reset();
                }
                peer.send(&answer).await;
            }
        }
    })
    .await;
    // Half of the answers break, which is no reason here to leave Accuro alone.
    let settings = [("breaker.enabled", "false")];
    let mut app = TestApp::with(&upstream.url(), &settings, CLINICS);
    let number = writes();
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..8 {
        let proxy = app.at.proxy;
        workers.spawn(async move {
            for id in (worker..number).step_by(8) {
                let body = format!("{{\"write\":{id}}}");
                let mut client = Client::connect(proxy).await;
                // Every second app has a key and, like a worried person, tries three times.
                let (request, times) = if id % 2 == 0 {
                    (post("", &body), 1)
                } else {
                    (keyed(&format!("k{id}"), &body), 3)
                };
                for _ in 0..times {
                    if !client.try_send(&request).await
                        || client.try_answer_to("POST").await.is_none()
                    {
                        client = Client::connect(proxy).await;
                    }
                }
            }
        });
    }
    workers.join_all().await;
    app.stop().await;
    let delivered = delivered.lock().unwrap();
    assert_eq!(delivered.len(), number, "every write was sent");
    let twice: Vec<_> = delivered.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "{} of {number} came more than once: {twice:?}", twice.len());
}
