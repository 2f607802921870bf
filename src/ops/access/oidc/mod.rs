//! Signing in with an `OpenID` Connect provider: authorisation code with PKCE, state and nonce.
//!
//! Owns the way to the provider and back. The browser carries what binds its two visits together in a
//! cookie ([`pending`]), so any instance can finish what another began. [`provider`] asks the provider;
//! `domain::group_rights` says what its groups give. No token, code or claim is kept or logged; a session
//! holds the role, the clinics and a name for the audit.

mod claims;
mod pending;
mod provider;

use axum::extract::RawQuery;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use self::pending::Pending;
pub use self::provider::{Oidc, OidcSecretError};
use self::provider::{Person, Trouble};
use super::session::{Entrant, begin};
use super::visit::Visit;
use crate::ops::freshness::Freshness;
use crate::ops::pages::refusal::Refusal;
use crate::ops::pages::sign_in_elsewhere::{Said, view};
use crate::store::Uses;
use crate::telemetry::events;

/// Leads to the provider.
pub(crate) async fn leave(visit: Visit) -> Response {
    let Some(oidc) = &visit.state.oidc else { return visit.refuse(Refusal::NotFound) };
    let Ok(pending) = Pending::draw() else { return visit.refuse(Refusal::StoreFailed) };
    match oidc.address(&pending, visit.now).await {
        Ok(address) => {
            let cookie = pending.cookie();
            let headers = [(SET_COOKIE, cookie.as_str()), (LOCATION, address.as_str())];
            (StatusCode::FOUND, headers).into_response()
        }
        Err(trouble) => told(&visit, said(trouble)),
    }
}

/// What the provider sent back with the browser.
#[derive(Default)]
struct Answer {
    code: Option<String>,
    state: String,
}

impl Answer {
    fn read(query: &str) -> Self {
        let mut answer = Self::default();
        for (name, value) in form_pairs(query) {
            match name.as_str() {
                "code" if !value.is_empty() => answer.code = Some(value),
                "state" => answer.state = value,
                _ => {}
            }
        }
        answer
    }
}

fn form_pairs(query: &str) -> Vec<(String, String)> {
    let uri = format!("/?{query}").parse();
    let pairs = uri.ok().and_then(|uri| axum::extract::Query::try_from_uri(&uri).ok());
    pairs.map(|axum::extract::Query(pairs)| pairs).unwrap_or_default()
}

/// Takes in whom the provider sends back.
pub(crate) async fn back(visit: Visit, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let Some(oidc) = &visit.state.oidc else { return visit.refuse(Refusal::NotFound) };
    let answer = Answer::read(&query.unwrap_or_default());
    // Nothing is asked for a browser that was not sent from here.
    let Some(pending) = Pending::of(&headers).filter(|pending| pending.is_of(&answer.state)) else {
        return refused(&visit, Said::NotBegunHere).await;
    };
    let Some(code) = answer.code else { return refused(&visit, Said::ProviderRefused).await };
    let outcome = oidc.person(pending, code, visit.now).await;
    let response = match outcome {
        Ok(person) => enter(&visit, &headers, person).await,
        Err(trouble) => refused(&visit, said(trouble)).await,
    };
    forget(response)
}

async fn enter(visit: &Visit, headers: &HeaderMap, person: Person) -> Response {
    let Some(store) = visit.state.store.get() else { return visit.refuse(Refusal::StoreFailed) };
    let Some((role, clinics)) = person.rights else { return refused(visit, Said::NoGroup).await };
    let uses = Uses::Nothing;
    let entrant = Entrant { account: person.account, role, of: None, clinics, token: None, uses };
    begin(visit, store, headers, entrant).await.answer(visit)
}

/// What binds two visits together is of no use after the second.
fn forget(mut response: Response) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(&Pending::forgotten()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

const fn said(trouble: Trouble) -> Said {
    match trouble {
        Trouble::Unreachable => Said::ProviderDown,
        Trouble::Busy => Said::Busy,
        Trouble::Clock => Said::ClocksApart,
        Trouble::NotBegunHere => Said::NotBegunHere,
        Trouble::Refused => Said::ProviderRefused,
        Trouble::Answer => Said::BadAnswer,
    }
}

async fn refused(visit: &Visit, said: Said) -> Response {
    // Where there were too many, the answer is the same.
    let _ = visit.refused_sign_in().await;
    told(visit, said)
}

fn told(visit: &Visit, said: Said) -> Response {
    if said.is_the_providers() {
        events::sign_in_elsewhere_failed(said.word());
    }
    let mut frame = visit.frame(Freshness::Unasked);
    // The address holds the code.
    "/sign-in".clone_into(&mut frame.address);
    let mut response = visit.show(&frame, &view(said, visit.language()));
    *response.status_mut() = said.status();
    response
}
