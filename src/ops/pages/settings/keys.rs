//! Keys of apps: made here and shown once, revoked at once.
//!
//! Owns the form. A key is drawn here, shown on the page that answers, and forgotten; its digest is what is
//! kept. A key of the settings file is revoked by an entry of the same digest, which is revoked.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::act::{Act, Problem, act};
use super::app_view::{self, AppPage, NewKey};
use super::{Tab, apps, show};
use crate::config::{KeyDraft, Mistake};
use crate::domain::audit::Event;
use crate::domain::kept_registry::{EntryChange, EntryKind, KeptRegistry};
use crate::domain::names::AppKeyId;
use crate::domain::registry::{App, AppKeyDigest};
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::pages::refusal::Refusal;
use crate::store::Scoped;

/// The beginning of every key that is made here, by which scanners of leaked secrets know it.
const PREFIX: &str = "ack_";

/// What to do.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Doing {
    Make,
    Revoke,
}

/// The form.
#[derive(Deserialize)]
pub(crate) struct KeyForm {
    act: Doing,
    app: String,
    /// Of the key that is revoked.
    #[serde(default)]
    id: String,
    /// Of the key that is made.
    #[serde(default, rename = "key-id")]
    new_id: String,
    #[serde(default)]
    environment: String,
    #[serde(default)]
    not_after: String,
    /// That it is meant, where it is the first key of all.
    #[serde(default)]
    sure: String,
}

/// Does what the form says.
pub(crate) async fn change(visit: Visit, form: Result<Form<KeyForm>, FormRejection>) -> Response {
    let store = match visit.enter(Permission::Registry).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let Ok(Form(form)) = form else { return visit.refuse(Refusal::NotUnderstood) };
    let registry = visit.registry_now();
    let Some(app) = registry.apps().iter().find(|app| app.id.as_str() == form.app) else {
        return visit.refuse(Refusal::NotFound);
    };
    match form.act {
        Doing::Make => make(&visit, store, app, &form).await,
        Doing::Revoke => revoke(&visit, store, app, &form).await,
    }
}

/// What of a new key can be wrong by itself, so that the field is named.
fn check(draft: &KeyDraft, app: &App, is_sure: bool) -> Result<(), Mistake> {
    let id = AppKeyId::parse(&draft.id)
        .map_err(|error| Mistake::of("key-id", &format!("is not right: {error}")))?;
    if app.keys.iter().any(|key| key.id == id) {
        let words = "must be another name: the app has a key of that name already";
        return Err(Mistake::of("key-id", words));
    }
    let ends = draft.not_after.trim();
    if !ends.is_empty() && ends.parse::<jiff::civil::Date>().is_err() {
        return Err(Mistake::of("not_after", "must be a date; example: 2027-01-31"));
    }
    if !is_sure {
        let words = "it is the first key of all, and from then on every call needs one: say that this is meant";
        return Err(Mistake { field: None, words: words.to_owned() });
    }
    Ok(())
}

