//! Apps in the settings: the list with their keys, one of them, and what its form does.
//!
//! Owns the handlers. Shows no digest of a key: what a key is called, whether it opens the door, and when
//! it was last shown, at any instance. Making and revoking keys is [`super::keys`]'s.

use std::collections::HashMap;

use axum::Form;
use axum::extract::Path;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};

use super::act::{Act, Problem, act};
use super::app_view::{self, AppPage};
use super::entry_form::{BUSY, Doing, Sent};
use super::{Tab, show};
use crate::config::{AppDraft, Mistake};
use crate::domain::audit::Event;
use crate::domain::kept_registry::{EntryChange, EntryKind, KeptRegistry};
use crate::domain::names::AppId;
use crate::domain::registry::{AppKey, AppKeyDigest};
use crate::domain::time::Timestamp;
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::pages::refusal::Refusal;
use crate::store::{Scoped, StoreError};

/// When keys were last used.
#[derive(Default)]
pub(super) struct Uses(HashMap<AppKeyDigest, Timestamp>);

impl Uses {
    pub(super) async fn load(store: &Scoped) -> Result<Self, StoreError> {
        Ok(Self(store.key_uses().await?))
    }

    /// The last use of a key, as this process saw it or as others told the store.
    pub(super) fn of(&self, key: &AppKey) -> Option<Timestamp> {
        key.last_use.get().max(self.0.get(&key.digest).copied())
    }
}

/// Every app.
pub(crate) async fn page(visit: Visit) -> Response {
    let store = match visit.enter(Permission::Apps).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    match tokio::try_join!(store.kept_registry(), Uses::load(store)) {
        Ok((kept, uses)) => {
            show(&visit, StatusCode::OK, |frame| app_view::list(&visit.state, &kept, &uses, frame))
        }
        Err(error) => visit.store_failed(&error),
    }
}

/// The form of a new one.
pub(crate) async fn new(visit: Visit) -> Response {
    if let Err(answer) = visit.admit(Permission::Registry).await {
        return answer;
    }
    show(&visit, StatusCode::OK, |frame| app_view::one(&visit.state, &AppPage::default(), frame))
}

/// One app.
pub(crate) async fn page_of(visit: Visit, Path(id): Path<String>) -> Response {
    let store = match visit.enter(Permission::Apps).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    match load(&visit, store, &id).await {
        Ok(Some(page)) => {
            show(&visit, StatusCode::OK, |frame| app_view::one(&visit.state, &page, frame))
        }
        Ok(None) => visit.refuse(Refusal::NotFound),
        Err(error) => visit.store_failed(&error),
    }
}

/// What the page of an app shows, if there is one of that id.
pub(super) async fn load(
    visit: &Visit,
    store: &Scoped,
    id: &str,
) -> Result<Option<AppPage>, StoreError> {
    let (kept, uses) = tokio::try_join!(store.kept_registry(), Uses::load(store))?;
    let entry = kept.entry(EntryKind::App, id);
    let registry = visit.registry_now();
    let app = AppId::parse(id).ok().and_then(|id| registry.apps().iter().find(|app| app.id == id));
    if entry.is_none() && app.is_none() {
        return Ok(None);
    }
    Ok(Some(AppPage {
        draft: entry.map(|entry| AppDraft::of_body(&entry.body)).unwrap_or_default(),
        version: entry.map(|entry| entry.version),
        app: app.cloned(),
        uses,
        ..AppPage::default()
    }))
}

/// Does what a form says.
pub(crate) async fn change(
    visit: Visit,
    form: Result<Form<Sent<AppDraft>>, FormRejection>,
) -> Response {
    let store = match visit.enter(Permission::Registry).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let Ok(Form(form)) = form else { return visit.refuse(Refusal::NotUnderstood) };
    let (id, body) = (form.draft.id.trim().to_owned(), form.draft.body());
    let seen = form.seen();
    let deed = match form.act {
        Doing::Add => Event::AppAdded,
        Doing::Save => Event::AppChanged,
        Doing::Remove => Event::AppRemoved,
    };
    let kind = EntryKind::App;
    let doing = Act { kind, id: id.clone(), seen, deed };
    let removes = form.act == Doing::Remove;
    let changes = |kept: &KeptRegistry| {
        if !removes {
            return vec![EntryChange::Put { kind, id: id.clone(), body: body.clone() }];
        }
        // Its keys go with it.
        let remove = |kind, id: &str| EntryChange::Remove { kind, id: id.to_owned() };
        let keys = kept.keys_of(&id).map(|key| remove(EntryKind::Key, &key.id));
        std::iter::once(remove(kind, &id)).chain(keys).collect()
    };
    let Err(problem) = act(&visit, store, &doing, changes).await else {
        let list = Tab::Apps.address();
        let to = if removes { list.to_owned() } else { format!("{list}/{id}") };
        return (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response();
    };
    let mut page = match load(&visit, store, &id).await {
        Ok(page) => page.filter(|_| seen.is_some()).unwrap_or_default(),
        Err(error) => return visit.store_failed(&error),
    };
    (page.draft, page.version) = (form.draft, seen);
    let status = match problem {
        Problem::NotKept => return visit.refuse(Refusal::NotKept),
        Problem::Store(error) => return visit.store_failed(&error),
        Problem::Busy => {
            let words = BUSY.to_owned();
            page.mistake = Some(Mistake { field: None, words });
            StatusCode::CONFLICT
        }
        Problem::Mistake(mistake) => {
            page.mistake = Some(mistake);
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Problem::Stale(now) => {
            page.version = now.as_ref().map(|entry| entry.version);
            page.changed_meanwhile = true;
            page.theirs = now.map(|now| AppDraft::of_body(&now.body));
            if removes && let Some(theirs) = &page.theirs {
                page.draft = theirs.clone();
            }
            StatusCode::CONFLICT
        }
    };
    show(&visit, status, |frame| app_view::one(&visit.state, &page, frame))
}
