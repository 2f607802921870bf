//! Answers of keyed writes, kept for a short time to be given again: in memory only, and encrypted.
//!
//! Owns the sealing (ChaCha20-Poly1305, RFC 8439, under a key of this process that is never written
//! anywhere) and the bounds. An answer is opened only for the token that it was first given to; anybody
//! else learns that the change was made, and nothing of the chart.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::{Zeroize as _, Zeroizing};

use crate::domain::admission::idempotency::ClaimKey;
use crate::domain::reference::Reference;
use crate::domain::time::Timestamp;
use crate::proxy::kept::Kept;

/// Most bytes of all answers together.
const MOST_BYTES: usize = 16 * 1_024 * 1_024;

/// The answers.
pub(in crate::proxy) struct SealedAnswers {
    key: LessSafeKey,
    drawn: AtomicU64,
    keep: Duration,
    answers: Mutex<Answers>,
}

#[derive(Default)]
struct Answers {
    of: HashMap<ClaimKey, Sealed>,
    order: VecDeque<(Timestamp, ClaimKey)>,
    bytes: usize,
}

struct Sealed {
    nonce: u64,
    text: Vec<u8>,
    token: Option<Reference>,
    at: Timestamp,
    /// What the event says of the answer; nothing of its content.
    seen: crate::proxy::kept::Seen,
}

impl SealedAnswers {
    /// None yet, each to be kept for so long; `None` if that is not at all, or if the system gives no
    /// random numbers.
    pub(in crate::proxy) fn new(keep: Duration) -> Option<Self> {
        if keep.is_zero() {
            return None;
        }
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut_slice()).ok()?;
        let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, bytes.as_slice()).ok()?);
        Some(Self { key, drawn: AtomicU64::new(0), keep, answers: Mutex::default() })
    }

    /// Keeps an answer.
    pub(in crate::proxy) fn put(
        &self,
        claim: ClaimKey,
        token: Option<Reference>,
        answer: &Kept,
        now: Timestamp,
    ) {
        let nonce = self.drawn.fetch_add(1, Ordering::Relaxed);
        let mut text = plain(answer);
        if self.key.seal_in_place_append_tag(nonce_of(nonce), aad(&claim), &mut text).is_err() {
            text.zeroize();
            return;
        }
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.forget(now, self.keep, text.len());
        answers.bytes += text.len();
        answers.order.push_back((now, claim));
        let sealed = Sealed { nonce, text, token, at: now, seen: answer.seen };
        if let Some(old) = answers.of.insert(claim, sealed) {
            answers.bytes -= old.text.len();
        }
    }

    /// The answer of a claim, for the token that it was given to.
    pub(in crate::proxy) fn get(
        &self,
        claim: ClaimKey,
        token: Option<&Reference>,
        now: Timestamp,
    ) -> Option<Kept> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.forget(now, self.keep, 0);
        let sealed = answers.of.get(&claim).filter(|sealed| sealed.token.as_ref() == token)?;
        let (mut text, nonce, seen) =
            (Zeroizing::new(sealed.text.clone()), sealed.nonce, sealed.seen);
        drop(answers);
        let plain = self.key.open_in_place(nonce_of(nonce), aad(&claim), &mut text).ok()?;
        read(plain, seen)
    }
}

impl Answers {
    /// Drops what is too old, and the oldest until there is room.
    fn forget(&mut self, now: Timestamp, keep: Duration, room: usize) {
        while let Some((at, claim)) = self.order.front().copied() {
            if now.since(at) < keep && self.bytes + room <= MOST_BYTES {
                break;
            }
            self.order.pop_front();
            if self.of.get(&claim).is_some_and(|sealed| sealed.at == at)
                && let Some(old) = self.of.remove(&claim)
            {
                self.bytes -= old.text.len();
            }
        }
    }
}

fn nonce_of(number: u64) -> Nonce {
    let mut nonce = [0; NONCE_LEN];
    nonce[..8].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(nonce)
}

fn aad(claim: &ClaimKey) -> Aad<&[u8]> {
    Aad::from(claim.0.as_slice())
}

