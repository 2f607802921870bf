//! Where a page of events ended, as an opaque text.
//!
//! Owns the text's form. A cursor names the last event that was shown, so a page stays where it is
//! while new events come in above.

use data_encoding::BASE64URL_NOPAD;

use crate::domain::event::Exchange;
use crate::domain::ids::EventId;
use crate::domain::time::Timestamp;

/// The place after one event, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(super) ts: Timestamp,
    pub(super) id: EventId,
}

/// A text is not a cursor. It never repeats the text.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor: pass on what `next` held, unchanged")]
pub struct CursorError;

/// The form of the text, so that a later one can be told apart.
const VERSION: u8 = 1;

impl Cursor {
    pub(super) const fn after(event: &Exchange) -> Self {
        Self { ts: event.ts, id: event.id }
    }

    /// Reads a cursor's text.
    ///
    /// # Errors
    ///
    /// [`CursorError`] for anything that [`Cursor`]'s `Display` did not write.
    pub fn parse(text: &str) -> Result<Self, CursorError> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| CursorError)?;
        let (Some(&VERSION), 25) = (bytes.first(), bytes.len()) else { return Err(CursorError) };
        let ts = bytes[1..9].try_into().map_err(|_| CursorError)?;
        let id = uuid::Uuid::from_slice(&bytes[9..]).map_err(|_| CursorError)?;
        Ok(Self { ts: Timestamp::from_micros(i64::from_be_bytes(ts)), id: EventId(id) })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut bytes = [VERSION; 25];
        bytes[1..9].copy_from_slice(&self.ts.micros().to_be_bytes());
        bytes[9..].copy_from_slice(self.id.0.as_bytes());
        f.write_str(&BASE64URL_NOPAD.encode(&bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn other_texts_are_no_cursor() {
        for text in ["", "AQ", "not a cursor", &"A".repeat(34)] {
            assert_eq!(Cursor::parse(text), Err(CursorError), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_cursor_survives_being_written(micros in any::<i64>(), id in any::<u128>()) {
            let id = EventId(uuid::Uuid::from_u128(id));
            let cursor = Cursor { ts: Timestamp::from_micros(micros), id };
            prop_assert_eq!(Cursor::parse(&cursor.to_string()), Ok(cursor));
        }
    }
}
