//! Signing in by name and passphrase, or with an API token.
//!
//! Owns the judgement of a passphrase. An unknown name, a disabled account, one without a passphrase and
//! a wrong passphrase get the same work, the same words and the same waits.

use std::time::Duration;

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::http::header::{LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use zeroize::Zeroize;

use super::factor;
use super::hasher::HashError;
use super::oidc::Oidc;
use super::session::{Begun, Entrant, MAX_SECRET, begin, browser_digest};
use super::tries::Lane;
use super::visit::Visit;
use crate::domain::audit::Event;
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::names::AccountId;
use crate::domain::passphrase::{LONGEST, prepare};
use crate::ops::freshness::Freshness;
use crate::ops::pages::refusal::Refusal;
use crate::ops::pages::sign_in::{SignIn, Ways, view};
use crate::ops::state::{Auth, LookedUp, Witnessed};
use crate::store::{SecretDigest, Store, StoreError, Uses};

/// How a passphrase was judged.
pub(crate) enum Judged {
    /// It fits, and letting somebody in uses this up. It counts as failed until it is said to have
    /// succeeded.
    Fits(Uses<'static>),
    /// It does not, or there is nothing that it could fit.
    Wrong,
    /// It was not looked at: there were too many tries.
    Wait(Duration),
    /// It was not looked at: too many sign in at this moment, or the system is out of something.
    Busy,
    /// The store did not do as asked.
    Store(StoreError),
}

/// What is asked beside the passphrase.
#[derive(Clone, Copy)]
pub(crate) enum Factor<'f> {
    /// What was typed as a code; it counts where the account has a second factor.
    Code(&'f str),
    /// Nothing, since a session proves it.
    NotAsked,
}

/// Judges the passphrase of a name, which may be none.
pub(crate) async fn judge(
    visit: &Visit,
    store: &Store,
    lane: Lane,
    name: Option<&AccountId>,
    typed: &str,
    factor: Factor<'_>,
) -> Judged {
    if let Err(wait) = visit.state.tries.take(lane, visit.now) {
        return Judged::Wait(wait);
    }
    let hash = match name {
        Some(name) => store.passphrase_hash(name).await,
        None => Ok(None),
    };
    let hash = match hash {
        Ok(hash) => hash,
        Err(error) => {
            visit.state.tries.give_back(lane);
            return Judged::Store(error);
        }
    };
    // Nobody has so long a passphrase; the work is done all the same.
    let fitting = if typed.len() <= LONGEST * 8 { typed } else { "" };
    match visit.state.hasher.fits(prepare(fitting), hash).await {
        Ok(true) => {
            // A wrong code is a failed try like a wrong passphrase, and looks the same.
            let fits = match (factor, name) {
                (Factor::Code(code), Some(name)) => factor::fits(visit, store, name, code).await,
                (Factor::Code(_), None) | (Factor::NotAsked, _) => Ok(Some(Uses::Nothing)),
            };
            match fits {
                Ok(Some(uses)) => Judged::Fits(uses),
                Ok(None) => Judged::Wrong,
                Err(error) => {
                    visit.state.tries.give_back(lane);
                    Judged::Store(error)
                }
            }
        }
        Ok(false) => Judged::Wrong,
        Err(HashError::Busy | HashError::Failed) => {
            visit.state.tries.give_back(lane);
            Judged::Busy
        }
    }
}

/// The page with the forms.
pub(crate) async fn form(visit: Visit) -> Response {
    if visit.state.auth == Auth::Off {
        return to_now();
    }
    show(&visit, StatusCode::OK, SignIn::Forms)
}

/// The first page.
pub(super) fn to_now() -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, "/")]).into_response()
}

fn show(visit: &Visit, status: StatusCode, what: SignIn) -> Response {
    let ways = Ways::of(visit.state.oidc.as_deref().map(Oidc::has_accounts));
    let mut response =
        visit.show(&visit.frame(Freshness::Unasked), &view(what, ways, visit.language()));
    *response.status_mut() = status;
    response
}

/// The answer to somebody who has to wait.
pub(crate) fn wait_header(response: &mut Response, wait: Duration) {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
}

/// What the forms send: a name and a passphrase, or a token.
#[derive(Deserialize)]
pub(crate) struct SignInForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    passphrase: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    token: String,
}

impl Drop for SignInForm {
    fn drop(&mut self) {
        self.name.zeroize();
        self.passphrase.zeroize();
        self.code.zeroize();
        self.token.zeroize();
    }
}

/// Signs in.
pub(crate) async fn submit(
    visit: Visit,
    headers: HeaderMap,
    form: Result<Form<SignInForm>, FormRejection>,
) -> Response {
    let Some(store) = visit.state.store.get() else { return visit.refuse(Refusal::StoreFailed) };
    let Ok(Form(form)) = form else {
        return show(&visit, StatusCode::UNPROCESSABLE_ENTITY, SignIn::Wrong);
    };
    let by_name = visit.state.oidc.as_ref().is_none_or(|oidc| oidc.has_accounts());
    if form.token.is_empty() && !by_name {
        return visit.refuse(Refusal::NotFound);
    }
    if form.token.is_empty() {
        with_passphrase(&visit, store, &headers, &form).await
    } else {
        with_token(&visit, store, &headers, form.token.trim()).await
    }
}

