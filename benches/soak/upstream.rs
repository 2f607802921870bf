//! Accuro in a bad week: answers with who asked for what, misbehaves by [`Mischief`], and keeps a
//! ledger of its own of every request that reached it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use super::clock;
use super::connection::{Connection, field};
use super::mischief::{Fault, Mischief, RESPONSE_TIMEOUT};

/// What is known of one request, by its `X-Request-Id`.
#[derive(Clone, Default)]
pub(crate) struct Seen {
    /// How often its head came.
    pub(crate) heads: u32,
    pub(crate) faults: Vec<Fault>,
    pub(crate) is_write: bool,
}

/// The upstream's own log.
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) requests: HashMap<String, Seen>,
    /// How often each write came whole, by the number in its body.
    pub(crate) writes: HashMap<String, u32>,
    pub(crate) faults: std::collections::BTreeMap<Fault, u64>,
}

pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    ledger: Mutex<Ledger>,
    mischief: Mischief,
    begun: Instant,
}

impl Upstream {
    pub(crate) async fn start(mischief: Mischief) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let ledger = Mutex::default();
        let upstream = Arc::new(Self { address, ledger, mischief, begun: clock() });
        let serving = Arc::clone(&upstream);
        tokio::spawn(async move {
            loop {
                let Ok((socket, _)) = listener.accept().await else { continue };
                let upstream = Arc::clone(&serving);
                tokio::spawn(async move { upstream.serve(socket).await });
            }
        });
        upstream
    }

    pub(crate) fn ledger<T>(&self, look: impl FnOnce(&mut Ledger) -> T) -> T {
        look(&mut self.ledger.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn serve(&self, socket: TcpStream) {
        // Whatever ends this connection without an answer ends it with a reset.
        let reset =
            |socket: &TcpStream| drop(SockRef::from(socket).set_linger(Some(Duration::ZERO)));
        reset(&socket);
        let mut connection = Connection::of(socket);
        while self.exchange(&mut connection).await.is_some() {}
    }

    /// One request and its answer; `None` ends the connection.
    async fn exchange(&self, connection: &mut Connection) -> Option<()> {
        let head = connection.head().await?;
        let method = head.split(' ').next().unwrap_or_default();
        let target = head.split(' ').nth(1).unwrap_or_default();
        let id = field(&head, "x-request-id").unwrap_or_default();
        let token = field(&head, "authorization").unwrap_or_default();
        let is_write = method == "POST" || method == "PUT";
        let fault = self.note_head(id, is_write, target.ends_with("/offices"));
        if fault == Some(Fault::ResetAtHead) {
            return None;
        }
        let mut body = Vec::new();
        if !connection.body(&head, &mut body, Duration::ZERO).await {
            return None;
        }
        let write = write_of(&body);
        if is_write && let Some(write) = &write {
            self.ledger(|ledger| *ledger.writes.entry(write.clone()).or_default() += 1);
        }
        let status = match (fault, method) {
            (Some(Fault::Unavailable), _) => 502 + u16::from(id.ends_with(['0', '2', '4', '6'])),
            (_, "POST") => 201,
            _ => 200,
        };
        let answer = answer(status, target, token, id, write.as_deref());
        match fault {
            Some(Fault::ResetBeforeAnswer) => return None,
            Some(Fault::HalfOpen) => {
                connection.until_closed().await;
                return None;
            }
            Some(Fault::ResetInHead) => {
                connection.send(&answer[..30]).await;
                return None;
            }
            Some(Fault::ResetInBody) => {
                connection.send(&answer[..answer.len() - 8]).await;
                // The first part should arrive before the reset overtakes it.
                sleep(Duration::from_millis(50)).await;
                return None;
            }
            Some(Fault::Stall) => sleep(RESPONSE_TIMEOUT.mul_f64(0.7)).await,
            Some(Fault::SlowBody) => {
                let sent = connection.dribble(&answer, 8, Duration::from_millis(150)).await;
                return sent.then_some(());
            }
            _ => {}
        }
        let sent = connection.send(&answer).await;
        if fault == Some(Fault::SilentClose) {
            // The answer should arrive whole before the reset does.
            sleep(Duration::from_millis(50)).await;
            return None;
        }
        sent.then_some(())
    }

    fn note_head(&self, id: &str, is_write: bool, is_shared: bool) -> Option<Fault> {
        let since_start = self.begun.elapsed();
        self.ledger(|ledger| {
            let seen = ledger.requests.entry(id.to_owned()).or_default();
            seen.heads += 1;
            seen.is_write = is_write;
            let fault = self.mischief.of(id, seen.heads, since_start);
            // What is shared fails for callers whose ids never come here, so it only stalls.
            let fault = fault.filter(|fault| !is_shared || !fault.excuses());
            seen.faults.extend(fault);
            if let Some(fault) = fault {
                *ledger.faults.entry(fault).or_default() += 1;
            }
            fault
        })
    }
}

/// The number of a write: `{"write":"…",…}`.
fn write_of(body: &[u8]) -> Option<String> {
    let rest = body.strip_prefix(b"{\"write\":\"")?;
    let end = memchr::memchr(b'"', rest)?;
    Some(String::from_utf8_lossy(&rest[..end]).into_owned())
}

/// Says who asked for what; as long as the target says (`bytes=`), else short.
fn answer(status: u16, target: &str, token: &str, id: &str, write: Option<&str>) -> Vec<u8> {
    let length = target.split("bytes=").nth(1).and_then(|text| text.parse().ok()).unwrap_or(64);
    let write = write.unwrap_or_default();
    let filler = "x".repeat(length);
    let body = format!(
        r#"{{"target":"{target}","token":"{token}","id":"{id}","write":"{write}","filler":"{filler}"}}"#
    );
    let (framing, body) = if id.ends_with(['1', '3', '5']) {
        let half = body.len() / 2;
        let chunks = [&body[..half], &body[half..], ""]
            .map(|part| format!("{:x}\r\n{part}\r\n", part.len()));
        ("transfer-encoding: chunked".to_owned(), chunks.concat())
    } else {
        (format!("content-length: {}", body.len()), body)
    };
    format!("HTTP/1.1 {status} S\r\ncontent-type: application/json\r\n{framing}\r\n\r\n{body}")
        .into_bytes()
}
