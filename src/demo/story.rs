//! What happens while one watches: incidents by the clock, in plain words.
//!
//! Owns the chapters, their times and their orders to the simulator's control API, and telling them.
//! What the incidents do to calls is the simulator's business; accuscope is told nothing.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::cast::{Cast, Person, account, at};
use super::clinics::CLINICS;
use crate::sim::world::World;

/// Something that happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Chapter {
    /// How long after the story's beginning.
    pub at: Duration,
    /// In plain words, for whoever watches.
    pub words: &'static str,
    /// What the simulator is told.
    pub orders: Vec<Value>,
}

/// The whole story; it begins again when it has ended.
#[derive(Clone, Debug)]
pub struct Story {
    opening: Vec<Value>,
    chapters: Vec<Chapter>,
    length: Duration,
}

/// Why a story stops.
#[derive(Debug, thiserror::Error)]
pub enum StoryError {
    /// The simulator cannot be reached.
    #[error("the simulated Accuro cannot be told what to do")]
    Unreachable(#[from] reqwest::Error),
    /// The simulator does not take an order.
    #[error("the simulated Accuro did not take an order of the story, status {0}")]
    Refused(u16),
}

impl Story {
    /// Writes the story for a world.
    #[must_use]
    pub fn new(world: &World, cast: &Cast) -> Self {
        let mut opening = cast.standing_orders(world);
        opening.extend(ordinary_life());
        Self { opening, chapters: chapters(world, cast), length: Duration::from_mins(21) }
    }

    /// The chapters, in order.
    #[must_use]
    pub fn chapters(&self) -> &[Chapter] {
        &self.chapters
    }

    /// What the simulator is told before anything else: where the history ended.
    #[must_use]
    pub fn opening(&self) -> &[Value] {
        &self.opening
    }

