//! Identifiers: of calls (event, request, trace and span ids, the support code) and of diagnoses.
//!
//! Owns their shapes and texts. Does not draw random numbers: those come in as parameters.

use std::sync::Arc;

use super::reference::Reference;

/// The id of an event: a `UUIDv7` (RFC 9562), so that ids sort by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId(pub uuid::Uuid);

impl EventId {
    /// Builds a version 7 UUID from a time and 74 random bits (the rest of `random` is ignored).
    #[must_use]
    pub fn new(at: super::time::Timestamp, random: u128) -> Self {
        let millis = u64::try_from(at.micros() / 1_000).unwrap_or(0);
        let bytes = random.to_be_bytes();
        let mut counter = [0; 10];
        counter.copy_from_slice(&bytes[6..]);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &counter).into_uuid())
    }

    /// Reads the hyphenated form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() == 36 { uuid::Uuid::try_parse(text).ok().map(Self) } else { None }
    }
}

impl std::fmt::Display for EventId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.0.hyphenated(), f)
    }
}

/// The id of a diagnosis that was kept: 120 random bits, so that knowing one address tells no other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DiagnosisId(Arc<str>);

impl DiagnosisId {
    /// Bytes of one.
    pub const BYTES: usize = 15;

    /// The id made of random bytes.
    #[must_use]
    pub fn new(random: [u8; Self::BYTES]) -> Self {
        Self(data_encoding::BASE32_DNSSEC.encode(&random).into())
    }

    /// Reads the written form; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let symbol = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'v');
        (text.len() == 24 && text.bytes().all(symbol)).then(|| Self(text.into()))
    }

    /// The written form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for DiagnosisId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Eight characters that a person can read aloud, `7KQ4-M2PX`.
///
/// Crockford's base 32 (crockford.com/base32.html): no I, L, O or U. 40 bits, not unique for ever:
/// a look-up may find more than one call and shows them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SupportCode(u64);

impl SupportCode {
    /// The code made of the lowest 40 bits.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits & 0xff_ffff_ffff)
    }

    /// The 40 bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Reads a code as people write it: any case, spaces and hyphens anywhere, `I` and `L` for 1,
    /// `O` for 0. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bits = 0u64;
        let mut count = 0;
        for byte in text.bytes() {
            let symbol = match byte.to_ascii_uppercase() {
                b' ' | b'-' => continue,
                b'I' | b'L' => b'1',
                b'O' => b'0',
                other => other,
            };
            let value = CROCKFORD.iter().position(|c| *c == symbol)?;
            count += 1;
            if count > 8 {
                return None;
            }
            bits = bits << 5 | value as u64;
        }
        (count == 8).then_some(Self(bits))
    }

    /// Reads the written form only: eight letters of a name could pass as what people say.
    #[must_use]
    pub fn parse_written(text: &str) -> Option<Self> {
        Self::parse(text).filter(|code| code.to_ascii() == text.as_bytes())
    }

    /// The nine bytes of the written form.
    #[must_use]
    pub fn to_ascii(self) -> [u8; 9] {
        let mut out = [b'-'; 9];
        for (index, slot) in [0, 1, 2, 3, 5, 6, 7, 8].into_iter().enumerate() {
            out[slot] = CROCKFORD[(self.0 >> (35 - 5 * index) & 31) as usize];
        }
        out
    }
}

impl std::fmt::Display for SupportCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(std::str::from_utf8(&self.to_ascii()).unwrap_or_default())
    }
}

/// What `X-Request-Id` an event keeps.
///
/// Invariant: a UUID, a ULID, 16 to 64 hexadecimal digits, or a keyed reference (`rq_k1_…`) of what
/// the app sent, where that could name a person. A number can: health, insurance and card numbers
/// have no letters, so an id without one is foreign; and so is a ULID with room for a health number
/// between its letters, which of true ones one in two thousand has.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(Arc<str>);

/// Fewest digits of a Canadian health number.
const HEALTH_NUMBER_DIGITS: usize = 9;

