//! Where requests begin and end in a connection's bytes.
//!
//! Owns the walk from head to body to the next head. It takes bytes as they come, cut anywhere, and
//! says how many of them may pass.

use super::head::{self, BodyFraming};
use crate::domain::malformed::Malformed;

/// Longest chunk-size line, extensions included.
const MAX_CHUNK_LINE_BYTES: usize = 1_024;
/// Longest trailer section.
const MAX_TRAILER_BYTES: usize = 8 * 1_024;
/// How an HTTP/2 connection begins (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

#[derive(Debug)]
enum Stage {
    /// Inside a head; its bytes are held back until it is whole.
    Head,
    /// So many body bytes to come.
    Body(u64),
    /// Inside a chunk-size line, so many of its bytes seen.
    ChunkLine(Vec<u8>),
    /// So many bytes of a chunk to come, its CR LF included.
    ChunkData(u64),
    /// Inside the trailer section.
    Trailers { line: Vec<u8>, total: usize },
    /// HTTP/2: everything passes.
    Passing,
}

/// What to do with the bytes just taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// All of them may pass, up to the given number; the rest is held for more to come.
    Pass(usize),
    /// After the given number, a head is not valid.
    BadHead(usize, Malformed),
    /// After the given number, the body breaks its framing: the connection cannot go on.
    BadBody(usize, Malformed),
}

/// The walk through one connection.
#[derive(Debug)]
pub(crate) struct Framing {
    stage: Stage,
    max_head_bytes: usize,
    begun: bool,
    heads: u64,
    takes_interim: bool,
    /// The last head that asked to switch protocols, and how many requests are answered.
    upgrade: Option<u64>,
    answered: u64,
}

impl Framing {
    /// A walk that begins at a head.
    pub(crate) const fn new(max_head_bytes: usize) -> Self {
        Self {
            stage: Stage::Head,
            max_head_bytes,
            begun: false,
            heads: 0,
            takes_interim: false,
            upgrade: None,
            answered: 0,
        }
    }

    /// Valid heads so far.
    pub(super) const fn heads(&self) -> u64 {
        self.heads
    }

    /// Whether every head was HTTP/1.1.
    pub(super) const fn takes_interim(&self) -> bool {
        self.takes_interim
    }

    /// Notes how many requests have been answered.
    pub(super) const fn answered(&mut self, answered: u64) {
        self.answered = answered;
    }

    /// Whether the walk stands between two requests.
    pub(super) const fn is_between_requests(&self) -> bool {
        matches!(self.stage, Stage::Head)
    }

