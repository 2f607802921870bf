//! One request as bytes, what the app got for it, and what the upstream saw of it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use crate::support::app::CLINICS;
use crate::support::upstream::OK;
use crate::support::{Peer, RawUpstream, Request, TestApp};

/// Follows every case on its connection, which then ends. A smuggled request would swallow it.
pub(crate) const LAST: &str = "GET /last HTTP/1.1\r\nHost: p\r\nConnection: close\r\n\r\n";

/// What the upstream says to anything but [`LAST`].
#[derive(Clone, Default)]
struct Script {
    answer: Vec<u8>,
    then_closes: bool,
}

/// An app and an upstream that answers as the case at hand says.
pub(crate) struct Bench {
    pub(crate) app: TestApp,
    script: Arc<Mutex<Script>>,
    requests: Arc<Mutex<Vec<Request>>>,
    /// The ids of the calls of the cases before. What was refused halfway may reach the upstream
    /// only after the app has its refusal, when the next case is on.
    answered: Mutex<HashSet<String>>,
    _upstream: RawUpstream,
}

/// One answer as the app got it.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    /// Interim heads before it.
    pub(crate) interim: Vec<String>,
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: String,
    /// It came to the end that its head announced.
    pub(crate) is_whole: bool,
}

impl Reply {
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        crate::support::client::values(&self.head, name)
    }

    pub(crate) fn value(&self, name: &str) -> String {
        self.values(name).join("|")
    }
}

/// What became of a case.
#[derive(Debug)]
pub(crate) struct Seen {
    /// The answers, that to [`LAST`] included where it was reached.
    pub(crate) replies: Vec<Reply>,
    /// The requests at the upstream, [`LAST`] not among them.
    pub(crate) requests: Vec<Request>,
    /// [`LAST`] was read as a request of its own.
    pub(crate) went_on: bool,
    pub(crate) raw: Vec<u8>,
}

impl Seen {
    /// The first answer.
    pub(crate) fn reply(&self) -> &Reply {
        &self.replies[0]
    }

    pub(crate) fn status(&self) -> u16 {
        self.replies.first().map_or(0, |reply| reply.status)
    }

    /// Nothing went on, and the connection ended after the refusal.
    pub(crate) fn is_refused(&self, statuses: &[u16]) -> bool {
        statuses.contains(&self.status()) && self.requests.is_empty() && !self.went_on
    }

    /// Exactly one request went on, was answered with success, and the connection stayed in step.
    pub(crate) fn has_passed(&self) -> bool {
        self.requests.len() == 1 && self.status() == 200 && self.went_on
    }

    /// The values of a field of the one request at the upstream.
    pub(crate) fn sent(&self, name: &str) -> String {
        self.requests[0].values(name).join("|")
    }
}

impl Bench {
    pub(crate) async fn start() -> Self {
        let script = Arc::new(Mutex::new(Script::default()));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (of_peer, into) = (Arc::clone(&script), Arc::clone(&requests));
        let upstream = RawUpstream::scripted(move |mut peer: Peer| {
            let (script, requests) = (Arc::clone(&of_peer), Arc::clone(&into));
            async move {
                while let Some(head) = peer.head().await {
                    let mut request = Request { head, body: Vec::new(), trailers: Vec::new() };
                    let is_last = request.target() == "/last";
                    // The head counts also if the body never ends.
                    requests.lock().unwrap().push(request.clone());
                    let whole = peer.body_of(&mut request).await.is_some();
                    // By its head, which names the call: the list may be another case's by now.
                    for known in requests.lock().unwrap().iter_mut() {
                        if known.head == request.head {
                            known.clone_from(&request);
                        }
                    }
                    if !whole {
                        return;
                    }
                    let Script { answer, then_closes } = script.lock().unwrap().clone();
                    peer.send(if is_last { OK.as_bytes().to_vec() } else { answer }).await;
                    if then_closes && !is_last {
                        return;
                    }
                }
            }
        })
        .await;
        let settings = [
            ("proxy.head_timeout", "\"400ms\""),
            ("proxy.body_idle_timeout", "\"400ms\""),
            ("upstream.response_timeout", "\"2s\""),
        ];
        let app = TestApp::with(&upstream.url(), &settings, CLINICS);
        Self { app, script, requests, answered: Mutex::default(), _upstream: upstream }
    }

