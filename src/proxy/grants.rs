//! The recent life of tokens: what a grant that passed through here said of the token it gave.
//!
//! Owns a bounded table in memory, keyed by the token's keyed reference, so that no token is kept.
//! Reads the bodies of token calls (RFC 6749, sections 4 to 6), which are small, and keeps of them
//! only enums, numbers and known scopes. Lost at a restart: contexts fall back to the endpoint's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::domain::catalogue::Catalogue;
use crate::domain::labels::Context;
use crate::domain::names::{ClinicId, Office, ScopeName};
use crate::domain::reference::{Reference, ReferenceKind};
use crate::domain::time::Timestamp;
use crate::keys::Keyring;

/// Most tokens that are remembered.
const MOST: usize = 50_000;
/// Most bytes of a token call's body that are read, in either direction.
pub(super) const MAX_BODY_BYTES: usize = 16 * 1_024;
/// How long a token without a stated lifetime is remembered.
const UNSTATED_LIFETIME: Duration = Duration::from_hours(24);

/// What is known of one token.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    /// The clinic that it was granted for.
    pub(super) clinic: Option<ClinicId>,
    /// Whose authority it carries, where that could be told.
    pub(super) context: Option<Context>,
    /// The scopes granted, known ones only.
    pub(super) scopes: Arc<[ScopeName]>,
    /// When its stated lifetime ends.
    pub(super) expires_at: Option<Timestamp>,
    /// Its current office.
    pub(super) office: Option<Office>,
    remembered_until: Timestamp,
}

type Digest = [u8; Reference::BYTES];

/// The table.
#[derive(Default)]
pub(super) struct Grants {
    tokens: Mutex<HashMap<Digest, Grant>>,
}

impl Grants {
    fn tokens(&self) -> MutexGuard<'_, HashMap<Digest, Grant>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of a token.
    pub(super) fn of(&self, token: &Reference) -> Option<Grant> {
        self.tokens().get(token.digest()).cloned()
    }

    /// A call of a kind of portal worked, so the token is of that kind.
    pub(super) fn learn_context(&self, token: &Reference, context: Context) {
        if let Some(grant) = self.tokens().get_mut(token.digest()) {
            grant.context.get_or_insert(context);
        }
    }

    /// The token's current office was changed.
    pub(super) fn learn_office(&self, token: &Reference, office: Office) {
        if let Some(grant) = self.tokens().get_mut(token.digest()) {
            grant.office = Some(office);
        }
    }

    /// A token call worked: remembers what it gave. Both bodies are forgotten.
    pub(super) fn learn(
        &self,
        request: &[u8],
        response: &[u8],
        clinic: Option<&ClinicId>,
        now: Timestamp,
        keys: &Keyring,
        catalogue: &Catalogue,
    ) {
        let Ok(answer) = serde_json::from_slice::<TokenAnswer<'_>>(response) else { return };
        let reference = |token: &str| keys.reference(ReferenceKind::Token, None, token.as_bytes());
        let asked = TokenRequest::read(request);
        let earlier = asked.refresh_token.as_deref().and_then(|token| self.of(&reference(token)));
        let scope = answer.scope.as_deref().or(asked.scope.as_deref()).unwrap_or_default();
        let scopes: Arc<[ScopeName]> = catalogue.known_scopes(scope).collect();
        let context = match asked.grant_type.as_deref() {
            Some("client_credentials") => Some(Context::Client),
            Some("password") => Some(Context::Provider),
            _ => context_of(&scopes),
        };
        let lifetime = answer.expires_in.map(Duration::from_secs);
        let grant = Grant {
            clinic: clinic.cloned().or_else(|| earlier.as_ref().and_then(|e| e.clinic.clone())),
            context: context.or_else(|| earlier.as_ref().and_then(|e| e.context)),
            scopes: match &earlier {
                Some(earlier) if scopes.is_empty() => Arc::clone(&earlier.scopes),
                _ => scopes,
            },
            expires_at: lifetime.map(|lifetime| now.plus(lifetime)),
            office: earlier.as_ref().and_then(|e| e.office),
            remembered_until: now.plus(lifetime.unwrap_or(UNSTATED_LIFETIME).saturating_mul(2)),
        };
        let mut tokens = self.tokens();
        make_room(&mut tokens, now);
        if let Some(refresh) = &answer.refresh_token {
            let until = now.plus(UNSTATED_LIFETIME);
            let refresh_grant =
                Grant { expires_at: None, remembered_until: until, ..grant.clone() };
            tokens.insert(*reference(refresh).digest(), refresh_grant);
        }
        tokens.insert(*reference(&answer.access_token).digest(), grant);
    }
}

fn make_room(tokens: &mut HashMap<Digest, Grant>, now: Timestamp) {
    if tokens.len() >= MOST {
        tokens.retain(|_, grant| grant.remembered_until > now);
    }
    if tokens.len() >= MOST {
        // Everything is alive: forget the half that ends first.
        let mut ends: Vec<Timestamp> =
            tokens.values().map(|grant| grant.remembered_until).collect();
        let middle = ends.len() / 2;
        let (_, median, _) = ends.select_nth_unstable(middle);
        let median = *median;
        tokens.retain(|_, grant| grant.remembered_until > median);
    }
}

