//! Sessions of the site: the cookie, and signing in and out.
//!
//! Owns the cookie's form and lifetime. The store keeps a digest; the secret is only ever in the
//! browser. A one-time link is used up by pressing its button, an API token can be pasted.

use std::time::Duration;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use zeroize::Zeroize;

use super::visit::Visit;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::ops::components::shell::Reader;
use crate::ops::freshness::Freshness;
use crate::ops::pages::refusal::Refusal;
use crate::ops::pages::sign_in::{SignIn, view};
use crate::ops::preferences::cookie;
use crate::ops::state::{Auth, Deed, LookedUp, OpsState, Witnessed};
use crate::store::{SecretDigest, Session, Store, StoreError};

/// `__Host-`: the browser takes it only with `Secure`, `Path=/` and without a domain.
const COOKIE: &str = "__Host-accuscope";
/// A session ends after so long without use.
const LIFETIME: Duration = Duration::from_hours(12);
/// Its use is noted at most so often.
const TOUCH_AFTER: Duration = Duration::from_mins(1);
/// The longest secret that is looked up.
const MAX_SECRET: usize = 200;

/// Who holds the session of a request.
pub(super) async fn reader(
    state: &OpsState,
    headers: &HeaderMap,
    now: Timestamp,
) -> Option<Reader> {
    let digest = digest_of(headers)?;
    let store = state.store.get()?;
    let session = match store.find_session(digest, now).await {
        Ok(found) => found?,
        Err(error) => {
            state.witness.store_failed(&error);
            return None;
        }
    };
    if now.since(session.seen) > TOUCH_AFTER
        && let Err(error) = store.touch_session(digest, now, now.plus(LIFETIME)).await
    {
        state.witness.store_failed(&error);
    }
    Some(Reader { name: Some(session.account), role: session.role })
}

fn digest_of(headers: &HeaderMap) -> Option<SecretDigest> {
    let secret = cookie(headers, COOKIE)?;
    (secret.len() <= MAX_SECRET).then(|| SecretDigest::of(secret.as_bytes()))
}

/// A new secret of 256 bits.
fn draw() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    let secret = BASE64URL_NOPAD.encode(&bytes);
    bytes.zeroize();
    Ok(secret)
}

/// Why nobody was signed in.
enum Failed {
    Store(StoreError),
    Random,
    Unwitnessed,
}

/// Begins a session and gives its cookie.
async fn begin(
    state: &OpsState,
    store: &Store,
    account: String,
    role: Role,
    now: Timestamp,
) -> Result<String, Failed> {
    let entry = Witnessed {
        deed: Deed::SignedIn,
        account: Some(account.clone()),
        role: Some(role),
        event: None,
        clinic: None,
        about: LookedUp::default(),
        at: now,
    };
    if !state.witness.keep(entry).await {
        return Err(Failed::Unwitnessed);
    }
    let secret = draw().map_err(|_| Failed::Random)?;
    let session = Session { role, account, created: now, seen: now, expires: now.plus(LIFETIME) };
    let digest = SecretDigest::of(secret.as_bytes());
    store.create_session(digest, &session).await.map_err(Failed::Store)?;
    Ok(format!("{COOKIE}={secret}; Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Lax"))
}

fn signed_in(visit: &Visit, begun: Result<String, Failed>) -> Response {
    match begun {
        Ok(cookie) => (StatusCode::SEE_OTHER, [(SET_COOKIE, cookie.as_str()), (LOCATION, "/")])
            .into_response(),
        Err(Failed::Store(error)) => visit.store_failed(&error),
        Err(Failed::Random | Failed::Unwitnessed) => visit.refuse(Refusal::StoreFailed),
    }
}

fn to_now() -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, "/")]).into_response()
}

/// The page with the form for a token.
pub(crate) async fn form(visit: Visit) -> Response {
    if visit.state.auth == Auth::Off {
        return to_now();
    }
    visit.show(&visit.frame(Freshness::Unasked), &view(SignIn::Token { refused: false }))
}

/// What the form sends.
#[derive(Deserialize)]
pub(crate) struct TokenForm {
    token: String,
}

impl Drop for TokenForm {
    fn drop(&mut self) {
        self.token.zeroize();
    }
}

/// Signs in with an API token.
pub(crate) async fn with_token(visit: Visit, Form(form): Form<TokenForm>) -> Response {
    let Some(store) = visit.state.store.get() else { return visit.refuse(Refusal::StoreFailed) };
    let token = form.token.trim();
    let found = if token.len() <= MAX_SECRET {
        store.find_token(SecretDigest::of(token.as_bytes()), visit.now).await
    } else {
        Ok(None)
    };
    match found {
        Err(error) => visit.store_failed(&error),
        Ok(Some(token)) => {
            let begun = begin(&visit.state, store, token.name, token.role, visit.now).await;
            signed_in(&visit, begun)
        }
        Ok(None) => {
            visit.witness(Deed::SignInRefused, None, None).await;
            let frame = visit.frame(Freshness::Unasked);
            let mut response = visit.show(&frame, &view(SignIn::Token { refused: true }));
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            response
        }
    }
}

/// A link's code, as `accuscope user add` writes it.
fn is_code(code: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (16..=MAX_SECRET).contains(&code.len()) && code.bytes().all(plain)
}

/// The page with a link's button.
pub(crate) async fn link(visit: Visit, Path(code): Path<String>) -> Response {
    if visit.state.auth == Auth::Off {
        return to_now();
    }
    if !is_code(&code) {
        return visit.refuse(Refusal::LinkSpent);
    }
    let mut frame = visit.frame(Freshness::Unasked);
    // The address holds the code, and nothing on the page needs it.
    "/sign-in".clone_into(&mut frame.address);
    visit.show(&frame, &view(SignIn::Link))
}

/// Signs in with a link, and uses it up.
pub(crate) async fn with_link(visit: Visit, Path(code): Path<String>) -> Response {
    let Some(store) = visit.state.store.get() else { return visit.refuse(Refusal::StoreFailed) };
    let found = if is_code(&code) {
        store.take_sign_in_link(SecretDigest::of(code.as_bytes()), visit.now).await
    } else {
        Ok(None)
    };
    match found {
        Err(error) => visit.store_failed(&error),
        Ok(Some(link)) => {
            let begun = begin(&visit.state, store, link.account, link.role, visit.now).await;
            signed_in(&visit, begun)
        }
        Ok(None) => {
            visit.witness(Deed::SignInRefused, None, None).await;
            visit.refuse(Refusal::LinkSpent)
        }
    }
}

/// Signs out.
pub(crate) async fn sign_out(
    State(state): State<OpsState>,
    visit: Visit,
    headers: HeaderMap,
) -> Response {
    if let (Some(digest), Some(store)) = (digest_of(&headers), state.store.get()) {
        if let Err(error) = store.delete_session(digest).await {
            return visit.store_failed(&error);
        }
        visit.witness(Deed::SignedOut, None, None).await;
    }
    let cookie = format!("{COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax");
    (StatusCode::SEE_OTHER, [(SET_COOKIE, cookie.as_str()), (LOCATION, "/sign-in")]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_are_long() {
        let (a, b) = (draw().unwrap(), draw().unwrap());
        assert_ne!(a, b);
        assert_eq!(a.len(), 43);
        assert!(is_code(&a));
        assert!(!is_code("../../x") && !is_code("short"));
    }
}