impl RequestId {
    /// Reads an app's own id, if it has one of the shapes that cannot name a person.
    #[must_use]
    pub fn from_app(text: &str) -> Option<Self> {
        let has_letter = text.bytes().any(|byte| byte.is_ascii_alphabetic());
        let is_ulid = text.len() == 26 && text.bytes().any(|byte| !byte.is_ascii_hexdigit());
        let mut between_letters = text.split(|c: char| !c.is_ascii_digit());
        let has_number = is_ulid && between_letters.any(|run| run.len() >= HEALTH_NUMBER_DIGITS);
        if has_letter && !has_number { Self::plain(text) } else { None }
    }

    fn plain(text: &str) -> Option<Self> {
        let hex = |t: &str| t.bytes().all(|b| b.is_ascii_hexdigit());
        let hyphenated = text.len() == 36
            && text.bytes().enumerate().all(|(at, b)| match at {
                8 | 13 | 18 | 23 => b == b'-',
                _ => b.is_ascii_hexdigit(),
            });
        let ulid = text.len() == 26
            && matches!(text.as_bytes()[0], b'0'..=b'7')
            && text.bytes().all(|b| CROCKFORD.contains(&b.to_ascii_uppercase()));
        let plain_hex = matches!(text.len(), 16..=64) && hex(text);
        (hyphenated || ulid || plain_hex).then(|| Self(text.into()))
    }

    /// The id that stands for an app's id of another shape.
    #[must_use]
    pub fn from_reference(reference: &Reference) -> Self {
        Self(reference.to_string().into())
    }

    /// The id of a call whose app sent none.
    #[must_use]
    pub fn from_event(id: EventId) -> Self {
        let mut text = uuid::Uuid::encode_buffer();
        Self((&*id.0.hyphenated().encode_lower(&mut text)).into())
    }

    /// Reads a stored id; `None` if its shape is not allowed. Older events may hold numbers.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::plain(text).or_else(|| {
            Reference::parse(text)
                .filter(|r| r.kind() == super::reference::ReferenceKind::Request)
                .map(|r| Self::from_reference(&r))
        })
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_read_as_people_say_it() {
        let code = SupportCode::parse("7KQ4-M2PX");
        assert!(code.is_some());
        for text in ["7kq4m2px", " 7KQ4 M2PX ", "7kq4-m2px"] {
            assert_eq!(SupportCode::parse(text), code, "{text:?}");
        }
        assert_eq!(SupportCode::parse("O0IL-1111"), SupportCode::parse("0011-1111"));
        for text in ["", "7KQ4-M2P", "7KQ4-M2PXX", "7KQ4-M2PU", "Zoë-Côté"] {
            assert_eq!(SupportCode::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn only_ids_that_cannot_name_a_person_are_kept() {
        for (text, kept) in [
            ("01939f6e-5a2b-7c3d-8e4f-0123456789ab", true),
            ("01ARZ3NDEKTSV4RRFFQ69G5FAV", true),
            ("0123456789abcdef", true),
            ("0123456789abcde", false),
            ("zoe-tremblay-1984", false),
            ("9123456780", false),
            ("4111111111111111", false),
            ("0000009123456780", false),
            ("12345678-1234-1234-1234-123456789012", false),
            ("01234567890123456789012345", false),
            ("8ZZZZZZZZZZZZZZZZZZZZZZZZZ", false),
            ("01K9876543210XXXXXXXXXXXXX", false),
            ("01K98765432XXXXXXXXXXXXXXX", true),
            ("", false),
        ] {
            assert_eq!(RequestId::from_app(text).is_some(), kept, "{text:?}");
        }
        assert!(RequestId::parse("4111111111111111").is_some(), "stored before");
    }

    #[test]
    fn event_ids_are_version_7_and_sort_by_time() {
        let at = Timestamp::from_seconds(1_764_000_000);
        let (a, b) =
            (EventId::new(at, u128::MAX), EventId::new(Timestamp::from_seconds(1_764_000_001), 0));
        assert!(a < b);
        assert_eq!(a.0.get_version_num(), 7);
        assert_eq!(EventId::parse(&a.to_string()), Some(a));
    }

    proptest! {
        #[test]
        fn a_code_survives_being_written(bits in 0u64..1 << 40) {
            let code = SupportCode::from_bits(bits);
            prop_assert_eq!(SupportCode::parse(&code.to_string()), Some(code));
        }
    }
}
