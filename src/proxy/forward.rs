//! Sends a request on to Accuro and waits for the head of the answer.
//!
//! Owns the request as Accuro sees it: the raw path and query, the app's end-to-end headers, our
//! place in the trace. Never sends a request twice.

use std::pin::pin;
use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use http::request::Parts;
use http::uri::{Authority, PathAndQuery, Scheme as UriScheme};
use http::{HeaderMap, HeaderValue, Request, Response, Uri, Version};
use hyper::body::Incoming;
use hyper_util::client::legacy::Error as ClientFailure;

use super::Shared;
use super::call::OpenCall;
use super::client;
use super::guard::ConnectionState;
use super::headers::{self, Expectation, REQUEST_ID, TRACEPARENT, TRACESTATE};
use super::upload::{Upload, UploadBody};
use crate::config::{BaseUrl, Scheme};
use crate::domain::classify::Transport;
use crate::domain::trace_context::TraceParent;

/// Where Accuro is, in the parts that a request's URI is made of.
pub(super) struct Target {
    scheme: UriScheme,
    authority: Authority,
    prefix: String,
}

impl Target {
    /// The target of a base URL.
    pub(super) fn of(base_url: &BaseUrl) -> Self {
        let scheme = match base_url.scheme() {
            Scheme::Http => UriScheme::HTTP,
            Scheme::Https => UriScheme::HTTPS,
        };
        let authority = base_url
            .authority()
            .parse()
            .unwrap_or_else(|_| unreachable!("a base URL's authority was read as one"));
        Self { scheme, authority, prefix: base_url.prefix().to_owned() }
    }

    /// The URI for a request's own: path and query byte for byte, behind the prefix.
    fn uri(&self, asked: &Uri) -> Option<Uri> {
        let raw = asked.path_and_query().cloned();
        let path_and_query = if self.prefix.is_empty() {
            raw.unwrap_or_else(|| PathAndQuery::from_static("/"))
        } else {
            let raw = raw.as_ref().map_or("/", PathAndQuery::as_str);
            PathAndQuery::try_from(format!("{}{raw}", self.prefix)).ok()?
        };
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path_and_query);
        Uri::from_parts(parts).ok()
    }
}

/// How the wait for an answer's head ended.
pub(super) enum Forwarded {
    /// The head is here.
    Answered(Box<Response<Incoming>>, Upload),
    /// No answer.
    Unanswered(Transport),
    /// The app's body broke its framing or stalled; nothing of that is Accuro's doing.
    BadUpload,
}

/// Sends the request and waits for the head of the answer.
pub(super) async fn forward(
    shared: &Shared,
    call: &mut OpenCall,
    head: Parts,
    body: Incoming,
    tracestate: Option<HeaderValue>,
    connection: &Arc<ConnectionState>,
) -> Forwarded {
    let expects = headers::expectation(&head.headers, head.version) == Expectation::Continue;
    let (upload, body) = Upload::of(body, call.reads, expects, shared.body_idle_timeout);
    let Some(request) = outgoing(shared, call, head, body, tracestate) else {
        return Forwarded::Unanswered(Transport::Broken);
    };
    let request = with_interim(request, connection, &upload);
    call.sent();
    let mut answer = pin!(shared.client.request(request));
    let mut deadline = tokio::time::Instant::now() + shared.response_timeout;
    let mut seen_bytes = 0;
    loop {
        tokio::select! {
            biased;
            answer = &mut answer => return match answer {
                Ok(response) if response.status() == http::StatusCode::SWITCHING_PROTOCOLS => {
                    // Nobody asked for it: `Upgrade` was not sent on.
                    Forwarded::Unanswered(Transport::Broken)
                }
                Ok(response) => {
                    upload.release();
                    Forwarded::Answered(Box::new(response), upload)
                }
                Err(error) => no_answer(&upload, &error),
            },
            // The service's task has to run for the interim response to be written.
            () = connection.interim_waits.notified() => {}
            () = tokio::time::sleep_until(deadline) => {
                // A long upload is no silence of Accuro's: the wait begins when it is done.
                let bytes = upload.bytes();
                if upload.has_ended() || bytes == seen_bytes {
                    return Forwarded::Unanswered(Transport::ResponseTimeout);
                }
                seen_bytes = bytes;
                deadline = tokio::time::Instant::now() + shared.response_timeout;
            }
        }
    }
}

fn no_answer(upload: &Upload, error: &ClientFailure) -> Forwarded {
    if upload.has_failed() {
        return Forwarded::BadUpload;
    }
    Forwarded::Unanswered(client::transport(error))
}

/// The request as Accuro gets it; `None` if its target cannot be one behind the prefix.
fn outgoing(
    shared: &Shared,
    call: &mut OpenCall,
    head: Parts,
    body: UploadBody,
    tracestate: Option<HeaderValue>,
) -> Option<Request<UploadBody>> {
    let uri = shared.target.uri(&head.uri)?;
    let mut headers = head.headers;
    let trailers = headers::takes_trailers(&headers);
    headers::strip_hop_by_hop(&mut headers);
    headers::strip_own(&mut headers);
    headers::join_cookies(&mut headers);
    if trailers {
        headers::take_trailers(&mut headers);
    }
    if head.version < Version::HTTP_11 {
        headers.remove(http::header::EXPECT);
    }
    shared.via.add(&mut headers, head.version);
    headers.insert(&REQUEST_ID, call.request_id.clone());
    let parent = call.parent;
    if let Some(exchange) = call.exchange() {
        let place = TraceParent {
            trace_id: exchange.trace_id,
            span_id: exchange.span_id,
            flags: parent.map_or(0, |parent| parent.flags),
        };
        headers.remove(&TRACESTATE);
        headers.insert(&TRACEPARENT, HeaderValue::from_str(&place.to_header()).ok()?);
        if let Some(tracestate) = tracestate {
            headers.insert(&TRACESTATE, tracestate);
        }
    }
    let mut request = Request::new(body);
    *request.method_mut() = head.method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Some(request)
}

/// Lets interim responses through: 100 asks for the body, others go on to the app.
fn with_interim(
    mut request: Request<UploadBody>,
    connection: &Arc<ConnectionState>,
    upload: &Upload,
) -> Request<UploadBody> {
    let (connection, upload) = (Arc::clone(connection), upload.clone());
    hyper::ext::on_informational(&mut request, move |interim| {
        if interim.status() == http::StatusCode::CONTINUE {
            upload.release();
        } else if interim.status() != http::StatusCode::SWITCHING_PROTOCOLS {
            connection.send_interim(&interim_bytes(interim.status(), interim.headers()));
        }
    });
    request
}

/// An interim response as HTTP/1.1 writes it, without hop-by-hop fields.
fn interim_bytes(status: http::StatusCode, headers: &HeaderMap) -> BytesMut {
    let mut headers = headers.clone();
    headers::strip_hop_by_hop(&mut headers);
    let mut bytes = BytesMut::with_capacity(256);
    bytes.put_slice(b"HTTP/1.1 ");
    bytes.put_slice(status.as_str().as_bytes());
    bytes.put_u8(b' ');
    bytes.put_slice(status.canonical_reason().unwrap_or("Interim").as_bytes());
    bytes.put_slice(b"\r\n");
    for (name, value) in &headers {
        bytes.put_slice(name.as_str().as_bytes());
        bytes.put_slice(b": ");
        bytes.put_slice(value.as_bytes());
        bytes.put_slice(b"\r\n");
    }
    bytes.put_slice(b"\r\n");
    bytes
}
