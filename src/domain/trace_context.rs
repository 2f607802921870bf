//! W3C Trace Context: reading and writing `traceparent` and `tracestate`.
//!
//! Owns the two headers' grammar. accuscope takes part in a trace: it keeps the trace id and puts
//! its own span id in. `tracestate` goes through unread when it is valid, and is never recorded.
//! Does not draw ids.
//!
//! Source: W3C Trace Context Level 2 (Candidate Recommendation), sections 3.2, 3.3 and 4.3.

use std::fmt::Write as _;

/// A 128-bit trace id. Invariant: not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TraceId(u128);

/// A 64-bit span id. Invariant: not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpanId(u64);

impl TraceId {
    /// From random bits; zero becomes 1.
    #[must_use]
    pub const fn from_bits(bits: u128) -> Self {
        Self(if bits == 0 { 1 } else { bits })
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// Reads 32 lower-case hexadecimal digits, not all zero.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 32 {
            return None;
        }
        lower_hex(text).filter(|bits| *bits != 0).map(Self)
    }

    /// Whether its text has a letter. Health, insurance and card numbers have none, and neither has
    /// such a number that was filled up with zeros; of random ids, one in three million.
    #[must_use]
    pub const fn has_letter(self) -> bool {
        // A digit is a letter where bit 3 is set together with bit 2 or bit 1.
        const LOW: u128 = 0x1111_1111_1111_1111_1111_1111_1111_1111;
        (self.0 >> 3) & ((self.0 >> 2) | (self.0 >> 1)) & LOW != 0
    }

    /// The id made of a digest; it always has a letter.
    #[must_use]
    pub const fn from_digest(bits: u128) -> Self {
        Self(bits | 0xa << 124)
    }
}

impl SpanId {
    /// From random bits; zero becomes 1.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(if bits == 0 { 1 } else { bits })
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Reads 16 lower-case hexadecimal digits, not all zero.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 16 {
            return None;
        }
        let bits = lower_hex(text).and_then(|bits| u64::try_from(bits).ok())?;
        (bits != 0).then_some(Self(bits))
    }

    /// Whether its text has a letter, as [`TraceId::has_letter`].
    #[must_use]
    pub const fn has_letter(self) -> bool {
        TraceId(self.0 as u128).has_letter()
    }
}

impl std::fmt::Display for TraceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl std::fmt::Display for SpanId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

fn lower_hex(text: &str) -> Option<u128> {
    text.bytes().try_fold(0u128, |bits, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        Some(bits << 4 | u128::from(digit))
    })
}

/// A place in a distributed trace: the `traceparent` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    /// The trace.
    pub trace_id: TraceId,
    /// The span that the next one is a child of.
    pub span_id: SpanId,
    /// `sampled` (bit 0) and `random` (bit 1); the other bits are reserved and sent as zero.
    pub flags: u8,
}

impl TraceParent {
    /// Reads a header's value.
    ///
    /// Layout, in bytes: 2 version, 32 trace id, 16 span id, 2 flags, each lower-case hex, with a
    /// `-` between; 55 in all. A version above `00` may append fields after another `-`, which are
    /// skipped. Version `ff` is never valid. `None` means that a new trace begins, which is not an
    /// error.
    #[must_use]
    pub fn parse(header: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(header).ok()?.trim_matches([' ', '\t']);
        if !text.is_ascii() || text.len() < 55 {
            return None;
        }
        let (version, rest) = (&text[..2], &text[55..]);
        lower_hex(version)?;
        let length_fits = rest.is_empty() || (version != "00" && rest.starts_with('-'));
        let dashes = [2, 35, 52].into_iter().all(|at| text.as_bytes()[at] == b'-');
        if version == "ff" || !length_fits || !dashes {
            return None;
        }
        Some(Self {
            trace_id: TraceId::parse(&text[3..35])?,
            span_id: SpanId::parse(&text[36..52])?,
            flags: u8::try_from(lower_hex(&text[53..55])? & 0b11).ok()?,
        })
    }

    /// The header's 55 bytes, always as version `00`.
    #[must_use]
    pub fn to_header(self) -> String {
        let (trace, span) = (self.trace_id.bits(), self.span_id.bits());
        let mut header = String::with_capacity("00--".len() + 32 + 16 + "-00".len());
        // Writing to a `String` does not fail.
        let _ = write!(header, "00-{trace:032x}-{span:016x}-{:02x}", self.flags);
        header
    }

    /// The flag of a trace whose id is random as a whole (level 2, section 3.2.2.5.2).
    pub const RANDOM: u8 = 0b10;

    /// Whether the caller records this trace.
    #[must_use]
    pub const fn is_sampled(self) -> bool {
        self.flags & 1 == 1
    }
}