async fn with_passphrase(
    visit: &Visit,
    store: &Store,
    headers: &HeaderMap,
    form: &SignInForm,
) -> Response {
    let typed = form.name.trim().to_ascii_lowercase();
    let name = AccountId::parse(&typed).ok();
    let lane = match lane(visit, store, headers, &typed, name.as_ref()).await {
        Ok(lane) => lane,
        Err(error) => return visit.store_failed(&error),
    };
    match judge(visit, store, lane, name.as_ref(), &form.passphrase, Factor::Code(&form.code)).await
    {
        Judged::Fits(uses) => let_in(visit, store, headers, lane, name, uses).await,
        Judged::Wrong => wrong(visit, store, name).await,
        Judged::Wait(wait) => {
            let mut response = show(visit, StatusCode::TOO_MANY_REQUESTS, SignIn::Wait(wait));
            wait_header(&mut response, wait);
            response
        }
        Judged::Busy => show(visit, StatusCode::SERVICE_UNAVAILABLE, SignIn::Busy),
        Judged::Store(error) => visit.store_failed(&error),
    }
}

async fn let_in(
    visit: &Visit,
    store: &Store,
    headers: &HeaderMap,
    lane: Lane,
    name: Option<AccountId>,
    uses: Uses<'_>,
) -> Response {
    let account = match &name {
        Some(name) => store.account(name).await,
        None => Ok(None),
    };
    let account = match account {
        Ok(Some(account)) => account,
        Ok(None) => return show(visit, StatusCode::UNPROCESSABLE_ENTITY, SignIn::Wrong),
        Err(error) => {
            visit.state.tries.give_back(lane);
            return visit.store_failed(&error);
        }
    };
    let entrant = Entrant {
        account: account.name.to_string(),
        role: account.role,
        of: Some(account.name),
        clinics: ClinicScope::all(),
        token: None,
        uses,
    };
    match begin(visit, store, headers, entrant).await {
        Begun::In(answer) => {
            visit.state.tries.succeeded(lane);
            answer
        }
        // The same code came twice at once.
        Begun::UsedBefore => wrong(visit, store, name).await,
        Begun::Failed(answer) => {
            visit.state.tries.give_back(lane);
            answer
        }
    }
}

async fn wrong(visit: &Visit, store: &Store, name: Option<AccountId>) -> Response {
    match refused(visit, store, name).await {
        Ok(()) => show(visit, StatusCode::UNPROCESSABLE_ENTITY, SignIn::Wrong),
        Err(error) => visit.store_failed(&error),
    }
}

async fn lane(
    visit: &Visit,
    store: &Store,
    headers: &HeaderMap,
    typed: &str,
    name: Option<&AccountId>,
) -> Result<Lane, StoreError> {
    if let (Some(browser), Some(name)) = (browser_digest(headers), name)
        && store.knows_browser(browser, name, visit.now).await?
    {
        return Ok(Lane::Known(browser));
    }
    Ok(Lane::Stranger(SecretDigest::of(typed.as_bytes())))
}

/// Keeps that a sign-in failed. A name that is no account's may be a passphrase in the wrong field, so
/// it is kept nowhere.
async fn refused(visit: &Visit, store: &Store, name: Option<AccountId>) -> Result<(), StoreError> {
    let known = match &name {
        Some(name) => store.account(name).await?,
        None => None,
    };
    let account = known.map(|account| account.name);
    let entry = Witnessed {
        deed: Event::SignInRefused,
        account: account.as_ref().map(ToString::to_string),
        role: None,
        event: None,
        clinic: None,
        about: LookedUp::default(),
        at: visit.now,
    };
    // It stays refused whether or not that could be kept.
    visit.state.witness.keep(entry).await;
    if let Some(account) = account {
        // Beside the answer, so that the time of a write does not tell that there is an account.
        let (store, state) = (store.clone(), visit.state.clone());
        tokio::spawn(async move {
            if let Err(error) = store.note_failed_sign_in(&account).await {
                state.witness.store_failed(&error);
            }
        });
    }
    Ok(())
}

async fn with_token(visit: &Visit, store: &Store, headers: &HeaderMap, token: &str) -> Response {
    let found = if token.len() <= MAX_SECRET {
        store.find_token(SecretDigest::of(token.as_bytes()), visit.now).await
    } else {
        Ok(None)
    };
    match found {
        Err(error) => visit.store_failed(&error),
        Ok(Some(token)) => {
            let entrant = Entrant {
                account: token.name,
                role: token.role,
                of: None,
                clinics: token.clinics,
                token: Some(token.id),
                uses: Uses::Nothing,
            };
            begin(visit, store, headers, entrant).await.answer(visit)
        }
        Ok(None) => match visit.refused_sign_in().await {
            Ok(()) => show(visit, StatusCode::UNPROCESSABLE_ENTITY, SignIn::UnknownToken),
            Err(wait) => {
                let mut response = show(visit, StatusCode::TOO_MANY_REQUESTS, SignIn::Wait(wait));
                wait_header(&mut response, wait);
                response
            }
        },
    }
}
