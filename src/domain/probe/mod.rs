//! The streaming probe: what is learnt of a JSON answer while it passes.
//!
//! Owns a JSON reader (RFC 8259) that keeps no value: it counts the items of a list answer, checks
//! well-formedness and hashes the structure (field paths and types), in constant memory, over
//! chunks cut anywhere. Does not decompress and does not decide what an answer means; see
//! [`super::classify`].

mod shape;

use super::digest::Structure;
use shape::Shape;

/// Deepest nesting that is followed; deeper answers are passed on and not judged.
const MAX_DEPTH: usize = 96;

/// Keys that wrap a list answer, best first (public facts: the envelopes vary).
const ENVELOPES: [&[u8]; 10] = [
    b"contents",
    b"content",
    b"items",
    b"results",
    b"data",
    b"entries",
    b"entry",
    b"records",
    b"list",
    b"value",
];
const LONGEST_ENVELOPE: usize = 8;
/// Longest key that can be a field's name.
const LONGEST_FIELD: usize = 40;

/// What a body turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonSeen {
    /// No bytes, or white space only.
    Nothing,
    /// Not JSON, or cut off.
    Malformed,
    /// Nested too deeply to be followed.
    TooDeep,
    /// Well-formed.
    Value {
        /// What stands at the top.
        top: Top,
        /// Items of the list, where the answer is one or wraps one.
        count: Option<u64>,
        /// Field paths and types.
        structure: Structure,
    },
}

/// The kind of value at the top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Top {
    /// `[…]`.
    Array,
    /// `{…}`.
    Object,
    /// A number, string, `true`, `false` or `null`.
    Scalar,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A value must begin.
    Value,
    /// After `[`: a value or `]`.
    ValueOrEnd,
    /// After `{`: a key or `}`.
    KeyOrEnd,
    /// After `,` in an object.
    Key,
    /// After a key.
    Colon,
    /// After a value inside a container.
    CommaOrEnd,
    /// Inside a string.
    String { key: bool },
    /// After `\` in a string.
    Escape { key: bool },
    /// Inside `\u`, with that many digits to come.
    Unicode { key: bool, left: u8 },
    /// Inside a number.
    Number(Number),
    /// Inside `true`, `false` or `null`.
    Literal { word: &'static [u8], at: u8 },
    /// After the top value.
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    Minus,
    Zero,
    Integer,
    Dot,
    Fraction,
    Exponent,
    ExponentSign,
    ExponentDigits,
}

#[derive(Clone, Copy)]
struct Level {
    is_array: bool,
    /// Hash of the path to this container.
    path: u64,
    /// Hash of the path to the current member.
    member: u64,
    items: u64,
    /// Rank of the envelope key under which this array stands, at depth 2 of an object.
    envelope: Option<usize>,
}

/// Reads one answer, chunk by chunk.
pub struct JsonProbe {
    state: State,
    levels: Vec<Level>,
    key_hash: u64,
    key_head: [u8; LONGEST_ENVELOPE],
    key_len: usize,
    /// The key looks like a field's name: letters, `_` and `-` only.
    key_named: bool,
    pending_envelope: Option<usize>,
    top: Option<Top>,
    best: Option<(usize, u64)>,
    shape: Shape,
    verdict: Option<JsonSeen>,
    started: bool,
}

impl Default for JsonProbe {
    fn default() -> Self {
        Self {
            state: State::Value,
            levels: Vec::with_capacity(8),
            key_hash: shape::SEED,
            key_head: [0; LONGEST_ENVELOPE],
            key_len: 0,
            key_named: true,
            pending_envelope: None,
            top: None,
            best: None,
            shape: Shape::default(),
            verdict: None,
            started: false,
        }
    }
}

