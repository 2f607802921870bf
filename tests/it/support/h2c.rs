//! An HTTP/2 client without TLS, with prior knowledge.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use super::soon;

pub(crate) type Body = BoxBody<Bytes, std::convert::Infallible>;

/// One connection.
pub(crate) struct H2c(pub(crate) SendRequest<Body>);

impl H2c {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let socket = TcpStream::connect(address).await.unwrap();
        let (sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(socket))
                .await
                .unwrap();
        tokio::spawn(connection);
        Self(sender)
    }

    pub(crate) async fn send(&mut self, request: Request<Body>) -> Response<Incoming> {
        self.0.ready().await.unwrap();
        soon("an answer over HTTP/2", self.0.send_request(request)).await.unwrap()
    }

    pub(crate) async fn get(&mut self, path: &str) -> (u16, http::HeaderMap, Bytes) {
        let request = Request::get(format!("http://api.example{path}")).body(empty()).unwrap();
        whole(self.send(request).await).await
    }
}

pub(crate) async fn whole(response: Response<Incoming>) -> (u16, http::HeaderMap, Bytes) {
    let (head, body) = response.into_parts();
    let body = soon("a body over HTTP/2", body.collect()).await.unwrap().to_bytes();
    (head.status.as_u16(), head.headers, body)
}

pub(crate) fn empty() -> Body {
    Empty::new().boxed()
}

pub(crate) fn full(bytes: &'static str) -> Body {
    Full::new(Bytes::from_static(bytes.as_bytes())).boxed()
}
