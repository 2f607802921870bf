//! One diagnosis: why somebody could not see something, and what to do about it.
//!
//! Owns the page of a kept answer and the forms on it. A diagnosis is a snapshot: the page shows the
//! same for everybody who opens its address; only the list of calls is read anew. What people say
//! about it is kept, counted and shown, and changes no verdict.
//!
//! | file | what |
//! | --- | --- |
//! | [`mod@ask`] | a question becomes a kept answer |
//! | [`answer`] | the kept answer, read back |
//! | [`view`], [`action`] | the order of the page; what to do and what to send |
//! | [`evidence`], [`lanes`] | why we think so; who got through when |
//! | [`said`] | was this right, and what people said before |

mod action;
pub(crate) mod answer;
pub(crate) mod ask;
mod evidence;
mod lanes;
mod said;
pub(crate) mod view;

use std::time::Duration;

use axum::Form;
use axum::extract::Path;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use self::answer::Answer;
use self::ask::{Ask, ask};
use crate::diagnosis::{Picture, Question};
use crate::domain::audit::Event;
use crate::domain::cause::Correction;
use crate::domain::event::Exchange;
use crate::domain::ids::{DiagnosisId, EventId};
use crate::domain::names::ClinicId;
use crate::domain::reference::Reference;
use crate::domain::time::Timestamp;
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::freshness::Freshness;
use crate::ops::pages::refusal::Refusal;
use crate::ops::reading::load::recorded_until;
use crate::store::{
    ExchangeFilter, Feedback, FeedbackCount, KeptDiagnosis, Scoped, StoreError, Watch,
};

/// How far around the last call in question the person's calls are listed.
const AROUND: Duration = Duration::from_mins(15);
/// Calls that are listed.
const LISTED: u32 = 25;

/// What is shown of a diagnosis.
pub(crate) struct DiagnosisModel {
    /// As it was kept.
    pub(crate) kept: KeptDiagnosis,
    /// What it says.
    pub(crate) answer: Answer,
    /// Who got through when.
    pub(crate) picture: Option<Picture>,
    /// The calls around it, the newest first, as far as they are still kept.
    pub(crate) calls: Vec<Exchange>,
    /// Whether they are one person's.
    pub(crate) of_person: bool,
    /// What the reader said about it.
    pub(crate) said: Option<Feedback>,
    /// What everybody said about this cause.
    pub(crate) count: FeedbackCount,
    /// Whether the reader waits for its end.
    pub(crate) watch: Option<Watch>,
    /// Whether messages are in French.
    pub(crate) french: bool,
}

impl DiagnosisModel {
    /// How far the record lagged behind the time that was asked about, when it was asked.
    pub(crate) fn lag(&self) -> Option<(Timestamp, Duration)> {
        let until = self.kept.recorded_until?;
        let question = Question::of_text(&self.kept.question);
        let ends = question.and_then(|question| question.ends(self.kept.asked_at));
        let needed = ends.unwrap_or(self.kept.asked_at).min(self.kept.asked_at);
        let lag = needed.since(until);
        (lag > crate::domain::health::verdict::STALE_AFTER).then_some((until, lag))
    }
}

/// The page.
pub(crate) async fn page(visit: Visit, Path(id): Path<String>) -> Response {
    let (store, kept) = match open(&visit, &id).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    if !visit.witness(Event::OpenedDiagnosis, None, kept.clinic.clone()).await {
        return visit.refuse(Refusal::StoreFailed);
    }
    let loaded = tokio::try_join!(load(&visit, store, kept), store.freshness());
    let (model, freshness) = match loaded {
        Ok(found) => found,
        Err(error) => return visit.store_failed(&error),
    };
    let frame = visit.frame(Freshness::of(recorded_until(freshness), visit.now));
    visit.show(&frame, &view::view(&model, &visit.state.registry, &frame))
}

/// The store and the diagnosis of an address, for somebody who may see it.
async fn open<'v>(visit: &'v Visit, id: &str) -> Result<(&'v Scoped, KeptDiagnosis), Response> {
    let store = visit.enter(Permission::Diagnoses).await?;
    let gone = || visit.refuse(Refusal::NoSuchDiagnosis);
    let id = DiagnosisId::parse(id).ok_or_else(gone)?;
    let kept = store.diagnosis(&id).await.map_err(|error| visit.store_failed(&error))?;
    Ok((store, kept.ok_or_else(gone)?))
}