/// Status, fields and body as one text: lengths before their bytes, all in network order.
fn plain(answer: &Kept) -> Vec<u8> {
    let mut text = Vec::with_capacity(answer.body.len() + 512);
    text.extend_from_slice(&answer.status.as_u16().to_be_bytes());
    for (name, value) in &answer.headers {
        for part in [name.as_str().as_bytes(), value.as_bytes()] {
            let length = u32::try_from(part.len()).unwrap_or(0);
            text.extend_from_slice(&length.to_be_bytes());
            text.extend_from_slice(&part[..length as usize]);
        }
    }
    // No name is empty, so this ends the fields.
    text.extend_from_slice(&0u32.to_be_bytes());
    text.extend_from_slice(&answer.body);
    text
}

fn read(text: &[u8], seen: crate::proxy::kept::Seen) -> Option<Kept> {
    fn part<'t>(text: &mut &'t [u8]) -> Option<&'t [u8]> {
        let (length, rest) = text.split_first_chunk::<4>()?;
        let (part, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        *text = rest;
        Some(part)
    }
    let (status, mut text) = text.split_first_chunk::<2>()?;
    let status = StatusCode::from_u16(u16::from_be_bytes(*status)).ok()?;
    let mut headers = HeaderMap::new();
    loop {
        let name = part(&mut text)?;
        if name.is_empty() {
            break;
        }
        let value = HeaderValue::from_bytes(part(&mut text)?).ok()?;
        headers.append(HeaderName::from_bytes(name).ok()?, value);
    }
    Some(Kept { status, headers, body: Bytes::copy_from_slice(text), seen })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::names::KeyId;
    use crate::domain::reference::ReferenceKind;
    use crate::proxy::kept::Seen;

    fn answer(body: &'static [u8]) -> Kept {
        let mut headers = HeaderMap::new();
        headers.append("location", HeaderValue::from_static("/patients/9123456780"));
        headers.append("set-cookie", HeaderValue::from_static("a=1"));
        headers.append("set-cookie", HeaderValue::from_static("b=2"));
        let seen = Seen::of_status(201);
        Kept { status: StatusCode::CREATED, headers, body: Bytes::from_static(body), seen }
    }

    fn token(byte: u8) -> Reference {
        Reference::new(ReferenceKind::Token, KeyId::parse("k1").unwrap(), [byte; 17])
    }

    #[test]
    fn an_answer_is_given_again_to_its_token_only_and_for_a_short_time() {
        let sealed = SealedAnswers::new(Duration::from_mins(2)).unwrap();
        let (claim, at) = (ClaimKey([1; 16]), Timestamp::from_seconds);
        let original = answer(b"{\"id\":9123456780}");
        sealed.put(claim, Some(token(1)), &original, at(0));
        let again = sealed.get(claim, Some(&token(1)), at(119)).unwrap();
        assert_eq!((again.status, &again.headers), (original.status, &original.headers));
        assert_eq!(again.body, original.body);
        assert!(sealed.get(claim, Some(&token(2)), at(1)).is_none());
        assert!(sealed.get(claim, None, at(1)).is_none());
        assert!(sealed.get(ClaimKey([2; 16]), Some(&token(1)), at(1)).is_none());
        assert!(sealed.get(claim, Some(&token(1)), at(120)).is_none());
        assert_eq!(sealed.answers.lock().unwrap().bytes, 0);
    }

    #[test]
    fn nothing_of_an_answer_can_be_read_in_memory() {
        let sealed = SealedAnswers::new(Duration::from_mins(2)).unwrap();
        sealed.put(ClaimKey([1; 16]), None, &answer(b"9123456780"), Timestamp::from_seconds(0));
        let answers = sealed.answers.lock().unwrap();
        let text = &answers.of[&ClaimKey([1; 16])].text;
        assert!(memchr::memmem::find(text, b"9123456780").is_none());
    }

    #[test]
    fn the_oldest_goes_when_there_is_no_room() {
        static BODY: [u8; 64 * 1_024] = [7; 64 * 1_024];
        let sealed = SealedAnswers::new(Duration::from_mins(2)).unwrap();
        for number in 0..=255u8 {
            sealed.put(ClaimKey([number; 16]), None, &answer(&BODY), Timestamp::from_seconds(0));
        }
        let get = |number| sealed.get(ClaimKey([number; 16]), None, Timestamp::from_seconds(1));
        assert!(get(0).is_none() && get(255).is_some());
        assert!(sealed.answers.lock().unwrap().bytes <= MOST_BYTES);
    }
}
