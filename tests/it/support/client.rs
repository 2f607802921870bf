//! A client that says exactly what a test tells it to, and reads answers strictly.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{TestApp, soon};

/// One connection to the app under test.
pub(crate) struct Client {
    pub(crate) socket: TcpStream,
    buffer: Vec<u8>,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The status line and the field lines, as they came.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// Field lines after a chunked body.
    pub(crate) trailers: Vec<String>,
}

impl Answer {
    /// The values of a field, in order.
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        values(&self.head, name)
    }

    /// The one value of a field.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let values = self.values(name);
        assert!(values.len() < 2, "{name} is there {} times", values.len());
        values.first().copied()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn support_code(&self) -> String {
        self.header("accuscope-support-code").expect("a support code").to_owned()
    }

    /// Checks that this is a problem document of accuscope's own, with the given status.
    pub(crate) fn is_problem(&self, status: u16) -> serde_json::Value {
        assert_eq!(self.status, status, "{}\n{}", self.head, String::from_utf8_lossy(&self.body));
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.head);
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["support_code"], self.support_code());
        for member in ["title", "detail", "category", "reason"] {
            assert!(problem[member].is_string(), "{member} in {problem}");
        }
        assert!(problem["retryable"].is_boolean());
        assert!(self.header("x-request-id").is_some());
        problem
    }
}

/// The values of a field in a head.
pub(crate) fn values<'h>(head: &'h str, name: &str) -> Vec<&'h str> {
    head.lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .filter(|(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
        .collect()
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let socket = soon("a connection", TcpStream::connect(address)).await.unwrap();
        socket.set_nodelay(true).unwrap();
        Self::of(socket)
    }

    /// A client on a connection that is there already.
    pub(crate) fn of(socket: TcpStream) -> Self {
        Self { socket, buffer: Vec::new() }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        soon("sending", self.socket.write_all(bytes.as_ref())).await.unwrap();
    }

    /// Sends as much as the other side takes, which may hang up.
    pub(crate) async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        soon("sending", self.socket.write_all(bytes.as_ref())).await.is_ok()
    }

    /// Sends within a time, in milliseconds; `false` if the other side does not take it all.
    pub(crate) async fn try_send_for(&mut self, bytes: &[u8], milliseconds: u64) -> bool {
        let limit = std::time::Duration::from_millis(milliseconds);
        matches!(tokio::time::timeout(limit, self.socket.write_all(bytes)).await, Ok(Ok(())))
    }

    /// More bytes, or `false` at the end of the connection.
    async fn more(&mut self) -> bool {
        let read = soon("an answer's bytes", self.socket.read_buf(&mut self.buffer)).await;
        read.unwrap_or(0) > 0
    }

    /// Forgets what has been read and not looked at; tells how much that was.
    pub(crate) fn take_buffered(&mut self) -> usize {
        std::mem::take(&mut self.buffer).len()
    }

    /// Everything up to the end of the connection.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        while self.more().await {}
        std::mem::take(&mut self.buffer)
    }

    /// Waits for bytes after a head.
    pub(crate) async fn some_bytes(&mut self) {
        assert!(!self.buffer.is_empty() || self.more().await, "bytes, not the end");
    }

    /// Reads one answer, whole or not.
    pub(crate) async fn rest_of_answer(&mut self) {
        drop(self.try_answer_to("GET").await);
    }

    /// Whether the other side has closed the connection without a further byte.
    pub(crate) async fn is_closed(&mut self) -> bool {
        self.buffer.is_empty() && !self.more().await
    }

    /// The next head, interim ones included; `None` at the end of the connection.
    pub(crate) async fn head(&mut self) -> Option<String> {
        loop {
            if let Some(end) = memchr::memmem::find(&self.buffer, b"\r\n\r\n") {
                let head: Vec<u8> = self.buffer.drain(..end + 4).collect();
                let head = String::from_utf8_lossy(&head).into_owned();
                let version =
                    ["HTTP/1.1 ", "HTTP/1.0 "].iter().any(|version| head.starts_with(version));
                assert!(version, "out of step: {head}");
                return Some(head);
            }
            if !self.more().await {
                return None;
            }
        }
    }

    /// The next final answer to a request that may have a body in its answer.
    pub(crate) async fn answer(&mut self) -> Answer {
        self.answer_to("GET").await
    }

    /// The next final answer to a method's request.
    pub(crate) async fn answer_to(&mut self, method: &str) -> Answer {
        self.try_answer_to(method).await.expect("an answer, not the end of the connection")
    }

    /// The next final answer; `None` if the connection ends before it is whole.
    pub(crate) async fn try_answer_to(&mut self, method: &str) -> Option<Answer> {
        let (status, head) = loop {
            let head = self.head().await?;
            let status: u16 = head[9..12].parse().unwrap();
            if status >= 200 {
                break (status, head);
            }
        };
        let mut answer = Answer { status, head, body: Vec::new(), trailers: Vec::new() };
        if method == "HEAD" || status == 204 || status == 304 {
            return Some(answer);
        }
        let length = answer.header("content-length").map(|text| text.parse::<usize>().unwrap());
        if answer.header("transfer-encoding").is_some() {
            assert_eq!(length, None, "both framings: {}", answer.head);
            self.chunked(&mut answer).await?;
        } else if let Some(length) = length {
            while self.buffer.len() < length {
                if !self.more().await {
                    return None;
                }
            }
            answer.body = self.buffer.drain(..length).collect();
        } else {
            answer.body = self.rest().await;
        }
        Some(answer)
    }

    async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = memchr::memmem::find(&self.buffer, b"\r\n") {
                let line: Vec<u8> = self.buffer.drain(..end + 2).collect();
                return Some(String::from_utf8(line[..end].to_vec()).unwrap());
            }
            if !self.more().await {
                return None;
            }
        }
    }

    async fn chunked(&mut self, answer: &mut Answer) -> Option<()> {
        loop {
            let size = usize::from_str_radix(&self.line().await?, 16).unwrap();
            if size == 0 {
                break;
            }
            while self.buffer.len() < size + 2 {
                if !self.more().await {
                    return None;
                }
            }
            answer.body.extend(self.buffer.drain(..size));
            assert_eq!(self.line().await?, "");
        }
        loop {
            match self.line().await? {
                line if line.is_empty() => return Some(()),
                line => answer.trailers.push(line),
            }
        }
    }
}

/// One request on a connection of its own, and its answer.
pub(crate) async fn exchange(app: &TestApp, request: impl AsRef<[u8]>) -> Answer {
    let mut client = app.client().await;
    client.send(request.as_ref()).await;
    let method = request.as_ref().split(|byte| *byte == b' ').next().unwrap();
    client.answer_to(std::str::from_utf8(method).unwrap()).await
}
