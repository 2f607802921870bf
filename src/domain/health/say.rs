//! The verdict in one sentence, and its JSON form.
//!
//! Owns the sentences that the site's first line and the API's `sentence` share, so that both say
//! the same. Does not format times or numbers of the page; see `crate::ops::words`.

use serde::Serialize;

use super::clinic::ClinicHealth;
use super::few::Few;
use super::verdict::Verdict;
use super::{State, Trouble};
use crate::domain::names::ClinicId;
use crate::domain::time::Timestamp;

/// The sentence that is the answer. `name` gives a clinic's name.
#[must_use]
pub fn sentence<'n>(verdict: &Verdict, name: impl Fn(&ClinicId) -> &'n str) -> String {
    if let Some(few) = &verdict.few {
        return of_few(few, name);
    }
    let Some(trouble) = verdict.trouble else {
        return match verdict.state {
            State::Working => "Everything is working.",
            _ => "No calls right now, and none are expected.",
        }
        .to_owned();
    };
    let Some(first) = verdict.touched.first() else { return of_everyone(trouble).to_owned() };
    if trouble.is_everywhere() {
        return of_everyone(trouble).to_owned();
    }
    let clinic = &verdict.clinics[*first];
    let several = verdict.touched.len() > 1;
    of_one(trouble, clinic, if several { "several clinics" } else { name(&clinic.clinic) })
}

/// What is known where it is too little to name a trouble.
fn of_few<'n>(few: &Few, name: impl Fn(&ClinicId) -> &'n str) -> String {
    let place = match few.clinics.as_slice() {
        [only] => name(only),
        _ => "several clinics",
    };
    let calls = if few.of == 1 { "call" } else { "calls" };
    format!(
        "{} of {} {calls} failed at {place}. That is too few to tell what is wrong.",
        few.failed, few.of
    )
}

fn of_everyone(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::AccuscopeFailing => "Our service is failing.",
        Trouble::AccuroUnreachable => "We can’t reach Accuro.",
        Trouble::AccuroDown => "Accuro isn’t answering.",
        Trouble::AccuroSlow => "Accuro is slow.",
        Trouble::AppCredentialsRejected => "Accuro rejects our app at several clinics.",
        Trouble::NotRecorded => "We don’t know: no calls are being recorded.",
        Trouble::ClinicConnectionRejected
        | Trouble::ClinicSignInFailing
        | Trouble::ClinicDown
        | Trouble::ClinicSlow
        | Trouble::RateLimited
        | Trouble::RequestRejected
        | Trouble::AnswerChanged
        | Trouble::SomeRefused
        | Trouble::RefusedByAccuscope
        | Trouble::GoneSilent => "A clinic is in trouble.",
    }
}

/// The sentence for one clinic's trouble.
#[must_use]
pub fn of_one(trouble: Trouble, clinic: &ClinicHealth, name: &str) -> String {
    of_incident(trouble, clinic.state != State::Failing, name)
}

/// The sentence for a trouble of a clinic, or of several, of that name; of part of its calls, or all.
#[must_use]
pub fn of_incident(trouble: Trouble, partly: bool, name: &str) -> String {
    match trouble {
        Trouble::ClinicConnectionRejected => {
            format!("{name} can’t reach Accuro. Other clinics can.")
        }
        Trouble::ClinicSignInFailing => format!("Staff at {name} can’t sign in to Accuro."),
        Trouble::ClinicDown if partly => format!("Accuro sometimes doesn’t answer {name}."),
        Trouble::ClinicDown => format!("Accuro isn’t answering {name}. Other clinics are fine."),
        Trouble::ClinicSlow => format!("Accuro is slow for {name}."),
        Trouble::RateLimited => format!("Accuro gets too many calls from {name}."),
        Trouble::RequestRejected => format!("Accuro rejects what the app sends for {name}."),
        Trouble::AnswerChanged => {
            format!("Accuro answers {name} in a form that the app can’t read.")
        }
        Trouble::SomeRefused => format!("Accuro refuses some calls of {name}."),
        Trouble::RefusedByAccuscope => format!("Our own rules refuse calls of {name}."),
        Trouble::GoneSilent => format!("No calls from {name}, where there always are some."),
        everywhere => of_everyone(everywhere).to_owned(),
    }
}

/// The JSON form of a verdict, as `GET /api/v1/status` gives it.
#[derive(Debug, Serialize)]
pub struct Status<'v> {
    /// A [`State`].
    pub state: &'static str,
    /// A [`Trouble`].
    pub cause: Option<&'static str>,
    /// A [`super::Owner`].
    pub owner: &'static str,
    /// The verdict in one sentence.
    pub sentence: String,
    /// When the trouble began.
    pub since: Option<Timestamp>,
    /// How many it touches.
    pub affected: StatusAffected,
    /// Every clinic, worst first.
    pub clinics: Vec<StatusClinic<'v>>,
    /// How sure the watch is, 0 to 1; `None` where nothing is wrong, or the watch has not looked yet.
    pub confidence: Option<f64>,
    /// The number of the incident.
    pub incident: Option<i64>,
    /// The moment.
    pub as_of: Timestamp,
}

/// How many a trouble touches.
#[derive(Debug, Serialize)]
pub struct StatusAffected {
    /// Clinics.
    pub clinics: usize,
    /// Staff and services; null where they were not counted.
    pub actors: Option<u64>,
    /// Failed calls since it began.
    pub calls: u64,
}

/// One clinic in the JSON form.
#[derive(Debug, Serialize)]
pub struct StatusClinic<'v> {
    /// Its id.
    pub id: &'v ClinicId,
    /// A [`State`].
    pub state: &'static str,
    /// The kind of most failures.
    pub category: Option<&'static str>,
    /// A [`Trouble`].
    pub cause: Option<&'static str>,
    /// Failed calls since it began; of the last hour where nothing is wrong.
    pub failed: u64,
    /// All calls in the same time.
    pub calls: u64,
    /// When the trouble began.
    pub since: Option<Timestamp>,
}

/// The JSON form of a verdict.
#[must_use]
pub fn status<'v>(verdict: &'v Verdict, name: impl Fn(&ClinicId) -> &'v str) -> Status<'v> {
    let clinic = |health: &'v ClinicHealth| StatusClinic {
        id: &health.clinic,
        state: health.state.as_str(),
        category: health.category.map(super::super::labels::Category::as_str),
        cause: health.trouble.map(Trouble::as_str),
        failed: health.failed,
        calls: health.calls,
        since: health.since,
    };
    Status {
        state: verdict.state.as_str(),
        cause: verdict.trouble.map(Trouble::as_str),
        owner: verdict.owner.as_str(),
        sentence: sentence(verdict, name),
        since: verdict.since,
        affected: StatusAffected {
            clinics: verdict.affected.clinics,
            actors: verdict.affected.actors,
            calls: verdict.affected.calls,
        },
        clinics: verdict.clinics.iter().map(clinic).collect(),
        confidence: verdict.confidence.map(two_digits),
        incident: verdict.incident,
        as_of: verdict.as_of,
    }
}

fn two_digits(confidence: f64) -> f64 {
    (confidence * 100.0).round() / 100.0
}
