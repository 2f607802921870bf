//! Find: what was typed into the box, and where it leads.
//!
//! Owns the way from a code, an id or a form to a diagnosis. Nothing that was typed stands in an
//! address. Where a place and a time leave several things open, they are listed to choose from.
//!
//! | file | what |
//! | --- | --- |
//! | [`typed`] | what stands in the box |
//! | [`mod@form`] | what the second form asks |
//! | [`candidates`] | what went wrong there and then |

mod candidates;
mod form;
mod typed;

use axum::Form;
use axum::extract::Path;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use maud::html;

use self::form::{FindForm, Place, Wrong};
use self::typed::{Typed, read};
use super::calls::{filter, query::CallsQuery};
use super::diagnosis::ask::{Ask, ask};
use super::now::view::finder_of;
use super::refusal::Refusal;
use crate::diagnosis::{Asked, Question};
use crate::domain::audit::Event;
use crate::domain::event::Exchange;
use crate::domain::ids::SupportCode;
use crate::domain::labels::Outcome;
use crate::domain::names::ClinicId;
use crate::keys::{Keyring, recorded_requests, recorded_traces};
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::components::clinic_field::Named;
use crate::ops::components::finder::{Finder, finder};
use crate::ops::components::shell::{Page, Room};
use crate::ops::freshness::Freshness;
use crate::store::{ExchangeFilter, Scoped, StoreError};

/// Diagnoses that are listed below the finder.
const LATEST: u32 = 10;

/// The page with the finder alone.
pub(crate) async fn form(visit: Visit) -> Response {
    let store = match visit.enter(Permission::Diagnoses).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let lines = match store.diagnoses_of(visit.account(), LATEST).await {
        Ok(lines) => lines,
        Err(error) => return visit.store_failed(&error),
    };
    let frame = visit.frame(Freshness::Unasked);
    let registry = &visit.state.registry;
    let body = html! {
        div.pagehead { div { h1 { (frame.t("Why can’t they see it?", "Pourquoi ne peuvent-ils pas le voir?")) } } }
        div.narrow { (finder(&finder_of(registry, &frame), &frame)) }
        (candidates::latest(&lines, registry, &frame))
    };
    let page = Page {
        room: Some(Room::Diagnose),
        title: frame.t("Diagnose", "Diagnostiquer").to_owned(),
        live: false,
        body,
    };
    visit.show(&frame, &page)
}

/// Leads to what was typed.
pub(crate) async fn find(visit: Visit, form: Result<Form<FindForm>, FormRejection>) -> Response {
    let store = match visit.enter(Permission::Diagnoses).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let Ok(Form(form)) = form else {
        let why = visit.language().of(
            "That form could not be read; try it again from here",
            "Ce formulaire n’a pu être lu; réessayez d’ici",
        );
        return mistaken(&visit, why);
    };
    let registry = &visit.state.registry;
    if form.clinic.is_some() {
        let keys = visit.state.keys.as_deref();
        return match form.place(registry, keys, visit.now, visit.language()) {
            Ok(place) => there(&visit, store, place).await,
            Err(wrong) => wrong_form(&visit, &form, wrong),
        };
    }
    let text = form.q.clone().unwrap_or_default();
    match read(&text, registry, visit.language()) {
        Typed::Mistake(why) => mistaken(&visit, why),
        Typed::Clinic(id) => see_other(&format!("/clinics/{id}")),
        Typed::Page(address) => see_other(&address),
        // What is no incident's number goes into no address.
        Typed::Incident(number) => match store.incident(number).await {
            Ok(Some(_)) => see_other(&format!("/incidents/{number}")),
            Ok(None) => mistaken(
                &visit,
                visit.language().of(
                    "There is no incident of that number",
                    "Il n’y a pas d’incident de ce numéro",
                ),
            ),
            Err(error) => visit.store_failed(&error),
        },
        found => lead(&visit, store, &found).await,
    }
}