    /// Tells the story, again and again, until it is stopped. `tell` gets each chapter as it begins.
    ///
    /// # Errors
    ///
    /// [`StoryError`] where the simulator does not do its part.
    pub async fn run(
        &self,
        control: SocketAddr,
        stop: CancellationToken,
        mut tell: impl FnMut(&Chapter),
    ) -> Result<(), StoryError> {
        let http = super::staff::client()?;
        order(&http, control, &self.opening).await?;
        loop {
            let mut told = Duration::ZERO;
            for chapter in &self.chapters {
                if rested(chapter.at.saturating_sub(told), &stop).await.is_none() {
                    return Ok(());
                }
                told = chapter.at;
                order(&http, control, &chapter.orders).await?;
                tell(chapter);
            }
            if rested(self.length.saturating_sub(told), &stop).await.is_none() {
                return Ok(());
            }
        }
    }
}

/// Waits; `None` if it was stopped meanwhile.
async fn rested(wait: Duration, stop: &CancellationToken) -> Option<()> {
    tokio::select! {
        () = tokio::time::sleep(wait) => Some(()),
        () = stop.cancelled() => None,
    }
}

async fn order(
    http: &reqwest::Client,
    control: SocketAddr,
    orders: &[Value],
) -> Result<(), StoryError> {
    let url = format!("http://{control}/do");
    let status = http.post(url).json(orders).send().await?.status();
    if status.is_success() { Ok(()) } else { Err(StoryError::Refused(status.as_u16())) }
}

/// Times and small troubles that are always there.
fn ordinary_life() -> Vec<Value> {
    let fault = |id: &str, rate: f64, effect: Value| json!({"do": "fault", "id": id, "rate": rate, "effect": effect});
    let slow = |ms: u64, jitter: u64| json!({"kind": "latency", "ms": ms, "jitter_ms": jitter});
    vec![
        fault("ordinary", 1.0, slow(60, 170)),
        fault("ordinary-tail", 0.03, slow(400, 900)),
        fault("ordinary-errors", 0.002, json!({"kind": "status", "status": 500, "body": "spring"})),
    ]
}

fn chapters(world: &World, cast: &Cast) -> Vec<Chapter> {
    let acronym = |clinic: usize| CLINICS[clinic].acronym;
    let login = |person: Person| account(world, person).login.as_str();
    let harbour = acronym(at::HARBOUR_VIEW);
    let foothills = acronym(at::FOOTHILLS);
    let home = account(world, cast.misplaced).office;
    let offices = &world.tenants[cast.misplaced.clinic].offices;
    let other = offices.iter().map(|office| office.id).find(|id| *id != home).unwrap_or(home);
    let office = |id: u32| {
        json!({"do": "set_office", "tenant": acronym(cast.misplaced.clinic),
        "user": login(cast.misplaced), "office": id})
    };
    let documents = |what: &str| {
        json!({"do": what, "tenant": foothills, "section": "documents",
        "role": "front_desk"})
    };
    let fault = |id: &str, rate: f64, effect: Value| json!({"do": "fault", "id": id, "rate": rate, "effect": effect});
    let there = |mut order: Value, key: &str, value: &str| {
        order[key] = json!(value);
        order
    };
    let over = |id: &str| json!({"do": "clear_fault", "id": id});
    let status =
        |status: u16, body: &str| json!({"kind": "status", "status": status, "body": body});
    let busy = fault("edited", 0.6, status(409, "json"));
    let busy =
        there(there(busy, "operation", "appointment.update"), "tenant", acronym(at::NORTH_SHORE));
    let reset =
        there(fault("resets", 0.5, json!({"kind": "reset"})), "tenant", acronym(at::RIVERBEND));
    let shape = there(fault("shape", 1.0, json!({"kind": "reshape"})), "operation", "lab.list");
    let slow = json!({"kind": "latency", "ms": 2_500, "jitter_ms": 1_500});
    let rows: Vec<(u64, &'static str, Vec<Value>)> = vec![
        (
            20,
            "Harbour View: Accuro stops accepting the clinic's credentials. Nobody there can use the app.",
            vec![
                json!({"do": "revoke_client", "tenant": harbour}),
                json!({"do": "revoke_tokens", "tenant": harbour}),
            ],
        ),
        (
            240,
            "Harbour View: the credentials were renewed; people can sign in again.",
            vec![json!({"do": "restore_client", "tenant": harbour})],
        ),
        (300, "Accuro becomes slow for every clinic.", vec![fault("slow", 1.0, slow)]),
        (390, "Accuro is as fast as before.", vec![over("slow")]),
        (
            420,
            "Foothills: a role was changed; the front desk may not see documents.",
            vec![documents("deny_section")],
        ),
        (
            480,
            "Maple Ridge: a nurse works in the wrong office; charts and bookings seem to be gone.",
            vec![office(other)],
        ),
        (600, "Foothills: the role has documents again.", vec![documents("allow_section")]),
        (660, "Maple Ridge: the nurse is back in the right office.", vec![office(home)]),
        (700, "Accuro goes down for every clinic.", vec![fault("down", 0.95, status(503, "html"))]),
        (765, "Accuro is up again.", vec![over("down")]),
        (
            820,
            "North Shore: bookings are open on somebody's screen; changes are refused for now.",
            vec![busy],
        ),
        (900, "North Shore: the bookings are free again.", vec![over("edited")]),
        (960, "A new version of Accuro answers lab lists in another shape.", vec![shape]),
        (1_050, "The new version is taken back.", vec![over("shape")]),
        (1_100, "Riverbend: connections to Accuro break for this clinic only.", vec![reset]),
        (1_180, "Riverbend: connections hold again.", vec![over("resets")]),
    ];
    let chapter = |(at, words, orders)| Chapter { at: Duration::from_secs(at), words, orders };
    rows.into_iter().map(chapter).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use serde_json::Value;
    use tokio_util::sync::CancellationToken;

    use crate::demo::Scene;
    use crate::demo::clinics::sim_config;
    use crate::domain::time::Timestamp;
    use crate::sim::{Rehearsal, Sim};

    #[test]
    fn the_simulator_understands_every_chapter_and_the_times_rise() {
        let now = Timestamp::from_seconds(1_795_540_320);
        let story = Scene::new(7, now).unwrap().story();
        let mut rehearsal = Rehearsal::new(sim_config(7), now).unwrap();
        let all = story.opening().iter().chain(story.chapters().iter().flat_map(|c| &c.orders));
        for order in all {
            assert_eq!(rehearsal.order(order), Ok(()), "{order}");
        }
        assert!(story.chapters().is_sorted_by_key(|chapter| chapter.at));
        assert!(story.chapters().last().unwrap().at < story.length);
    }

    #[tokio::test]
    async fn the_opening_brings_the_simulator_to_where_the_history_ends() {
        let now = Timestamp::from_seconds(1_795_540_320);
        let scene = Scene::new(7, now).unwrap();
        let sim = Sim::start(scene.sim(), Arc::new(move || now)).await.unwrap();
        let (story, stop, control) =
            (scene.story(), CancellationToken::new(), sim.control_address());
        let running = stop.clone();
        let told = tokio::spawn(async move { story.run(control, running, |_| {}).await });
        let http = crate::demo::staff::client().unwrap();
        let masked = async {
            let url = format!("http://{control}/state?tenant=LSFP");
            loop {
                let state: Value = http.get(&url).send().await.unwrap().json().await.unwrap();
                if state["tenants"][0]["masks"][0]["how"] == 403 {
                    break;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), masked).await.unwrap();
        stop.cancel();
        assert!(told.await.unwrap().is_ok());
        sim.stop().await;
    }
}