    /// Sends a request's bytes and then [`LAST`]; `answer` is what the upstream says.
    pub(crate) async fn run(&self, request: &[u8], answer: &[u8], then_closes: bool) -> Seen {
        *self.script.lock().unwrap() = Script { answer: answer.to_vec(), then_closes };
        self.requests.lock().unwrap().clear();
        let mut client = self.app.client().await;
        client.try_send([request, LAST.as_bytes()].concat()).await;
        let raw = client.rest().await;
        let mut requests = std::mem::take(&mut *self.requests.lock().unwrap());
        let replies = replies(&raw, request.starts_with(b"HEAD "));
        {
            let mut answered = self.answered.lock().unwrap();
            requests
                .retain(|request| !answered.contains(&request.values("x-request-id").join("|")));
            let ids = replies.iter().map(|reply| reply.value("x-request-id"));
            answered.extend(ids.filter(|id| !id.is_empty()));
        }
        let all = requests.len();
        requests.retain(|request| request.target() != "/last");
        Seen { went_on: all > requests.len(), replies, requests, raw }
    }

    /// The same where the upstream simply agrees.
    pub(crate) async fn ask(&self, request: impl AsRef<[u8]>) -> Seen {
        self.run(request.as_ref(), OK.as_bytes(), false).await
    }
}

fn replies(raw: &[u8], first_is_head: bool) -> Vec<Reply> {
    let (mut rest, mut replies) = (raw, Vec::<Reply>::new());
    let mut reply = Reply::default();
    while let Some(end) = memchr::memmem::find(rest, b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&rest[..end + 4]).into_owned();
        rest = &rest[end + 4..];
        assert!(head.starts_with("HTTP/1."), "out of step: {head:?}");
        reply.status = head[9..12].parse().unwrap();
        if reply.status < 200 {
            reply.interim.push(head);
            continue;
        }
        reply.head = head;
        let bodiless = (first_is_head && replies.is_empty()) || matches!(reply.status, 204 | 304);
        if bodiless {
            reply.is_whole = true;
        } else if !reply.values("transfer-encoding").is_empty() {
            rest = chunks(rest, &mut reply);
        } else if let Some(length) = reply.values("content-length").first() {
            let length: usize = length.parse().unwrap();
            reply.is_whole = rest.len() >= length;
            let length = length.min(rest.len());
            reply.body = rest[..length].to_vec();
            rest = &rest[length..];
        } else {
            (reply.body, reply.is_whole, rest) = (rest.to_vec(), true, &[]);
        }
        replies.push(std::mem::take(&mut reply));
    }
    replies
}

/// Reads a chunked body strictly; what is left after it.
fn chunks<'r>(mut rest: &'r [u8], reply: &mut Reply) -> &'r [u8] {
    loop {
        let Some(end) = memchr::memmem::find(rest, b"\r\n") else { return &[] };
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        rest = &rest[end + 2..];
        if size == 0 {
            break;
        }
        if rest.len() < size + 2 {
            reply.body.extend(rest);
            return &[];
        }
        reply.body.extend(&rest[..size]);
        assert_eq!(&rest[size..size + 2], b"\r\n");
        rest = &rest[size + 2..];
    }
    while let Some(end) = memchr::memmem::find(rest, b"\r\n") {
        let line = String::from_utf8_lossy(&rest[..end]).into_owned();
        rest = &rest[end + 2..];
        if line.is_empty() {
            reply.is_whole = true;
            return rest;
        }
        reply.trailers += &line;
    }
    &[]
}
