//! Who asks: the bearer token of a request, and what it may see.
//!
//! Owns what every handler begins with. The permissions are the site's own; see
//! [`crate::ops::access::policy`].

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};

use super::problem::Problem;
use crate::domain::audit::Event;
use crate::domain::ids::EventId;
use crate::domain::names::ClinicId;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::ops::access::policy::{Permission, may};
use crate::ops::state::{Auth, LookedUp, OpsState, Witnessed};
use crate::store::{SecretDigest, Store, StoreError};

/// The longest token that is looked up.
const MAX_TOKEN: usize = 200;

/// A program with a token that works.
pub(super) struct Caller {
    pub(super) state: OpsState,
    /// The moment of the request.
    pub(super) now: Timestamp,
    name: Option<String>,
    role: Role,
}

impl FromRequestParts<OpsState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &OpsState) -> Result<Self, Problem> {
        let (state, now) = (state.of_now(), state.clock.now());
        if state.auth == Auth::Off {
            return Ok(Self { state, now, name: None, role: Role::Admin });
        }
        let digest = digest_of(&parts.headers).ok_or_else(Problem::no_token)?;
        let store = state.store.get().ok_or_else(Problem::store_failed)?;
        match store.find_token(digest, now).await {
            Ok(Some(token)) => Ok(Self { state, now, name: Some(token.name), role: token.role }),
            Ok(None) => Err(Problem::no_token()),
            Err(error) => Err(failed(&state, &error)),
        }
    }
}

fn digest_of(headers: &HeaderMap) -> Option<SecretDigest> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim_matches(' ');
    let fits = scheme.eq_ignore_ascii_case("bearer") && matches!(token.len(), 1..=MAX_TOKEN);
    fits.then(|| SecretDigest::of(token.as_bytes()))
}

fn failed(state: &OpsState, error: &StoreError) -> Problem {
    state.witness.store_failed(error);
    Problem::store_failed()
}

impl Caller {
    /// The store, for somebody who may do something.
    pub(super) async fn enter(&self, permission: Permission) -> Result<&Store, Problem> {
        if !may(self.role, permission) {
            // The refusal stands whether or not it could be kept.
            let _ = self.witness(Event::KeptOut, None, None).await;
            let (title, detail) = permission.refusal();
            return Err(Problem::new(StatusCode::FORBIDDEN, format!("{title}. {detail}")));
        }
        self.state.store.get().ok_or_else(Problem::store_failed)
    }

    /// Keeps what was asked for. What could not be kept is not answered.
    pub(super) async fn witness(
        &self,
        deed: Event,
        event: Option<EventId>,
        clinic: Option<ClinicId>,
    ) -> Result<(), Problem> {
        self.witness_of(deed, event, clinic, LookedUp::default()).await
    }

    /// Keeps what was asked for about somebody. What could not be kept is not answered.
    pub(super) async fn witness_of(
        &self,
        deed: Event,
        event: Option<EventId>,
        clinic: Option<ClinicId>,
        about: LookedUp,
    ) -> Result<(), Problem> {
        let entry = Witnessed {
            deed,
            account: self.name.clone(),
            role: Some(self.role),
            event,
            clinic,
            about,
            at: self.now,
        };
        if self.state.witness.keep(entry).await {
            return Ok(());
        }
        let detail = "What is looked up has to be recorded, and that is not possible right now.";
        Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail))
    }

    /// The answer where the store did not do as asked.
    pub(super) fn failed(&self, error: &StoreError) -> Problem {
        failed(&self.state, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_what_follows_bearer() {
        let token = Some(SecretDigest::of(b"acs_1"));
        let long = format!("Bearer {}", "x".repeat(201));
        for (value, expected) in [
            ("Bearer acs_1", token),
            ("bearer  acs_1 ", token),
            ("Basic acs_1", None),
            ("Bearer ", None),
            ("acs_1", None),
            (&long, None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, value.parse().unwrap());
            assert!(digest_of(&headers) == expected, "{value}");
        }
        assert!(digest_of(&HeaderMap::new()).is_none());
    }
}
