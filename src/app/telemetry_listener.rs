//! The telemetry listener: `/metrics`, `/healthz`, `/readyz`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::config::Current;
use crate::domain::registry::Registry;
use crate::journal::audit::AuditLog;
use crate::journal::{Counts, Recorder};
use crate::store::StoreHandle;
use crate::telemetry::metrics::{Format, Metrics};

/// What the listener shows.
#[derive(Clone)]
pub(super) struct State {
    pub(super) metrics: Arc<Metrics>,
    pub(super) registry: Current<Registry>,
    pub(super) recorder: Recorder,
    pub(super) audit: AuditLog,
    pub(super) store: StoreHandle,
    pub(super) draining: Arc<AtomicBool>,
    /// What the metrics show already of the events' fate.
    pub(super) shown: Arc<Mutex<Counts>>,
}

/// The listener's routes over what is shown.
pub(super) fn over(
    metrics: &Arc<Metrics>,
    registry: &Current<Registry>,
    recorder: &Recorder,
    audit: AuditLog,
    store: &StoreHandle,
    draining: &Arc<AtomicBool>,
) -> Router {
    router(State {
        metrics: Arc::clone(metrics),
        registry: registry.clone(),
        recorder: recorder.clone(),
        audit,
        store: store.clone(),
        draining: Arc::clone(draining),
        shown: Arc::default(),
    })
}

/// The three paths.
fn router(state: State) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz))
        .with_state(state)
}

async fn metrics(extract::State(state): extract::State<State>, headers: HeaderMap) -> Response {
    {
        // Two scrapes at a time must not count the same events twice.
        let mut shown = state.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = state.recorder.counts();
        let metrics = &state.metrics;
        metrics.recorder_events.inc_by(counts.events - shown.events);
        metrics.recorder_recorded.inc_by(counts.recorded - shown.recorded);
        metrics.recorder_dropped.inc_by(counts.dropped - shown.dropped);
        metrics.recorder_queued.set(i64::try_from(counts.queued).unwrap_or(i64::MAX));
        *shown = counts;
    }
    let registry = state.registry.keep();
    let keys = registry.apps().iter().flat_map(|app| app.keys.iter().map(move |key| (app, key)));
    state.metrics.show_key_uses(keys.filter_map(|(app, key)| {
        key.last_use.get().map(|at| (app.id.as_str(), key.id.as_str(), at))
    }));
    let keys = registry.apps().iter().flat_map(|app| app.keys.iter().map(move |key| (app, key)));
    let ends = keys.filter(|(_, key)| !key.revoked);
    state.metrics.show_key_ends(
        ends.filter_map(|(app, key)| {
            key.not_after.map(|end| (app.id.as_str(), key.id.as_str(), end))
        }),
    );
    state.metrics.journal_writable.set(i64::from(state.recorder.is_writable()));
    let accepts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let format = Format::of_accept(&accepts.collect::<Vec<_>>().join(","));
    match state.metrics.encode(format) {
        Ok(text) => ([(header::CONTENT_TYPE, format.content_type())], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Whether the process can forward and record. Store and audit are told, but do not count: without
/// the store calls flow and are journalled, without the audit reads do.
async fn readyz(extract::State(state): extract::State<State>) -> Response {
    let draining = state.draining.load(Ordering::SeqCst);
    let journal = state.recorder.is_writable();
    let store = state.store.get().is_some() && state.metrics.store_up.get() == 1;
    let audit = state.audit.is_available();
    let word = |fine, yes, no| if fine { yes } else { no };
    let status = match (draining, journal, store) {
        (true, ..) => "draining",
        (false, true, _) if !audit => "ready, but writes are refused: the audit cannot be kept",
        (false, true, true) => "ready",
        (false, true, false) => "ready, but pages are not fresh: the store is unreachable",
        (false, false, _) => "not ready: the journal cannot be written",
    };
    let body = serde_json::json!({
        "status": status,
        "proxy": word(!draining, "serving", "draining"),
        "journal": word(journal, "writable", "unwritable"),
        "audit": word(audit, "available", "unavailable"),
        "store": word(store, "reached", "unreachable"),
    });
    let code = if !draining && journal { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, axum::Json(body)).into_response()
}
