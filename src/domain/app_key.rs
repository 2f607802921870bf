//! The keys of applications: what one is, whether it may be used now, and when it was last shown.
//!
//! Owns the value and its state. Only digests are known here; a key itself is never kept. Does not
//! decide what follows for a call (see [`super::attribution`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::labels::{Environment, label_enum};
use super::names::AppKeyId;
use super::time::Timestamp;

/// The SHA-256 of an application's key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AppKeyDigest(pub [u8; 32]);

label_enum! {
    /// Whether a key opens the door.
    KeyState, "the state of an app key" {
        /// It does.
        Valid = "valid",
        /// It was taken back.
        Revoked = "revoked",
        /// Its last day is over.
        Expired = "expired",
        /// It is for the other environment.
        OtherEnvironment = "other_environment",
    }
}

/// One key of one application.
#[derive(Clone)]
pub struct AppKey {
    /// What the operator calls it, such as `2026-11`.
    pub id: AppKeyId,
    /// Its digest.
    pub digest: AppKeyDigest,
    /// The environment it is for; `None` for whichever this process is of.
    pub environment: Option<Environment>,
    /// From when on it is refused; `None` for never.
    pub not_after: Option<Timestamp>,
    /// Taken back: it is refused, and stays listed so that its use is seen.
    pub revoked: bool,
    /// When a call last showed it to this process.
    pub last_use: LastUse,
}

impl AppKey {
    /// A key without any limit.
    #[must_use]
    pub fn new(id: AppKeyId, digest: AppKeyDigest) -> Self {
        Self {
            id,
            digest,
            environment: None,
            not_after: None,
            revoked: false,
            last_use: LastUse::default(),
        }
    }

    /// Whether it opens the door of a process of that environment at that time. The environment
    /// comes first, since it is what a caller can mend.
    #[must_use]
    pub fn state(&self, environment: Option<Environment>, at: Timestamp) -> KeyState {
        match (self.environment, environment) {
            (Some(own), Some(here)) if own != here => KeyState::OtherEnvironment,
            _ if self.revoked => KeyState::Revoked,
            _ if self.not_after.is_some_and(|end| end <= at) => KeyState::Expired,
            _ => KeyState::Valid,
        }
    }
}

/// When something was last used; 0 stands for never. Cloning gives a second view of the same.
#[derive(Clone, Default)]
pub struct LastUse(Arc<AtomicI64>);

impl LastUse {
    /// Notes a use; an earlier time than the last one changes nothing.
    pub fn note(&self, at: Timestamp) {
        self.0.fetch_max(at.micros(), Ordering::Relaxed);
    }

    /// The last use; `None` for never.
    #[must_use]
    pub fn get(&self) -> Option<Timestamp> {
        let micros = self.0.load(Ordering::Relaxed);
        (micros != 0).then(|| Timestamp::from_micros(micros))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_only_its_own_door_until_its_end() {
        use Environment::{Production, Sandbox};
        use KeyState::{Expired, OtherEnvironment, Revoked, Valid};
        #[rustfmt::skip]
        let table = [
            // the key's,       ends, revoked, here,       at, state
            (None,             None,     false, Sandbox,    9, Valid),
            (Some(Sandbox),    None,     false, Sandbox,    9, Valid),
            (Some(Production), None,     false, Sandbox,    9, OtherEnvironment),
            (Some(Sandbox),    None,     false, Production, 9, OtherEnvironment),
            (Some(Production), Some(10), false, Production, 9, Valid),
            (Some(Production), Some(9),  false, Production, 9, Expired),
            (None,             Some(10), true,  Production, 9, Revoked),
            (Some(Production), None,     true,  Sandbox,    9, OtherEnvironment),
        ];
        for (environment, not_after, revoked, here, at, expected) in table {
            let id = AppKeyId::parse("2026-11").unwrap();
            let key = AppKey {
                environment,
                not_after: not_after.map(Timestamp::from_seconds),
                revoked,
                ..AppKey::new(id, AppKeyDigest([1; 32]))
            };
            let state = key.state(Some(here), Timestamp::from_seconds(at));
            assert_eq!(state, expected, "{environment:?} {not_after:?} {revoked} {here}");
        }
    }

    #[test]
    fn the_last_use_does_not_go_back() {
        let last = LastUse::default();
        assert_eq!(last.get(), None);
        for seconds in [5, 9, 7] {
            last.note(Timestamp::from_seconds(seconds));
        }
        assert_eq!(last.clone().get(), Some(Timestamp::from_seconds(9)));
    }
}
