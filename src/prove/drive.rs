//! The client of the proof: says exactly the bytes of a placement and keeps what comes back.
//!
//! Owns the connections to the call path. What the upstream sent may come back to the app, so of an
//! answer only accuscope's own part is a sink: its problem documents.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::placements::Sending;

/// The longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// Bytes that are held back where a request is broken off.
const HELD_BACK: usize = 12;
/// Most bytes of an answer that are kept.
const MOST: usize = 1024 * 1_024;

/// What came back.
#[derive(Default)]
pub(super) struct Answer {
    /// Head and body.
    pub(super) bytes: Vec<u8>,
}

impl Answer {
    fn split(&self) -> (&[u8], &[u8]) {
        let end =
            memchr::memmem::find(&self.bytes, b"\r\n\r\n").map_or(self.bytes.len(), |at| at + 4);
        self.bytes.split_at(end)
    }

    /// The body.
    pub(super) fn body(&self) -> &[u8] {
        self.split().1
    }

    /// The value of a field.
    pub(super) fn field(&self, name: &str) -> Option<String> {
        let head = String::from_utf8_lossy(self.split().0).into_owned();
        let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
        let found = lines.find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim().to_owned())
    }

    /// What accuscope itself said: a problem document with its fields, without the app's own
    /// `X-Request-Id`, which goes back to the app by contract.
    pub(super) fn problem(&self) -> Option<Vec<u8>> {
        let is_own = self.field("content-type").is_some_and(|t| t == "application/problem+json");
        if !is_own {
            return None;
        }
        let (head, body) = self.split();
        let lines = head.split_inclusive(|byte| *byte == b'\n');
        let own = lines.filter(|line| !line.to_ascii_lowercase().starts_with(b"x-request-id:"));
        Some(own.flatten().chain(body).copied().collect())
    }
}

/// Sends a request on a connection of its own and reads what comes back, to the connection's end.
pub(super) async fn send(to: SocketAddr, request: &[u8], how: Sending) -> Answer {
    let mut answer = Answer::default();
    // What cannot be sent or read whole still counts as far as it went.
    drop(tokio::time::timeout(PATIENCE, talk(to, request, how, &mut answer.bytes)).await);
    answer
}

async fn talk(
    to: SocketAddr,
    request: &[u8],
    how: Sending,
    answer: &mut Vec<u8>,
) -> std::io::Result<()> {
    let mut socket = TcpStream::connect(to).await?;
    socket.set_nodelay(true)?;
    let held_back = request.len().saturating_sub(HELD_BACK);
    match how {
        Sending::Whole => write(&mut socket, request).await,
        Sending::Pieces => {
            for piece in request.chunks(23) {
                write(&mut socket, piece).await;
                tokio::task::yield_now().await;
            }
        }
        Sending::Stalled => write(&mut socket, &request[..held_back]).await,
        Sending::Broken | Sending::HangUp => {
            let whole = if how == Sending::Broken { held_back } else { request.len() };
            write(&mut socket, &request[..whole]).await;
            // Long enough for the request to be under way.
            tokio::time::sleep(Duration::from_millis(20)).await;
            return socket.set_zero_linger();
        }
    }
    let mut piece = vec![0; 16 * 1_024];
    loop {
        let read = socket.read(&mut piece).await?;
        if read == 0 {
            return Ok(());
        }
        if answer.len() < MOST {
            answer.extend_from_slice(&piece[..read]);
        }
    }
}

/// A refusal may arrive, and the connection end, before everything is written: then it is read.
async fn write(socket: &mut TcpStream, bytes: &[u8]) {
    drop(socket.write_all(bytes).await);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_accuscope_says_itself_is_a_problem_document() {
        let answer = |kind: &str| Answer {
            bytes: format!(
                "HTTP/1.1 403 Forbidden\r\nContent-Type: {kind}\r\nX-Request-Id: Zoe\r\n\r\n{{}}"
            )
            .into_bytes(),
        };
        assert_eq!(answer("application/json").problem(), None);
        let own = answer("application/problem+json");
        let text = String::from_utf8(own.problem().unwrap()).unwrap();
        assert!(text.ends_with("\r\n\r\n{}") && !text.contains("Zoe"), "{text}");
        assert_eq!(own.body(), b"{}");
    }
}
