//! Links that work once: some sign in, some let somebody choose a passphrase.
//!
//! Owns both forms' handling. Looking at a link does not use it up, and neither does a passphrase that
//! is not taken.

use axum::Form;
use axum::extract::Path;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use zeroize::Zeroize;

use super::session::{Begun, Entrant, MAX_SECRET, begin};
use super::sign_in::{to_now, wait_header};
use super::visit::Visit;
use crate::domain::audit::Event;
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::names::AccountId;
use crate::domain::passphrase::{check, prepare};
use crate::domain::role::Role;
use crate::ops::freshness::Freshness;
use crate::ops::pages::refusal::Refusal;
use crate::ops::pages::sign_in::{Choose, SignIn, Ways, busy, choose, view};
use crate::ops::state::{Auth, LookedUp, Witnessed};
use crate::ops::words::language::Language;
use crate::ops::words::passphrase::{no_name, not_taken};
use crate::store::{LinkPurpose, SecretDigest, SignInLink, Store, Uses};

/// What a form with a new passphrase sends.
#[derive(Deserialize)]
pub(crate) struct ChooseForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    passphrase: String,
    #[serde(default)]
    again: String,
}

impl Drop for ChooseForm {
    fn drop(&mut self) {
        self.passphrase.zeroize();
        self.again.zeroize();
    }
}

/// A link's code, as accuscope writes it.
fn is_code(code: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (16..=MAX_SECRET).contains(&code.len()) && code.bytes().all(plain)
}

/// The page of a link.
pub(crate) async fn page(visit: Visit, Path(code): Path<String>) -> Response {
    if visit.state.auth == Auth::Off {
        return to_now();
    }
    match found(&visit, &code).await {
        Ok((_, _, link)) => show(&visit, StatusCode::OK, &link, None, &link.account),
        Err(answer) => answer,
    }
}

async fn found<'v>(
    visit: &'v Visit,
    code: &str,
) -> Result<(&'v Store, SecretDigest, SignInLink), Response> {
    let store = visit.state.store.get().ok_or_else(|| visit.refuse(Refusal::StoreFailed))?;
    if !is_code(code) {
        return Err(visit.refuse(Refusal::LinkSpent));
    }
    let digest = SecretDigest::of(code.as_bytes());
    match store.find_link(digest, visit.now).await {
        Ok(Some(link)) => Ok((store, digest, link)),
        Ok(None) => Err(visit.refuse(Refusal::LinkSpent)),
        Err(error) => Err(visit.store_failed(&error)),
    }
}

fn show(
    visit: &Visit,
    status: StatusCode,
    link: &SignInLink,
    mistake: Option<&str>,
    name: &str,
) -> Response {
    let mut frame = visit.frame(Freshness::Unasked);
    // The address holds the code, and nothing on the page needs it.
    "/sign-in".clone_into(&mut frame.address);
    let language = visit.language();
    let page = match link.purpose {
        LinkPurpose::SignIn => view(SignIn::Link, Ways::Accounts, language),
        LinkPurpose::Passphrase => choose(&Choose { name, is_first: false, mistake }, language),
        LinkPurpose::FirstAdmin => choose(&Choose { name, is_first: true, mistake }, language),
    };
    let mut response = visit.show(&frame, &page);
    *response.status_mut() = status;
    response
}

