//! Segments and positions in them.

use crate::domain::names::{NameError, SegmentName};

/// A segment's number; its file is `exchanges-00000001.ndjson`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Segment(u64);

impl Segment {
    /// The first segment.
    pub const FIRST: Self = Self(1);

    /// From a number.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The segment after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The file's name.
    #[must_use]
    pub fn file_name(self) -> String {
        format!("exchanges-{:08}.ndjson", self.0)
    }

    /// The name that a checkpoint keeps.
    ///
    /// # Errors
    ///
    /// None in practice: the file's name is of the alphabet.
    pub fn name(self) -> Result<SegmentName, NameError> {
        SegmentName::parse(&self.file_name())
    }

    /// Reads a file's name; `None` if it is not a segment's.
    #[must_use]
    pub fn parse(file_name: &str) -> Option<Self> {
        let digits = file_name.strip_prefix("exchanges-")?.strip_suffix(".ndjson")?;
        let plain = digits.len() >= 8 && digits.bytes().all(|b| b.is_ascii_digit());
        if plain { digits.parse().ok().map(Self) } else { None }
    }
}

/// A place in the journal: everything before it has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The segment.
    pub segment: Segment,
    /// Bytes from its start.
    pub offset: u64,
}

impl Position {
    /// Where the journal begins.
    pub const START: Self = Self { segment: Segment::FIRST, offset: 0 };
}
