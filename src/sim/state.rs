//! Everything that changes while the simulator runs.
//!
//! Owns the state and which clinic and user a call belongs to. No sockets and no waiting; the lock
//! around it is held by [`super::server`].

use jiff::civil::Date;
use tokio_util::sync::CancellationToken;

use super::answer::Answer;
use super::call::Call;
use super::config::SimConfig;
use super::deliveries::Deliveries;
use super::faults::{Faults, Plan, Subject};
use super::tokens::{Grant, Presented, Vault, Who};
use super::world::World;
use super::{desk, oauth};
use crate::domain::catalogue::TOKEN_OPERATION;

/// Everything that changes.
pub(super) struct Everything {
    pub(super) world: World,
    pub(super) vault: Vault,
    pub(super) faults: Faults,
    pub(super) deliveries: Deliveries,
    /// Cancelled and replaced when what was scheduled is forgotten.
    pub(super) scheduled: CancellationToken,
    seed: u64,
}

impl Everything {
    pub(super) fn new(config: &SimConfig, today: Date, scheduled: CancellationToken) -> Self {
        Self {
            world: World::grow(config, today),
            vault: Vault::new(config.seed, config.token_life),
            faults: Faults::new(config.seed),
            deliveries: Deliveries::default(),
            scheduled,
            seed: config.seed,
        }
    }

    /// Does the work of a call.
    pub(super) fn answer(&mut self, call: &Call) -> Answer {
        desk::answer(&mut self.world, &mut self.vault, call, self.seed)
    }

    /// The clinic and the user that a call is for, as far as rules may name them.
    fn whose(&self, call: &Call) -> (Option<String>, Option<String>) {
        if call.operation() == TOKEN_OPERATION {
            let form = call.form();
            let client = call.client(&form);
            let found = client.as_ref().and_then(|(id, _)| oauth::client_at(&self.world, id));
            let acronym = form.get("acronym").map(str::to_owned);
            let tenant = found.map(|(_, tenant, _)| tenant.spec.acronym.clone()).or(acronym);
            return (tenant, form.get("username").map(str::to_owned));
        }
        let token = call.bearer.as_deref().unwrap_or_default();
        let Presented::Good(Grant { tenant, who, .. }) = self.vault.present(token, call.at) else {
            return (None, None);
        };
        let tenant = &self.world.tenants[*tenant];
        let user = match who {
            Who::Account(at) => tenant.accounts[*at].login.clone(),
            Who::Patient(at) => tenant.patients[*at].id.to_string(),
        };
        (Some(tenant.spec.acronym.clone()), Some(user))
    }

    /// Decides what will happen to a call, and notes that it came.
    pub(super) fn plan(&mut self, call: &Call) -> (Plan, u64) {
        let (tenant, user) = self.whose(call);
        let plan = self.faults.plan(&Subject {
            tenant: tenant.as_deref(),
            operation: call.operation(),
            domain: call.endpoint.as_ref().map_or("unknown", |e| e.domain.as_str()),
            user: user.as_deref(),
            token: call.bearer.as_deref(),
        });
        (plan, self.deliveries.arrived(call, tenant, user))
    }
}
