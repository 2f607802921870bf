//! Where a JSON text ends: at a quote, a backslash, or a control character, which has to be escaped
//! (RFC 8259, 7).

/// Texts are short more often than not, and for those a look at each byte costs less than to begin a wide
/// search.
const SHORT: usize = 24;

/// Whether a byte ends a run of plain ones.
const ENDS: [bool; 256] = {
    let mut ends = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        ends[byte] = true;
        byte += 1;
    }
    ends[b'"' as usize] = true;
    ends[b'\\' as usize] = true;
    ends
};

/// How many bytes of a text stand at the start of `rest` before one that ends it or has a meaning.
#[inline]
pub(super) fn end(rest: &[u8]) -> usize {
    let short = &rest[..rest.len().min(SHORT)];
    let is_end = |byte: &u8| ENDS[usize::from(*byte)];
    short.iter().position(is_end).unwrap_or_else(|| short.len() + wide_end(&rest[short.len()..]))
}

fn wide_end(rest: &[u8]) -> usize {
    let end = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
    // A minimum over the whole text is a loop that the compiler turns into a few wide comparisons.
    if rest[..end].iter().fold(u8::MAX, |least, byte| least.min(*byte)) >= 0x20 {
        return end;
    }
    rest.iter().position(|byte| *byte < 0x20).unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_the_first_byte_that_is_not_plain(plain in 0..80_usize, last: u8, more in any::<Vec<u8>>()) {
            let text = [&b"x".repeat(plain)[..], &[last], &more].concat();
            let is_end = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
            prop_assert_eq!(end(&text), text.iter().position(is_end).unwrap_or(text.len()));
        }
    }
}
