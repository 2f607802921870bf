//! "It worked against the sandbox on this machine, and not against the real thing, which has TLS."

use std::convert::Infallible;
use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::certificates::{Authority, Pair};
use crate::launch::Place;

/// An upstream over TLS that answers with the version that it was spoken to in.
async fn upstream(pair: &Pair, protocols: &[&[u8]]) -> SocketAddr {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(pair.chain(), pair.private())
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(socket).await else { return };
                let answer = service_fn(|request: Request<Incoming>| async move {
                    let body = format!("{{\"version\":\"{:?}\"}}", request.version());
                    let mut response = Response::new(Full::new(Bytes::from(body)));
                    let json = http::HeaderValue::from_static("application/json");
                    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
                    Ok::<_, Infallible>(response)
                });
                let server = auto::Builder::new(TokioExecutor::new());
                drop(server.serve_connection(TokioIo::new(stream), answer).await);
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn accuro_is_spoken_to_over_tls_in_the_version_that_it_prefers() {
    let authority = Authority::new();
    let pair = authority.sign(2100);
    for (protocols, version) in [
        (vec![b"h2".as_slice(), b"http/1.1".as_slice()], "HTTP/2.0"),
        (vec![b"http/1.1".as_slice()], "HTTP/1.1"),
        (vec![], "HTTP/1.1"),
    ] {
        let address = upstream(&pair, &protocols).await;
        let place = Place::new(&format!("https://localhost:{}", address.port()));
        place.write("", "");
        let ca = place.path("ca.pem");
        fs::write(&ca, &authority.pem).unwrap();
        let mut serving = place.serve_with(&[("SSL_CERT_FILE", &ca)], None).await;
        for _ in 0..3 {
            let (status, body) = serving.call("/rest/v1/api-version", "").await;
            assert_eq!((status, &body["version"]), (200, &version.into()), "{body}");
        }
        assert_eq!(serving.terminate().await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accuro_that_nobody_vouches_for_gets_no_request() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let address = upstream(&stranger.sign(2100), &[b"http/1.1"]).await;
    let place = Place::new(&format!("https://localhost:{}", address.port()));
    place.write("", "");
    let ca = place.path("ca.pem");
    fs::write(&ca, &authority.pem).unwrap();
    let serving = place.serve_with(&[("SSL_CERT_FILE", &ca)], None).await;
    let (status, body) = serving.call("/rest/v1/api-version", "").await;
    assert_eq!((status, &body["reason"]), (502, &"tls_failed".into()));
}
