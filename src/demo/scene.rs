//! One demo: the world for a seed and a moment, and the pieces made from it.
//!
//! Owns that all pieces speak of the same people. Starts nothing.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::cast::Cast;
use super::clinics::{config_toml, sim_config};
use super::history::{History, HistoryError, Make};
use super::staff::{Crew, CrewConfig};
use super::story::Story;
use crate::domain::time::Timestamp;
use crate::sim::SimConfig;
use crate::sim::world::World;

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
#[error("the demo's clinics lack somebody that its story needs")]
pub struct SceneError;

/// The world of one demo.
#[derive(Clone, Debug)]
pub struct Scene {
    seed: u64,
    now: Timestamp,
    today: Date,
    world: Arc<World>,
    cast: Cast,
}

impl Scene {
    /// Grows the world; `now` is where the history ends and the story begins.
    ///
    /// # Errors
    ///
    /// [`SceneError`] if the demo's own tables are broken; tests read them.
    pub fn new(seed: u64, now: Timestamp) -> Result<Self, SceneError> {
        let today = TimeZone::UTC.to_datetime(now.to_jiff()).date();
        let world = Arc::new(World::grow(&sim_config(seed), today));
        let cast = Cast::of(&world).ok_or(SceneError)?;
        Ok(Self { seed, now, today, world, cast })
    }

    /// The simulator's settings; its listeners pick free ports of the loopback.
    #[must_use]
    pub fn sim(&self) -> SimConfig {
        sim_config(self.seed)
    }

    /// `[[clinics]]` and `[[apps]]` of accuscope's settings.
    #[must_use]
    pub fn config_toml(&self) -> String {
        config_toml(self.seed, self.today)
    }

    /// The fortnight before now. References have to be made as the proxy makes them.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] if the catalogue or the demo's own tables are broken.
    pub fn history(&self, make: Make) -> Result<History, HistoryError> {
        History::new(self.seed, self.world.clone(), &self.cast, self.now, make)
    }

    /// What happens from now on.
    #[must_use]
    pub fn story(&self) -> Story {
        Story::new(&self.world, &self.cast)
    }

    /// The people at work.
    ///
    /// # Errors
    ///
    /// The HTTP client cannot be built.
    pub fn crew(&self, config: CrewConfig) -> Result<Crew, reqwest::Error> {
        Crew::new(config, self.seed, self.today, self.world.clone(), &self.cast)
    }
}
