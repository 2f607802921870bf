//! Letting somebody in: what that uses up and the session that comes of it, in one transaction.
//!
//! Owns the order. A link, a code or a recovery code is used up if the session began, and only then: a
//! database that goes away in between costs nobody the way in. Of two who come with the same thing at the
//! same moment, one is let in.

use super::Store;
use super::access::{SecretDigest, take_link};
use super::accounts::note_sign_in;
use super::browsers::{knows, remember};
use super::enrolment::enrol;
use super::error::StoreError;
use super::second_factor::{use_recovery_code, use_step};
use super::sessions::{Session, delete, insert};
use crate::domain::names::AccountId;
use crate::domain::time::Timestamp;

/// What letting somebody in uses up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Uses<'e> {
    /// Nothing.
    Nothing,
    /// A link that signs in without an account.
    Link(SecretDigest),
    /// A link that sets the passphrase of the person, to what this is the hash of. For the first
    /// administrator it makes the account, too.
    Enrolment(SecretDigest, &'e str),
    /// The step of a second factor's code.
    Step(i64),
    /// A recovery code.
    RecoveryCode(SecretDigest),
}

/// Somebody with an account, and the browser.
#[derive(Clone, Copy)]
pub struct Returning<'e> {
    /// The account.
    pub name: &'e AccountId,
    /// What the browser says it is known by.
    pub browser: Option<SecretDigest>,
    /// What it is known by from now on, if nobody has signed in from it.
    pub fresh: SecretDigest,
    /// How long it is known.
    pub until: Timestamp,
}

/// Somebody at the door.
#[derive(Clone, Copy)]
pub struct Entrance<'e> {
    /// What is used up.
    pub uses: Uses<'e>,
    /// The account, where there is one. A code needs one.
    pub account: Option<Returning<'e>>,
    /// The session that the browser had before, which ends.
    pub before: Option<SecretDigest>,
    /// The new session's secret.
    pub secret: SecretDigest,
    /// The new session; it begins now.
    pub session: &'e Session,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// The session began; whether the browser is known by its fresh secret from now on.
    In {
        /// Whether the fresh secret is kept.
        fresh: bool,
    },
    /// What was to be used up was used before, is too old, or is no longer of an account that may sign in.
    UsedBefore,
}

impl Store {
    /// Lets somebody in, or changes nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], or [`StoreError::UnknownValue`] if a newer version wrote a row.
    pub async fn enter(&self, entrance: Entrance<'_>) -> Result<Entered, StoreError> {
        let now = entrance.session.created;
        let mut tx = self.begin_people().await?;
        let name = entrance.account.map(|account| account.name);
        let used = match (entrance.uses, name) {
            (Uses::Nothing, _) => true,
            (Uses::Link(link), _) => take_link(&mut tx, link, now).await?,
            (Uses::Enrolment(link, hash), Some(name)) => {
                enrol(&mut tx, link, name, hash, now).await?
            }
            (Uses::Step(step), Some(name)) => use_step(&mut tx, name, step).await?,
            (Uses::RecoveryCode(code), Some(name)) => {
                use_recovery_code(&mut tx, name, code).await?
            }
            (Uses::Enrolment(..) | Uses::Step(_) | Uses::RecoveryCode(_), None) => false,
        };
        if !used {
            return Ok(Entered::UsedBefore);
        }
        if let Some(before) = entrance.before {
            delete(&mut tx, before).await?;
        }
        insert(&mut tx, entrance.secret, entrance.session).await?;
        let mut fresh = false;
        if let Some(account) = entrance.account {
            note_sign_in(&mut tx, account.name, now).await?;
            let known = match account.browser {
                Some(browser) => knows(&mut tx, browser, account.name, now).await?,
                None => false,
            };
            if !known {
                remember(&mut tx, account.fresh, account.name, account.until, now).await?;
                fresh = true;
            }
        }
        tx.commit().await?;
        Ok(Entered::In { fresh })
    }
}
