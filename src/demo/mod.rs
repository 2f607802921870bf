//! The demo: simulated clinics at work through a real accuscope, and their past.
//!
//! Owns the pieces; the command line puts them together, in this order:
//!
//! 1. [`Scene::new`] grows the world for a seed and a moment;
//! 2. `Sim::start` with [`Scene::sim`], then the settings from [`clinics::config_toml`] with the
//!    simulator's address as upstream, then accuscope itself;
//! 3. [`Scene::history`] gives the fortnight to import, a day at a time;
//! 4. [`Scene::story`] brings the simulator to where the history ends and goes on with incidents;
//! 5. [`Scene::crew`] works through the proxy until it is told to stop.
//!
//! Everything is invented, deterministic by seed, and stays on the loopback.

pub mod cast;
pub mod clinics;
pub mod history;
pub mod request;
mod scene;
pub mod staff;
pub mod story;
pub mod work;

pub use scene::{Scene, SceneError};
