//! The provider: where it sends people, and whom it says that they are.
//!
//! Owns every request to it, and what of an identity token is believed: signature, issuer, audience, nonce
//! and times, all checked by `openidconnect`. What the token says of groups counts; where it does not speak
//! of them, the userinfo endpoint is asked ([`super::claims`]). Redirects are not followed, answers are
//! short, and nothing of them is logged. What the provider publishes about itself is kept for ten minutes.

use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreJwsSigningAlgorithm, CoreProviderMetadata,
};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, DiscoveryError,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    Scope, SubjectIdentifier, TokenResponse, UserInfoError,
};
use tokio::sync::{Mutex, Semaphore};
use zeroize::Zeroizing;

use super::claims::{Told, UserInfo};
use super::pending::Pending;
use crate::config::OidcConfig;
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::names::AccountId;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;

/// How long the provider may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer.
const MAX_ANSWER: usize = 256 * 1_024;
/// What the provider publishes is good for so long.
const KEPT: Duration = Duration::from_mins(10);
/// How far its clock may be from ours.
const LEEWAY: Duration = Duration::from_mins(1);
/// A token is used right after it is made.
const OLDEST: Duration = Duration::from_mins(10);
/// Sign-ins that ask the provider at one time.
const AT_ONCE: usize = 8;

/// Why the secret cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("ops.oidc.client_secret_file: the file cannot be read, or is empty")]
pub struct OidcSecretError;

/// Why nobody was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It does not answer.
    Unreachable,
    /// Too many sign in at this moment.
    Busy,
    /// Its clock and ours are apart.
    Clock,
    /// The answer belongs to another sign-in.
    NotBegunHere,
    /// It does not take the code.
    Refused,
    /// Its answer is not what it should be.
    Answer,
}

/// Somebody whom the provider knows.
pub(super) struct Person {
    /// For the audit: `sso.`, the name as far as it fits, and a digest of issuer and subject, so that it
    /// means one person whatever the provider calls whom later.
    pub(super) account: String,
    /// Role and clinics, where a group gives any.
    pub(super) rights: Option<(Role, ClinicScope)>,
}

/// Sign-in with one provider. Nothing is asked before somebody signs in.
pub struct Oidc {
    config: OidcConfig,
    secret: Zeroizing<String>,
    http: reqwest::Client,
    published: Mutex<Option<(Timestamp, CoreProviderMetadata)>>,
    places: Arc<Semaphore>,
}

/// A client that knows where people sign in and where codes are exchanged.
type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The provider could not be asked.
#[derive(Debug, thiserror::Error)]
#[error("the provider does not answer")]
struct NoAnswer;