/// Leads from a support code to its call: what an app's error screen links to. A link makes nothing,
/// so the diagnosis is one press further.
pub(crate) async fn by_code(visit: Visit, Path(code): Path<String>) -> Response {
    let store = match visit.enter(Permission::Calls).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let Some(code) = SupportCode::parse(&code) else { return visit.refuse(Refusal::NoSuchCall) };
    if !visit.witness(Event::FoundById, None, None).await {
        return visit.refuse(Refusal::StoreFailed);
    }
    let query = CallsQuery { support_code: Some(code), ..CallsQuery::default() };
    let address = match store.exchanges(&filter(&query), None, 2).await {
        Ok(found) => match found.items.as_slice() {
            // What is no call's code may be a name or a number, and goes into no further address.
            [] => return visit.refuse(Refusal::NoSuchCall),
            [only] => format!("/calls/{}", only.id),
            _ => query.address(),
        },
        Err(error) => return visit.store_failed(&error),
    };
    (StatusCode::FOUND, [(LOCATION, address)]).into_response()
}

/// What to look for, one after the other until something is found: an id may be of a trace or of a
/// request, and is kept under a key if it could be a number that names a person.
fn filters(typed: &Typed, keys: Option<&Keyring>) -> Vec<ExchangeFilter> {
    let any = ExchangeFilter::default;
    let requests = |text: &str| recorded_requests(keys, text).unwrap_or_default();
    match typed {
        Typed::Code(code) => vec![ExchangeFilter { support_code: Some(*code), ..any() }],
        Typed::Trace(trace) => {
            let trace_ids = recorded_traces(keys, *trace);
            let request_ids = requests(&trace.to_string());
            vec![ExchangeFilter { trace_ids, ..any() }, ExchangeFilter { request_ids, ..any() }]
        }
        Typed::Request(request, _) => {
            vec![ExchangeFilter { request_ids: requests(request.as_str()), ..any() }]
        }
        Typed::Clinic(_) | Typed::Incident(_) | Typed::Page(_) | Typed::Mistake(_) => Vec::new(),
    }
}

/// Nothing is known by what was typed. It is not told again: eight letters of a code may be a surname.
const UNKNOWN: [&str; 2] = [
    "No call with that code or id is recorded. Look at it again: a code has eight characters, \
     such as 7KQ4-M2PX",
    "Aucun appel avec ce code ou cet identifiant n’est enregistré. Regardez-le de nouveau : un code a huit \
     caractères, comme 7KQ4-M2PX",
];

/// Leads to the diagnosis of the call.
async fn lead(visit: &Visit, store: &Scoped, typed: &Typed) -> Response {
    let call = match call(store, visit.state.keys.as_deref(), typed).await {
        Ok(found) => found,
        Err(error) => return visit.store_failed(&error),
    };
    let Some(call) = call else {
        if !visit.witness(Event::FoundById, None, None).await {
            return visit.refuse(Refusal::StoreFailed);
        }
        let [english, french] = UNKNOWN;
        return mistaken(visit, visit.language().of(english, french));
    };
    let Some(question) = question_of(&call) else { return visit.refuse(Refusal::NoSuchCall) };
    let asked = Ask { question, deed: Event::Diagnosed, event: Some(call.id), clinic: call.clinic };
    match ask(visit, store, asked).await {
        Ok(id) => see_other(&format!("/d/{id}")),
        Err(answer) => answer,
    }
}

/// The question why a call ended as it did.
fn question_of(call: &Exchange) -> Option<Question> {
    let mut asked = Asked::default();
    asked.support_code = Some(call.support_code.to_string());
    Question::read(&asked, None).ok()
}

/// The call that was meant: of several with one id, the one that went wrong.
async fn call(
    store: &Scoped,
    keys: Option<&Keyring>,
    typed: &Typed,
) -> Result<Option<Exchange>, StoreError> {
    if let Typed::Request(_, Some(id)) = typed
        && let Some(call) = store.exchange(*id).await?
    {
        return Ok(Some(call));
    }
    let mut found = Vec::new();
    for filter in filters(typed, keys) {
        // Without anything to look for, it would be every call.
        if found.is_empty() && filter != ExchangeFilter::default() {
            found = store.exchanges(&filter, None, 50).await?.items;
        }
    }
    let ended = |outcome| move |call: &Exchange| call.ending.outcome() == outcome;
    let meant = [Outcome::Failed, Outcome::Empty, Outcome::Aborted]
        .into_iter()
        .find_map(|outcome| found.iter().position(ended(outcome)));
    let meant = meant.unwrap_or(0);
    Ok((meant < found.len()).then(|| found.swap_remove(meant)))
}

