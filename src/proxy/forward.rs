//! Sends a request on to Accuro and waits for the head of the answer.
//!
//! Owns the request as Accuro sees it: the raw path and query, the app's end-to-end headers, our
//! place in the trace. A request is sent once; only a read without a body is sent again, at once if it
//! met a pooled connection just being closed, so that nobody has seen it, else as `retry.rs` says.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use http::request::Parts;
use http::uri::{Authority, PathAndQuery, Scheme as UriScheme};
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri, Version};
use hyper::body::Incoming;
use hyper_util::client::legacy::Error as ClientFailure;

use super::Shared;
use super::call::OpenCall;
use super::client::{self, Upstream};
use super::guard::ConnectionState;
use super::headers::{self, Expectation, REQUEST_ID, TRACEPARENT, TRACESTATE};
use super::retry::Sends;
use super::upload::{RequestBody, Upload, UploadBody, UploadFailure};
use crate::config::{BaseUrl, Scheme};
use crate::domain::admission::retry;
use crate::domain::classify::Transport;
use crate::domain::trace_context::{TraceId, TraceParent};

/// Most times that one request meets a closing connection.
const MOST_CLOSING: u32 = 2;

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
        // `*` asks about the server as a whole, so no prefix can stand before it.
        let is_whole = raw.as_ref().is_some_and(|raw| raw.as_str() == "*");
        let path_and_query = if self.prefix.is_empty() || is_whole {
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
    Answered(Box<Response<Incoming>>),
    /// No answer.
    Unanswered(Transport),
    /// The app's body broke its framing, stalled, or ended; nothing of that is Accuro's doing.
    BadUpload(UploadFailure),
}

/// What a request is sent on by.
pub(super) struct By<'c> {
    /// What every call shares.
    pub(super) shared: &'c Shared,
    /// The connections to Accuro of the lane that the call runs in.
    pub(super) client: &'c Upstream,
    /// The app's connection.
    pub(super) connection: &'c Arc<ConnectionState>,
}

/// Sends the request and waits for the head of the answer.
pub(super) async fn forward(
    by: &By<'_>,
    call: &mut OpenCall,
    head: Parts,
    body: RequestBody,
    tracestate: Option<HeaderValue>,
) -> Forwarded {
    let By { shared, connection, .. } = *by;
    let expects = headers::expectation(&head.headers, head.version) == Expectation::Continue;
    let (upload, body) = Upload::of(body, call.reads, expects, shared.body_idle_timeout());
    call.upload = upload.clone();
    let Some(head) = outgoing(shared, call, head, tracestate) else {
        return Forwarded::Unanswered(Transport::Broken);
    };
    shared.admission.count_for_budget();
    let mut spare = may_repeat(call, &upload).then(|| (head.clone(), Sends::begin(shared)));
    let seen = spare.as_ref().map(|(_, sends)| Arc::clone(&sends.app_has_seen));
    let mut request = with_interim(head, body, connection, &upload, seen);
    let mut met_closing = 0;
    loop {
        call.sent(client::Sending::of(&mut request));
        let limit = spare.as_mut().map_or(shared.response_timeout(), |(_, sends)| {
            sends.count();
            sends.left(shared)
        });
        let error = match answer(by, request, &upload, limit).await {
            Waited::Answered(mut response) => {
                client::note_answer(&mut response);
                if let Some((head, sends)) = &spare
                    && sends.again_after(shared, call, &response).await
                {
                    call.reached();
                    let seen = Some(Arc::clone(&sends.app_has_seen));
                    let (head, body) = (head.clone(), UploadBody::empty());
                    request = with_interim(head, body, connection, &upload, seen);
                    continue;
                }
                // Nobody asked for a switch: `Upgrade` was not sent on.
                let switches = response.status() == http::StatusCode::SWITCHING_PROTOCOLS;
                if switches || !headers::settle_framing(response.status(), response.headers_mut()) {
                    call.reached();
                    return Forwarded::Unanswered(Transport::Broken);
                }
                return Forwarded::Answered(response);
            }
            Waited::Failed(error) => error,
            // Connecting may be allowed more time than answering.
            Waited::TimedOut if !call.has_left() => {
                return Forwarded::Unanswered(Transport::Connect);
            }
            Waited::TimedOut => return Forwarded::Unanswered(Transport::ResponseTimeout),
        };
        if let Some(failure) = upload.failure() {
            return Forwarded::BadUpload(failure);
        }
        let transport = client::transport(&error);
        let Some((head, sends)) = &mut spare else { return Forwarded::Unanswered(transport) };
        let unseen = met_closing < MOST_CLOSING && client::met_a_closing_connection(&error);
        if unseen {
            met_closing += 1;
            sends.uncount();
        } else if !sends.again_without(shared, call, transport).await {
            return Forwarded::Unanswered(transport);
        }
        let seen = Some(Arc::clone(&sends.app_has_seen));
        request = with_interim(head.clone(), UploadBody::empty(), connection, &upload, seen);
    }
}

