//! Keys that wrap a list answer (public facts: the envelopes vary).

/// Best first.
const NAMES: [&[u8]; 10] = [
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

pub(super) const LONGEST: usize = 8;

/// How good a key is, 0 the best. `None` where no list stands under it.
pub(super) fn rank(key: &[u8]) -> Option<usize> {
    NAMES.iter().position(|name| *name == key)
}

/// Whether a list answer may stand under this key.
#[must_use]
pub fn wraps_a_list(key: &str) -> bool {
    rank(key.as_bytes()).is_some()
}
