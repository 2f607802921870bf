//! A visit: who asks for a page, from which address, with which preferences.
//!
//! Owns what every page begins with and ends with: the reader, the permission, the frame, and the
//! answer's headers. Does not know what is on a page.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use maud::Markup;

use super::form_token::FormToken;
use super::policy::{Permission, may};
use super::session;
use crate::domain::adoption::Week;
use crate::domain::audit::Event;
use crate::domain::clinic_scope::ClinicScope;
use crate::domain::health::State;
use crate::domain::ids::EventId;
use crate::domain::names::{AccountId, ClinicId};
use crate::domain::registry::{Phase, Registry};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::ops::components::leaves::Leaf;
use crate::ops::components::shell::{Frame, Page, Reader, shell};
use crate::ops::freshness::Freshness;
use crate::ops::pages::refusal::{self, Refusal};
use crate::ops::preferences::Preferences;
use crate::ops::reading::Reading;
use crate::ops::state::{Auth, LookedUp, OpsState, Witnessed};
use crate::ops::watches::News;
use crate::ops::words::language::Language;
use crate::ops::words::times::Zone;
use crate::store::{Scoped, Store, StoreError};

/// What an address says before the language that its messages are to be in.
const MESSAGES: &str = "lang=";

/// Who asks for a page, and how.
pub(crate) struct Visit {
    /// The site.
    pub(crate) state: OpsState,
    /// Who is signed in.
    pub(crate) person: Option<Reader>,
    /// The moment of the visit.
    pub(crate) now: Timestamp,
    /// Path and query.
    pub(crate) address: String,
    /// What the reader may see of what is recorded.
    store: Option<Scoped>,
    preferences: Preferences,
    keep: Option<String>,
    messages: Option<Language>,
    news: Vec<News>,
    open_incidents: usize,
    form_token: Option<FormToken>,
}

impl FromRequestParts<OpsState> for Visit {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &OpsState,
    ) -> Result<Self, Self::Rejection> {
        let now = state.clock.now();
        let person = match state.auth {
            Auth::Off => Some(Reader {
                name: None,
                role: Role::Admin,
                has_account: false,
                clinics: ClinicScope::all(),
            }),
            Auth::Sessions => session::reader(state, &parts.headers, now).await,
        };
        let address = address(&parts.uri);
        let query = parts.uri.query().unwrap_or_default();
        let messages =
            query.split('&').find_map(|pair| Language::parse(pair.strip_prefix(MESSAGES)?));
        let scope = person.as_ref().map_or(ClinicScope::only([]), |person| person.clinics.clone());
        let store = state.store.get().map(|store| store.within(&scope));
        let news = match (&person, &store) {
            (Some(person), Some(store)) if person.may(Permission::Diagnoses) => {
                let account = person.name.as_deref().unwrap_or_default();
                state.watches.look(state, store, account, now).await
            }
            _ => Vec::new(),
        };
        let open_incidents = match (&person, &store) {
            // None closes after now, so these are the open ones. A page says itself that the store is away.
            (Some(person), Some(store)) if person.may(Permission::Health) => {
                store.incidents(now).await.map_or(0, |open| open.len())
            }
            _ => 0,
        };
        Ok(Self {
            state: state.of_visit(&scope),
            store,
            person,
            now,
            address,
            preferences: Preferences::of(&parts.headers, &parts.uri),
            keep: Preferences::keep(&parts.uri),
            messages,
            news,
            open_incidents,
            form_token: FormToken::of(&parts.headers),
        })
    }
}

impl Visit {
    /// The frame of a page that is as old as that.
    pub(crate) fn frame(&self, freshness: Freshness) -> Frame {
        Frame {
            environment: self.state.environment,
            reader: self.person.clone(),
            freshness,
            unkept: self.state.witness.unkept(),
            now: self.now,
            address: self.address.clone(),
            preferences: self.preferences,
            home: self.home(),
            read_only: self.state.read_only.cause(self.now),
            news: self.news.clone(),
            open_incidents: self.open_incidents,
        }
    }

    /// The same visit by somebody who is nobody here and sees those clinics' counts by a link.
    pub(crate) fn into_guest(self, clinics: &ClinicScope) -> Self {
        let store = self.state.store.get().map(|store| store.within(clinics));
        let state = self.state.of_visit(clinics);
        Self { state, store, person: None, news: Vec::new(), open_incidents: 0, ..self }
    }

    /// Clinics and applications as of now, for a page that has just changed them.
    pub(crate) fn registry_now(&self) -> Arc<Registry> {
        self.fresh_state().registry
    }

    /// The site as of now, within what the reader sees.
    pub(crate) fn fresh_state(&self) -> OpsState {
        let nobody = ClinicScope::only([]);
        self.state.of_visit(self.person.as_ref().map_or(&nobody, |person| &person.clinics))
    }