/// Most members of a list (section 3.3.1.1).
const MAX_MEMBERS: usize = 32;
/// Longest list that is passed on. The standard asks for at least 512 bytes.
const MAX_STATE_BYTES: usize = 8_192;

/// Joins `tracestate` headers into the one to pass on; `None` where the list breaks the grammar,
/// names a key twice or is longer than 32 members, in which case the standard lets the receiver
/// drop it.
#[must_use]
pub fn join_tracestate<'h>(headers: impl Iterator<Item = &'h [u8]>) -> Option<String> {
    let mut members: Vec<&str> = Vec::new();
    let mut bytes = 0;
    for header in headers {
        let text = std::str::from_utf8(header).ok()?;
        for member in text.split(',').map(|m| m.trim_matches([' ', '\t'])) {
            if member.is_empty() {
                continue;
            }
            let (key, value) = member.split_once('=')?;
            let twice = members.iter().any(|m| m.split_once('=').is_some_and(|(k, _)| k == key));
            bytes += member.len() + 1;
            let too_many = members.len() == MAX_MEMBERS || bytes > MAX_STATE_BYTES;
            if twice || too_many || !is_state_key(key) || !is_state_value(value) {
                return None;
            }
            members.push(member);
        }
    }
    (!members.is_empty()).then(|| members.join(","))
}

/// `key = ( lcalpha / DIGIT ) 0*255 ( lcalpha / DIGIT / "_" / "-"/ "*" / "/" / "@" )`; level 2
/// allows `@` anywhere, level 1's tenant form is a subset of it but for its lengths.
fn is_state_key(key: &str) -> bool {
    let start = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let part = |b: u8| start(b) || matches!(b, b'_' | b'-' | b'*' | b'/');
    let simple = |k: &str, max: usize| {
        matches!(k.as_bytes(), [first, rest @ ..]
            if start(*first) && rest.len() < max && rest.iter().all(|b| part(*b)))
    };
    match key.split_once('@') {
        None => simple(key, 256),
        Some((tenant, system)) => {
            simple(tenant, 241)
                && system.len() <= 14
                && system.starts_with(|c: char| c.is_ascii_lowercase())
                && simple(system, 14)
        }
    }
}

/// `value = 0*255(chr) nblk-chr`, printable ASCII but for `,` and `=`.
fn is_state_value(value: &str) -> bool {
    let bytes = value.as_bytes();
    matches!(bytes.len(), 1..=256)
        && bytes.iter().all(|b| matches!(b, 0x20..=0x2b | 0x2d..=0x3c | 0x3e..=0x7e))
        && bytes.last() != Some(&b' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn reads_what_the_standard_calls_valid() {
        let parent = TraceParent::parse(GOOD.as_bytes()).unwrap();
        assert_eq!(parent.trace_id.to_string(), "0af7651916cd43dd8448eb211c80319c");
        assert!(parent.is_sampled());
        assert_eq!(parent.to_header(), GOOD);
        for text in [
            " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00 ",
            "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes",
            "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff",
        ] {
            assert!(TraceParent::parse(text.as_bytes()).is_some(), "{text}");
        }
    }

    #[test]
    fn anything_else_begins_a_new_trace() {
        for text in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
            "0x-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
        ] {
            assert_eq!(TraceParent::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn joins_or_drops_tracestate() {
        let many = (0..33).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(",");
        #[rustfmt::skip]
        let table: [(&[&str], Option<&str>); 10] = [
            (&["a=1,b=2"], Some("a=1,b=2")),
            (&["a=1", "b=2"], Some("a=1,b=2")),
            (&["a=1, ,b=2 "], Some("a=1,b=2")),
            (&[""], None),
            (&["a=1,a=2"], None),
            (&["A=1"], None),
            (&["a 1"], None),
            (&["fw529a3039@dt=FfAAAAAA"], Some("fw529a3039@dt=FfAAAAAA")),
            (&["a=b=c"], None),
            (&[&many], None),
        ];
        for (headers, expected) in table {
            let joined = join_tracestate(headers.iter().map(|h| h.as_bytes()));
            assert_eq!(joined.as_deref(), expected, "{headers:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            let _ = TraceParent::parse(&bytes);
            let _ = join_tracestate(std::iter::once(bytes.as_slice()));
        }

        #[test]
        fn a_header_survives_being_written(trace in 1u128.., span in 1u64.., flags in 0u8..4) {
            let parent = TraceParent { trace_id: TraceId(trace), span_id: SpanId(span), flags };
            prop_assert_eq!(TraceParent::parse(parent.to_header().as_bytes()), Some(parent));
        }
    }
}
