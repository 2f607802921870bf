//! accuscope: an instrumented reverse proxy in front of the Accuro EMR REST API.
//!
//! ```text
//! app ─▶ proxy: guard ─▶ identify ─▶ admit ─▶ forward ─▶ watch ─▶ judge ─▶ record ─┬─▶ metrics   in line, exact
//!                                                                                   ├─▶ span      may drop
//!                                                                                   └─▶ journal   append-only, on disk
//!                                                                                         │ indexer: in order, once
//!                                                                                         ▼
//!                              ops: pages, JSON API ◀────────── reads only ────────── store
//! ```
//!
//! Modules are floors, and imports point down only; `tests/architecture.rs` holds that.
//!
//! | floor | module | owns |
//! | --- | --- | --- |
//! | 6 | [`cli`] | commands |
//! | 5 | [`app`], [`demo`], [`prove`] | wiring, start and stop order; simulated clinics at work; the proof that nothing leaks |
//! | 4 | [`proxy`] | the call path |
//! | 4 | [`ops`] | pages and the JSON API, sessions, markup |
//! | 4 | [`sim`] | the simulated Accuro |
//! | 3 | [`indexer`] | from the journal into the store |
//! | 3 | [`diagnosis`] | why somebody could not see what they asked for |
//! | 3 | [`retention`] | the limits, applied to store and journal |
//! | 2 | [`journal`] | segments on disk, the audit |
//! | 2 | [`store`] | SQL, rows, roll-ups |
//! | 1 | [`config`], [`telemetry`], [`clock`], [`keys`] | settings, metrics and log lines, time, keyed references |
//! | 0 | [`domain`] | the product's rules |
//!
//! Where is …?
//!
//! | question | look |
//! | --- | --- |
//! | What happens to a request, in which order? | `proxy::handle` |
//! | Why was this call filed under that reason? | [`domain::classify::judge`] |
//! | Which clinic was it filed under, and why was it refused? | [`domain::attribution::attribute`] |
//! | Which paths are known? | `src/domain/catalogue/default.csv` |
//! | How long is what kept, and where is it listed? | [`domain::retention`], `store::retention::kept` |
//! | What can an event hold? | [`domain::event::Exchange`] |
//! | What is in the audit, and when does a write wait for it? | [`domain::audit`], [`journal::audit`], `proxy::audit` |
//! | How is it shown that nothing leaks? | [`prove`] |
//! | A metric, a log line, a setting | [`telemetry::metrics`], [`telemetry::events`], `config::known` |
//! | Whose trouble is it right now? | [`domain::health`] |
//! | Do clinics really use it? What is a task, who is stuck? | [`domain::adoption`], `store::tasks` |
//! | Why could this person not see this patient? | [`diagnosis::diagnose`] |
//! | An alert, its runbook, its test | `alerts/*.yml`, `alerts/runbooks/<Alert>.md`, `alerts/tests/` |
//!
//! `ARCHITECTURE.md` has the invariants, the walk of one request and the reasons for dependencies.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod diagnosis;
pub mod domain;
pub mod indexer;
pub mod journal;
pub mod keys;
pub mod ops;
pub mod prove;
pub mod proxy;
pub mod retention;
pub mod sim;
pub mod store;
pub mod telemetry;
