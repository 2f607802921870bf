//! "Somebody scans our port": whatever bytes come, the next good client is served.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tokio::io::AsyncWriteExt;

use crate::support::app::CLINICS;
use crate::support::upstream::OK;
use crate::support::{RawUpstream, TestApp, exchange, soon};

/// Bytes that look like HTTP often enough to get deep.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        Just(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_vec()),
        Just(b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n".to_vec()),
        Just(b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec()),
        Just(
            b"POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
                .to_vec()
        ),
        Just(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()),
        Just(b"\0\0\0\x04\0\0\0\0\0".to_vec()),
        Just(b"0\r\n\r\n".to_vec()),
        Just(b"3\r\nabc\r\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"GET ".to_vec()),
        Just(b" HTTP/1.1\r\n".to_vec()),
        Just(b"Host: a\r\n".to_vec()),
        Just(b"Connection: close\r\n".to_vec()),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    prop::collection::vec(word, 0..8).prop_map(|words| words.concat())
}

#[test]
fn no_bytes_hurt_the_next_good_client() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (upstream, mut app) = runtime.block_on(async {
        let upstream = RawUpstream::always(OK).await;
        let settings =
            [("proxy.head_timeout", "\"200ms\""), ("proxy.body_idle_timeout", "\"200ms\"")];
        let app = TestApp::with(&upstream.url(), &settings, CLINICS);
        (upstream, app)
    });
    let config = proptest::test_runner::Config {
        cases: 64,
        failure_persistence: None,
        ..Default::default()
    };
    TestRunner::new(config)
        .run(&prop::collection::vec((bytes(), any::<bool>()), 8), |attempts| {
            runtime.block_on(async {
                let mut open = Vec::new();
                for (bytes, reset) in attempts {
                    let mut client = app.client().await;
                    client.try_send(&bytes).await;
                    if reset {
                        client.socket.set_zero_linger().unwrap();
                        drop(client);
                    } else {
                        drop(client.socket.shutdown().await);
                        open.push(client);
                    }
                }
                assert_eq!(exchange(&app, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.status, 200);
                for mut client in open {
                    client.rest().await;
                }
            });
            Ok(())
        })
        .unwrap();
    runtime.block_on(async {
        app.metric_is("accuscope_proxy_connections", 0.0).await;
        app.metric_is("accuscope_calls_in_flight", 0.0).await;
        let (events, cut) = soon("a stop", app.stop()).await;
        assert_eq!(cut, 0);
        let mut ids: Vec<_> = events.iter().map(|event| event["id"].to_string()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), events.len());
        drop(upstream);
    });
}
