//! "It was saved twice" and "may I try again?": writes under an `Idempotency-Key`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

use accuscope::domain::ids::EventId;

use crate::support::app::CLINICS;
use crate::support::audit::{audit, said};
use crate::support::child::Program;
use crate::support::upstream::json;
use crate::support::{RawUpstream, TestApp, exchange, until};
use crate::{event_of, keyed, numbered, post};

/// An upstream that numbers what it gets.
pub(crate) async fn counting() -> (RawUpstream, Arc<AtomicUsize>) {
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    let upstream = RawUpstream::answering(move |request| {
        numbered(request, count.fetch_add(1, Ordering::SeqCst) + 1)
    })
    .await;
    (upstream, seen)
}

/// An upstream that numbers what it gets, and answers each when it is told to.
pub(crate) async fn gated() -> (RawUpstream, Arc<AtomicUsize>, Arc<Semaphore>) {
    let (gate, seen) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    let (held, count) = (Arc::clone(&gate), Arc::clone(&seen));
    let upstream = RawUpstream::scripted(move |mut peer| {
        let (gate, count) = (Arc::clone(&held), Arc::clone(&count));
        async move {
            while let Some(request) = peer.request().await {
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                gate.acquire().await.unwrap().forget();
                peer.send(numbered(&request, number)).await;
            }
        }
    })
    .await;
    (upstream, seen, gate)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_sent_again_gets_the_first_one_s_answer() {
    let (upstream, seen) = counting().await;
    let mut app = TestApp::start(&upstream.url());
    let first = exchange(&app, keyed("k-1", "{\"a\":1}")).await;
    let again = exchange(&app, keyed("k-1", "{\"a\":1}")).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_ne!(again.support_code(), first.support_code());
    let event = event_of(&app, &again).await;
    assert_eq!((&event["source"], &event["attempts"]), (&"replay".into(), &0.into()));
    // Quoted or not, it is the same key.
    let plain = post("Idempotency-Key: k-1\r\n", "{\"a\":1}");
    assert_eq!(exchange(&app, plain).await.body, first.body);
    // Without a key, every request is one of its own.
    for _ in 0..2 {
        exchange(&app, post("", "{\"a\":1}")).await;
    }
    assert_eq!(seen.load(Ordering::SeqCst), 3);
    app.stop().await;
    let records = audit(&app.folder().join("journal"));
    assert_eq!(said(&records), ["intent", "outcome 201 applied"].repeat(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_other_credentials_are_told_apart_too() {
    let (upstream, seen) = counting().await;
    let app = TestApp::start(&upstream.url());
    for (key, shown) in
        [("none", ""), ("basic", "Authorization: Basic YTpi\r\n"), ("cookie", "Cookie: s=1\r\n")]
    {
        let ask = |credentials: &str| {
            let request = post(&format!("Idempotency-Key: {key}\r\n{credentials}"), "{}");
            request.replace("Authorization: Bearer t\r\n", "")
        };
        assert_eq!(exchange(&app, ask(shown)).await.status, 201);
        assert_eq!(exchange(&app, ask(shown)).await.header("idempotent-replayed"), Some("true"));
        for other in ["Cookie: s=2\r\n", "Authorization: Basic eDp5\r\n"] {
            exchange(&app, ask(other)).await.is_problem(409);
        }
    }
    assert_eq!(seen.load(Ordering::SeqCst), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_token_learns_that_it_was_made_and_nothing_of_the_chart() {
    let (upstream, seen) = counting().await;
    let app = TestApp::start(&upstream.url());
    exchange(&app, keyed("k-1", "{}")).await;
    let other = keyed("k-1", "{}").replace("Bearer t", "Bearer other");
    let problem = exchange(&app, other).await.is_problem(409);
    assert!(problem["detail"].as_str().unwrap().starts_with("Already applied at 20"), "{problem}");
    assert!(problem["applied_at"].is_string());
    assert_eq!((&problem["reason"], &problem["retryable"]), (&"conflict".into(), &false.into()));
    assert_eq!(seen.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_else_a_key_may_be_told() {
    let (upstream, seen) = counting().await;
    let app = TestApp::with(&upstream.url(), &[("idempotency.replay", "\"0s\"")], CLINICS);
    let sent = || seen.load(Ordering::SeqCst);
    assert_eq!(exchange(&app, keyed("k", "{\"a\":1}")).await.status, 201);
    // No answer is kept, so it is told since when it is there.
    let problem = exchange(&app, keyed("k", "{\"a\":1}")).await.is_problem(409);
    assert_eq!(problem["title"], "Already saved");
    // Other requests under the key: another body, target, method.
    for other in [
        keyed("k", "{\"a\":2}"),
        keyed("k", "{\"a\":1}").replace("appointments HTTP", "appointments?x=1 HTTP"),
        keyed("k", "{\"a\":1}").replace("POST", "PUT"),
    ] {
        let problem = exchange(&app, other).await.is_problem(422);
        assert_eq!(problem["reason"], "unprocessable");
    }
    // Another clinic draws its own keys.
    let elsewhere = keyed("k", "{\"a\":1}").replace("maple-ridge", "cedar-hill");
    assert_eq!(exchange(&app, elsewhere).await.status, 201);
    assert_eq!(sent(), 2);
    for bad in ["Idempotency-Key: \"\"\r\n", "Idempotency-Key: a\r\nIdempotency-Key: b\r\n"] {
        exchange(&app, post(bad, "{}")).await.is_problem(400);
    }
    assert_eq!(sent(), 2);
    // A read under a key is a read.
    let read =
        crate::get("/rest/v1/offices", "t").replace("\r\n\r\n", "\r\nIdempotency-Key: k\r\n\r\n");
    assert_eq!(exchange(&app, read).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_accuro_refused_may_be_tried_again_and_what_nobody_knows_may_not() {
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    let upstream = RawUpstream::scripted(move |mut peer| {
        let count = Arc::clone(&count);
        async move {
            while let Some(request) = peer.request().await {
                count.fetch_add(1, Ordering::SeqCst);
                let body = String::from_utf8(request.body).unwrap();
                if body.contains("reset") {
                    return peer.reset();
                }
                peer.send(json(body.trim_matches(['{', '}']).parse().unwrap(), "{}")).await;
            }
        }
    })
    .await;
    let app = TestApp::start(&upstream.url());
    // The number is the status that Accuro gives.
    for (body, then) in [("{401}", 401), ("{422}", 422), ("{500}", 409), ("{reset}", 409)] {
        let key = format!("key{}", body.trim_matches(['{', '}']));
        exchange(&app, keyed(&key, body)).await;
        let before = seen.load(Ordering::SeqCst);
        let again = exchange(&app, keyed(&key, body)).await;
        assert_eq!(again.status, then, "{body}");
        assert_eq!(seen.load(Ordering::SeqCst) - before, usize::from(then != 409), "{body}");
        if then == 409 {
            assert_eq!(again.is_problem(409)["title"], "Unknown: check in Accuro");
        }
    }
}

/// The id of the one call whose result nobody knows, as `audit unresolved` shows it.
fn unresolved(program: &Program) -> String {
    let (_, said) = program.command(&["audit", "unresolved"]);
    let is_id = |word: &&str| word.len() == 36 && EventId::parse(word).is_some();
    said.split_whitespace().find(is_id).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_found_out_counts_at_once() {
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    let upstream = RawUpstream::scripted(move |mut peer| {
        let count = Arc::clone(&count);
        async move {
            while let Some(request) = peer.request().await {
                // The first of each key is lost.
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                if number <= 2 {
                    return peer.reset();
                }
                peer.send(numbered(&request, number)).await;
            }
        }
    })
    .await;
    let program = Program::start(&upstream.url(), &[]).await;
    for (key, found, title) in
        [("there", "applied", Some("Already saved")), ("not", "rejected", None)]
    {
        let ask = async || {
            let mut client = program.client().await;
            client.send(keyed(key, "{}")).await;
            client.answer().await
        };
        assert_eq!(ask().await.status, 502, "lost");
        assert_eq!(ask().await.is_problem(409)["title"], "Unknown: check in Accuro");
        let (done, said) = program.command(&["audit", "settle", &unresolved(&program), found]);
        assert!(done, "{said}");
        until("the word to be taken in", async || {
            let answer = ask().await;
            match title {
                Some(title) => (answer.is_problem(409)["title"] == title).then_some(()),
                None => (answer.status == 201).then_some(()),
            }
        })
        .await;
    }
    assert_eq!(seen.load(Ordering::SeqCst), 3, "what was not there was sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_at_once_one_is_sent() {
    let (upstream, seen, gate) = gated().await;
    let app = TestApp::start(&upstream.url());
    let mut clients = Vec::new();
    for _ in 0..100 {
        let mut client = app.client().await;
        client.send(keyed("same", "{}")).await;
        clients.push(client);
    }
    // All but one are told at once; the one waits for Accuro.
    app.metric_is("accuscope_keyed_writes_total{standing=\"in_flight\"}", 99.0).await;
    gate.add_permits(100);
    let (mut first, mut told) = (0, 0);
    for mut client in clients {
        let answer = client.answer().await;
        if answer.status == 201 {
            first += 1;
        } else {
            assert_eq!(answer.is_problem(409)["reason"], "duplicate_in_flight");
            told += 1;
        }
    }
    assert_eq!((first, told, seen.load(Ordering::SeqCst)), (1, 99, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_known_after_a_restart_and_after_a_sudden_death() {
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    let upstream = RawUpstream::scripted(move |mut peer| {
        let count = Arc::clone(&count);
        async move {
            while let Some(request) = peer.request().await {
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                if request.body == b"{\"hang\":1}" {
                    return peer.closed().await;
                }
                peer.send(numbered(&request, number)).await;
            }
        }
    })
    .await;
    let url = upstream.url();
    let program = Program::start(&url, &[]).await;
    let mut client = program.client().await;
    client.send(keyed("done", "{\"a\":1}")).await;
    assert_eq!(client.answer().await.status, 201);
    let mut hanging = program.client().await;
    hanging.send(keyed("hanging", "{\"hang\":1}")).await;
    until("both writes at Accuro", || async { (seen.load(Ordering::SeqCst) == 2).then_some(()) })
        .await;
    // The outcome of the first has reached the disk before the second's intent has.
    // A restore has set the files' times back.
    let set_back = |folder: &std::path::Path| {
        for file in accuscope::journal::audit::files(&folder.join("journal")).unwrap() {
            let file = std::fs::File::options().append(true).open(file.path).unwrap();
            let written = file.metadata().unwrap().modified().unwrap();
            file.set_modified(written - std::time::Duration::from_hours(30)).unwrap();
        }
    };
    let program = program.kill_and_restart(&url, &[], set_back).await;
    let mut client = program.client().await;
    for (request, status, title) in [
        (keyed("done", "{\"a\":1}"), 409, "This change may be saved"),
        // The audit keeps nothing of a body, so this may be the same one or not.
        (keyed("done", "{\"other\":2}"), 409, "This change may be saved"),
        (keyed("done", "{\"a\":1}").replace("POST", "PUT"), 422, "Two changes were mixed up"),
        (keyed("hanging", "{\"hang\":1}"), 409, "Unknown: check in Accuro"),
    ] {
        client.send(request).await;
        assert_eq!(client.answer().await.is_problem(status)["title"], title);
    }
    assert_eq!(seen.load(Ordering::SeqCst), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_body_under_a_key_arrives_whole_and_is_told_apart_to_its_last_byte() {
    let upstream =
        RawUpstream::answering(|request| json(201, &format!("{}", request.body.len()))).await;
    let app = TestApp::start(&upstream.url());
    let body = "x".repeat(300_000);
    assert_eq!(exchange(&app, keyed("long", &body)).await.text(), "300000");
    assert_eq!(exchange(&app, keyed("long", &body)).await.text(), "300000");
    // However the network cuts it.
    let request = keyed("cut", &body);
    for first in [65_536, 65_535] {
        let (start, rest) = request.as_bytes().split_at(request.len() - body.len() + first);
        let mut client = app.client().await;
        client.send(start).await;
        client.send(rest).await;
        assert_eq!(client.answer().await.text(), "300000");
    }
    let other = format!("{}y", &body[1..]);
    exchange(&app, keyed("long", &other)).await.is_problem(422);
    let head = keyed("chunked", "").replace("Content-Length: 0", "Transfer-Encoding: chunked");
    let chunked = format!("{head}5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
    assert_eq!(exchange(&app, chunked).await.text(), "11");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_with_fields_after_its_body_is_given_again_without_them() {
    const ANSWER: &str = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\nX-Sum: 7\r\n\r\n";
    let upstream = RawUpstream::always(ANSWER).await;
    let app = TestApp::start(&upstream.url());
    for number in 0..2 {
        let answer = exchange(&app, keyed("trailed", "{}")).await;
        assert_eq!((answer.status, answer.text().as_str()), (201, "{\"a\":1}"), "{number}");
    }
    assert_eq!(upstream.seen_text().matches("POST ").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_to_be_compared_is_neither_sent_again_nor_called_done() {
    let upstream =
        RawUpstream::answering(|request| json(201, &format!("{}", request.body.len()))).await;
    let app = TestApp::start(&upstream.url());
    let request = keyed("cut", &"x".repeat(1_200_000));
    let body_at = request.len() - 1_200_000;
    for (number, first) in [1_048_576, 1_048_575].into_iter().enumerate() {
        let (start, rest) = request.as_bytes().split_at(body_at + first);
        let mut client = app.client().await;
        client.send(start).await;
        if number == 0 {
            // Enough of it has come to claim the key: the proxy has read this much and no more.
            until("the write at Accuro", || async {
                upstream.seen_text().contains("POST ").then_some(())
            })
            .await;
        }
        client.send(rest).await;
        let answer = client.answer().await;
        if number == 0 {
            assert_eq!((answer.status, answer.text().as_str()), (201, "1200000"));
        } else {
            // However the network cut it, it is not another change: but nobody knows that it is the same.
            answer.is_problem(409);
        }
    }
    assert_eq!(upstream.seen_text().matches("POST ").count(), 1);
}
