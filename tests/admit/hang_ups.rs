//! "The connection was lost while it saved": keyed writes whose app hangs up, and asks again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

use crate::keyed;
use crate::support::audit::{audit, said};
use crate::support::{RawUpstream, TestApp, exchange};

/// An upstream that answers a write in two pieces, each when it is told to.
async fn hesitant() -> (RawUpstream, Arc<AtomicUsize>, Arc<Semaphore>) {
    let (seen, go) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
    let (count, told) = (Arc::clone(&seen), Arc::clone(&go));
    let upstream = RawUpstream::scripted(move |mut peer| {
        let (count, told) = (Arc::clone(&count), Arc::clone(&told));
        async move {
            while peer.request().await.is_some() {
                count.fetch_add(1, Ordering::SeqCst);
                told.acquire().await.unwrap().forget();
                let head = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n";
                peer.send(format!("{head}Content-Length: 12\r\n\r\n{{\"id\":1")).await;
                told.acquire().await.unwrap().forget();
                peer.send("2345}").await;
            }
        }
    })
    .await;
    (upstream, seen, go)
}

/// Asks until the write is not under way any more.
async fn asked_again(app: &TestApp) -> crate::support::client::Answer {
    loop {
        let again = exchange(app, keyed("k", "{}")).await;
        if again.status != 409 || again.json()["reason"] != "duplicate_in_flight" {
            return again;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_hung_up_before_or_in_the_answer_gets_it_when_asking_again() {
    for in_the_answer in [false, true] {
        let (upstream, seen, go) = hesitant().await;
        let mut app = TestApp::start(&upstream.url());
        let mut client = app.client().await;
        client.send(keyed("k", "{}")).await;
        upstream.has_seen("{}").await;
        if in_the_answer {
            go.add_permits(1);
            client.some_bytes().await;
        }
        drop(client);
        // As long as Accuro works on it, nobody knows more.
        exchange(&app, keyed("k", "{}")).await.is_problem(409);
        go.add_permits(2);
        let again = asked_again(&app).await;
        assert_eq!((again.status, again.text().as_str()), (201, "{\"id\":12345}"));
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(seen.load(Ordering::SeqCst), 1);
        let (events, _) = app.stop().await;
        let ends: Vec<_> = events.iter().map(|event| event["status"].as_u64().unwrap()).collect();
        assert_eq!(ends.iter().filter(|status| **status == 499).count(), 1, "{ends:?}");
        let records = audit(&app.folder().join("journal"));
        let mut said = said(&records);
        said.retain(|words| words != "refused duplicate_in_flight");
        assert_eq!(said, ["intent", "outcome 201 applied"], "in the answer: {in_the_answer}");
    }
}
