//! Watches Accuro's answer stream by, and ends the call when it ends.
//!
//! How a call ended is not known when its head arrives: the body can be an empty list, stop half
//! way, or be dropped by the app. So the body is wrapped, and whatever ends it ends the call. Where the
//! app may ask for the same answer again, it is read to its end also without the app.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{TRAILER, WWW_AUTHENTICATE};
use http::response::Parts;
use http::{HeaderValue, Response, Version};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::call::OpenCall;
use super::headers::{CACHE, REQUEST_ID, SUPPORT_CODE, strip_hop_by_hop};
use super::identify::Reads;
use super::inspect::{self, Inspected, Inspector};
use super::kept::{For, Keeping, Seen};
use super::outgoing::Outgoing;
use super::patience::Patience;
use super::told_later::ToldLater;
use super::turns::Turns;
use crate::domain::classify::{Answered, BodySeen, Media, Transport};
use crate::domain::error_body::ErrorSeen;
use crate::domain::probe::JsonSeen;

/// The answer stopped early. The library then cuts the app's connection, so that the app cannot take
/// part of an answer for the whole.
#[derive(Debug, thiserror::Error)]
#[error("the upstream's answer stopped early")]
pub(crate) struct CutOff;

/// Accuro's body on its way to the app. Empty only once it is dropped.
pub(crate) struct Watched(Option<Watching>);

/// Accuro's body while it passes.
struct Watching {
    body: Incoming,
    turns: Turns,
    call: OpenCall,
    inspector: Option<Inspector>,
    /// The copy that others are waiting for, if any.
    keeping: Option<Box<Keeping>>,
    status: u16,
    media: Media,
    leads_to_sign_in: bool,
    challenges: Vec<HeaderValue>,
    bytes: u64,
    patience: Patience,
    /// The app has gone; nothing reaches it any more.
    is_abandoned: bool,
}

/// Passes an answer on and watches how it ends.
pub(super) fn watched(
    head: Parts,
    body: Incoming,
    call: OpenCall,
    whom: Option<For>,
) -> Response<Outgoing> {
    let (head, watching) = watching(head, body, call, whom);
    let watched = Watched(Some(watching));
    Response::from_parts(head, Outgoing::Watched(Box::new(ToldLater::new(watched))))
}

/// Reads an answer to its end for the app to ask for again; the app that asked first has hung up.
pub(super) async fn to_the_end(head: Parts, body: Incoming, call: OpenCall, whom: For) {
    let (_, watching) = watching(head, body, call, Some(whom));
    watching.read_on().await;
}

fn watching(
    mut head: Parts,
    body: Incoming,
    mut call: OpenCall,
    whom: Option<For>,
) -> (Parts, Watching) {
    let challenges: Vec<HeaderValue> = if head.status.as_u16() >= 400 {
        head.headers.get_all(WWW_AUTHENTICATE).iter().cloned().collect()
    } else {
        Vec::new()
    };
    let inspector = Inspector::new(call.asked, call.reads, &head);
    let (media, leads_to_sign_in) =
        (inspect::media(&head.headers), inspect::leads_to_sign_in(&head.headers));
    strip_hop_by_hop(&mut head.headers);
    if !call.takes_trailers && head.headers.contains_key(TRAILER) {
        // The library leaves the fields themselves out, so nothing may announce them.
        head.headers.remove(TRAILER);
    }
    // A gateway speaks its own version (RFC 9112, 2.3); the library lowers it for old clients.
    head.version = Version::HTTP_11;
    let misses = matches!(&whom, Some(For::Reads(asking)) if asking.is_cached());
    let keeping = whom.and_then(|whom| Keeping::begin(&head, whom));
    if misses {
        head.headers.insert(&CACHE, HeaderValue::from_static("miss"));
        call.shared.metrics.cache_results.with_label_values(&["miss"]).inc();
    }
    head.headers.insert(&REQUEST_ID, call.request_id.clone());
    if let Some(code) = call.exchange().map(|exchange| exchange.support_code)
        && let Ok(code) = HeaderValue::from_bytes(&code.to_ascii())
    {
        head.headers.insert(&SUPPORT_CODE, code);
    }
    let mut watching = Watching {
        body,
        turns: Turns::default(),
        patience: Patience::new(call.shared.body_idle_timeout(), 0),
        call,
        inspector: Some(inspector),
        keeping,
        status: head.status.as_u16(),
        media,
        leads_to_sign_in,
        challenges,
        bytes: 0,
        is_abandoned: false,
    };
    // A body that is over before it began (HEAD, 204, 304) is never polled.
    if watching.body.is_end_stream() {
        watching.end();
    }
    (head, watching)
}

impl Watching {
    /// Reads on although the app has gone.
    async fn read_on(mut self) {
        self.is_abandoned = true;
        while let Some(Ok(_)) = poll_fn(|cx| self.poll_frame(cx)).await {}
    }

