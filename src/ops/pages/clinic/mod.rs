//! One clinic: its state, its day, its tasks, its problems, how it is connected.
//!
//! Owns what is shown about a clinic. Counts only: nothing here is about one person.

mod cards;
mod load;
pub(crate) mod view;

use axum::extract::Path;
use axum::response::Response;

use crate::domain::health::Tally;
use crate::domain::labels::Context;
use crate::domain::names::{ClinicId, OperationName};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::freshness::Freshness;
use crate::ops::pages::refusal::Refusal;

/// The page.
pub(crate) async fn page(visit: Visit, Path(id): Path<String>) -> Response {
    let store = match visit.enter(Permission::Health).await {
        Ok(store) => store,
        Err(answer) => return answer,
    };
    let registry = &visit.state.registry;
    let clinic = ClinicId::parse(&id).ok().and_then(|id| registry.clinic(&id));
    let Some(clinic) = clinic else { return visit.refuse(Refusal::NotFound) };
    let reading = match visit.reading(store).await {
        Ok(reading) => reading,
        Err(error) => return visit.store_failed(&error),
    };
    let verdict = reading.verdict();
    let since = verdict.clinics.iter().find(|c| c.clinic == clinic.id).and_then(|c| c.since);
    let detail = match load::load(store, clinic, since, visit.now).await {
        Ok(detail) => detail,
        Err(error) => return visit.store_failed(&error),
    };
    let frame = visit.frame(Freshness::of(reading.recorded_until, visit.now));
    let model = view::ClinicView {
        clinic,
        reading: &reading,
        verdict: &verdict,
        detail: &detail,
        registry,
        frame: &frame,
    };
    visit.show(&frame, &view::view(&model))
}

/// Half hours that the clinic's strip shows.
pub(crate) const SLOTS: usize = 48;
/// Days that a task's line shows.
pub(crate) const DAYS: usize = 14;

/// What is known of one clinic besides the [`crate::ops::reading::Reading`].
#[derive(Default)]
pub(crate) struct Detail {
    /// The start of the first of [`SLOTS`] half hours.
    pub(crate) first_slot: Option<Timestamp>,
    /// The half hours.
    pub(crate) slots: Vec<Tally>,
    /// Its tasks, the most used first.
    pub(crate) tasks: Vec<TaskFigures>,
    /// What failed in the last seven days, the most first.
    pub(crate) problems: Vec<Problem>,
    /// Kinds of sign-in seen in the last day, with their calls.
    pub(crate) contexts: Vec<(Context, u64)>,
    /// Its first call ever.
    pub(crate) first_call: Option<Timestamp>,
}

/// The figures of one task.
pub(crate) struct TaskFigures {
    /// Which.
    pub(crate) operation: OperationName,
    /// Since the trouble began, or in the last hour.
    pub(crate) recent: Tally,
    /// In the last day.
    pub(crate) day: Tally,
    /// When it last worked.
    pub(crate) last_worked: Option<Timestamp>,
    /// Calls of each of the last [`DAYS`] days.
    pub(crate) by_day: Vec<u64>,
}

/// One way in which calls failed.
pub(crate) struct Problem {
    /// Why.
    pub(crate) reason: Reason,
    /// The tasks that it hit, the most hit first.
    pub(crate) operations: Vec<OperationName>,
    /// How many calls.
    pub(crate) calls: u64,
    /// The hour of the first one.
    pub(crate) first: Timestamp,
    /// The hour of the last one.
    pub(crate) last: Timestamp,
}