impl JsonProbe {
    /// Reads the next bytes.
    pub fn feed(&mut self, chunk: &[u8]) {
        let mut rest = chunk;
        if !self.started && !rest.is_empty() {
            self.started = true;
            // A byte order mark is no JSON, but common; receivers may ignore it (RFC 8259, 8.1).
            rest = rest.strip_prefix(b"\xef\xbb\xbf").unwrap_or(rest);
        }
        while self.verdict.is_none() {
            let State::String { key } = self.state else {
                let Some((byte, tail)) = rest.split_first() else { return };
                if self.step(*byte) {
                    rest = tail;
                }
                continue;
            };
            let end = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
            let (text, tail) = rest.split_at(end);
            // RFC 8259, 7: control characters have to be escaped. A minimum over the whole text is a
            // loop that the compiler turns into a few wide comparisons.
            if text.iter().fold(u8::MAX, |least, byte| least.min(*byte)) < 0x20 {
                self.verdict = Some(JsonSeen::Malformed);
                return;
            }
            if key {
                self.hash_key(text);
            }
            let Some((byte, tail)) = tail.split_first() else { return };
            rest = tail;
            match byte {
                b'"' => self.string_ended(key),
                _ => self.state = State::Escape { key },
            }
        }
    }

    /// The verdict after the last byte.
    #[must_use]
    pub fn finish(mut self) -> JsonSeen {
        if let (State::Number(number), None) = (self.state, self.verdict)
            && number.is_complete()
        {
            self.value_ended();
        }
        match (self.verdict, self.state, self.top) {
            (Some(verdict), ..) => verdict,
            (None, State::Done, Some(top)) => JsonSeen::Value {
                top,
                count: self.best.map(|(_, count)| count),
                structure: self.shape.structure(),
            },
            (None, State::Value, None) => JsonSeen::Nothing,
            _ => JsonSeen::Malformed,
        }
    }

    /// Takes one byte outside strings; false if the byte has to be looked at again.
    fn step(&mut self, byte: u8) -> bool {
        let white = matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        match self.state {
            State::Number(number) => match number.next(byte) {
                Some(next) => self.state = State::Number(next),
                None if number.is_complete() => {
                    self.value_ended();
                    return false;
                }
                None => self.verdict = Some(JsonSeen::Malformed),
            },
            State::Literal { word, at } => {
                if word.get(usize::from(at)) != Some(&byte) {
                    self.verdict = Some(JsonSeen::Malformed);
                } else if usize::from(at) + 1 == word.len() {
                    self.value_ended();
                } else {
                    self.state = State::Literal { word, at: at + 1 };
                }
            }
            State::Escape { key } => {
                if key {
                    self.hash_key(&[b'\\', byte]);
                }
                self.state = match byte {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => State::String { key },
                    b'u' => State::Unicode { key, left: 4 },
                    _ => return self.malformed(),
                };
            }
            State::Unicode { key, left } => {
                if !byte.is_ascii_hexdigit() {
                    return self.malformed();
                }
                if key {
                    self.hash_key(&[byte]);
                }
                self.state = if left == 1 {
                    State::String { key }
                } else {
                    State::Unicode { key, left: left - 1 }
                };
            }
            _ if white => {}
            State::ValueOrEnd if byte == b']' => self.container_ended(),
            State::Value | State::ValueOrEnd => self.value_begins(byte),
            State::KeyOrEnd if byte == b'}' => self.container_ended(),
            State::KeyOrEnd | State::Key if byte == b'"' => {
                self.key_hash = shape::SEED;
                self.key_len = 0;
                self.key_named = true;
                self.state = State::String { key: true };
            }
            State::Colon if byte == b':' => self.state = State::Value,
            State::CommaOrEnd => self.comma_or_end(byte),
            _ => return self.malformed(),
        }
        true
    }

    fn malformed(&mut self) -> bool {
        self.verdict = Some(JsonSeen::Malformed);
        true
    }

    fn comma_or_end(&mut self, byte: u8) {
        let in_array = self.levels.last().is_some_and(|level| level.is_array);
        match byte {
            b',' => self.state = if in_array { State::Value } else { State::Key },
            b']' if in_array => self.container_ended(),
            b'}' if !in_array => self.container_ended(),
            _ => self.verdict = Some(JsonSeen::Malformed),
        }
    }

