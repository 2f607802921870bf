//! What is learnt of an answer's body while it passes, by looking at a decoded copy.
//!
//! Owns the choice of what to look for and the decoding (gzip, deflate, br, zstd by their
//! libraries). What the app gets is never changed. Memory is constant: the probe keeps no value, and
//! error and token bodies are read up to a limit and wiped.

use std::io::{self, Write};

use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, LOCATION};
use http::response::Parts;
use zeroize::Zeroizing;

use super::grants;
use super::identify::Reads;
use crate::domain::catalogue::Answer;
use crate::domain::classify::{Asked, BodySeen, Media};
use crate::domain::error_body;
use crate::domain::probe::{JsonProbe, JsonSeen};

/// Most decoded bytes that are looked at: a small compressed answer may be endless.
const MAX_DECODED_BYTES: u64 = 256 * 1_024 * 1_024;
/// From here on, more than so many decoded bytes for one that was sent are too much: no record of a clinic
/// repeats itself so, and who waits for the decoding is everybody.
const SUSPICIOUS_BYTES: u64 = 16 * 1_024 * 1_024;
const MOST_FOR_ONE: u64 = 256;
/// Coded bytes between two looks at what came of them …
const PIECE: usize = 1_024;
/// … and the most that may come of them: twice as much as `deflate` can make of anything. Others (`zstd`)
/// make thousands of times as many, and all of it within one turn of this call.
const MOST_OF_PIECE: u64 = 2 * 1_024 * 1_024;

/// Looks at one answer.
pub(super) struct Inspector {
    decoder: Decoder,
    /// Bytes as they were sent.
    sent: u64,
}

/// What was seen of a whole body.
pub(super) struct Inspected {
    /// For the judgement.
    pub(super) body: BodySeen,
    /// The head of an error or token body; empty otherwise.
    pub(super) text: Zeroizing<Vec<u8>>,
}

enum Look {
    /// Only whether there is anything.
    Nothing,
    /// Count, structure, well-formedness.
    Json(Box<JsonProbe>),
    /// The first bytes, to be read at the end, and wiped.
    Head { kept: Zeroizing<Vec<u8>>, most: usize },
    /// Both: a token answer is JSON, and is read.
    JsonAndHead { probe: Box<JsonProbe>, kept: Zeroizing<Vec<u8>>, most: usize },
}

/// Where decoded bytes arrive.
struct Eye {
    look: Look,
    decoded: u64,
    /// Decoded bytes at which it is too much.
    most: u64,
}

impl Eye {
    const fn new(look: Look) -> Self {
        Self { look, decoded: 0, most: MAX_DECODED_BYTES }
    }

    /// Whether nothing of what follows is looked at.
    fn has_enough(&self) -> bool {
        matches!(&self.look, Look::Head { kept, most } if kept.len() >= *most)
    }
}

