//! The streaming probe: what is learnt of a JSON answer while it passes.
//!
//! Owns a JSON reader (RFC 8259) that keeps no value: it counts the items of a list answer, checks
//! well-formedness and hashes the structure (field paths and types), in constant memory, over
//! chunks cut anywhere. Does not decompress and does not decide what an answer means; see
//! [`super::classify`].

mod envelope;
mod number;
mod shape;
mod text;

use super::digest::Structure;
use number::Number;
use shape::Shape;

pub use envelope::wraps_a_list;

/// Deepest nesting that is followed; deeper answers are passed on and not judged.
const MAX_DEPTH: usize = 96;

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
    key_head: [u8; envelope::LONGEST],
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
            key_head: [0; envelope::LONGEST],
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
        while self.verdict.is_none() && !rest.is_empty() {
            // Most bytes are in texts and numbers, which have loops of their own.
            rest = match self.state {
                State::String { key } => self.text(key, rest),
                State::Number(number) => self.number(number, rest),
                _ => {
                    self.step(rest[0]);
                    &rest[1..]
                }
            };
        }
    }

    /// Takes bytes of a text; gives what follows them.
    fn text<'c>(&mut self, key: bool, rest: &'c [u8]) -> &'c [u8] {
        let (text, tail) = rest.split_at(text::end(rest));
        if key {
            self.hash_key(text);
        }
        let Some((byte, tail)) = tail.split_first() else { return tail };
        match byte {
            b'"' if key => {
                self.key_ended();
                // What comes next, as a rule; here and below it spares a turn through the states.
                let Some(tail) = tail.strip_prefix(b":") else { return tail };
                self.state = State::Value;
                tail
            }
            b'"' => {
                self.value_ended();
                self.next_member(tail)
            }
            b'\\' => {
                self.state = State::Escape { key };
                tail
            }
            _ => {
                self.malformed();
                tail
            }
        }
    }

    /// Takes the comma and the quote between two members of an object, if they follow at once.
    fn next_member<'c>(&mut self, rest: &'c [u8]) -> &'c [u8] {
        let in_object = self.levels.last().is_some_and(|level| !level.is_array);
        match rest.strip_prefix(b",\"") {
            Some(tail) if in_object => {
                self.key_begins();
                tail
            }
            _ => rest,
        }
    }

    /// Takes bytes of a number; gives what follows them.
    fn number<'c>(&mut self, begun: Number, rest: &'c [u8]) -> &'c [u8] {
        let mut number = begun;
        for (at, byte) in rest.iter().enumerate() {
            match number.next(*byte) {
                Some(next) => number = next,
                None if number.is_complete() => {
                    self.value_ended();
                    return self.next_member(&rest[at..]);
                }
                None => {
                    self.malformed();
                    return &rest[at..];
                }
            }
        }
        self.state = State::Number(number);
        &[]
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

    /// Takes one byte outside texts and numbers.
    #[inline]
    fn step(&mut self, byte: u8) {
        let white = matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        match self.state {
            State::Literal { word, at } => {
                if word.get(usize::from(at)) != Some(&byte) {
                    self.malformed();
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
            State::KeyOrEnd | State::Key if byte == b'"' => self.key_begins(),
            State::Colon if byte == b':' => self.state = State::Value,
            State::CommaOrEnd => self.comma_or_end(byte),
            // Texts and numbers do not come here.
            _ => self.malformed(),
        }
    }

    fn malformed(&mut self) {
        self.verdict = Some(JsonSeen::Malformed);
    }

    fn comma_or_end(&mut self, byte: u8) {
        let in_array = self.levels.last().is_some_and(|level| level.is_array);
        match byte {
            b',' => self.state = if in_array { State::Value } else { State::Key },
            b']' if in_array => self.container_ended(),
            b'}' if !in_array => self.container_ended(),
            _ => self.malformed(),
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
            _ => return self.malformed(),
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

    fn key_begins(&mut self) {
        self.key_hash = shape::SEED;
        self.key_len = 0;
        self.key_named = true;
        self.state = State::String { key: true };
    }

    fn key_ended(&mut self) {
        self.state = State::Colon;
        let at_top = self.levels.len() == 1;
        let head = self.key_head.get(..self.key_len);
        self.pending_envelope = head.filter(|_| at_top).and_then(envelope::rank);
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
        // Only a key at the top can be that of an envelope.
        if self.levels.len() == 1 {
            for (slot, byte) in self.key_head.iter_mut().skip(self.key_len).zip(text) {
                *slot = *byte;
            }
        }
        self.key_len = self.key_len.saturating_add(text.len());
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

#[cfg(test)]
mod tests;
