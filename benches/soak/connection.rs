//! One end of a connection: heads and bodies of HTTP/1.1, read strictly, sent as slowly as asked.
//!
//! The same code reads requests for the upstream and answers for the callers. It knows no faults.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;

/// Bytes both ways, plain or over TLS.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection and what was read of the next message.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    buffer: Vec<u8>,
}

/// A request or an answer.
pub(crate) struct Message {
    /// The first line and the field lines.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// What came of waiting for a message.
pub(crate) enum Received {
    Whole(Message),
    /// The connection ended in the body.
    Cut(Message),
    /// The connection ended before a whole head.
    Nothing,
}

impl Message {
    /// The second word of an answer's first line.
    pub(crate) fn status(&self) -> u16 {
        self.head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
    }

    /// The first value of a field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        field(&self.head, name)
    }
}

pub(crate) fn field<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

impl Connection {
    pub(crate) fn of(socket: TcpStream) -> Self {
        drop(socket.set_nodelay(true));
        Self { stream: Box::new(socket), buffer: Vec::new() }
    }

    pub(crate) async fn open(to: SocketAddr) -> std::io::Result<Self> {
        Ok(Self::of(TcpStream::connect(to).await?))
    }

    /// A connection whose receive window is as small as the system allows.
    pub(crate) async fn open_narrow(to: SocketAddr) -> std::io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(4096)?;
        Ok(Self::of(socket.connect(to).await?))
    }

    pub(crate) async fn open_tls(
        to: SocketAddr,
        config: Arc<rustls::ClientConfig>,
    ) -> std::io::Result<Self> {
        let socket = TcpStream::connect(to).await?;
        socket.set_nodelay(true)?;
        let name = rustls::pki_types::ServerName::from(to.ip());
        let stream = TlsConnector::from(config).connect(name, socket).await?;
        Ok(Self { stream: Box::new(stream), buffer: Vec::new() })
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok() && self.stream.flush().await.is_ok()
    }

    /// Sends in so many pieces with a pause between two.
    pub(crate) async fn dribble(&mut self, bytes: &[u8], pieces: usize, pause: Duration) -> bool {
        for piece in bytes.chunks(bytes.len().div_ceil(pieces).max(1)) {
            if !self.send(piece).await {
                return false;
            }
            sleep(pause).await;
        }
        true
    }

    /// Whether the other side has hung up since the last answer.
    pub(crate) async fn is_closed(&mut self) -> bool {
        !self.buffer.is_empty() || timeout(Duration::ZERO, self.more()).await.is_ok()
    }

    /// Waits until the other side hangs up, reading and forgetting.
    pub(crate) async fn until_closed(&mut self) {
        while self.more().await {
            self.buffer.clear();
        }
    }

    async fn more(&mut self) -> bool {
        self.stream.read_buf(&mut self.buffer).await.unwrap_or(0) > 0
    }

    /// The next head, blank line included.
    pub(crate) async fn head(&mut self) -> Option<String> {
        loop {
            if let Some(end) = memchr::memmem::find(&self.buffer, b"\r\n\r\n") {
                let head: Vec<u8> = self.buffer.drain(..end + 4).collect();
                return Some(String::from_utf8_lossy(&head).into_owned());
            }
            if !self.more().await {
                return None;
            }
        }
    }

    /// The body that a head announces, with a pause before each further read; `false` if it was cut.
    pub(crate) async fn body(&mut self, head: &str, body: &mut Vec<u8>, pause: Duration) -> bool {
        if field(head, "transfer-encoding").is_some() {
            return self.chunked(body, pause).await;
        }
        let length = field(head, "content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        let whole = self.fill(length, pause).await;
        let there = self.buffer.len().min(length);
        body.extend(self.buffer.drain(..there));
        whole
    }

    async fn fill(&mut self, length: usize, pause: Duration) -> bool {
        while self.buffer.len() < length {
            if !pause.is_zero() {
                sleep(pause).await;
            }
            if !self.more().await {
                return false;
            }
        }
        true
    }

    async fn chunked(&mut self, body: &mut Vec<u8>, pause: Duration) -> bool {
        loop {
            let end = loop {
                match memchr::memmem::find(&self.buffer, b"\r\n") {
                    Some(end) => break end,
                    None if self.more().await => {}
                    None => return false,
                }
            };
            let size = std::str::from_utf8(&self.buffer[..end]).ok();
            let Some(size) = size.and_then(|size| usize::from_str_radix(size, 16).ok()) else {
                return false;
            };
            if !self.fill(end + 2 + size + 2, pause).await {
                return false;
            }
            self.buffer.drain(..end + 2);
            body.extend(self.buffer.drain(..size));
            self.buffer.drain(..2);
            if size == 0 {
                return true;
            }
        }
    }

    /// The next final answer.
    pub(crate) async fn answer(&mut self, pause: Duration) -> Received {
        let head = loop {
            match self.head().await {
                None => return Received::Nothing,
                Some(head) if head.starts_with("HTTP/1.1 1") => {}
                Some(head) => break head,
            }
        };
        let mut body = Vec::new();
        if self.body(&head, &mut body, pause).await {
            Received::Whole(Message { head, body })
        } else {
            Received::Cut(Message { head, body })
        }
    }
}