    /// The clock of pages about several clinics.
    pub(crate) fn home(&self) -> Zone {
        let zone = if self.preferences.utc { Zone::utc() } else { home(&self.state) };
        zone.in_language(self.preferences.language)
    }

    /// Whether the reader asked for UTC.
    pub(crate) const fn prefers_utc(&self) -> bool {
        self.preferences.utc
    }

    /// What somebody who may do something sees of the store.
    ///
    /// # Errors
    ///
    /// The answer to give instead: the sign-in page, a refusal, or that the store is not there.
    pub(crate) async fn enter(&self, permission: Permission) -> Result<&Scoped, Response> {
        self.admit(permission).await?;
        self.store.as_ref().ok_or_else(|| self.refuse(Refusal::StoreFailed))
    }

    /// The whole store, for what is not about clinics: people, the access log, one's own account.
    ///
    /// # Errors
    ///
    /// The answer to give instead: the sign-in page, a refusal, or that the store is not there.
    pub(crate) async fn enter_office(&self, permission: Permission) -> Result<&Store, Response> {
        self.admit(permission).await?;
        self.state.store.get().ok_or_else(|| self.refuse(Refusal::StoreFailed))
    }

    /// What the reader may see of the store, where it is there. Permissions are not looked at.
    pub(crate) const fn sees(&self) -> Option<&Scoped> {
        self.store.as_ref()
    }

    /// The whole store, for a page that has let its reader in.
    pub(crate) fn office(&self) -> Option<&Store> {
        self.state.store.get()
    }

    /// The figures of this moment.
    pub(crate) async fn reading(&self, store: &Scoped) -> Result<Arc<Reading>, StoreError> {
        self.state.reading(store, self.now).await
    }

    /// Lets somebody in who may do something.
    ///
    /// # Errors
    ///
    /// The answer to give instead: the sign-in page, or a refusal.
    pub(crate) async fn admit(&self, permission: Permission) -> Result<(), Response> {
        let Some(person) = &self.person else {
            return Err((StatusCode::SEE_OTHER, [(LOCATION, "/sign-in")]).into_response());
        };
        if person.may(permission) {
            return Ok(());
        }
        // The refusal stands whether or not it could be kept.
        self.witness(Event::KeptOut, None, None).await;
        let by_role = !may(person.role, permission);
        Err(self.refuse(if by_role {
            Refusal::NotAllowed(permission)
        } else {
            Refusal::OfAllClinics
        }))
    }

    /// Keeps what the reader did. `false` if it could not be kept.
    pub(crate) async fn witness(
        &self,
        deed: Event,
        event: Option<EventId>,
        clinic: Option<ClinicId>,
    ) -> bool {
        self.witness_of(deed, event, clinic, LookedUp::default()).await
    }

    /// Keeps what the reader did about somebody. `false` if it could not be kept.
    pub(crate) async fn witness_of(
        &self,
        deed: Event,
        event: Option<EventId>,
        clinic: Option<ClinicId>,
        about: LookedUp,
    ) -> bool {
        let entry = Witnessed {
            deed,
            account: self.account().map(str::to_owned),
            role: self.person.as_ref().map(|person| person.role),
            event,
            clinic,
            about,
            at: self.now,
        };
        self.state.witness.keep(entry).await
    }

    /// Keeps that a sign-in was refused that names nobody.
    ///
    /// # Errors
    ///
    /// How long to wait, where there were too many: then it is not kept, so that a flood of them does not
    /// fill the audit.
    pub(crate) async fn refused_sign_in(&self) -> Result<(), Duration> {
        self.state.tries.refused(self.now)?;
        // It stays refused whether or not that could be kept.
        self.witness(Event::SignInRefused, None, None).await;
        Ok(())
    }

    /// The reader's account; `None` where sign-in is off.
    pub(crate) fn account(&self) -> Option<&str> {
        self.person.as_ref()?.name.as_deref()
    }

    /// The number of the reader's account; `None` where there is no account, or nobody who knows it.
    pub(crate) async fn account_number(&self) -> Option<u32> {
        let person = self.person.as_ref().filter(|person| person.has_account)?;
        let name = AccountId::parse(person.name.as_deref()?).ok()?;
        let account = self.state.store.get()?.account(&name).await.ok()??;
        Some(account.number)
    }

    /// Whether messages are to be in French: as the address says, else in the reader's language.
    pub(crate) const fn is_french(&self) -> bool {
        match self.messages {
            Some(language) => matches!(language, Language::French),
            None => matches!(self.preferences.language, Language::French),
        }
    }

    /// The language that the reader reads.
    pub(crate) const fn language(&self) -> Language {
        self.preferences.language
    }

