//! The tokens that are out.
//!
//! Owns access tokens of both styles, refresh tokens that work once, authorisation codes that work
//! once, and their ends. Does not check passwords; see [`super::oauth`].

use std::collections::HashMap;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde_json::json;

use super::config::{TenantSpec, TokenStyle};
use crate::domain::labels::Context;
use crate::domain::time::Timestamp;

/// Whose authority a token carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// An account of the clinic, by its place in the list.
    Account(usize),
    /// A patient, by their place in the list.
    Patient(usize),
}

/// What a token is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    /// Which clinic, by its place in the list.
    pub(super) tenant: usize,
    /// Whose authority.
    pub(super) who: Who,
    /// The kind.
    pub(super) context: Context,
    /// The client that asked for it, by its place in the clinic's accounts.
    pub(super) client: usize,
    /// The office that calls work in.
    pub(super) office: u32,
    /// What was granted, as OAuth writes it.
    pub(super) scope: String,
}

#[derive(Debug)]
struct Live {
    grant: Grant,
    expires: Timestamp,
    revoked: bool,
}

#[derive(Debug)]
struct Single {
    grant: Grant,
    used: bool,
}

/// What presenting a token tells.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Presented<'v> {
    /// It works.
    Good(&'v Grant),
    /// It worked once.
    Expired,
    /// Nobody knows it, or it was revoked.
    Unknown,
}

/// A pair of tokens as the token endpoint gives them out.
pub(super) struct Issued {
    pub(super) access: String,
    pub(super) refresh: Option<String>,
    pub(super) expires_in: Duration,
}

/// Every token, code and refresh token.
#[derive(Debug)]
pub(super) struct Vault {
    rng: fastrand::Rng,
    pub(super) life: Duration,
    tokens: HashMap<String, Live>,
    refreshes: HashMap<String, Single>,
    codes: HashMap<String, Single>,
}

impl Vault {
    pub(super) fn new(seed: u64, life: Duration) -> Self {
        Self {
            rng: fastrand::Rng::with_seed(seed),
            life,
            tokens: HashMap::new(),
            refreshes: HashMap::new(),
            codes: HashMap::new(),
        }
    }

    /// Gives out an access token, and a refresh token unless the client can just ask again.
    pub(super) fn issue(&mut self, spec: &TenantSpec, grant: Grant, now: Timestamp) -> Issued {
        let expires = now.plus(self.life);
        let access = match spec.tokens {
            TokenStyle::Opaque => self.uuid(),
            TokenStyle::Jwt => self.jwt(spec, now, expires),
        };
        let refresh = (grant.context != Context::Client).then(|| self.uuid());
        if let Some(refresh) = &refresh {
            let single = Single { grant: grant.clone(), used: false };
            self.refreshes.insert(refresh.clone(), single);
        }
        self.tokens.insert(access.clone(), Live { grant, expires, revoked: false });
        Issued { access, refresh, expires_in: self.life }
    }

