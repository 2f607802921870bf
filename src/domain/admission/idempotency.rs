//! Idempotency keys: is a keyed write the first of its key, and what is said to a second one?
//!
//! Owns the decision and its words. Follows the IETF draft "The Idempotency-Key HTTP Header Field"
//! (draft-ietf-httpapi-idempotency-key-header-07): the first request of a key wins, the same one again
//! is told how the first stands, another request with the key is a mistake. A write that Accuro
//! refused has changed nothing, so its key is free again. Does not keep anything; [`super::claims`]
//! does.

use sha2::{Digest as _, Sha256};

use crate::domain::audit::{CallResult, Entry};
use crate::domain::labels::Method;
use crate::domain::names::{AppId, OperationName, RouteTemplate};
use crate::domain::reason::Reason;
use crate::domain::reference::Reference;
use crate::domain::refusal::Refusal;
use crate::domain::refusal_words::Saying;
use crate::domain::time::Timestamp;

/// Longest key, in bytes.
const MAX_KEY_BYTES: usize = 255;

/// Reads the header: a structured-field string, or the same without quotes, as many clients send it.
/// `None` for what is no key.
#[must_use]
pub fn key_of(value: &[u8]) -> Option<&[u8]> {
    let value = value.trim_ascii();
    let quoted = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    let key = quoted.unwrap_or(value);
    let plain = key.iter().all(|byte| matches!(byte, 0x21..=0x7e) && *byte != b'"');
    (plain && matches!(key.len(), 1..=MAX_KEY_BYTES)).then_some(key)
}

/// A key of one app at one clinic, as it is looked up; it cannot be turned back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClaimKey(pub [u8; 16]);

impl ClaimKey {
    /// From the keyed reference, which holds the clinic, and the app: two apps may draw the same key.
    #[must_use]
    pub fn of(reference: &Reference, app: Option<&AppId>) -> Self {
        let mut text = Vec::with_capacity(80);
        reference.write(&mut text);
        Self(digest(&[&text, app.map_or("", AppId::as_str).as_bytes()]))
    }
}

/// What a request is, for telling it from another one with the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Of what the audit keeps as well, so that it is known again after a restart.
    pub coarse: [u8; 16],
    /// Keyed, of target and body too; `None` where only the audit tells of the request.
    pub fine: Option<[u8; 16]>,
}

impl Fingerprint {
    /// The part that an audit record tells.
    #[must_use]
    pub fn coarse(
        method: Method,
        operation: &OperationName,
        route: &RouteTemplate,
        patient: Option<&Reference>,
    ) -> [u8; 16] {
        let mut person = Vec::new();
        if let Some(patient) = patient {
            patient.write(&mut person);
        }
        let method = method.as_str().as_bytes();
        digest(&[method, operation.as_str().as_bytes(), route.as_str().as_bytes(), &person])
    }

    /// The fingerprint of a write that is only known from the audit.
    #[must_use]
    pub fn of_entry(entry: &Entry) -> Option<Self> {
        let (method, operation, route) =
            (entry.method?, entry.operation.as_ref()?, entry.route.as_ref()?);
        let coarse = Self::coarse(method, operation, route, entry.patient_ref.as_ref());
        Some(Self { coarse, fine: None })
    }

    /// Whether both are known so well that what fits is the same.
    #[must_use]
    pub const fn is_exact(&self, other: &Self) -> bool {
        self.fine.is_some() && other.fine.is_some()
    }

    /// Whether both can be the same request.
    #[must_use]
    pub fn fits(&self, other: &Self) -> bool {
        let fine = match (self.fine, other.fine) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        self.coarse == other.coarse && fine
    }
}

fn digest(parts: &[&[u8]]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
        hash.update([0]);
    }
    let mut head = [0; 16];
    head.copy_from_slice(&hash.finalize()[..16]);
    head
}

/// What became of a claimed write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is under way.
    InFlight,
    /// Accuro did it.
    Applied {
        /// What Accuro said.
        status: u16,
        /// When.
        at: Timestamp,
    },
    /// It may have been done.
    Unknown {
        /// When it was sent.
        at: Timestamp,
    },
}

impl Fate {
    /// The fate of a write that has ended; `None`: nothing was changed, and the key is free again.
    #[must_use]
    pub const fn of(result: CallResult, status: Option<u16>, at: Timestamp) -> Option<Self> {
        match (result, status) {
            (CallResult::Applied, Some(status)) => Some(Self::Applied { status, at }),
            // A person looked and found it.
            (CallResult::Applied, None) => Some(Self::Applied { status: 200, at }),
            (CallResult::Rejected, _) => None,
            (CallResult::Unknown, _) => Some(Self::Unknown { at }),
        }
    }
}

/// How a keyed write stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The first of its key: it may be sent.
    First,
    /// The same as an earlier one.
    Again(Fate),
    /// As much as is known of it, the same as one that Accuro did; whether it is, the audit cannot tell.
    Alike {
        /// When that was.
        at: Timestamp,
    },
    /// Another request has the key.
    OtherRequest,
}

