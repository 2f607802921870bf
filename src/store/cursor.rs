//! Where a page of events ended, as an opaque text.
//!
//! Owns the text's form. A cursor names the last event that was shown, so a page stays where it is
//! while new events come in above.

use data_encoding::BASE64URL_NOPAD;

/// The place after one event, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The event's key in the table.
    pub(super) key: i64,
}

/// A text is not a cursor. It never repeats the text.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor: pass on what `next` held, unchanged")]
pub struct CursorError;

/// The form of the text, so that a later one can be told apart.
const VERSION: u8 = 1;

impl Cursor {
    pub(super) const fn after(key: i64) -> Self {
        Self { key }
    }

    /// Reads a cursor's text.
    ///
    /// # Errors
    ///
    /// [`CursorError`] for anything that [`Cursor`]'s `Display` did not write.
    pub fn parse(text: &str) -> Result<Self, CursorError> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| CursorError)?;
        let Some((&VERSION, key)) = bytes.split_first() else { return Err(CursorError) };
        let key = key.try_into().map_err(|_| CursorError)?;
        Ok(Self { key: i64::from_be_bytes(key) })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut bytes = [VERSION; 9];
        bytes[1..].copy_from_slice(&self.key.to_be_bytes());
        f.write_str(&BASE64URL_NOPAD.encode(&bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn other_texts_are_no_cursor() {
        for text in ["", "AQ", "not a cursor", &"A".repeat(12)] {
            assert_eq!(Cursor::parse(text), Err(CursorError), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_cursor_survives_being_written(key in any::<i64>()) {
            prop_assert_eq!(Cursor::parse(&Cursor { key }.to_string()), Ok(Cursor { key }));
        }
    }
}
