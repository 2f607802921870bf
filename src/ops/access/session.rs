//! Sessions of the site: the cookies, beginning and ending.
//!
//! Owns the cookies' form and lifetime. The store keeps digests; the secrets are only ever in the
//! browser. Every sign-in draws a new secret and ends the session that the browser had before.

use std::time::Duration;

use axum::extract::State;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use zeroize::{Zeroize, Zeroizing};

use super::visit::Visit;
use crate::domain::audit::Event;
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::names::AccountId;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::ops::components::shell::Reader;
use crate::ops::pages::refusal::Refusal;
use crate::ops::preferences::cookie;
use crate::ops::state::{LookedUp, OpsState, Witnessed};
use crate::store::{Entered, Entrance, Returning, SecretDigest, Session, Store, Uses};

/// `__Host-`: the browser takes it only with `Secure`, `Path=/` and without a domain.
const COOKIE: &str = "__Host-accuscope";
/// Tells a browser from which somebody has signed in; it opens nothing.
const KNOWN_COOKIE: &str = "__Host-accuscope-known";
/// A session ends after so long without use.
const IDLE: Duration = Duration::from_hours(12);
/// A session ends after so long in any case: a day's shift and the night on call after it.
const LONGEST: Duration = Duration::from_hours(30);
/// Its use is noted at most so often.
const TOUCH_AFTER: Duration = Duration::from_mins(1);
/// A browser is known for so long.
const KNOWN_FOR: Duration = Duration::from_hours(180 * 24);
/// The longest secret that is looked up.
pub(super) const MAX_SECRET: usize = 200;

/// Who holds the session of a request.
pub(super) async fn reader(
    state: &OpsState,
    headers: &HeaderMap,
    now: Timestamp,
) -> Option<Reader> {
    let digest = digest_of(headers, COOKIE)?;
    let store = state.store.get()?;
    let session = match store.find_session(digest, now).await {
        Ok(found) => found?,
        Err(error) => {
            state.witness.store_failed(&error);
            return None;
        }
    };
    if now.since(session.seen) > TOUCH_AFTER
        && let Err(error) = store.touch_session(digest, now, ends(session.created, now)).await
    {
        state.witness.store_failed(&error);
    }
    let (name, has_account) = (Some(session.account), session.of_account);
    Some(Reader { name, role: session.role, has_account, clinics: session.clinics })
}

/// When a session ends that is used now and began then.
fn ends(created: Timestamp, now: Timestamp) -> Timestamp {
    now.plus(IDLE).min(created.plus(LONGEST))
}

/// The secret of the session that a request came with, whether or not that still lasts.
pub(super) fn secret(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, COOKIE).filter(|secret| secret.len() <= MAX_SECRET)
}

fn digest_of(headers: &HeaderMap, name: &str) -> Option<SecretDigest> {
    let secret = cookie(headers, name)?;
    (secret.len() <= MAX_SECRET).then(|| SecretDigest::of(secret.as_bytes()))
}

/// The digest of the session that a request came with.
pub(crate) fn own_digest(headers: &HeaderMap) -> Option<SecretDigest> {
    digest_of(headers, COOKIE)
}

/// The digest of the cookie that tells a known browser.
pub(super) fn browser_digest(headers: &HeaderMap) -> Option<SecretDigest> {
    digest_of(headers, KNOWN_COOKIE)
}

/// A new secret of 256 bits.
pub(crate) fn draw() -> Result<Zeroizing<String>, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    let secret = BASE64URL_NOPAD.encode(&bytes);
    bytes.zeroize();
    Ok(Zeroizing::new(secret))
}

/// Who comes in.
pub(super) struct Entrant<'e> {
    /// The account's label.
    pub(super) account: String,
    /// As what.
    pub(super) role: Role,
    /// The account, where there is one.
    pub(super) of: Option<AccountId>,
    /// Of which clinics, where no account says so.
    pub(super) clinics: ClinicScope,
    /// The API token, where it is one's.
    pub(super) token: Option<uuid::Uuid>,
    /// What that uses up.
    pub(super) uses: Uses<'e>,
}

/// What became of it.
pub(super) enum Begun {
    /// The session began.
    In(Response),
    /// What was to be used up was used before; nothing has changed.
    UsedBefore,
    /// It could not begin; nothing is used up.
    Failed(Response),
}

