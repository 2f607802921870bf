//! Writes: are they on, and the switch that turns them off for every clinic.
//!
//! Owns the page and the form. The switch is the call path's own, shared through the domain; it is
//! turned only if the audit has kept who turned it.

pub(crate) mod view;

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::domain::audit::Event;
use crate::ops::access::policy::Permission;
use crate::ops::access::visit::Visit;
use crate::ops::freshness::Freshness;
use crate::ops::pages::refusal::Refusal;
use crate::ops::state::OpsState;
use crate::telemetry::events;

/// The page.
pub(crate) async fn page(visit: Visit) -> Response {
    if let Err(answer) = visit.admit(Permission::Health).await {
        return answer;
    }
    let frame = visit.frame(Freshness::Unasked);
    let read_only = &visit.state.read_only;
    let writes = view::Writes {
        cause: read_only.cause(visit.now),
        switch: read_only.switch(),
        flapping_left: read_only.flapping_left(visit.now),
        may_switch: frame.may(Permission::Writes),
    };
    visit.show(&frame, &view::view(&writes, &frame))
}

/// What the form says.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Turn {
    /// Writes off.
    Off,
    /// Writes on.
    On,
}

/// The form.
#[derive(Deserialize)]
pub(crate) struct TurnForm {
    writes: Turn,
    /// That switching off is meant.
    #[serde(default)]
    sure: String,
}

/// Turns the switch.
pub(crate) async fn switch(
    State(state): State<OpsState>,
    visit: Visit,
    form: Result<Form<TurnForm>, FormRejection>,
) -> Response {
    if let Err(answer) = visit.admit(Permission::Writes).await {
        return answer;
    }
    let Ok(Form(form)) = form else { return visit.refuse(Refusal::NotUnderstood) };
    let off = matches!(form.writes, Turn::Off);
    if off && form.sure != "yes" {
        // It stops every clinic, so it takes a second press.
        let frame = visit.frame(Freshness::Unasked);
        return visit.show(&frame, &view::confirm(visit.language()));
    }
    let deed = if off { Event::ReadOnlyOn } else { Event::ReadOnlyOff };
    if !visit.witness(deed, None, None).await {
        return visit.refuse(Refusal::NotKept);
    }
    state.read_only.set(off, visit.now);
    events::read_only_switched(off);
    (StatusCode::SEE_OTHER, [(LOCATION, "/writes")]).into_response()
}
