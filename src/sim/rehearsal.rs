//! The simulated Accuro without sockets, for those who want to know what it would answer.
//!
//! Owns a state of its own: what is ordered and written here happens nowhere else. Does not wait,
//! so delays and stalls show only in the answer that is missing.

use bytes::Bytes;
use jiff::tz::TimeZone;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::call::Call;
use super::config::SimConfig;
use super::control::{self, Problem};
use super::faults;
use super::server::SimError;
use super::state::Everything;
use super::tokens::{Grant, Who};
use super::world::World;
use crate::domain::catalogue::Catalogue;
use crate::domain::labels::Context;
use crate::domain::time::Timestamp;

/// A simulated Accuro that answers at once.
pub struct Rehearsal {
    everything: Everything,
    config: SimConfig,
    catalogue: Catalogue,
    now: Timestamp,
}

/// Whose authority a call carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A person or client, by their place in the clinic's accounts.
    Account(usize),
    /// A patient, by their place in the clinic's list.
    Patient(usize),
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearsed {
    /// The status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<&'static str>,
    /// `WWW-Authenticate`.
    pub challenge: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why an order cannot be carried out.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the simulated Accuro does not understand the order: {0}")]
pub struct OrderError(String);

impl Rehearsal {
    /// Grows the clinics.
    ///
    /// # Errors
    ///
    /// [`SimError`] where the endpoint catalogue is broken.
    pub fn new(config: SimConfig, now: Timestamp) -> Result<Self, SimError> {
        let today = TimeZone::UTC.to_datetime(now.to_jiff()).date();
        let everything = Everything::new(&config, today, CancellationToken::new());
        Ok(Self { everything, config, catalogue: Catalogue::embedded()?, now })
    }

    /// The people and things.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.everything.world
    }

    /// Gives out an access token, as a sign-in would.
    pub fn token(&mut self, tenant: usize, holder: Holder, context: Context) -> String {
        let clinic = &self.everything.world.tenants[tenant];
        let (who, office) = match holder {
            Holder::Account(at) => (Who::Account(at), clinic.accounts[at].office),
            Holder::Patient(at) => (Who::Patient(at), clinic.patients[at].office.unwrap_or(1)),
        };
        let client = clinic.accounts.len() - 1;
        let scope = "read write".to_owned();
        let spec = clinic.spec.clone();
        let grant = Grant { tenant, who, context, client, office, scope };
        self.everything.vault.issue(&spec, grant, self.now).access
    }

    /// Carries out an order of the control API, at once.
    ///
    /// # Errors
    ///
    /// [`OrderError`], naming what is wrong.
    pub fn order(&mut self, order: &Value) -> Result<(), OrderError> {
        let body = order.to_string();
        control::at_once(&mut self.everything, &self.catalogue, body.as_bytes(), self.now)
            .map_err(|Problem(text)| OrderError(text))
    }

    /// Takes back everything that was ordered.
    pub fn reset(&mut self) {
        control::reset_all(&mut self.everything, &self.config);
    }

    /// Answers one call; `target` is path and query. `None` for a target that is none.
    pub fn call(
        &mut self,
        method: &str,
        target: &str,
        token: Option<&str>,
        body: Option<(&str, Bytes)>,
    ) -> Option<Rehearsed> {
        let mut request = http::Request::builder().method(method).uri(target);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some((kind, _)) = &body {
            request = request.header("content-type", *kind);
        }
        let (parts, ()) = request.body(()).ok()?.into_parts();
        let body = body.map(|(_, bytes)| bytes).unwrap_or_default();
        let call = Call::read(&self.catalogue, self.now, &parts, body);
        let (plan, _) = self.everything.plan(&call);
        let answer = self.everything.answer(&call);
        let answer = faults::instead(plan.effect.as_ref(), answer, &call);
        let mut challenges = answer.headers.into_iter().filter(|(n, _)| *n == "www-authenticate");
        Some(Rehearsed {
            status: answer.status,
            content_type: answer.content_type,
            challenge: challenges.next().map(|(_, value)| value),
            body: answer.body,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn it_answers_as_ordered_until_it_is_reset() {
        let now = Timestamp::from_seconds(1_795_540_320);
        let mut rehearsal = Rehearsal::new(SimConfig::default(), now).unwrap();
        let token = rehearsal.token(0, Holder::Account(0), Context::Provider);
        let uuid = rehearsal.world().tenants[0].spec.uuid;
        let target = format!("/rest/v1/offices?uuid={uuid}");
        let status = |r: &mut Rehearsal| r.call("GET", &target, Some(&token), None).unwrap().status;
        assert_eq!(status(&mut rehearsal), 200);
        rehearsal.order(&json!({"do": "disable_tenant", "tenant": "MRFP"})).unwrap();
        assert_eq!(status(&mut rehearsal), 403);
        rehearsal.reset();
        assert_eq!(status(&mut rehearsal), 200);
        assert!(rehearsal.order(&json!({"do": "fly"})).is_err());
    }
}
