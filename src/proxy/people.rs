//! That one person has several references, noted while several keys are listed.
//!
//! Owns when it is noted: once for each person, clinic and process. With one key there is nothing to note and
//! nothing to look up. Without these lines a person would count twice in figures of people over a rotation.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

use super::Shared;
use crate::domain::names::ClinicId;
use crate::domain::reference::{Reference, ReferenceKind};
use crate::domain::same_person::SamePerson;
use crate::domain::time::Timestamp;

/// Most people that are remembered as noted; beyond that some are noted again, which changes nothing.
const MOST: usize = 50_000;

/// The people who are noted already, by the active key's reference.
#[derive(Default)]
pub(super) struct Noted(RwLock<HashSet<[u8; Reference::BYTES]>>);

impl Noted {
    fn knows(&self, reference: &Reference) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.contains(reference.digest())
    }

    fn learn(&self, reference: &Reference) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(*reference.digest());
    }
}

/// Notes the references of a person of a clinic under every key, unless that is done.
pub(super) fn note(
    shared: &Shared,
    clinic: &ClinicId,
    identifier: &[u8],
    active: &Reference,
    ts: Timestamp,
) {
    if !shared.keys.has_several() || shared.noted_people.knows(active) {
        return;
    }
    let references = shared.keys.references(ReferenceKind::Actor, Some(clinic), identifier);
    // The keys may have changed in between; then the next call notes it.
    if references.len() > 1 && references.first() == Some(active) {
        let same = SamePerson { ts, clinic: clinic.clone(), references };
        if shared.recorder.note(&same) {
            shared.noted_people.learn(active);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::names::KeyId;

    #[test]
    fn a_person_is_remembered_within_bounds() {
        let noted = Noted::default();
        let reference = |number: usize| {
            let mut head = [0; Reference::BYTES];
            head[..8].copy_from_slice(&number.to_be_bytes());
            Reference::new(ReferenceKind::Actor, KeyId::parse("k2").unwrap(), head)
        };
        for number in 0..=MOST {
            noted.learn(&reference(number));
        }
        assert!(noted.knows(&reference(MOST)) && !noted.knows(&reference(0)));
        assert_eq!(noted.0.read().unwrap().len(), 1);
    }
}
