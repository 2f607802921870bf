//! An upstream that does on each connection exactly what a test says, and keeps every byte it got.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::soon;

/// A raw upstream. Dropping it ends its connections.
pub(crate) struct RawUpstream {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
    connections: watch::Receiver<Connections>,
    task: tokio::task::JoinHandle<()>,
}

/// How many connections came and went.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Connections {
    pub(crate) opened: usize,
    pub(crate) ended: usize,
}

impl Drop for RawUpstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One connection from the proxy.
pub(crate) struct Peer {
    /// Counted from 0.
    pub(crate) number: usize,
    pub(crate) socket: TcpStream,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
    buffer: Vec<u8>,
}

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Vec<String>,
}

impl Request {
    pub(crate) fn line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    pub(crate) fn method(&self) -> &str {
        self.line().split(' ').next().unwrap()
    }

    pub(crate) fn target(&self) -> &str {
        self.line().split(' ').nth(1).unwrap()
    }

    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        super::client::values(&self.head, name)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let values = self.values(name);
        assert!(values.len() < 2, "{name} is there {} times", values.len());
        values.first().copied()
    }
}

impl RawUpstream {
    /// Starts an upstream that runs a script on each connection.
    pub(crate) async fn scripted<F, Script>(script: Script) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
        Script: Fn(Peer) -> F + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (count, connections) = watch::channel(Connections::default());
        let of_task = seen.clone();
        let task = tokio::spawn(async move {
            let mut open = JoinSet::new();
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                socket.set_nodelay(true).unwrap();
                let number = {
                    let mut seen = of_task.lock().unwrap();
                    seen.push(Vec::new());
                    seen.len() - 1
                };
                count.send_modify(|count| count.opened += 1);
                let peer = Peer { number, socket, seen: of_task.clone(), buffer: Vec::new() };
                let (running, count) = (script(peer), count.clone());
                open.spawn(async move {
                    running.await;
                    count.send_modify(|count| count.ended += 1);
                });
            }
        });
        Self { address, seen, connections, task }
    }

    /// Answers every request with the bytes that a function gives for it.
    pub(crate) async fn answering<Answer>(answer: Answer) -> Self
    where
        Answer: Fn(&Request) -> Vec<u8> + Send + Sync + 'static,
    {
        let answer = Arc::new(answer);
        Self::scripted(move |mut peer| {
            let answer = answer.clone();
            async move {
                while let Some(request) = peer.request().await {
                    peer.send(answer(&request)).await;
                }
            }
        })
        .await
    }

    /// Answers every request with the same bytes.
    pub(crate) async fn always(answer: &'static str) -> Self {
        Self::answering(move |_| answer.as_bytes().to_vec()).await
    }

    /// Its base URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The bytes that came in, connection by connection.
    pub(crate) fn seen(&self) -> Vec<Vec<u8>> {
        self.seen.lock().unwrap().clone()
    }

    /// All bytes that came in, as text.
    pub(crate) fn seen_text(&self) -> String {
        self.seen().iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
    }

    /// The head of the last request without a body.
    pub(crate) fn last_head(&self) -> String {
        let bytes = self.seen().pop().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let heads = text.trim_end_matches("\r\n");
        heads.rsplit("\r\n\r\n").next().unwrap().to_owned()
    }

    /// How many connections came and went.
    pub(crate) fn connections(&self) -> Connections {
        *self.connections.borrow()
    }

    /// Waits until the scripts of so many connections have ended.
    pub(crate) async fn ended(&self, number: usize) {
        let mut connections = self.connections.clone();
        soon("connections to end", connections.wait_for(|count| count.ended >= number))
            .await
            .unwrap();
    }

    /// Waits until bytes have come in on some connection.
    pub(crate) async fn has_seen(&self, wanted: &str) {
        super::until(&format!("{wanted} at the upstream"), || async {
            self.seen_text().contains(wanted).then_some(())
        })
        .await;
    }
}

impl Peer {
    /// More bytes; `false` once the proxy has closed or reset the connection.
    pub(crate) async fn more(&mut self) -> bool {
        let mut bytes = vec![0; 64 * 1_024];
        let read = self.socket.read(&mut bytes).await.unwrap_or(0);
        self.buffer.extend_from_slice(&bytes[..read]);
        self.seen.lock().unwrap()[self.number].extend_from_slice(&bytes[..read]);
        read > 0
    }

    /// A head; `None` if the connection ends first.
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

    /// A whole request; `None` if the connection ends first.
    pub(crate) async fn request(&mut self) -> Option<Request> {
        let head = self.head().await?;
        let mut request = Request { head, body: Vec::new(), trailers: Vec::new() };
        self.body_of(&mut request).await?;
        Some(request)
    }

    /// The body that a head announces.
    pub(crate) async fn body_of(&mut self, request: &mut Request) -> Option<()> {
        if request.header("transfer-encoding").is_some() {
            assert_eq!(request.header("content-length"), None, "both framings: {}", request.head);
            loop {
                let size = usize::from_str_radix(&self.line().await?, 16).unwrap();
                let chunk = if size == 0 { Vec::new() } else { self.bytes(size).await? };
                request.body.extend(chunk);
                if size == 0 {
                    break;
                }
                assert_eq!(self.line().await?, "");
            }
            loop {
                match self.line().await? {
                    line if line.is_empty() => return Some(()),
                    line => request.trailers.push(line),
                }
            }
        }
        let length = request.header("content-length").map_or(0, |text| text.parse().unwrap());
        request.body = self.bytes(length).await?;
        Some(())
    }

    async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = memchr::memmem::find(&self.buffer, b"\r\n") {
                let line: Vec<u8> = self.buffer.drain(..end + 2).collect();
                return Some(String::from_utf8_lossy(&line[..end]).into_owned());
            }
            if !self.more().await {
                return None;
            }
        }
    }

    async fn bytes(&mut self, length: usize) -> Option<Vec<u8>> {
        while self.buffer.len() < length {
            if !self.more().await {
                return None;
            }
        }
        Some(self.buffer.drain(..length).collect())
    }

    /// Sends; a proxy that has hung up is no failure of the test's.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        drop(self.socket.write_all(bytes.as_ref()).await);
    }

    /// Waits until the proxy closes the connection.
    pub(crate) async fn closed(&mut self) {
        while self.more().await {}
    }

    /// Ends the connection with a reset.
    pub(crate) fn reset(self) {
        self.socket.set_zero_linger().unwrap();
    }
}

/// An answer with a JSON body.
pub(crate) fn json(status: u16, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// An answer for tests that do not look at it.
pub(crate) const OK: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 8\r\n\r\n{\"id\":1}";

/// A pause that is part of a script, never a wait for something to happen.
pub(crate) async fn pause(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}