impl Write for Eye {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.has_enough() {
            return Ok(bytes.len());
        }
        self.decoded += bytes.len() as u64;
        if self.decoded > self.most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        match &mut self.look {
            Look::Nothing => {}
            Look::Json(probe) => probe.feed(bytes),
            Look::Head { kept, most } => keep(kept, bytes, *most),
            Look::JsonAndHead { probe, kept, most } => {
                probe.feed(bytes);
                keep(kept, bytes, *most);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn keep(kept: &mut Vec<u8>, bytes: &[u8], most: usize) {
    let room = most.saturating_sub(kept.len());
    kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

enum Decoder {
    Identity(Eye),
    Gzip(Box<flate2::write::MultiGzDecoder<Eye>>),
    Deflate(Box<flate2::write::ZlibDecoder<Eye>>),
    Brotli(Box<brotli_decompressor::DecompressorWriter<Eye>>),
    Zstd(Box<zstd::stream::write::Decoder<'static, Eye>>),
    /// A coding that is not known, or bytes that broke it.
    Given {
        up: GivenUp,
    },
}

impl Decoder {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Identity(eye) => eye.write_all(bytes),
            Self::Gzip(decoder) => decoder.write_all(bytes),
            Self::Deflate(decoder) => decoder.write_all(bytes),
            Self::Brotli(decoder) => decoder.write_all(bytes),
            Self::Zstd(decoder) => decoder.write_all(bytes),
            Self::Given { .. } => Ok(()),
        }
    }

    /// Where its bytes arrive, if it has not given up.
    fn eye(&mut self) -> Option<&mut Eye> {
        match self {
            Self::Identity(eye) => Some(eye),
            Self::Gzip(decoder) => Some(decoder.get_mut()),
            Self::Deflate(decoder) => Some(decoder.get_mut()),
            Self::Brotli(decoder) => Some(decoder.get_mut()),
            Self::Zstd(decoder) => Some(decoder.get_mut()),
            Self::Given { .. } => None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum GivenUp {
    UnknownCoding,
    TooMuch,
    Broken,
}

impl Inspector {
    /// Chooses what to look for in an answer.
    pub(super) fn new(asked: Asked, reads: Reads, head: &Parts) -> Self {
        let eye = Eye::new(look(asked, reads, head));
        let decoder = match eye.look {
            Look::Nothing => Decoder::Identity(eye),
            _ => decoder(&head.headers, eye),
        };
        Self { decoder, sent: 0 }
    }

    /// Takes the next bytes, as they were sent.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        if let Decoder::Identity(eye) = &mut self.decoder {
            self.sent += bytes.len() as u64;
            // It takes everything up to the limit, and what is over that tells nothing.
            if eye.write_all(bytes).is_err() {
                self.decoder = Decoder::Given { up: GivenUp::TooMuch };
            }
            return;
        }
        for piece in bytes.chunks(PIECE) {
            self.sent += piece.len() as u64;
            let most_for_sent = SUSPICIOUS_BYTES.max(self.sent.saturating_mul(MOST_FOR_ONE));
            if let Some(eye) = self.decoder.eye() {
                eye.most = MAX_DECODED_BYTES.min(most_for_sent).min(eye.decoded + MOST_OF_PIECE);
            }
            if let Err(error) = self.decoder.write_all(piece) {
                let too_much = error.kind() == io::ErrorKind::FileTooLarge;
                let up = if too_much { GivenUp::TooMuch } else { GivenUp::Broken };
                self.decoder = Decoder::Given { up };
            }
            let Some(eye) = self.decoder.eye() else { continue };
            if eye.has_enough() {
                let look = std::mem::replace(&mut eye.look, Look::Nothing);
                self.decoder = Decoder::Identity(Eye::new(look));
            }
        }
    }

    /// Whether the bytes have to be decoded to be looked at.
    pub(super) const fn is_coded(&self) -> bool {
        !matches!(self.decoder, Decoder::Identity(_) | Decoder::Given { .. })
    }

    /// What was seen once the last byte has passed.
    pub(super) fn finish(self) -> Inspected {
        let none = || Zeroizing::new(Vec::new());
        let eye = match self.decoder {
            _ if self.sent == 0 => return Inspected { body: BodySeen::Nothing, text: none() },
            Decoder::Identity(eye) => Ok(eye),
            Decoder::Gzip(decoder) => decoder.finish().map_err(|_| GivenUp::Broken),
            Decoder::Deflate(decoder) => decoder.finish().map_err(|_| GivenUp::Broken),
            Decoder::Brotli(mut decoder) => match decoder.close() {
                Ok(()) => decoder.into_inner().map_err(|_| GivenUp::Broken),
                Err(_) => Err(GivenUp::Broken),
            },
            Decoder::Zstd(mut decoder) => match decoder.flush() {
                Ok(()) => Ok(decoder.into_inner()),
                Err(_) => Err(GivenUp::Broken),
            },
            Decoder::Given { up } => Err(up),
        };
        match eye.map(|eye| eye.look) {
            Ok(Look::Nothing) | Err(GivenUp::UnknownCoding | GivenUp::TooMuch) => {
                Inspected { body: BodySeen::Opaque, text: none() }
            }
            Ok(Look::Json(probe)) => {
                Inspected { body: BodySeen::Json(probe.finish()), text: none() }
            }
            Ok(Look::Head { kept, .. }) => Inspected { body: BodySeen::Opaque, text: kept },
            Ok(Look::JsonAndHead { probe, kept, .. }) => {
                Inspected { body: BodySeen::Json(probe.finish()), text: kept }
            }
            // It claims a coding and is not of it, so it is not what it claims.
            Err(GivenUp::Broken) => {
                Inspected { body: BodySeen::Json(JsonSeen::Malformed), text: none() }
            }
        }
    }
}

fn look(asked: Asked, reads: Reads, head: &Parts) -> Look {
    let status = head.status.as_u16();
    let probe = || Box::new(JsonProbe::default());
    match status {
        400.. => Look::Head { kept: Zeroizing::default(), most: error_body::MAX_BYTES },
        200..=299 if reads == Reads::Grant => Look::JsonAndHead {
            probe: probe(),
            kept: Zeroizing::default(),
            most: grants::MAX_BODY_BYTES,
        },
        // Part of a JSON text is no JSON text.
        206 => Look::Nothing,
        200..=299 => match media(&head.headers) {
            Media::Json => Look::Json(probe()),
            Media::Absent if asked.list || asked.answer == Some(Answer::Json) => {
                Look::Json(probe())
            }
            _ => Look::Nothing,
        },
        _ => Look::Nothing,
    }
}

fn decoder(headers: &HeaderMap, eye: Eye) -> Decoder {
    let mut codings = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"));
    let (coding, more) = (codings.next(), codings.next());
    let given_up = Decoder::Given { up: GivenUp::UnknownCoding };
    let (Some(coding), None) = (coding, more) else {
        return if coding.is_none() { Decoder::Identity(eye) } else { given_up };
    };
    match coding.to_ascii_lowercase().as_slice() {
        b"gzip" | b"x-gzip" => Decoder::Gzip(Box::new(flate2::write::MultiGzDecoder::new(eye))),
        b"deflate" => Decoder::Deflate(Box::new(flate2::write::ZlibDecoder::new(eye))),
        b"br" => {
            Decoder::Brotli(Box::new(brotli_decompressor::DecompressorWriter::new(eye, 4_096)))
        }
        b"zstd" => zstd::stream::write::Decoder::new(eye)
            .map_or(given_up, |decoder| Decoder::Zstd(Box::new(decoder))),
        _ => given_up,
    }
}

/// The kind of content that `Content-Type` claims.
pub(super) fn media(headers: &HeaderMap) -> Media {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Media::Absent };
    let essence = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
    let essence = essence.trim_ascii();
    let is = |name: &&[u8]| essence.eq_ignore_ascii_case(name);
    let suffix =
        essence.last_chunk().is_some_and(|end: &[u8; 5]| end.eq_ignore_ascii_case(b"+json"));
    if essence.is_empty() {
        Media::Absent
    } else if [&b"application/json"[..], b"text/json"].iter().any(is) || suffix {
        Media::Json
    } else if [&b"text/html"[..], b"application/xhtml+xml"].iter().any(is) {
        Media::Html
    } else {
        Media::Other
    }
}

/// Whether `Location` leads to a sign-in page, by the words of its path.
pub(super) fn leads_to_sign_in(headers: &HeaderMap) -> bool {
    const WORDS: [&str; 8] =
        ["login", "logon", "signin", "sign-in", "authorize", "sso", "saml", "auth"];
    let Some(location) = headers.get(LOCATION).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let path = location.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let path = path.split_once("://").map_or(path.as_str(), |(_, rest)| rest);
    path.split(['/', '.', '_']).any(|segment| WORDS.contains(&segment))
}

#[cfg(test)]
mod tests;