    /// The last byte has passed.
    fn end(&mut self) {
        let Some(inspector) = self.inspector.take() else { return };
        let Inspected { body, text } = inspector.finish();
        let error = if self.status >= 400 {
            ErrorSeen::read(&text, self.challenges.iter().map(HeaderValue::as_bytes))
        } else {
            ErrorSeen::default()
        };
        self.learn(&text);
        self.count_bytes();
        let shape = match body {
            BodySeen::Json(JsonSeen::Value { structure, .. }) => {
                Some(self.call.shared.keys.shape(structure))
            }
            _ => None,
        };
        if let Some(exchange) = self.call.exchange() {
            exchange.shape = shape;
        }
        let answered = Answered {
            status: self.status,
            media: self.media,
            leads_to_sign_in: self.leads_to_sign_in,
            body,
            error,
        };
        if let Some(keeping) = self.keeping.take() {
            keeping.complete(&mut self.call, Seen { answered, shape });
        }
        if self.is_abandoned {
            self.call.end_abandoned();
        } else {
            self.call.end_answered(answered);
        }
    }

    fn cut_off(&mut self) {
        self.inspector = None;
        self.keeping = None;
        self.count_bytes();
        if self.is_abandoned || self.call.upload.failure().is_some() {
            // The app broke its own request, and the library ends both directions then.
            self.call.end_abandoned();
        } else {
            self.call.end_unanswered(self.status, Transport::Broken);
        }
    }

    fn count_bytes(&mut self) {
        if self.is_abandoned {
            return;
        }
        let bytes_out = self.bytes;
        if let Some(exchange) = self.call.exchange() {
            exchange.bytes_out = bytes_out;
        }
    }

    /// Token calls and changes of office tell something about later calls.
    fn learn(&mut self, answer: &[u8]) {
        if !(200..300).contains(&self.status) {
            return;
        }
        let request = self.call.upload.take_copy();
        let shared = std::sync::Arc::clone(&self.call.shared);
        let reads = self.call.reads;
        let Some(exchange) = self.call.exchange() else { return };
        match (reads, &exchange.token_ref) {
            (Reads::Grant, _) => shared.grants.learn(
                &request,
                answer,
                exchange.clinic.as_ref(),
                shared.clock.now(),
                &shared.keys,
                &shared.catalogue,
            ),
            (Reads::Office, Some(token)) => {
                let office = super::grants::office_in_body(&request).or(exchange.office);
                if let Some(office) = office {
                    shared.grants.learn_office(token, office);
                    exchange.office = Some(office);
                }
            }
            _ => {}
        }
    }

    /// Looks at what passes. Of bytes that have to be decoded, a turn's worth passes, and the rest waits.
    fn passed(&mut self, frame: Frame<Bytes>) -> Frame<Bytes> {
        let frame = match frame.into_data() {
            Ok(data) => {
                let is_coded = self.inspector.as_ref().is_some_and(Inspector::is_coded);
                let data = self.turns.take(data, is_coded);
                self.bytes += data.len() as u64;
                if let Some(inspector) = &mut self.inspector {
                    inspector.feed(&data);
                    self.keeping.take_if(|keeping| !keeping.feed(&data));
                }
                Frame::data(data)
            }
            Err(frame) => frame,
        };
        // The library does not poll again once `Content-Length` bytes or the fields after the body
        // have gone out, so the end is looked for here, not only below.
        if frame.is_trailers() || self.is_end_stream() {
            self.end();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.turns.is_empty() && self.body.is_end_stream()
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        if let Some(waited) = ready!(self.turns.poll_waited(cx)) {
            return Poll::Ready(Some(Ok(self.passed(Frame::data(waited)))));
        }
        let frame = match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(frame) => frame,
            Poll::Pending => {
                ready!(self.patience.poll_wait(cx));
                self.cut_off();
                return Poll::Ready(Some(Err(CutOff)));
            }
        };
        self.patience.progress(0);
        match frame {
            Some(Ok(frame)) => Poll::Ready(Some(Ok(self.passed(frame)))),
            Some(Err(_)) => {
                self.cut_off();
                Poll::Ready(Some(Err(CutOff)))
            }
            None => {
                self.end();
                Poll::Ready(None)
            }
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let Some(mut watching) = self.0.take() else { return };
        // If the call has ended this changes nothing; else the app has hung up.
        watching.count_bytes();
        if watching.keeping.as_ref().is_some_and(|keeping| keeping.is_of_a_write()) {
            let after = watching.call.shared.writes.after(watching.call.shared.response_timeout());
            after.go_on(watching.read_on());
        }
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        self.0.as_mut().map_or(Poll::Ready(None), |watching| watching.poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(Watching::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let Some(watching) = &self.0 else { return SizeHint::default() };
        let (mut hint, rest) = (watching.body.size_hint(), watching.turns.waiting_bytes());
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint.set_lower(hint.lower().saturating_add(rest));
        hint
    }
}
