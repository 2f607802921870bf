//! Whom a link to the adoption page lets in, and as whose a link is made.
//!
//! Owns the look-up of a link's secret, the record of its openings and what is said where it does not work:
//! the same whether it never did, its time is over, somebody ended it, or its maker may no longer share.

use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use uuid::Uuid;

use super::session::{MAX_SECRET, own_digest};
use super::sign_in::wait_header;
use super::visit::Visit;
use crate::domain::audit::Event;
use crate::domain::share::{MOST_DAYS, MOST_DAYS_ELSEWHERE, Share};
use crate::ops::pages::refusal::Refusal;
use crate::ops::state::LookedUp;
use crate::store::{SecretDigest, StoreError};

/// The openings of one link are kept in the audit at most so often.
const KEPT_EVERY: Duration = Duration::from_hours(1);

/// As whose a link is made.
pub(crate) struct Maker {
    /// The account's label.
    pub(crate) account: String,
    /// Whether that is an account of this installation.
    pub(crate) of_account: bool,
    /// The API token that the person has signed in with.
    pub(crate) token: Option<Uuid>,
}

impl Maker {
    /// The most days that a link may live.
    pub(crate) const fn most_days(&self) -> u32 {
        if self.of_account || self.token.is_some() { MOST_DAYS } else { MOST_DAYS_ELSEWHERE }
    }
}

/// As whose the reader makes a link; `None` where nobody signs in, since a link could then not end with its
/// maker.
pub(crate) async fn maker(visit: &Visit, headers: &HeaderMap) -> Result<Option<Maker>, StoreError> {
    let signed_in = visit.account().is_some();
    let (Some(store), Some(digest), true) = (visit.office(), own_digest(headers), signed_in) else {
        return Ok(None);
    };
    let session = store.find_session(digest, visit.now).await?;
    Ok(session.map(|session| Maker {
        account: session.account,
        of_account: session.of_account,
        token: session.token,
    }))
}

/// A link's secret, as accuscope writes it.
fn is_secret(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (16..=MAX_SECRET).contains(&text.len()) && text.bytes().all(plain)
}

/// Lets in whoever has a link that works: the visit of somebody who sees its clinics and is nobody.
///
/// # Errors
///
/// The answer to give instead.
pub(crate) async fn guest(mut visit: Visit, secret: &str) -> Result<(Visit, Share), Response> {
    // The address holds the secret, and no page gives it back.
    "/adoption".clone_into(&mut visit.address);
    let Some(store) = visit.office().cloned() else {
        return Err(visit.refuse(Refusal::StoreFailed));
    };
    let found = if is_secret(secret) {
        let found = store.find_share(SecretDigest::of(secret.as_bytes()), visit.now).await;
        found.map_err(|error| visit.store_failed(&error))?
    } else {
        None
    };
    let works = found.and_then(|share| Some((share.shows(visit.now)?, share)));
    let Some((clinics, share)) = works else { return Err(no_such(&visit).await) };
    let visit = visit.into_guest(&clinics);
    let before = visit.now.minus(KEPT_EVERY);
    let taken = store.take_opening(share.number, before, visit.now).await;
    if taken.map_err(|error| visit.store_failed(&error))? {
        let about = LookedUp { entry: Some(share.number), ..LookedUp::default() };
        if !visit.witness_of(Event::ShareOpened, None, None, about).await {
            let back = store.give_back_opening(share.number, share.opened).await;
            back.map_err(|error| visit.store_failed(&error))?;
            return Err(visit.refuse(Refusal::NotKept));
        }
    }
    Ok((visit, share))
}

/// The one answer for every link that does not work.
async fn no_such(visit: &Visit) -> Response {
    let mut answer = visit.refuse(Refusal::NoSuchShare);
    match visit.state.tries.no_such_share(visit.now) {
        // It stays refused whether or not that could be kept.
        Ok(()) => drop(visit.witness(Event::KeptOut, None, None).await),
        Err(wait) => {
            *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            wait_header(&mut answer, wait);
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_long_and_plain() {
        let drawn = crate::ops::access::session::draw().unwrap();
        assert!(is_secret(&drawn));
        assert!(!is_secret("../../adoption-of-it") && !is_secret("short"));
        assert!(!is_secret(&"a".repeat(MAX_SECRET + 1)));
    }
}