async fn load(
    visit: &Visit,
    store: &Scoped,
    kept: KeptDiagnosis,
) -> Result<DiagnosisModel, StoreError> {
    let answer: Answer = serde_json::from_str(&kept.answer).unwrap_or_default();
    let picture: Option<Picture> = serde_json::from_str(&kept.picture).ok();
    let account = visit.account().unwrap_or_default();
    let ((calls, of_person), said, count, watches) = tokio::try_join!(
        calls(store, &answer, picture.as_ref()),
        store.feedback(&kept.id, account),
        store.feedback_about(kept.cause),
        store.watches_of(account, 100),
    )?;
    let watch = watches.into_iter().find(|watch| watch.diagnosis == kept.id);
    let french = visit.is_french();
    Ok(DiagnosisModel { kept, answer, picture, calls, of_person, said, count, watch, french })
}

/// The person's calls around the last one in question; where no person is known, those in question.
async fn calls(
    store: &Scoped,
    answer: &Answer,
    picture: Option<&Picture>,
) -> Result<(Vec<Exchange>, bool), StoreError> {
    let actors: Vec<Reference> = picture
        .map(|picture| picture.actors.iter().filter_map(|text| Reference::parse(text)).collect())
        .unwrap_or_default();
    if let Some(picture) = picture.filter(|_| !actors.is_empty()) {
        let at = Timestamp::from_micros(picture.at);
        let filter = ExchangeFilter {
            clinic: picture.clinic.as_deref().and_then(|id| ClinicId::parse(id).ok()),
            actor_refs: actors,
            from: Some(at.minus(AROUND)),
            to: Some(at.plus(AROUND)),
            ..ExchangeFilter::default()
        };
        return Ok((store.exchanges(&filter, None, LISTED).await?.items, true));
    }
    let mut found = Vec::new();
    for text in answer.exchanges.iter().rev().take(LISTED as usize) {
        if let Some(id) = EventId::parse(text)
            && let Some(call) = store.exchange(id).await?
        {
            found.push(call);
        }
    }
    Ok((found, false))
}

/// Asks the same again, with the calls since then.
pub(crate) async fn again(visit: Visit, Path(id): Path<String>) -> Response {
    let (store, kept) = match open(&visit, &id).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let Some(question) = Question::of_text(&kept.question) else {
        return visit.refuse(Refusal::NoSuchDiagnosis);
    };
    let asked = Ask { question, deed: Event::Diagnosed, event: None, clinic: kept.clinic };
    match ask(&visit, store, asked).await {
        Ok(id) => see_other(&format!("/d/{id}")),
        Err(answer) => answer,
    }
}

/// Whether it was right, and what it was instead.
#[derive(Deserialize)]
pub(crate) struct SaidForm {
    right: String,
    #[serde(default)]
    was: String,
}

/// Keeps what somebody says about a diagnosis.
pub(crate) async fn feedback(
    visit: Visit,
    Path(id): Path<String>,
    form: Result<Form<SaidForm>, FormRejection>,
) -> Response {
    let (store, kept) = match open(&visit, &id).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let address = format!("/d/{}#h-said", kept.id);
    let said = match form {
        Ok(Form(form)) => match (form.right.as_str(), Correction::parse(&form.was)) {
            ("yes", _) => Some((true, None)),
            ("no", Some(was)) => Some((false, Some(was))),
            _ => None,
        },
        Err(_) => None,
    };
    // Nothing was said: the form is still there.
    let Some((is_right, was)) = said else { return see_other(&address) };
    let deed = if is_right { Event::DiagnosisConfirmed } else { Event::DiagnosisDenied };
    if !visit.witness(deed, None, kept.clinic.clone()).await {
        return visit.refuse(Refusal::NotKept);
    }
    let account = visit.account().unwrap_or_default();
    let said = Feedback { at: visit.now, is_right, was };
    match store.keep_feedback(&kept, account, &said).await {
        Ok(()) => see_other(&address),
        Err(error) => visit.store_failed(&error),
    }
}

/// Whether to tell the reader when it works.
#[derive(Deserialize)]
pub(crate) struct WatchForm {
    turn: String,
}

/// Begins or ends a watch.
pub(crate) async fn watch(
    visit: Visit,
    Path(id): Path<String>,
    form: Result<Form<WatchForm>, FormRejection>,
) -> Response {
    let (store, kept) = match open(&visit, &id).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let account = visit.account().unwrap_or_default();
    let turn = form.map(|Form(form)| form.turn).unwrap_or_default();
    let done = match turn.as_str() {
        "on" => store.begin_watch(&kept.id, account, visit.now).await,
        "off" => store.end_watch(&kept.id, account).await,
        _ => Ok(()),
    };
    visit.state.watches.forget(account);
    match done {
        Ok(()) => see_other(&format!("/d/{}#h-do", kept.id)),
        Err(error) => visit.store_failed(&error),
    }
}

fn see_other(address: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, address)]).into_response()
}
