//! Who asks: the bearer token of a request, and what it may see.
//!
//! Owns what every handler begins with. The permissions are the site's own; see
//! [`crate::ops::access::policy`].

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};

use super::problem::Problem;
use crate::domain::audit::Event;
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::ids::EventId;
use crate::domain::names::ClinicId;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::ops::access::policy::{Permission, may_within};
use crate::ops::reading::Reading;
use crate::ops::state::{Auth, LookedUp, OpsState, Witnessed};
use crate::ops::words::language::Language;
use crate::store::{Scoped, SecretDigest, StoreError};

/// The longest token that is looked up.
const MAX_TOKEN: usize = 200;

/// A program with a token that works.
pub(super) struct Caller {
    pub(super) state: OpsState,
    /// The moment of the request.
    pub(super) now: Timestamp,
    name: Option<String>,
    role: Role,
    clinics: ClinicScope,
    /// What the token shows of what is recorded.
    store: Option<Scoped>,
}

impl FromRequestParts<OpsState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &OpsState) -> Result<Self, Problem> {
        let now = state.clock.now();
        if state.auth == Auth::Off {
            return Ok(Self::of(state, now, None, Role::Admin, ClinicScope::all()));
        }
        let digest = digest_of(&parts.headers).ok_or_else(Problem::no_token)?;
        let store = state.store.get().ok_or_else(Problem::store_failed)?;
        match store.find_token(digest, now).await {
            Ok(Some(token)) => {
                Ok(Self::of(state, now, Some(token.name), token.role, token.clinics))
            }
            Ok(None) => Err(Problem::no_token()),
            Err(error) => Err(failed(state, &error)),
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
    fn of(
        state: &OpsState,
        now: Timestamp,
        name: Option<String>,
        role: Role,
        clinics: ClinicScope,
    ) -> Self {
        let store = state.store.get().map(|store| store.within(&clinics));
        Self { state: state.of_visit(&clinics), now, name, role, clinics, store }
    }

    /// Whether the token may do something.
    pub(super) fn may(&self, permission: Permission) -> bool {
        may_within(self.role, &self.clinics, permission)
    }

    /// What somebody who may do something sees of the store.
    pub(super) async fn enter(&self, permission: Permission) -> Result<&Scoped, Problem> {
        if !self.may(permission) {
            // The refusal stands whether or not it could be kept.
            let _ = self.witness(Event::KeptOut, None, None).await;
            let (title, detail) = permission.refusal(Language::English);
            return Err(Problem::new(StatusCode::FORBIDDEN, format!("{title}. {detail}")));
        }
        self.store.as_ref().ok_or_else(Problem::store_failed)
    }

    /// The figures of this moment.
    pub(super) async fn reading(&self, store: &Scoped) -> Result<Arc<Reading>, StoreError> {
        self.state.reading(store, self.now).await
    }

    /// Whether the token shows every clinic.
    pub(super) const fn sees_all(&self) -> bool {
        self.clinics.is_all()
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