fn context_of(scopes: &[ScopeName]) -> Option<Context> {
    let begins = |words: &[&str]| {
        scopes.iter().any(|scope| words.iter().any(|word| scope.as_str().starts_with(word)))
    };
    match (
        begins(&["patient/", "patient-portal"]),
        begins(&["user/", "provider/", "provider-portal"]),
    ) {
        (true, false) => Some(Context::Patient),
        (false, true) => Some(Context::Provider),
        _ => None,
    }
}

#[derive(serde::Deserialize)]
struct TokenAnswer<'b> {
    #[serde(borrow)]
    access_token: std::borrow::Cow<'b, str>,
    #[serde(borrow, default)]
    refresh_token: Option<std::borrow::Cow<'b, str>>,
    #[serde(default)]
    expires_in: Option<u64>,
    #[serde(borrow, default)]
    scope: Option<std::borrow::Cow<'b, str>>,
}

#[derive(Default)]
struct TokenRequest {
    grant_type: Option<String>,
    refresh_token: Option<zeroize::Zeroizing<String>>,
    scope: Option<String>,
}

impl TokenRequest {
    /// Reads a form body (RFC 6749, appendix B).
    fn read(body: &[u8]) -> Self {
        let mut request = Self::default();
        let Ok(text) = std::str::from_utf8(body) else { return request };
        for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
            let decoded = || {
                let spaced = value.replace('+', " ");
                percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
            };
            match name {
                "grant_type" => request.grant_type = Some(decoded()),
                "refresh_token" => request.refresh_token = Some(decoded().into()),
                "scope" => request.scope = Some(decoded()),
                _ => {}
            }
        }
        request
    }
}

/// Reads the office that a change-office call names: a form or JSON member `officeId`, or a bare
/// number.
pub(super) fn office_in_body(body: &[u8]) -> Option<Office> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Body {
        Bare(u32),
        Object {
            #[serde(rename = "officeId", alias = "id")]
            office: Number,
        },
    }
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Number {
        Number(u32),
        Text(String),
    }
    match serde_json::from_slice(body).ok()? {
        Body::Bare(number) | Body::Object { office: Number::Number(number) } => {
            Office::parse(&number.to_string())
        }
        Body::Object { office: Number::Text(text) } => Office::parse(&text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::names::KeyId;

    fn setting() -> (Grants, Keyring, Catalogue) {
        let keys = Keyring::of_one(KeyId::parse("k1").unwrap(), &[1; 32]);
        (Grants::default(), keys, Catalogue::embedded().unwrap())
    }

    fn token(keys: &Keyring, token: &str) -> Reference {
        keys.reference(ReferenceKind::Token, None, token.as_bytes())
    }

    #[test]
    fn a_grant_tells_clinic_context_scopes_and_lifetime() {
        let (grants, keys, catalogue) = setting();
        let clinic = ClinicId::parse("maple-ridge").unwrap();
        let now = Timestamp::from_seconds(100);
        let answer = br#"{"access_token":"a1","refresh_token":"r1","expires_in":3600,"scope":"user/patients.read Tremblay"}"#;
        grants.learn(
            b"grant_type=password&username=zoe",
            answer,
            Some(&clinic),
            now,
            &keys,
            &catalogue,
        );
        let grant = grants.of(&token(&keys, "a1")).unwrap();
        assert_eq!(grant.clinic, Some(clinic.clone()));
        assert_eq!(grant.context, Some(Context::Provider));
        assert_eq!(grant.expires_at, Some(Timestamp::from_seconds(3_700)));
        assert_eq!(
            grant.scopes.iter().map(ScopeName::as_str).collect::<Vec<_>>(),
            ["user/patients.read"]
        );

        grants.learn_office(&token(&keys, "a1"), Office::parse("7").unwrap());
        assert_eq!(grants.of(&token(&keys, "a1")).unwrap().office, Office::parse("7"));

        let answer = br#"{"access_token":"a2","expires_in":60}"#;
        grants.learn(
            b"grant_type=refresh_token&refresh_token=r1",
            answer,
            None,
            now,
            &keys,
            &catalogue,
        );
        let renewed = grants.of(&token(&keys, "a2")).unwrap();
        assert_eq!((renewed.clinic, renewed.context), (Some(clinic), Some(Context::Provider)));
        assert_eq!(renewed.scopes.len(), 1);
    }

    #[test]
    fn use_tells_the_context_that_the_grant_did_not() {
        let (grants, keys, catalogue) = setting();
        let now = Timestamp::from_seconds(0);
        let answer = br#"{"access_token":"a1"}"#;
        grants.learn(b"grant_type=authorization_code&code=x", answer, None, now, &keys, &catalogue);
        let a1 = token(&keys, "a1");
        assert_eq!(grants.of(&a1).unwrap().context, None);
        grants.learn_context(&a1, Context::Patient);
        grants.learn_context(&a1, Context::Provider);
        assert_eq!(grants.of(&a1).unwrap().context, Some(Context::Patient));
    }

    #[test]
    fn an_office_is_read_from_the_usual_bodies() {
        for (body, office) in [
            (r#"{"officeId":3}"#, Some("3")),
            (r#"{"officeId":"4"}"#, Some("4")),
            (r#"{"id":5}"#, Some("5")),
            ("6", Some("6")),
            (r#"{"officeId":"Tremblay"}"#, None),
            ("", None),
        ] {
            assert_eq!(office_in_body(body.as_bytes()), office.and_then(Office::parse), "{body}");
        }
    }
}