/// Judges a write by what is known of its key.
#[must_use]
pub fn standing(known: Option<(Fingerprint, Fate)>, asked: &Fingerprint) -> Standing {
    match known {
        None => Standing::First,
        Some((fingerprint, fate)) if fingerprint.fits(asked) => match fate {
            Fate::Applied { at, .. } if !fingerprint.is_exact(asked) => Standing::Alike { at },
            fate => Standing::Again(fate),
        },
        Some(_) => Standing::OtherRequest,
    }
}

/// The answer to a write that is not the first of its key; `None` for the first.
#[must_use]
pub const fn refusal(standing: Standing) -> Option<(Reason, Refusal)> {
    Some(match standing {
        Standing::First => return None,
        Standing::Again(Fate::InFlight) => {
            (Reason::DuplicateInFlight, crate::domain::refusal::refusal(Reason::DuplicateInFlight))
        }
        Standing::Again(Fate::Applied { .. }) => {
            (Reason::Conflict, Refusal { status: 409, saying: Saying::AlreadySaved })
        }
        Standing::Alike { .. } => {
            (Reason::Conflict, Refusal { status: 409, saying: Saying::PerhapsSaved })
        }
        Standing::Again(Fate::Unknown { .. }) => {
            (Reason::Conflict, Refusal { status: 409, saying: Saying::CheckInAccuro })
        }
        Standing::OtherRequest => {
            (Reason::Unprocessable, Refusal { status: 422, saying: Saying::TwoChanges })
        }
    })
}

/// What is said where nobody can tell whether a key was used before.
pub const KEYS_UNREACHABLE: Refusal = Refusal { status: 503, saying: Saying::KeysUnreachable };

/// What is said about a key that cannot be one.
pub const NO_KEY: Refusal = Refusal { status: 400, saying: Saying::NoIdempotencyKey };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_with_and_without_quotes() {
        for (value, key) in [
            ("\"8e03978e-40d5\"", Some("8e03978e-40d5")),
            ("8e03978e-40d5", Some("8e03978e-40d5")),
            (" k ", Some("k")),
            ("", None),
            ("\"\"", None),
            ("\"", None),
            ("a b", None),
            ("a\"b", None),
            ("clé", None),
        ] {
            assert_eq!(key_of(value.as_bytes()), key.map(str::as_bytes), "{value:?}");
        }
        assert_eq!(key_of(&[b'x'; 256]), None);
    }

    #[test]
    fn the_first_wins_and_the_others_are_told_how_it_stands() {
        let of = |coarse: u8, fine: Option<u8>| Fingerprint {
            coarse: [coarse; 16],
            fine: fine.map(|fine| [fine; 16]),
        };
        let fate = Fate::InFlight;
        for (known, asked, expected) in [
            (None, of(1, Some(1)), Standing::First),
            (Some(of(1, Some(1))), of(1, Some(1)), Standing::Again(fate)),
            (Some(of(1, Some(1))), of(1, Some(2)), Standing::OtherRequest),
            (Some(of(1, None)), of(1, Some(2)), Standing::Again(fate)),
            (Some(of(2, None)), of(1, Some(2)), Standing::OtherRequest),
        ] {
            assert_eq!(standing(known.map(|known| (known, fate)), &asked), expected);
        }
        let at = Timestamp::from_seconds(7);
        let applied = Fate::Applied { status: 201, at };
        for (known, asked, expected) in [
            (of(1, Some(1)), of(1, Some(1)), Standing::Again(applied)),
            (of(1, None), of(1, Some(1)), Standing::Alike { at }),
            (of(1, Some(1)), of(1, None), Standing::Alike { at }),
            (of(2, None), of(1, Some(1)), Standing::OtherRequest),
        ] {
            assert_eq!(standing(Some((known, applied)), &asked), expected);
        }
    }

    #[test]
    fn each_standing_has_a_status_of_the_draft_and_words_for_staff() {
        let at = Timestamp::from_seconds(0);
        for (standing, status, retryable) in [
            (Standing::Again(Fate::InFlight), 409, true),
            (Standing::Again(Fate::Applied { status: 201, at }), 409, false),
            (Standing::Alike { at }, 409, false),
            (Standing::Again(Fate::Unknown { at }), 409, false),
            (Standing::OtherRequest, 422, false),
        ] {
            let (reason, words) = refusal(standing).unwrap();
            assert_eq!((words.status, reason.is_retryable()), (status, retryable), "{standing:?}");
        }
        assert_eq!(refusal(Standing::First), None);
    }

    #[test]
    fn only_what_changed_nothing_frees_a_key() {
        let at = Timestamp::from_seconds(7);
        for (result, status, fate) in [
            (CallResult::Applied, Some(201), Some(Fate::Applied { status: 201, at })),
            (CallResult::Rejected, Some(401), None),
            (CallResult::Rejected, None, None),
            (CallResult::Unknown, Some(500), Some(Fate::Unknown { at })),
            (CallResult::Unknown, None, Some(Fate::Unknown { at })),
        ] {
            assert_eq!(Fate::of(result, status, at), fate, "{result} {status:?}");
        }
    }
}