async fn make(visit: &Visit, store: &Scoped, app: &App, form: &KeyForm) -> Response {
    let draft = KeyDraft {
        id: form.new_id.trim().to_ascii_lowercase(),
        environment: form.environment.clone(),
        not_after: form.not_after.clone(),
    };
    let is_sure = visit.registry_now().requires_keys() || form.sure == "yes";
    let mut made = check(&draft, app, is_sure).map_err(Problem::Mistake);
    let Some(key) = draw() else { return visit.refuse(Refusal::NotUnderstood) };
    if made.is_ok() {
        let digest = AppKeyDigest(Sha256::digest(key.as_bytes()).into());
        let id = format!("{}/{}", app.id, draft.id);
        let body = draft.body(digest, false);
        let kind = EntryKind::Key;
        let doing = Act { kind, id: id.clone(), seen: None, deed: Event::AppKeyMade };
        let put =
            |_: &KeptRegistry| vec![EntryChange::Put { kind, id: id.clone(), body: body.clone() }];
        made = act(visit, store, &doing, put).await;
    }
    let mut page = match apps::load(visit, store, app.id.as_str()).await {
        Ok(page) => page.unwrap_or_default(),
        Err(error) => return visit.store_failed(&error),
    };
    let status = match made {
        Ok(()) => {
            page.made = Some(NewKey { id: draft.id, text: key });
            StatusCode::OK
        }
        Err(Problem::NotKept) => return visit.refuse(Refusal::NotKept),
        Err(Problem::Store(error)) => return visit.store_failed(&error),
        Err(Problem::Mistake(mistake)) => {
            page.key_mistake = Some(own_field(mistake));
            page.key = draft;
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Err(Problem::Stale(_) | Problem::Busy) => {
            let words = super::entry_form::BUSY.to_owned();
            (page.key_mistake, page.key) = (Some(Mistake { field: None, words }), draft);
            StatusCode::CONFLICT
        }
    };
    shown(visit, app, status, &page)
}

/// Names of the settings file as the form's.
fn own_field(mistake: Mistake) -> Mistake {
    let field = mistake.field.map(|field| if field == "id" { "key-id".to_owned() } else { field });
    Mistake { field, ..mistake }
}

fn shown(visit: &Visit, app: &App, status: StatusCode, page: &AppPage) -> Response {
    let mut response =
        show(visit, status, |frame| app_view::one(&visit.fresh_state(), page, frame));
    // The address of the answer itself cannot be asked for.
    if let Ok(place) = format!("{}/{}", Tab::Apps.address(), app.id).parse() {
        response.headers_mut().insert(axum::http::header::CONTENT_LOCATION, place);
    }
    response
}

async fn revoke(visit: &Visit, store: &Scoped, app: &App, form: &KeyForm) -> Response {
    let Some(key) = app.keys.iter().find(|key| key.id.as_str() == form.id) else {
        return visit.refuse(Refusal::NotFound);
    };
    let (kind, id) = (EntryKind::Key, format!("{}/{}", app.id, key.id));
    let of_file = KeyDraft { id: key.id.to_string(), ..KeyDraft::default() };
    let revoked = |kept: &KeptRegistry| {
        let draft = kept.entry(kind, &id).map(|entry| KeyDraft::of_body(&entry.body));
        let body = draft.unwrap_or_else(|| of_file.clone()).body(key.digest, true);
        vec![EntryChange::Put { kind, id: id.clone(), body }]
    };
    // Revoking is right whatever else was changed about the key, so the latest version is the one seen.
    let seen = match store.kept_registry().await {
        Ok(kept) => kept.entry(kind, &id).map(|entry| entry.version),
        Err(error) => return visit.store_failed(&error),
    };
    let doing = Act { kind, id: id.clone(), seen, deed: Event::AppKeyRevoked };
    let problem = match act(visit, store, &doing, revoked).await {
        Ok(()) => {
            let to = format!("{}/{}", Tab::Apps.address(), app.id);
            return (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response();
        }
        Err(Problem::NotKept) => return visit.refuse(Refusal::NotKept),
        Err(Problem::Store(error)) => return visit.store_failed(&error),
        Err(problem) => problem,
    };
    let mistake = match problem {
        Problem::Mistake(mistake) => mistake,
        _ => Mistake { field: None, words: super::entry_form::BUSY.to_owned() },
    };
    match apps::load(visit, store, app.id.as_str()).await {
        Ok(page) => {
            let page = AppPage { key_mistake: Some(mistake), ..page.unwrap_or_default() };
            shown(visit, app, StatusCode::CONFLICT, &page)
        }
        Err(error) => visit.store_failed(&error),
    }
}

/// 160 random bits, in letters that cannot be mistaken for each other.
fn draw() -> Option<Zeroizing<String>> {
    let mut random = Zeroizing::new([0; 20]);
    getrandom::fill(random.as_mut()).ok()?;
    let text = data_encoding::BASE32_DNSSEC.encode(random.as_ref());
    Some(Zeroizing::new(format!("{PREFIX}{text}")))
}