impl Begun {
    /// The answer. That a link was used before is all that is left to say where nothing else is.
    pub(super) fn answer(self, visit: &Visit) -> Response {
        match self {
            Self::In(answer) | Self::Failed(answer) => answer,
            Self::UsedBefore => visit.refuse(Refusal::LinkSpent),
        }
    }
}

/// Begins a session, and leads to the first page.
pub(super) async fn begin(
    visit: &Visit,
    store: &Store,
    headers: &HeaderMap,
    entrant: Entrant<'_>,
) -> Begun {
    let now = visit.now;
    let mut entry = Witnessed {
        deed: Event::SignedIn,
        account: Some(entrant.account.clone()),
        role: Some(entrant.role),
        event: None,
        clinic: None,
        about: LookedUp::default(),
        at: now,
    };
    if !visit.state.witness.keep(entry.clone()).await {
        return Begun::Failed(visit.refuse(Refusal::NotKept));
    }
    let (Ok(secret), Ok(known)) = (draw(), draw()) else {
        return Begun::Failed(visit.refuse(Refusal::StoreFailed));
    };
    let session = Session {
        role: entrant.role,
        account: entrant.account,
        of_account: entrant.of.is_some(),
        clinics: entrant.clinics,
        token: entrant.token,
        created: now,
        seen: now,
        expires: ends(now, now),
    };
    let entrance = Entrance {
        uses: entrant.uses,
        account: entrant.of.as_ref().map(|name| Returning {
            name,
            browser: browser_digest(headers),
            fresh: SecretDigest::of(known.as_bytes()),
            until: now.plus(KNOWN_FOR),
        }),
        before: own_digest(headers),
        secret: SecretDigest::of(secret.as_bytes()),
        session: &session,
    };
    match store.enter(entrance).await {
        Ok(Entered::In { fresh }) => {
            let known = fresh.then(|| set(KNOWN_COOKIE, &known, KNOWN_FOR, "Strict"));
            let mut response = (StatusCode::SEE_OTHER, [(LOCATION, "/")]).into_response();
            for cookie in [Some(set(COOKIE, &secret, LONGEST, "Lax")), known].into_iter().flatten()
            {
                if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                    response.headers_mut().append(SET_COOKIE, cookie);
                }
            }
            Begun::In(response)
        }
        Ok(Entered::UsedBefore) => {
            entry.deed = Event::NotDone;
            // It was not done whether or not that could be kept.
            visit.state.witness.keep(entry).await;
            Begun::UsedBefore
        }
        Err(error) => Begun::Failed(visit.store_failed(&error)),
    }
}

fn set(name: &str, secret: &str, age: Duration, same_site: &str) -> Zeroizing<String> {
    let age = age.as_secs();
    let rest = format!("Path=/; Max-Age={age}; Secure; HttpOnly; SameSite={same_site}");
    Zeroizing::new(format!("{name}={secret}; {rest}"))
}

/// Signs out.
pub(crate) async fn sign_out(
    State(state): State<OpsState>,
    visit: Visit,
    headers: HeaderMap,
) -> Response {
    if let (Some(digest), Some(store)) = (own_digest(&headers), state.store.get()) {
        if let Err(error) = store.delete_session(digest).await {
            return visit.store_failed(&error);
        }
        visit.witness(Event::SignedOut, None, None).await;
    }
    signed_out()
}

/// The answer to somebody whose session has ended.
pub(crate) fn signed_out() -> Response {
    let cookie = format!("{COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax");
    (StatusCode::SEE_OTHER, [(SET_COOKIE, cookie.as_str()), (LOCATION, "/sign-in")]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_are_long() {
        let (a, b) = (draw().unwrap(), draw().unwrap());
        assert_ne!(*a, *b);
        assert_eq!(a.len(), 43);
    }

    #[test]
    fn use_makes_a_session_longer_up_to_thirty_hours() {
        let at = |hours: i64| Timestamp::from_seconds(hours * 3_600);
        for (now, end) in [(0, 12), (11, 23), (18, 30), (29, 30)] {
            assert_eq!(ends(at(0), at(now)), at(end), "{now} h");
        }
    }
}
