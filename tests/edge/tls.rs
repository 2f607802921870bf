//! "Tokens crossed the clinic's network in the clear", "the certificate ended at night."

use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ClientConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::certificates::{Authority, Pair};
use crate::launch::{Place, Serving};
use crate::support::upstream::OK;
use crate::support::{RawUpstream, soon, until};

fn settings(place: &Place, client_ca: &str) -> String {
    let file = |name: &str| place.path(name).display().to_string();
    format!(
        "proxy.tls = {{ certificate = {:?}, key = {:?}, client_ca = {client_ca:?} }}",
        file("proxy.crt"),
        file("proxy.key")
    )
}

async fn connect(
    address: SocketAddr,
    config: &Arc<ClientConfig>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let socket = TcpStream::connect(address).await.unwrap();
    let name = "localhost".try_into().unwrap();
    soon("a handshake", TlsConnector::from(Arc::clone(config)).connect(name, socket)).await
}

/// One call over HTTP/1.1: everything that comes back.
async fn call(address: SocketAddr, config: &Arc<ClientConfig>, bytes: &str) -> String {
    let Ok(mut stream) = connect(address, config).await else { return String::new() };
    let mut text = Vec::new();
    // With TLS 1.3 a client learns only from the answer that its certificate was refused.
    if stream.write_all(bytes.as_bytes()).await.is_ok() {
        drop(soon("an answer", stream.read_to_end(&mut text)).await);
    }
    String::from_utf8(text).unwrap()
}

const GET: &str = "GET /a HTTP/1.1\r\nhost: p\r\nconnection: close\r\n\r\n";

async fn start(authority: &Authority, client_ca: bool) -> (RawUpstream, Place, Serving, Pair) {
    let upstream = RawUpstream::always(OK).await;
    let place = Place::new(&upstream.url());
    let pair = authority.sign(2200);
    pair.write(place.folder.path());
    fs::write(place.path("ca.pem"), &authority.pem).unwrap();
    let ca = if client_ca { place.path("ca.pem").display().to_string() } else { String::new() };
    place.write(&settings(&place, &ca), "");
    let serving = place.serve().await;
    (upstream, place, serving, pair)
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_speak_both_versions_of_http_over_tls_and_the_guard_still_reads_every_byte() {
    let authority = Authority::new();
    let (_upstream, _place, mut serving, _) = start(&authority, false).await;
    let http1 = authority.client(None, b"http/1.1");
    let answer = call(serving.proxy, &http1, GET).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let twice = "GET /a HTTP/1.1\r\nhost: p\r\nhost: q\r\n\r\n";
    let answer = call(serving.proxy, &http1, twice).await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("problem+json"), "{answer}");

    let stream = connect(serving.proxy, &authority.client(None, b"h2")).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    let driving = tokio::spawn(connection);
    let request = http::Request::get("https://localhost/a").body(Empty::<Bytes>::new()).unwrap();
    let response = soon("an answer", sender.send_request(request)).await.unwrap();
    assert_eq!(response.status(), 200);
    response.into_body().collect().await.unwrap();
    drop(sender);
    drop(soon("the connection's end", driving).await);

    // Somebody without TLS gets no answer, and is counted.
    let mut plain = TcpStream::connect(serving.proxy).await.unwrap();
    plain.write_all(GET.as_bytes()).await.unwrap();
    let mut text = Vec::new();
    drop(soon("a refusal", plain.read_to_end(&mut text)).await);
    assert!(!String::from_utf8_lossy(&text).contains("HTTP/1.1 200"));
    let series = "accuscope_tls_handshake_failures_total{cause=\"not_tls\"}";
    until("a count", || async { (serving.metric(series).await > 0.5).then_some(()) }).await;
    assert_eq!(serving.terminate().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_used_without_a_restart_and_a_bad_one_is_not() {
    let (authority, next) = (Authority::new(), Authority::new());
    let (_upstream, place, serving, _) = start(&authority, false).await;
    let expiry = "accuscope_tls_certificate_expiry_timestamp_seconds";
    let before = serving.metric(expiry).await;
    // A connection from before goes on.
    let mut old = connect(serving.proxy, &authority.client(None, b"http/1.1")).await.unwrap();

    next.sign(2100).write(place.folder.path());
    serving.logged("new settings are in force", 1).await;
    let client = next.client(None, b"http/1.1");
    assert!(call(serving.proxy, &client, GET).await.starts_with("HTTP/1.1 200"));
    assert!(connect(serving.proxy, &authority.client(None, b"http/1.1")).await.is_err());
    let after = serving.metric(expiry).await;
    assert!(after < before, "the year 2100 is before the year 2200: {after} {before}");
    old.write_all(GET.as_bytes()).await.unwrap();
    let mut text = Vec::new();
    drop(soon("an answer", old.read_to_end(&mut text)).await);
    assert!(text.starts_with(b"HTTP/1.1 200"));

    fs::write(place.path("proxy.key"), next.sign(2100).key).unwrap();
    serving.logged("is not the key of the certificate", 1).await;
    assert!(call(serving.proxy, &client, GET).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_an_authority_for_clients_only_their_certificates_open_the_door() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let (upstream, _place, serving, _) = start(&authority, true).await;
    let own = authority.sign(2100);
    let known = authority.client(Some(&own), b"http/1.1");
    assert!(call(serving.proxy, &known, GET).await.starts_with("HTTP/1.1 200"));
    let foreign = stranger.sign(2100);
    for shown in [None, Some(&foreign)] {
        let answer = call(serving.proxy, &authority.client(shown, b"http/1.1"), GET).await;
        assert_eq!(answer, "");
    }
    assert_eq!(upstream.seen_text().matches("GET ").count(), 1);
    let series = "accuscope_tls_handshake_failures_total{cause=\"client_certificate\"}";
    until("both counts", || async { (serving.metric(series).await > 1.5).then_some(()) }).await;
}
