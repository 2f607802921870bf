//! How often a clinic has been written to: a number in every key of a shared read, so that a write
//! makes what was read before it unreachable at once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::domain::catalogue::CHANGE_OFFICE_OPERATION;
use crate::domain::event::Exchange;
use crate::domain::labels::WorkflowDomain;
use crate::domain::names::ClinicId;

/// Writes, and those of them that could change reference data.
#[derive(Default)]
struct Numbers {
    writes: AtomicU64,
    of_reference: AtomicU64,
}

/// The numbers of each clinic, and of writes whose clinic is not known, which count everywhere.
#[derive(Default)]
pub(super) struct Generations {
    anywhere: Numbers,
    clinics: RwLock<HashMap<ClinicId, Arc<Numbers>>>,
}

impl Generations {
    /// The numbers that a read of a clinic belongs to.
    pub(super) fn of(&self, clinic: Option<&ClinicId>, of_reference: bool) -> [u64; 2] {
        let read = |numbers: &Numbers| {
            let number = if of_reference { &numbers.of_reference } else { &numbers.writes };
            number.load(Ordering::Acquire)
        };
        let of_clinic = clinic.and_then(|clinic| {
            self.clinics.read().unwrap_or_else(PoisonError::into_inner).get(clinic).cloned()
        });
        [read(&self.anywhere), of_clinic.map_or(0, |numbers| read(&numbers))]
    }

    /// Takes a write in. A change of office changes what its token sees.
    pub(super) fn wrote(&self, exchange: &Exchange) {
        let changes_office = exchange.operation.as_str() == CHANGE_OFFICE_OPERATION;
        if !exchange.mutation && !changes_office {
            return;
        }
        let related = changes_office
            || matches!(
                exchange.domain,
                WorkflowDomain::Reference | WorkflowDomain::Admin | WorkflowDomain::Unknown
            );
        let count = |numbers: &Numbers| {
            numbers.writes.fetch_add(1, Ordering::AcqRel);
            if related {
                numbers.of_reference.fetch_add(1, Ordering::AcqRel);
            }
        };
        let Some(clinic) = &exchange.clinic else { return count(&self.anywhere) };
        let known =
            self.clinics.read().unwrap_or_else(PoisonError::into_inner).get(clinic).cloned();
        let numbers = known.unwrap_or_else(|| {
            let mut clinics = self.clinics.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(clinics.entry(clinic.clone()).or_default())
        });
        count(&numbers);
    }
}