/// Does what a link is for, and uses it up.
pub(crate) async fn submit(
    visit: Visit,
    headers: HeaderMap,
    Path(code): Path<String>,
    form: Result<Form<ChooseForm>, FormRejection>,
) -> Response {
    let (store, digest, link) = match found(&visit, &code).await {
        Ok(found) => found,
        Err(answer) => {
            return match visit.refused_sign_in().await {
                Ok(()) => answer,
                Err(wait) => {
                    let mut answer = visit.refuse(Refusal::LinkSpent);
                    *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
                    wait_header(&mut answer, wait);
                    answer
                }
            };
        }
    };
    match (link.purpose, form) {
        (LinkPurpose::SignIn, _) => {
            let entrant = Entrant {
                account: link.account,
                role: link.role,
                of: None,
                clinics: ClinicScope::all(),
                token: None,
                uses: Uses::Link(digest),
            };
            match begin(&visit, store, &headers, entrant).await {
                Begun::In(answer) | Begun::Failed(answer) => answer,
                Begun::UsedBefore => spent(&visit).await,
            }
        }
        (_, Ok(Form(form))) => set(&visit, store, &headers, digest, &link, &form).await,
        (_, Err(_)) => {
            let mistake = visit.language().of("Fill in both fields", "Remplissez les deux champs");
            show(&visit, StatusCode::UNPROCESSABLE_ENTITY, &link, Some(mistake), &link.account)
        }
    }
}

async fn spent(visit: &Visit) -> Response {
    // Where there were too many, it is not kept.
    let _ = visit.refused_sign_in().await;
    visit.refuse(Refusal::LinkSpent)
}

/// Whose passphrase a form sets: the link's account, or the first administrator under a chosen name.
fn account(link: &SignInLink, form: &ChooseForm, language: Language) -> Result<AccountId, String> {
    let name = match link.purpose {
        LinkPurpose::FirstAdmin => form.name.trim().to_ascii_lowercase(),
        LinkPurpose::Passphrase | LinkPurpose::SignIn => link.account.clone(),
    };
    crate::domain::names::person_account(&name).map_err(|error| no_name(&error, language))
}

async fn set(
    visit: &Visit,
    store: &Store,
    headers: &HeaderMap,
    digest: SecretDigest,
    link: &SignInLink,
    form: &ChooseForm,
) -> Response {
    let no = |mistake: &str| {
        show(visit, StatusCode::UNPROCESSABLE_ENTITY, link, Some(mistake), &link.account)
    };
    let name = match account(link, form, visit.language()) {
        Ok(name) => name,
        Err(mistake) => return no(&mistake),
    };
    let passphrase = prepare(&form.passphrase);
    if let Err(mistake) = check(&passphrase, name.as_str()) {
        return no(not_taken(mistake, visit.language()));
    }
    if passphrase != prepare(&form.again) {
        let words = visit.language().of(
            "The two are not the same. Type it again",
            "Les deux ne sont pas pareilles. Tapez-la de nouveau",
        );
        return no(words);
    }
    let Ok(hash) = visit.state.hasher.hash(passphrase).await else {
        return no(busy(visit.language()));
    };
    let role = match link.purpose {
        LinkPurpose::FirstAdmin => Ok(Some(Role::Admin)),
        LinkPurpose::Passphrase | LinkPurpose::SignIn => {
            store.account(&name).await.map(|account| account.map(|account| account.role))
        }
    };
    let role = match role {
        Ok(Some(role)) => role,
        Ok(None) => return visit.refuse(Refusal::LinkSpent),
        Err(error) => return visit.store_failed(&error),
    };
    let entry = Witnessed {
        deed: Event::PassphraseSet,
        account: Some(name.to_string()),
        role: (link.purpose == LinkPurpose::FirstAdmin).then_some(Role::Admin),
        event: None,
        clinic: None,
        about: LookedUp::default(),
        at: visit.now,
    };
    if !visit.state.witness.keep(entry).await {
        return visit.refuse(Refusal::NotKept);
    }
    let entrant = Entrant {
        account: name.to_string(),
        role,
        of: Some(name),
        clinics: ClinicScope::all(),
        token: None,
        uses: Uses::Enrolment(digest, &hash),
    };
    begin(visit, store, headers, entrant).await.answer(visit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_long_and_plain() {
        assert!(is_code("in_0123456789abcdef"));
        assert!(!is_code("../../x") && !is_code("short") && !is_code(&"a".repeat(201)));
    }
}
