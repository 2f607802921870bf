//! That one person has several references, noted while several keys are listed, and at clinics that merged.
//!
//! Owns when it is noted: once for each person, clinic and process. With one key and no merger there is nothing
//! to note and nothing to look up. Without these lines a person would count twice in figures of people over a
//! rotation, and over the merger of two clinics.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{PoisonError, RwLock};

use super::Shared;
use crate::domain::names::ClinicId;
use crate::domain::reference::{Reference, ReferenceKind};
use crate::domain::registry::Registry;
use crate::domain::same_person::SamePerson;
use crate::domain::time::Timestamp;

/// Most people that are remembered as noted; beyond that some are noted again, which changes nothing.
const MOST: usize = 50_000;

/// A person as noted: the active key's reference, and a digest of the clinics that were one then.
type Person = ([u8; Reference::BYTES], u64);

/// The people who are noted already.
#[derive(Default)]
pub(super) struct Noted(RwLock<HashSet<Person>>);

impl Noted {
    fn knows(&self, person: &Person) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(person)
    }

    fn learn(&self, person: Person) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(person);
    }
}

fn person(active: &Reference, together: &[ClinicId]) -> Person {
    let mut digest = DefaultHasher::new();
    together.hash(&mut digest);
    (*active.digest(), digest.finish())
}

/// The clinics that are one with a clinic on a day, the one that goes on first.
fn together(registry: &Registry, clinic: &ClinicId, ts: Timestamp) -> Vec<ClinicId> {
    let mergers = registry.mergers();
    if mergers.is_empty() {
        return vec![clinic.clone()];
    }
    let today = registry.local_day(Some(clinic), ts);
    mergers.parts(mergers.owner(clinic, today), today)
}

/// Notes the references of a person of a clinic under every key, and at every clinic that is one with it,
/// unless that is done.
pub(super) fn note(
    shared: &Shared,
    registry: &Registry,
    clinic: &ClinicId,
    identifier: &[u8],
    active: &Reference,
    ts: Timestamp,
) {
    if !shared.keys.has_several() && registry.mergers().is_empty() {
        return;
    }
    let together = together(registry, clinic, ts);
    let person = person(active, &together);
    if shared.noted_people.knows(&person) {
        return;
    }
    let of =
        |clinic: &ClinicId| shared.keys.references(ReferenceKind::Actor, Some(clinic), identifier);
    let references = of(clinic);
    // The keys may have changed in between; then the next call notes it.
    if references.first() != Some(active) {
        return;
    }
    let elsewhere = together.iter().filter(|one| *one != clinic).flat_map(of);
    let others: Vec<Reference> = references.into_iter().skip(1).chain(elsewhere).collect();
    let all_noted = SamePerson::lines(ts, &together[0], active, &others)
        .all(|same| shared.recorder.note(&same));
    if all_noted && !others.is_empty() {
        shared.noted_people.learn(person);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::names::KeyId;

    #[test]
    fn a_person_is_remembered_within_bounds() {
        let noted = Noted::default();
        let clinic = |id| ClinicId::parse(id).unwrap();
        let one = |number: usize| {
            let mut head = [0; Reference::BYTES];
            head[..8].copy_from_slice(&number.to_be_bytes());
            let reference = Reference::new(ReferenceKind::Actor, KeyId::parse("k2").unwrap(), head);
            person(&reference, &[clinic("maple-ridge")])
        };
        for number in 0..=MOST {
            noted.learn(one(number));
        }
        assert!(noted.knows(&one(MOST)) && !noted.knows(&one(0)));
        assert_eq!(noted.0.read().unwrap().len(), 1);
        // Once the clinic is one with another, there is more to note.
        let merged = person(
            &Reference::new(ReferenceKind::Actor, KeyId::parse("k2").unwrap(), one(MOST).0),
            &[clinic("maple-ridge"), clinic("old-mill")],
        );
        assert!(!noted.knows(&merged));
    }

    #[test]
    fn clinics_are_together_from_the_day_of_the_merger_on_their_own_calendar() {
        use crate::domain::registry::{Merged, tests::clinic};
        let id = |text| ClinicId::parse(text).unwrap();
        let mut part = clinic("old-mill", 2);
        part.time_zone = jiff::tz::TimeZone::get("America/St_Johns").unwrap();
        let on = jiff::civil::date(2026, 11, 2);
        part.rollout.merged = Some(Merged { into: id("maple-ridge"), on });
        let clinics = vec![clinic("maple-ridge", 1), part, clinic("lakeshore", 3)];
        let registry = Registry::new(clinics, vec![]).unwrap();
        for (of, at, expected) in [
            ("old-mill", "2026-11-02T03:29:59Z", &["old-mill"][..]),
            ("old-mill", "2026-11-02T03:30:00Z", &["maple-ridge", "old-mill"]),
            ("maple-ridge", "2026-11-02T03:30:00Z", &["maple-ridge", "old-mill"]),
            ("maple-ridge", "2026-11-01T23:59:59Z", &["maple-ridge"]),
            ("lakeshore", "2026-11-09T12:00:00Z", &["lakeshore"]),
        ] {
            let found = together(&registry, &id(of), Timestamp::parse(at).unwrap());
            let found: Vec<&str> = found.iter().map(ClinicId::as_str).collect();
            assert_eq!(found, expected, "{of} at {at}");
        }
    }
}