/// Leads on from a place and a time.
async fn there(visit: &Visit, store: &Scoped, place: Place) -> Response {
    let Place { clinic, at, window, about } = place;
    let (question, deed) = match about {
        Some(about) => about,
        None => match candidates::failed(store, &clinic, at, window).await {
            Err(error) => return visit.store_failed(&error),
            Ok(groups) if groups.len() > 1 => return choose(visit, clinic, at, &groups).await,
            Ok(groups) => {
                let only = groups.first().and_then(|group| question_of(&group.newest));
                match only.or_else(|| question_at(&clinic, at, window)) {
                    Some(question) => (question, Event::Diagnosed),
                    None => return visit.refuse(Refusal::NotFound),
                }
            }
        },
    };
    let asked = Ask { question, deed, event: None, clinic: Some(clinic) };
    match ask(visit, store, asked).await {
        Ok(id) => see_other(&format!("/d/{id}")),
        Err(answer) => answer,
    }
}

fn question_at(
    clinic: &ClinicId,
    at: crate::domain::time::Timestamp,
    window: &str,
) -> Option<Question> {
    let mut asked = Asked::default();
    asked.clinic = Some(clinic.to_string());
    asked.at = Some(at.to_string());
    asked.window = Some(window.to_owned());
    Question::read(&asked, None).ok()
}

async fn choose(
    visit: &Visit,
    clinic: ClinicId,
    at: crate::domain::time::Timestamp,
    groups: &[candidates::Group],
) -> Response {
    if !visit.witness(Event::ListedCalls, None, Some(clinic.clone())).await {
        return visit.refuse(Refusal::StoreFailed);
    }
    let frame = visit.frame(Freshness::Unasked);
    let page = candidates::view(groups, &clinic, at, &visit.state.registry, &frame);
    visit.show(&frame, &page)
}

fn see_other(address: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, address)]).into_response()
}

/// The finder again, with what was wrong beside its field, which is empty: what was typed may be about
/// a patient.
fn mistaken(visit: &Visit, why: &'static str) -> Response {
    let frame = visit.frame(Freshness::Unasked);
    let model = Finder { mistake: Some(why), ..finder_of(&visit.state.registry, &frame) };
    again(visit, &model)
}

/// The second form again: place and time as they were chosen, identifiers empty.
fn wrong_form(visit: &Visit, form: &FindForm, wrong: Wrong) -> Response {
    let frame = visit.frame(Freshness::Unasked);
    let registry = &visit.state.registry;
    let mut model = finder_of(registry, &frame);
    model.wrong = Some(wrong);
    match form.named(registry) {
        Named::One(clinic) => model.clinic = Some(clinic.clone()),
        named => {
            let problem = named.problem(visit.language());
            if let Some(several) = problem.and_then(|(choice, _)| choice) {
                model.clinics = several;
            }
        }
    }
    model.window = form.known_window();
    let is_clock = |text: &str| jiff::civil::Time::strptime("%H:%M", text).is_ok();
    if is_clock(&form.at) {
        model.at.clone_from(&form.at);
    }
    if form.day.parse::<jiff::civil::Date>().is_ok() && form.day.len() == 10 {
        model.day.clone_from(&form.day);
    }
    again(visit, &model)
}

fn again(visit: &Visit, model: &Finder) -> Response {
    let frame = visit.frame(Freshness::Unasked);
    let body = html! {
        div.pagehead { div { h1 { (frame.t("There is a problem", "Il y a un problème")) } } }
        div.narrow { (finder(model, &frame)) }
    };
    let title =
        frame.t("There is a problem. Diagnose", "Il y a un problème. Diagnostiquer").to_owned();
    let page = Page { room: Some(Room::Diagnose), title, live: false, body };
    let mut response = visit.show(&frame, &page);
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    response
}
