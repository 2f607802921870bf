//! Series of what the operator registered: clinics and keys of apps. Both may change while the process
//! runs; the metrics themselves are in [`super::metrics`].

use super::metrics::Metrics;
use crate::domain::labels::{Context, Outcome};
use crate::domain::names::ClinicId;
use crate::domain::time::Timestamp;

impl Metrics {
    /// Creates the series of clinics. Those that exist keep their values.
    pub fn expect_clinics<'c>(&self, clinics: impl Iterator<Item = &'c ClinicId>) {
        for clinic in clinics.map(ClinicId::as_str) {
            for context in [Context::Patient, Context::Provider, Context::Client] {
                self.clinic_auth_state.with_label_values(&[clinic, context.as_str()]);
            }
            self.token_failures.with_label_values(&[clinic]);
            self.clinic_missed.with_label_values(&[clinic]);
            self.clinic_expected.with_label_values(&[clinic]);
            for outcome in Outcome::ALL {
                for domain_counter in
                    [&self.patient_searches, &self.appointment_updates, &self.document_fetches]
                {
                    domain_counter.with_label_values(&[clinic, outcome.as_str()]);
                }
            }
        }
    }

    /// Shows when each app's key was last used; keys that are gone are shown no more.
    pub fn show_key_uses<'k>(&self, uses: impl Iterator<Item = (&'k str, &'k str, Timestamp)>) {
        self.app_key_last_used.reset();
        for (app, key, at) in uses {
            self.app_key_last_used.with_label_values(&[app, key]).set(at.seconds());
        }
    }

    /// Shows when keys of apps end; keys that are gone are shown no more.
    pub fn show_key_ends<'k>(&self, ends: impl Iterator<Item = (&'k str, &'k str, Timestamp)>) {
        self.credential_not_after.reset();
        for (app, key, at) in ends {
            let name = format!("{app}/{key}");
            self.credential_not_after.with_label_values(&[&name]).set(at.seconds());
        }
    }
}