impl Oidc {
    /// Reads the secret's file.
    ///
    /// # Errors
    ///
    /// [`OidcSecretError`].
    pub fn new(config: OidcConfig) -> Result<Self, OidcSecretError> {
        let secret = std::fs::read_to_string(&config.client_secret_file).map(Zeroizing::new);
        let secret = secret.map_err(|_| OidcSecretError)?;
        if secret.trim().is_empty() {
            return Err(OidcSecretError);
        }
        // A second call finds it installed, which is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .connect_timeout(PATIENCE / 2)
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|_| OidcSecretError)?;
        Ok(Self {
            config,
            secret: Zeroizing::new(secret.trim().to_owned()),
            http,
            published: Mutex::default(),
            places: Arc::new(Semaphore::new(AT_ONCE)),
        })
    }

    /// Whether accounts with passphrases sign in as well.
    pub(crate) const fn has_accounts(&self) -> bool {
        self.config.accounts
    }

    /// Where the browser goes to sign in.
    pub(super) async fn address(
        &self,
        pending: &Pending,
        now: Timestamp,
    ) -> Result<Zeroizing<String>, Trouble> {
        let client = self.client(self.published(now, false).await?)?;
        let verifier = PkceCodeVerifier::new(pending.verifier.to_string());
        let (state, nonce) = (pending.state.to_string(), pending.nonce.to_string());
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let mut asked = client
            .authorize_url(flow, move || CsrfToken::new(state), move || Nonce::new(nonce))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        for scope in &self.config.scopes {
            asked = asked.add_scope(Scope::new(scope.clone()));
        }
        let (address, ..) = asked.url();
        Ok(Zeroizing::new(address.into()))
    }

    /// Whom a code stands for.
    pub(super) async fn person(
        &self,
        pending: Pending,
        code: String,
        now: Timestamp,
    ) -> Result<Person, Trouble> {
        let _place = self.places.try_acquire().map_err(|_| Trouble::Busy)?;
        let published = self.published(now, false).await?;
        let client = self.client(published)?;
        let http = self.asks();
        let answer = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| Trouble::Answer)?
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier.to_string()))
            .request_async(&http)
            .await
            .map_err(|error| match error {
                RequestTokenError::Request(_) => Trouble::Unreachable,
                RequestTokenError::ServerResponse(_) => Trouble::Refused,
                RequestTokenError::Parse(..) | RequestTokenError::Other(_) => Trouble::Answer,
            })?;
        let token = answer.id_token().ok_or(Trouble::Answer)?;
        let nonce = Nonce::new(pending.nonce.to_string());
        match self.verified(token, &nonce, now, false).await {
            // The provider may have taken new keys since we looked.
            Err(Trouble::Answer) => self.verified(token, &nonce, now, true).await?,
            verified => verified?,
        }
        let mut told = Told::by_token(token, &self.config.groups_claim).ok_or(Trouble::Answer)?;
        if !told.speaks_of_groups() && client.user_info_url().is_some() {
            let subject = Some(SubjectIdentifier::new(told.subject.clone()));
            let asked = client.user_info(answer.access_token().clone(), subject);
            // The library compares the subject, so that nobody gets another's groups.
            let asked = asked.map_err(|_| Trouble::Answer)?.request_async(&http);
            let info: UserInfo = asked.await.map_err(|error| match error {
                UserInfoError::Request(_) => Trouble::Unreachable,
                _ => Trouble::Answer,
            })?;
            told.add(info.additional_claims(), &self.config.groups_claim);
        }
        Ok(Person {
            account: account(&self.config.issuer, &told.subject, told.name.as_deref()),
            rights: self.config.rights.of(told.groups.iter().flatten().map(String::as_str)),
        })
    }

    /// Checks signature, issuer, audience, nonce and times.
    async fn verified(
        &self,
        token: &CoreIdToken,
        nonce: &Nonce,
        now: Timestamp,
        anew: bool,
    ) -> Result<(), Trouble> {
        let client = self.client(self.published(now, anew).await?)?;
        let ends = time(now.minus(LEEWAY))?;
        let (first, last) = (time(now.minus(OLDEST))?, time(now.plus(LEEWAY))?);
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs([
                CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
                CoreJwsSigningAlgorithm::RsaSsaPssSha256,
                CoreJwsSigningAlgorithm::EcdsaP256Sha256,
                CoreJwsSigningAlgorithm::EdDsa,
            ])
            .set_time_fn(move || ends)
            .set_issue_time_verifier_fn(move |issued| {
                if issued < first || issued > last { Err(CLOCK.to_owned()) } else { Ok(()) }
            });
        match token.claims(&verifier, nonce) {
            Ok(_) => Ok(()),
            Err(ClaimsVerificationError::Expired(_)) => Err(Trouble::Clock),
            Err(ClaimsVerificationError::Other(said)) if said == CLOCK => Err(Trouble::Clock),
            Err(ClaimsVerificationError::InvalidNonce(_)) => Err(Trouble::NotBegunHere),
            Err(_) => Err(Trouble::Answer),
        }
    }

    fn client(&self, published: CoreProviderMetadata) -> Result<Client, Trouble> {
        let back = format!("{}/sign-in/back", self.config.site);
        let secret = ClientSecret::new(self.secret.to_string());
        let id = ClientId::new(self.config.client_id.clone());
        let back = RedirectUrl::new(back).map_err(|_| Trouble::Answer)?;
        Ok(CoreClient::from_provider_metadata(published, id, Some(secret)).set_redirect_uri(back))
    }

    async fn published(&self, now: Timestamp, anew: bool) -> Result<CoreProviderMetadata, Trouble> {
        let mut kept = self.published.lock().await;
        let near = |at: Timestamp| at.since(now).max(now.since(at)) <= KEPT;
        if let Some((_, known)) = kept.as_ref().filter(|(at, _)| near(*at) && !anew) {
            return Ok(known.clone());
        }
        let issuer = IssuerUrl::new(self.config.issuer.clone()).map_err(|_| Trouble::Answer)?;
        let http = self.asks();
        let found = CoreProviderMetadata::discover_async(issuer, &http).await;
        let found = found.map_err(|error| match error {
            DiscoveryError::Request(_) => Trouble::Unreachable,
            _ => Trouble::Answer,
        })?;
        *kept = Some((now, found.clone()));
        Ok(found)
    }

    fn asks(
        &self,
    ) -> impl Fn(
        HttpRequest,
    ) -> futures_util::future::BoxFuture<'static, Result<HttpResponse, NoAnswer>>
    + Send
    + Sync
    + use<> {
        let http = self.http.clone();
        move |request| Box::pin(send(http.clone(), request))
    }
}

const CLOCK: &str = "clock";

fn time(at: Timestamp) -> Result<chrono::DateTime<chrono::Utc>, Trouble> {
    chrono::DateTime::from_timestamp(at.seconds(), 0).ok_or(Trouble::Answer)
}

fn account(issuer: &str, subject: &str, name: Option<&str>) -> String {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(format!("{issuer}\n{subject}").as_bytes());
    let digest = HEXLOWER.encode(&digest[..6]);
    let name = name.unwrap_or_default().to_lowercase();
    // The name helps whoever reads the audit; the digest is what tells people apart.
    let named = format!("sso.{name}.{digest}");
    let fits = !name.is_empty() && AccountId::parse(&named).is_ok();
    if fits { named } else { format!("sso.{digest}") }
}

async fn send(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
    let (parts, body) = request.into_parts();
    let asked = http.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
    let mut answer = asked.send().await.map_err(|_| NoAnswer)?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    if status.is_server_error() {
        return Err(NoAnswer);
    }
    let mut read = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(|_| NoAnswer)? {
        if read.len() + piece.len() > MAX_ANSWER {
            return Err(NoAnswer);
        }
        read.extend_from_slice(&piece);
    }
    let mut response = HttpResponse::new(read);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_audits_name_means_one_person_and_fits_its_alphabet() {
        let of = |subject, name| account("https://a.example", subject, name);
        assert!(of("1", Some("Zoe.T")).starts_with("sso.zoe.t."));
        assert_ne!(of("1", Some("zoe")), of("2", Some("zoe")));
        assert_ne!(of("1", None), account("https://b.example", "1", None));
        for name in [None, Some(""), Some("Zoë Tremblay"), Some(&*"z".repeat(99)), Some("<b>")] {
            let account = of("1", name);
            assert_eq!(account.len(), "sso.".len() + 12, "{name:?}");
            assert!(AccountId::parse(&account).is_ok());
        }
    }
}