    /// Looks at a token that a call carries.
    pub(super) fn present(&self, token: &str, now: Timestamp) -> Presented<'_> {
        match self.tokens.get(token) {
            None => Presented::Unknown,
            Some(live) if live.revoked => Presented::Unknown,
            Some(live) if live.expires <= now => Presented::Expired,
            Some(live) => Presented::Good(&live.grant),
        }
    }

    /// Takes a refresh token; the second time there is nothing to take.
    pub(super) fn take_refresh(&mut self, token: &str) -> Option<Grant> {
        take(&mut self.refreshes, token)
    }

    /// Gives out an authorisation code.
    pub(super) fn issue_code(&mut self, grant: Grant) -> String {
        let code = self.uuid();
        self.codes.insert(code.clone(), Single { grant, used: false });
        code
    }

    /// Takes an authorisation code; the second time there is nothing to take.
    pub(super) fn take_code(&mut self, code: &str) -> Option<Grant> {
        take(&mut self.codes, code)
    }

    /// Changes the office that a token works in.
    pub(super) fn change_office(&mut self, token: &str, office: u32) {
        if let Some(live) = self.tokens.get_mut(token) {
            live.grant.office = office;
        }
    }

    /// Changes the office of every token that a condition names.
    pub(super) fn move_to_office(&mut self, office: u32, whose: impl Fn(&Grant) -> bool) {
        let live = self.tokens.values_mut().map(|live| &mut live.grant);
        for grant in live.filter(|grant| whose(grant)) {
            grant.office = office;
        }
    }

    /// Ends access tokens: revoked ones are unknown from then on, expired ones say so. Refresh
    /// tokens are ended only by revoking. Gives how many were ended.
    pub(super) fn end(
        &mut self,
        now: Timestamp,
        revoke: bool,
        which: impl Fn(&str, &Grant) -> bool,
    ) -> usize {
        let mut ended = 0;
        for (token, live) in &mut self.tokens {
            if which(token, &live.grant) {
                live.revoked |= revoke;
                live.expires = live.expires.min(now);
                ended += 1;
            }
        }
        if revoke {
            self.refreshes.retain(|token, single| !which(token, &single.grant));
        }
        ended
    }

    /// How many access tokens would be accepted.
    pub(super) fn count(&self, now: Timestamp) -> usize {
        self.tokens.values().filter(|live| !live.revoked && live.expires > now).count()
    }

    fn uuid(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.rng.u128(..).to_be_bytes()).into_uuid().to_string()
    }

    /// A token of RFC 7519's form. The signature is drawn: nobody here checks it.
    fn jwt(&mut self, spec: &TenantSpec, now: Timestamp, expires: Timestamp) -> String {
        let header = json!({"alg": "HS256", "typ": "JWT"}).to_string();
        let id = self.uuid();
        let payload = json!({
            "jti": id, "tenant": spec.uuid, "iat": now.seconds(), "exp": expires.seconds(),
        });
        let signature: Vec<u8> = (0..32).map(|_| self.rng.u8(..)).collect();
        let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let payload = payload.to_string();
        let parts = [encode(header.as_bytes()), encode(payload.as_bytes()), encode(&signature)];
        parts.join(".")
    }
}

fn take(from: &mut HashMap<String, Single>, key: &str) -> Option<Grant> {
    let single = from.get_mut(key).filter(|single| !single.used)?;
    single.used = true;
    Some(single.grant.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::config::default_tenants;

    fn grant(context: Context) -> Grant {
        let who = Who::Account(0);
        Grant { tenant: 0, who, context, client: 0, office: 1, scope: "read".to_owned() }
    }

    #[test]
    fn a_token_lives_its_life_and_a_refresh_token_works_once() {
        let spec = &default_tenants()[0];
        let mut vault = Vault::new(1, Duration::from_mins(1));
        let start = Timestamp::from_seconds(1_000);
        let issued = vault.issue(spec, grant(Context::Provider), start);
        let at = |seconds| start.plus(Duration::from_secs(seconds));
        assert!(matches!(vault.present(&issued.access, at(59)), Presented::Good(_)));
        assert_eq!(vault.present(&issued.access, at(60)), Presented::Expired);
        assert_eq!(vault.present("another", at(1)), Presented::Unknown);
        let refresh = issued.refresh.unwrap();
        assert!(vault.take_refresh(&refresh).is_some());
        assert!(vault.take_refresh(&refresh).is_none());
    }

    #[test]
    fn a_client_gets_no_refresh_token_and_both_styles_look_like_themselves() {
        let tenants = default_tenants();
        let mut vault = Vault::new(1, Duration::from_mins(1));
        let start = Timestamp::from_seconds(1_000);
        let opaque = vault.issue(&tenants[0], grant(Context::Client), start);
        assert!(opaque.refresh.is_none());
        assert_eq!(opaque.access.len(), 36);
        let jwt = vault.issue(&tenants[2], grant(Context::Client), start).access;
        assert_eq!(jwt.split('.').count(), 3);
        assert!(jwt.starts_with("eyJ"), "the payload of a JWT is base64url of JSON");
    }

    #[test]
    fn revoking_ends_the_refresh_token_too_and_expiring_does_not() {
        let spec = &default_tenants()[0];
        let mut vault = Vault::new(1, Duration::from_mins(1));
        let start = Timestamp::from_seconds(1_000);
        let issued = vault.issue(spec, grant(Context::Provider), start);
        assert_eq!(vault.end(start, false, |_, _| true), 1);
        assert_eq!(vault.present(&issued.access, start), Presented::Expired);
        assert_eq!(vault.end(start, true, |_, _| true), 1);
        assert_eq!(vault.present(&issued.access, start), Presented::Unknown);
        assert!(vault.take_refresh(&issued.refresh.unwrap()).is_none());
    }
}