    /// Looks at bytes; those of a head must be given again, from its start, until it is whole. Changes
    /// nothing but the version of a head that is of a later HTTP/1.
    pub(crate) fn walk(&mut self, bytes: &mut [u8]) -> Verdict {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &mut bytes[at..];
            match &mut self.stage {
                Stage::Passing => return Verdict::Pass(bytes.len()),
                Stage::Head => match self.head(rest) {
                    Ok(Some(length)) => at += length,
                    Ok(None) => return Verdict::Pass(at),
                    Err(problem) => return Verdict::BadHead(at, problem),
                },
                Stage::Body(left) => {
                    let taken = (*left).min(rest.len() as u64);
                    *left -= taken;
                    if *left == 0 {
                        self.stage = Stage::Head;
                    }
                    at += usize::try_from(taken).unwrap_or(rest.len());
                }
                _ => match self.chunked(rest) {
                    Ok(length) => at += length,
                    Err(problem) => return Verdict::BadBody(at, problem),
                },
            }
        }
        Verdict::Pass(at)
    }

    /// The length of the whole head at the start of `rest`; `None` if more has to come.
    fn head(&mut self, rest: &mut [u8]) -> Result<Option<usize>, Malformed> {
        if !self.begun && rest.starts_with(&PREFACE[..rest.len().min(PREFACE.len())]) {
            if rest.len() < PREFACE.len() {
                return Ok(None);
            }
            self.stage = Stage::Passing;
            return Ok(Some(rest.len()));
        }
        // RFC 9112, 2.2: at least one empty line before a request line is ignored.
        if rest.starts_with(b"\r\n") {
            self.begun = true;
            return Ok(Some(2));
        }
        // After a request to switch protocols, the sender's next words are of the new protocol or of
        // the old, and only the answer tells (RFC 9110, 7.8). They have to wait for it.
        if self.upgrade.is_some_and(|head| head > self.answered) {
            return Err(Malformed::EarlyBytes);
        }
        let Some(end) = memchr::memmem::find(rest, b"\r\n\r\n") else {
            // What is here already may be wrong beyond repair; do not wait for the end then.
            return match rest {
                [b'\r'] => Ok(None),
                _ if rest.len() > self.max_head_bytes => Err(Malformed::HeadTooLarge),
                _ if has_bare_line_end(rest) => Err(Malformed::LineEnd),
                _ => Ok(None),
            };
        };
        let length = end + 4;
        if length > self.max_head_bytes {
            return Err(Malformed::HeadTooLarge);
        }
        let head = head::check(&rest[..length])?;
        if let Some(minor) = head.later_minor_at {
            // RFC 9110, 2.5: whoever speaks a later HTTP/1 can be answered as if it spoke this one.
            rest[minor] = b'1';
        }
        self.begun = true;
        self.heads += 1;
        // One that came before may still wait for its answer.
        self.takes_interim = head.takes_interim && (self.heads == 1 || self.takes_interim);
        self.upgrade = head.upgrades.then_some(self.heads);
        self.stage = match head.body {
            BodyFraming::Length(0) => Stage::Head,
            BodyFraming::Length(length) => Stage::Body(length),
            BodyFraming::Chunked => Stage::ChunkLine(Vec::new()),
        };
        Ok(Some(length))
    }

    /// Walks through a chunked body (RFC 9112, 7.1); gives the bytes taken.
    fn chunked(&mut self, rest: &[u8]) -> Result<usize, Malformed> {
        match &mut self.stage {
            Stage::ChunkData(left) => {
                // The last two bytes are CR LF and have to be exactly that.
                let mut taken = 0;
                while taken < rest.len() && *left > 0 {
                    let wanted = match *left {
                        2 => Some(b'\r'),
                        1 => Some(b'\n'),
                        _ => None,
                    };
                    if let Some(wanted) = wanted {
                        if rest[taken] != wanted {
                            return Err(Malformed::Chunk);
                        }
                        *left -= 1;
                        taken += 1;
                    } else {
                        let data = (*left - 2).min((rest.len() - taken) as u64);
                        *left -= data;
                        taken += usize::try_from(data).unwrap_or(0);
                    }
                }
                if *left == 0 {
                    self.stage = Stage::ChunkLine(Vec::new());
                }
                Ok(taken)
            }
            Stage::ChunkLine(line) => {
                let Some(taken) = take_line(line, rest, MAX_CHUNK_LINE_BYTES)? else {
                    return Ok(rest.len());
                };
                let size = chunk_size(line)?;
                self.stage = if size == 0 {
                    Stage::Trailers { line: Vec::new(), total: 0 }
                } else {
                    Stage::ChunkData(size + 2)
                };
                Ok(taken)
            }
            Stage::Trailers { line, total } => {
                let Some(taken) = take_line(line, rest, MAX_TRAILER_BYTES - *total)? else {
                    return Ok(rest.len());
                };
                *total += line.len();
                if line.is_empty() {
                    self.stage = Stage::Head;
                } else {
                    // A trailer is a field line like those of a head, but too late to say where the body
                    // ends or where it goes (RFC 9110, 6.5.1).
                    let (name, _) = head::field(line).map_err(|_| Malformed::Chunk)?;
                    let is_late = |late: &&[u8]| name.eq_ignore_ascii_case(late);
                    if [&b"content-length"[..], b"transfer-encoding", b"host"].iter().any(is_late) {
                        return Err(Malformed::Chunk);
                    }
                    line.clear();
                }
                Ok(taken)
            }
            Stage::Head | Stage::Body(_) | Stage::Passing => Ok(0),
        }
    }
}

/// Gathers a line; the bytes taken once it is whole, its CR LF not in `line`.
fn take_line(line: &mut Vec<u8>, rest: &[u8], most: usize) -> Result<Option<usize>, Malformed> {
    let end = memchr::memchr(b'\n', rest);
    let part = &rest[..end.unwrap_or(rest.len())];
    if line.len() + part.len() > most {
        return Err(Malformed::Chunk);
    }
    line.extend_from_slice(part);
    let Some(end) = end else { return Ok(None) };
    if line.pop() != Some(b'\r') || memchr::memchr2(b'\r', 0, line).is_some() {
        return Err(Malformed::Chunk);
    }
    Ok(Some(end + 1))
}

/// `chunk-size [ chunk-ext ]`; extensions are ignored, as RFC 9112, 7.1.1 asks.
fn chunk_size(line: &[u8]) -> Result<u64, Malformed> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    if !matches!(digits, 1..=15) {
        return Err(Malformed::Chunk);
    }
    // BWS may stand before the semicolon, but nothing else.
    let rest = line[digits..].trim_ascii_start();
    if !(rest.is_empty() && line.len() == digits || rest.first() == Some(&b';')) {
        return Err(Malformed::Chunk);
    }
    let text = std::str::from_utf8(&line[..digits]).map_err(|_| Malformed::Chunk)?;
    u64::from_str_radix(text, 16).map_err(|_| Malformed::Chunk)
}

fn has_bare_line_end(rest: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', rest).any(|at| at == 0 || rest[at - 1] != b'\r')
}
