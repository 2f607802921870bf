//! The sign-in state of every clinic, as shown by `accuscope_clinic_auth_state`.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::auth_watch::{AuthSign, AuthWatch};
use crate::domain::event::Exchange;
use crate::domain::labels::Context;
use crate::domain::names::ClinicId;
use crate::telemetry::metrics::Metrics;

/// One watch for each clinic and context.
#[derive(Default)]
pub(super) struct AuthStates {
    watches: Mutex<HashMap<ClinicId, [AuthWatch; 3]>>,
}

impl AuthStates {
    /// Takes one call in and shows the state after it.
    pub(super) fn observe(
        &self,
        clinic: &ClinicId,
        exchange: &Exchange,
        sign: AuthSign,
        metrics: &Metrics,
    ) {
        // Sign-in calls carry no token; they are made by apps, in their own name or a person's.
        let (slot, context) = match exchange.context {
            Context::Patient => (0, Context::Patient),
            Context::Provider | Context::Unknown => (1, Context::Provider),
            Context::Client | Context::NoToken => (2, Context::Client),
        };
        let mut watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        let of_clinic = match watches.get_mut(clinic) {
            Some(of_clinic) => of_clinic,
            None => watches.entry(clinic.clone()).or_default(),
        };
        let state = of_clinic[slot].observe(sign, exchange.ts, exchange.token_ref.as_ref());
        drop(watches);
        metrics.show_auth_state(clinic, context, state);
    }
}
