//! The simulated Accuro: what an integrator talks to before a real one is there.
//!
//! A product of its own: invented clinics with offices, providers, people, patients and charts,
//! OAuth with expiry and single-use refresh, the silent filtering, masks and roles that make
//! support hard, and every kind of trouble by script. It is an ordinary HTTP server: nothing that
//! calls it is known to it.
//!
//! | file | what it owns |
//! | --- | --- |
//! | [`config`] | the settings |
//! | [`world`], `names`, `health_number` | the people, grown from the seed |
//! | `call`, `desk`, `answer`, `refusal` | from a request to an answer |
//! | `oauth`, `tokens`, [`access`] | who may |
//! | `faults`, `wire` | what goes wrong on order |
//! | `deliveries`, `control` | what tests and stories look at and turn |
//! | `state`, `server` | what changes; sockets, order of starting and stopping |
//! | [`Rehearsal`] | the same answers without sockets |
//!
//! It knows the endpoint catalogue and nothing else of this program.

pub mod access;
mod answer;
mod call;
pub mod config;
mod control;
mod deliveries;
mod desk;
mod faults;
mod health_number;
mod names;
mod oauth;
mod refusal;
mod rehearsal;
mod server;
mod state;
mod tokens;
mod wire;
pub mod world;

pub use config::SimConfig;
pub use rehearsal::{Holder, OrderError, Rehearsal, Rehearsed};
pub use server::{Sim, SimClock, SimError};
