//! The upstream of the proof: answers each request with the bytes that were made for it.
//!
//! Owns a listener on the loopback. It knows a request by the number in its `X-Proof` field and notes
//! that it came; its answers may break every rule. The same server, without answers, takes the spans.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::placements::Ends;

/// How long a silent answer stays silent.
const SILENCE: Duration = Duration::from_secs(10);
/// Most bytes of one request.
const MOST: usize = 4 * 1_024 * 1_024;
/// What is answered to a request without a number.
const PLAIN: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

/// What is answered to one request.
pub(super) struct Reply {
    /// The bytes.
    pub(super) bytes: Vec<u8>,
    /// What comes after them.
    pub(super) ends: Ends,
}

/// What came.
#[derive(Default)]
struct Came {
    /// For each number, how many requests.
    seen: Vec<u32>,
    /// Everything that was sent here, if it is to be kept.
    kept: Vec<u8>,
}

struct Shared {
    replies: Vec<Reply>,
    came: Mutex<Came>,
    keeps: bool,
}

impl Shared {
    fn came(&self) -> MutexGuard<'_, Came> {
        self.came.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, number: Option<usize>) {
        let mut came = self.came();
        if let Some(times) = number.and_then(|number| came.seen.get_mut(number)) {
            *times += 1;
        }
    }
}

/// A server that runs.
pub(super) struct Upstream {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: CancellationToken,
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Upstream {
    /// Starts one that answers request number `n` with reply number `n`.
    pub(super) async fn start(replies: Vec<Reply>) -> io::Result<Self> {
        let seen = vec![0; replies.len()];
        Self::run(replies, seen, false).await
    }

    /// Starts one that keeps what it gets.
    pub(super) async fn collector() -> io::Result<Self> {
        Self::run(Vec::new(), Vec::new(), true).await
    }

    async fn run(replies: Vec<Reply>, seen: Vec<u32>, keeps: bool) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let came = Mutex::new(Came { seen, kept: Vec::new() });
        let shared = Arc::new(Shared { replies, came, keeps });
        let stop = CancellationToken::new();
        let (of_task, stopped) = (Arc::clone(&shared), stop.clone());
        tokio::spawn(stop.clone().run_until_cancelled_owned(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let connection = serve(socket, Arc::clone(&of_task));
                tokio::spawn(stopped.clone().run_until_cancelled_owned(connection));
            }
        }));
        Ok(Self { address, shared, stop })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether a request came.
    pub(super) fn has_seen(&self, number: usize) -> bool {
        self.shared.came().seen.get(number).is_some_and(|times| *times > 0)
    }

    /// Everything that was sent here.
    pub(super) fn kept(&self) -> Vec<u8> {
        self.shared.came().kept.clone()
    }
}

async fn serve(mut socket: TcpStream, shared: Arc<Shared>) {
    let mut buffer = Vec::new();
    while let Ok(Some(head)) = request(&mut socket, &mut buffer).await {
        if shared.keeps {
            shared.came().kept.append(&mut buffer);
        }
        buffer.clear();
        let number = number(&head);
        shared.note(number);
        let reply = number.and_then(|number| shared.replies.get(number));
        let (bytes, ends) = reply.map_or((PLAIN, Ends::Open), |r| (r.bytes.as_slice(), r.ends));
        if socket.write_all(bytes).await.is_err() {
            return;
        }
        match ends {
            Ends::Open => {}
            Ends::Closed => return,
            Ends::Reset => {
                // Without the linger a reset would wait for what is still to be sent.
                drop(socket.set_zero_linger());
                return;
            }
            Ends::Silent => {
                tokio::time::sleep(SILENCE).await;
                return;
            }
        }
    }
}

/// Reads one request into the buffer and gives its head; `None` at the connection's end.
async fn request(socket: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<String>> {
    let mut piece = vec![0; 16 * 1_024];
    loop {
        let end = memchr::memmem::find(buffer, b"\r\n\r\n").map(|at| at + 4);
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
            if is_whole(&head, &buffer[end..]) || buffer.len() > MOST {
                return Ok(Some(head));
            }
        }
        match socket.read(&mut piece).await? {
            0 => return Ok(None),
            read => buffer.extend_from_slice(&piece[..read]),
        }
    }
}

fn is_whole(head: &str, body: &[u8]) -> bool {
    if head.contains("\r\ntransfer-encoding: chunked") {
        let ended = body.ends_with(b"\r\n\r\n");
        return ended
            && (body.starts_with(b"0") || memchr::memmem::find(body, b"\r\n0\r\n").is_some());
    }
    let length = field(head, "content-length").and_then(|value| value.parse().ok());
    body.len() >= length.unwrap_or(0)
}

fn number(head: &str) -> Option<usize> {
    field(head, "x-proof")?.parse().ok()
}

fn field<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let lines = head.split("\r\n").skip(1);
    let mut values = lines.filter_map(|line| line.split_once(':')).filter(|(n, _)| *n == name);
    values.next().map(|(_, value)| value.trim())
}
