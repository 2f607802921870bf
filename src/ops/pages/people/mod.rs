//! People: who may sign in, as what, and who no longer may.
//!
//! Owns the page and what its forms do. Every change is in the audit before it is made, and is only made
//! to the account that the admin saw: two who change one at once do not undo each other.

mod act;
mod view;

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use self::act::{Done, PeopleForm, Problem};
use crate::domain::names::AccountId;
use crate::domain::time::Timestamp;
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::freshness::Freshness;
use crate::ops::pages::refusal::Refusal;
use crate::store::{Account, Store, StoreError};

/// A link that was just made. It is shown once.
pub(crate) struct NewLink {
    /// Whose.
    pub(crate) name: AccountId,
    /// Its whole address.
    pub(crate) address: String,
    /// Until when it works.
    pub(crate) expires: Timestamp,
}

/// What the page shows.
#[derive(Default)]
pub(crate) struct People {
    /// Everybody who was not removed.
    pub(crate) accounts: Vec<Account>,
    /// How many sessions each has, where there are any.
    pub(crate) sessions: Vec<(String, i64)>,
    /// What was just done.
    pub(crate) done: Option<[&'static str; 2]>,
    /// Why something was not done.
    pub(crate) problem: Option<String>,
    /// The link that was just made.
    pub(crate) link: Option<NewLink>,
    /// Whether people sign in at all.
    pub(crate) signs_in: bool,
}

async fn load(visit: &Visit, store: &Store) -> Result<People, StoreError> {
    let (accounts, sessions) = tokio::try_join!(store.accounts(), store.open_sessions(visit.now))?;
    let accounts = accounts.into_iter().filter(|account| account.removed.is_none()).collect();
    let signs_in = visit.state.auth != crate::ops::Auth::Off;
    Ok(People { accounts, sessions, signs_in, ..People::default() })
}

/// The page.
pub(crate) async fn page(visit: Visit) -> Response {
    let store = match visit.enter_office(Permission::People).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    match load(&visit, store).await {
        Ok(people) => show(&visit, StatusCode::OK, &people),
        Err(error) => visit.store_failed(&error),
    }
}

fn show(visit: &Visit, status: StatusCode, people: &People) -> Response {
    let frame = visit.frame(Freshness::Unasked);
    let mut response = visit.show(&frame, &view::view(people, &frame));
    *response.status_mut() = status;
    response
}

/// Does what a form says, and shows what came of it.
pub(crate) async fn change(
    visit: Visit,
    headers: HeaderMap,
    form: Result<Form<PeopleForm>, FormRejection>,
) -> Response {
    let store = match visit.enter_office(Permission::People).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let outcome = if let Ok(Form(form)) = form {
        act::act(&visit, store, &form).await
    } else {
        let words = visit.language().of(
            "The form was not complete. Nothing was changed",
            "Le formulaire n’était pas complet. Rien n’a été changé",
        );
        Err(Problem::Typed(words.to_owned()))
    };
    let (status, said) = match outcome {
        Ok(done) => (StatusCode::OK, Ok(done)),
        Err(Problem::Typed(words)) => (StatusCode::UNPROCESSABLE_ENTITY, Err(words)),
        Err(Problem::Conflict([english, french])) => {
            (StatusCode::CONFLICT, Err(visit.language().of(english, french).to_owned()))
        }
        Err(Problem::NotKept) => return visit.refuse(Refusal::NotKept),
        Err(Problem::Store(error)) => return visit.store_failed(&error),
    };
    // Read again after the change, so that the page shows what is.
    let mut people = match load(&visit, store).await {
        Ok(people) => people,
        Err(error) => return visit.store_failed(&error),
    };
    match said {
        Ok(Done { words, link }) => {
            people.done = Some(words);
            people.link = link.map(|link| NewLink {
                address: address(&headers, &format!("/sign-in/{}", link.code)),
                name: link.name,
                expires: link.expires,
            });
        }
        Err(problem) => people.problem = Some(problem),
    }
    show(&visit, status, &people)
}

/// The whole address of a path, as the reader's browser reaches this site. On a machine's own loopback
/// there is no TLS; everywhere else the session's cookie needs it.
pub(crate) fn address(headers: &HeaderMap, path: &str) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']');
    if host.is_empty() || host.len() > 260 || !host.bytes().all(plain) {
        return path.to_owned();
    }
    let local = ["localhost", "127.", "[::1]"].into_iter().any(|start| host.starts_with(start));
    let scheme = if local { "http" } else { "https" };
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_the_site_that_made_it() {
        for (host, expected) in [
            ("127.0.0.1:8081", "http://127.0.0.1:8081/sign-in/c"),
            ("localhost:8081", "http://localhost:8081/sign-in/c"),
            ("[::1]:8081", "http://[::1]:8081/sign-in/c"),
            ("ops.example", "https://ops.example/sign-in/c"),
            ("ops.example/evil?", "/sign-in/c"),
            ("", "/sign-in/c"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().unwrap());
            assert_eq!(address(&headers, "/sign-in/c"), expected);
        }
    }
}