    /// The answer that shows a page.
    pub(crate) fn show(&self, frame: &Frame, page: &Page) -> Response {
        let mut response = self.drawn(shell(frame, page));
        if let Some(cookie) = self.keep.as_deref().and_then(|c| HeaderValue::from_str(c).ok()) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    }

    /// The answer of a page that is drawn; its forms are of the reader's session.
    pub(crate) fn drawn(&self, page: Markup) -> Response {
        match &self.form_token {
            Some(token) => Html(token.put_into(&page.into_string())).into_response(),
            None => page.into_response(),
        }
    }

    /// The answer that says no.
    pub(crate) fn refuse(&self, refusal: Refusal) -> Response {
        let freshness = match refusal {
            Refusal::StoreFailed => Freshness::Unreachable,
            _ => Freshness::Unasked,
        };
        let mut frame = self.frame(freshness);
        if refusal != Refusal::StoreFailed {
            // Whatever was typed into the address named nothing; the page does not give it back.
            "/".clone_into(&mut frame.address);
        }
        let mut response = self.show(&frame, &refusal::view(refusal, &frame));
        *response.status_mut() = refusal.status();
        response
    }

    /// The answer where the store did not do as asked.
    pub(crate) fn store_failed(&self, error: &StoreError) -> Response {
        self.state.witness.store_failed(error);
        self.refuse(Refusal::StoreFailed)
    }
}

/// The address that a page may repeat: path and the filters that it knows. What else somebody pasted
/// behind the question mark ends here.
pub(super) fn address(uri: &axum::http::Uri) -> String {
    let known = |pair: &&str| match (uri.path(), pair.split_once('=')) {
        // The list of calls leads to its canonical address before it shows anything, and an alert's link
        // shows nothing at all.
        ("/calls" | "/incidents/by-alert", _) => true,
        ("/clinics", Some(("phase", value))) => Phase::parse(value).is_some(),
        ("/clinics", Some(("state", value))) => State::parse(value).is_some(),
        ("/clinics" | "/settings/clinics", Some(("page", value))) => Leaf::parse(value).is_some(),
        (_, Some(("tz", value))) => matches!(value, "utc" | "clinic"),
        (path, Some((name, value))) if path.starts_with("/adoption") => match name {
            "week" => Week::parse(value).is_ok(),
            _ => *pair == "show=all",
        },
        (path, Some(_)) if path.starts_with("/d/") || path.starts_with("/incidents/") => {
            pair.strip_prefix(MESSAGES).is_some_and(|tag| Language::parse(tag).is_some())
        }
        _ => false,
    };
    let query = uri.query().unwrap_or_default();
    let pairs: Vec<&str> = query.split('&').filter(known).collect();
    if pairs.join("").is_empty() {
        return uri.path().to_owned();
    }
    format!("{}?{}", uri.path(), pairs.join("&"))
}

/// The clock of pages about several clinics: the one that most clinics have.
fn home(state: &OpsState) -> Zone {
    // A few zones among however many clinics.
    let mut votes: Vec<(&jiff::tz::TimeZone, usize)> = Vec::new();
    for clinic in state.registry.clinics() {
        match votes.iter_mut().find(|(zone, _)| **zone == clinic.time_zone) {
            Some((_, count)) => *count += 1,
            None => votes.push((&clinic.time_zone, 1)),
        }
    }
    // Of equals the first counts, so that the clock does not depend on the order of a map.
    let most = votes.iter().rev().max_by_key(|(_, count)| *count);
    most.map_or_else(Zone::utc, |(zone, _)| Zone::of(zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_repeats_of_its_address_only_what_it_knows() {
        for (asked, repeated) in [
            ("/", "/"),
            ("/?name=Tremblay", "/"),
            ("/clinics?phase=pilot&q=9123456780&tz=utc", "/clinics?phase=pilot&tz=utc"),
            ("/clinics?phase=Zo%C3%AB", "/clinics"),
            ("/clinics?page=2&q=Tremblay", "/clinics?page=2"),
            ("/settings/clinics?page=9123456780", "/settings/clinics"),
            ("/d/x?lang=fr&q=Tremblay", "/d/x?lang=fr"),
            ("/incidents/7?lang=fr&q=Tremblay", "/incidents/7?lang=fr"),
            ("/?lang=fr", "/"),
            ("/adoption?week=2026-W47&q=Tremblay&show=all", "/adoption?week=2026-W47&show=all"),
            ("/adoption/lakeshore?week=Tremblay&tz=utc", "/adoption/lakeshore?tz=utc"),
            (
                "/calls?clinic=maple-ridge&outcome=failed",
                "/calls?clinic=maple-ridge&outcome=failed",
            ),
        ] {
            assert_eq!(address(&asked.parse().unwrap()), repeated, "{asked}");
        }
    }
}
