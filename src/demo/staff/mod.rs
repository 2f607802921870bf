//! The simulated people at work, through the running proxy.
//!
//! Owns who works, how fast, and stopping. What one of them does with a call is in [`member`]. The
//! load is gentle, and opening hours are ignored: there is always something to see.

mod member;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::cast::{Cast, Person};
use super::clinics::CLINICS;
use super::work::{Job, Step, errand};
use crate::clock::Clock;
use crate::sim::world::World;
use crate::sim::world::chart::mix;
use member::{Member, Office, Who};

/// How many people work at the same time; also the most calls in flight.
const WORKERS: usize = 10;
/// How long somebody looks at an answer, in milliseconds.
const LOOKS_MS: std::ops::Range<u64> = 500..2_200;
/// The longest wait for an answer; longer than accuscope's own.
const PATIENCE: Duration = Duration::from_secs(40);
/// How many patients use the patient app, at each clinic that has it.
const PORTAL_PATIENTS: usize = 4;

/// Where the people work.
#[derive(Clone, Debug)]
pub struct CrewConfig {
    /// The proxy.
    pub proxy: SocketAddr,
    /// The simulator's control API, which gives patients the codes that they sign in with.
    pub control: SocketAddr,
    /// Where the time comes from.
    pub clock: Clock,
}

/// Everybody who works.
pub struct Crew {
    office: Arc<Office>,
    members: Vec<Member>,
    seed: u64,
}

impl Crew {
    pub(super) fn new(
        config: CrewConfig,
        seed: u64,
        today: Date,
        world: Arc<World>,
        cast: &Cast,
    ) -> Result<Self, reqwest::Error> {
        let habits = cast.habits();
        let mut members = Vec::new();
        for (clinic, about) in CLINICS.iter().enumerate().filter(|(_, c)| c.live_days.is_some()) {
            for (account, one) in world.tenants[clinic].accounts.iter().enumerate() {
                let person = Person { clinic, account };
                let own: Vec<_> = habits.iter().filter(|h| h.person == person).copied().collect();
                let job = Job::of(one.role);
                let share = mix(mix(seed, clinic as u64), account as u64) % 100;
                let uses = share < u64::from(about.users_now) || !own.is_empty();
                if uses && job != Job::Background {
                    members.push(Member::new(Who::Person(person), job, own, &world));
                }
            }
            members.push(Member::new(Who::Service(clinic), Job::Background, Vec::new(), &world));
            if clinic % 3 == 0 {
                let patients = (0..PORTAL_PATIENTS).map(|n| Who::Patient(clinic, n * 7));
                members
                    .extend(patients.map(|who| Member::new(who, Job::Portal, Vec::new(), &world)));
            }
        }
        let office = Arc::new(Office { http: client()?, config, world, seed, today });
        Ok(Self { office, members, seed })
    }

    /// How many people there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Works until it is stopped; gives how many calls were made.
    pub async fn run(self, stop: CancellationToken) -> u64 {
        let mut groups: Vec<Vec<Member>> = (0..WORKERS).map(|_| Vec::new()).collect();
        for (at, member) in self.members.into_iter().enumerate() {
            groups[at % WORKERS].push(member);
        }
        let mut workers = JoinSet::new();
        for (at, group) in groups.into_iter().enumerate() {
            let rng = fastrand::Rng::with_seed(mix(self.seed, at as u64));
            workers.spawn(work(group, self.office.clone(), rng, stop.clone()));
        }
        let mut calls = 0;
        while let Some(ended) = workers.join_next().await {
            calls += ended.unwrap_or(0);
        }
        calls
    }
}

/// One worker: plays one person after the other, so that nobody does two things at once.
async fn work(
    mut group: Vec<Member>,
    office: Arc<Office>,
    mut rng: fastrand::Rng,
    stop: CancellationToken,
) -> u64 {
    let mut calls = 0;
    if group.is_empty() {
        return calls;
    }
    let mut steps = Vec::new();
    loop {
        let at = drawn(&group, &mut rng);
        let member = &mut group[at];
        steps.clear();
        plan(member, &mut rng, &mut steps);
        for step in &steps {
            let done = async {
                calls += member.call(*step, &office, &mut rng).await;
                tokio::time::sleep(Duration::from_millis(rng.u64(LOOKS_MS))).await;
            };
            tokio::select! {
                () = done => {}
                () = stop.cancelled() => return calls,
            }
        }
    }
}

/// Who is next; one in four times somebody with a habit, if there is one.
fn drawn(group: &[Member], rng: &mut fastrand::Rng) -> usize {
    let with_habits = group.iter().enumerate().filter(|(_, m)| !m.habits.is_empty());
    let habitual: Vec<usize> = with_habits.map(|(at, _)| at).collect();
    if rng.u32(..4) == 0
        && let Some(at) = habitual.get(rng.usize(..habitual.len().max(1)))
    {
        return *at;
    }
    rng.usize(..group.len())
}

fn plan(member: &Member, rng: &mut fastrand::Rng, steps: &mut Vec<Step>) {
    if !member.habits.is_empty() && rng.u32(..3) > 0 {
        let habit = member.habits[rng.usize(..member.habits.len())];
        steps.push(Step { op: habit.op, patient: habit.patient, number: rng.u32(..) });
    } else {
        errand(member.job, &member.patients, CLINICS[member.clinic()].habits, rng, steps);
    }
}

/// An HTTP client for the loopback.
pub(super) fn client() -> Result<reqwest::Client, reqwest::Error> {
    // Installed already where the program did so, which is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder().timeout(PATIENCE).no_proxy().build()
}

#[cfg(test)]
mod tests;