    fn value_begins(&mut self, byte: u8) {
        if let Some(level) = self.levels.last_mut().filter(|level| level.is_array) {
            level.items += 1;
        }
        let path = self.levels.last().map_or(shape::SEED, |level| level.member);
        let (kind, state) = match byte {
            b'{' => (shape::OBJECT, State::KeyOrEnd),
            b'[' => (shape::ARRAY, State::ValueOrEnd),
            b'"' => (shape::STRING, State::String { key: false }),
            b'-' => (shape::NUMBER, State::Number(Number::Minus)),
            b'0' => (shape::NUMBER, State::Number(Number::Zero)),
            b'1'..=b'9' => (shape::NUMBER, State::Number(Number::Integer)),
            b't' => (shape::BOOLEAN, State::Literal { word: b"true", at: 1 }),
            b'f' => (shape::BOOLEAN, State::Literal { word: b"false", at: 1 }),
            b'n' => (shape::NULL, State::Literal { word: b"null", at: 1 }),
            _ => return self.verdict = Some(JsonSeen::Malformed),
        };
        self.state = state;
        self.top.get_or_insert(match kind {
            shape::ARRAY => Top::Array,
            shape::OBJECT => Top::Object,
            _ => Top::Scalar,
        });
        self.shape.add(path, kind);
        let envelope = self.pending_envelope.take();
        if kind == shape::OBJECT || kind == shape::ARRAY {
            if self.levels.len() == MAX_DEPTH {
                return self.verdict = Some(JsonSeen::TooDeep);
            }
            let is_array = kind == shape::ARRAY;
            let member = if is_array { shape::below(path, shape::ITEM) } else { path };
            self.levels.push(Level { is_array, path, member, items: 0, envelope });
        }
    }

    fn string_ended(&mut self, key: bool) {
        if !key {
            return self.value_ended();
        }
        self.state = State::Colon;
        let at_top = self.levels.len() == 1;
        let head = self.key_head.get(..self.key_len);
        self.pending_envelope = head
            .filter(|_| at_top)
            .and_then(|head| ENVELOPES.iter().position(|envelope| *envelope == head));
        // An object keyed by identifiers is a map: its keys are values, and no part of a structure.
        let named = self.key_named && self.key_len <= LONGEST_FIELD;
        let hash = if named { self.key_hash } else { shape::ITEM };
        if let Some(level) = self.levels.last_mut() {
            level.member = shape::below(level.path, hash);
        }
    }

    fn hash_key(&mut self, text: &[u8]) {
        self.key_hash = shape::hash(self.key_hash, text);
        self.key_named &= text.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-'));
        for byte in text {
            if let Some(slot) = self.key_head.get_mut(self.key_len) {
                *slot = *byte;
            }
            self.key_len = self.key_len.saturating_add(1);
        }
    }

    fn container_ended(&mut self) {
        if let Some(level) = self.levels.pop().filter(|level| level.is_array) {
            let rank = if self.levels.is_empty() { Some(0) } else { level.envelope };
            if let Some(rank) = rank
                && self.best.is_none_or(|(best, _)| rank < best)
            {
                self.best = Some((rank, level.items));
            }
        }
        self.value_ended();
    }

    fn value_ended(&mut self) {
        self.state = if self.levels.is_empty() { State::Done } else { State::CommaOrEnd };
    }
}

impl Number {
    fn is_complete(self) -> bool {
        matches!(self, Self::Zero | Self::Integer | Self::Fraction | Self::ExponentDigits)
    }

    fn next(self, byte: u8) -> Option<Self> {
        match (self, byte) {
            (Self::Minus, b'0') => Some(Self::Zero),
            (Self::Minus, b'1'..=b'9') | (Self::Integer, b'0'..=b'9') => Some(Self::Integer),
            (Self::Zero | Self::Integer, b'.') => Some(Self::Dot),
            (Self::Dot | Self::Fraction, b'0'..=b'9') => Some(Self::Fraction),
            (Self::Zero | Self::Integer | Self::Fraction, b'e' | b'E') => Some(Self::Exponent),
            (Self::Exponent, b'+' | b'-') => Some(Self::ExponentSign),
            (Self::Exponent | Self::ExponentSign | Self::ExponentDigits, b'0'..=b'9') => {
                Some(Self::ExponentDigits)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