/// Whether the request may be sent again, if nothing of an answer has reached the app.
fn may_repeat(call: &mut OpenCall, upload: &Upload) -> bool {
    let has_body = !upload.is_empty();
    call.exchange()
        .is_some_and(|exchange| retry::may_repeat(exchange.method, exchange.mutation, has_body))
}

enum Waited {
    Answered(Box<Response<Incoming>>),
    Failed(ClientFailure),
    TimedOut,
}

/// Sends once and waits for the head of the answer.
async fn answer(
    by: &By<'_>,
    request: Request<UploadBody>,
    upload: &Upload,
    limit: Duration,
) -> Waited {
    let By { shared, client, connection } = *by;
    let mut answer = pin!(client.request(request));
    let mut deadline = tokio::time::Instant::now() + limit;
    let mut seen_bytes = 0;
    loop {
        tokio::select! {
            biased;
            answer = &mut answer => return match answer {
                Ok(response) => Waited::Answered(Box::new(response)),
                Err(error) => Waited::Failed(error),
            },
            () = tokio::time::sleep_until(deadline) => {
                // A long upload is no silence of Accuro's: the wait begins when it is done. An app
                // that stalls has a limit of its own.
                let bytes = upload.bytes();
                let is_silent = bytes == seen_bytes && !upload.waits_for_app();
                let next = match upload.ended() {
                    Some(ended) => ended + shared.response_timeout(),
                    None if upload.is_empty() || is_silent => return Waited::TimedOut,
                    None => tokio::time::Instant::now() + shared.response_timeout(),
                };
                if next <= deadline {
                    return Waited::TimedOut;
                }
                (seen_bytes, deadline) = (bytes, next);
            }
            // The service's task has to run for the interim response to be written.
            () = connection.interim_waits.notified() => {}
        }
    }
}

/// The request's head as Accuro gets it; `None` if its target cannot be one behind the prefix.
fn outgoing(
    shared: &Shared,
    call: &mut OpenCall,
    head: Parts,
    tracestate: Option<HeaderValue>,
) -> Option<Outbound> {
    let uri = shared.target.uri(&head.uri)?;
    let mut headers = head.headers;
    let trailers = headers::takes_trailers(&headers);
    call.takes_trailers = trailers || head.version == Version::HTTP_2;
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
            // What is recorded may be another: see `Keyring::recorded_trace`.
            trace_id: parent.map_or(exchange.trace_id, |parent| parent.trace_id),
            span_id: exchange.span_id,
            flags: parent.map_or_else(|| begun(shared, exchange.trace_id), |parent| parent.flags),
        };
        headers.remove(&TRACESTATE);
        headers.insert(&TRACEPARENT, HeaderValue::from_str(&place.to_header()).ok()?);
        if let Some(tracestate) = tracestate {
            headers.insert(&TRACESTATE, tracestate);
        }
    }
    Some(Outbound { method: head.method, uri, headers })
}

/// The flags of a trace that begins here.
fn begun(shared: &Shared, trace_id: TraceId) -> u8 {
    let is_sampled = shared.spans.as_ref().is_some_and(|spans| spans.is_sampled(None, trace_id));
    TraceParent::RANDOM | u8::from(is_sampled)
}

/// A request's head as Accuro gets it.
#[derive(Clone)]
struct Outbound {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
}

/// Lets interim responses through: 100 asks for the body, others go on to the app.
fn with_interim(
    head: Outbound,
    body: UploadBody,
    connection: &Arc<ConnectionState>,
    upload: &Upload,
    app_has_seen: Option<Arc<AtomicBool>>,
) -> Request<UploadBody> {
    let mut request = Request::new(body);
    *request.method_mut() = head.method;
    *request.uri_mut() = head.uri;
    *request.headers_mut() = head.headers;
    let (connection, upload) = (Arc::clone(connection), upload.clone());
    hyper::ext::on_informational(&mut request, move |interim| {
        if interim.status() == http::StatusCode::CONTINUE {
            upload.release();
        } else if interim.status() != http::StatusCode::SWITCHING_PROTOCOLS {
            if let Some(seen) = &app_has_seen {
                seen.store(true, Ordering::Release);
            }
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
