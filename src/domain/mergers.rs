//! Clinics that became part of another one.
//!
//! Owns the rule: a day, week or month that ends on the day of a merger or later belongs whole to the clinic
//! that goes on, and what ended before stays where it was. So nothing is counted at both, and a report of an
//! earlier week stays as it was read then. Knows clinics by whatever names them: ids in the registry,
//! labels in the store.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::names::ClinicId;

/// That a clinic became part of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The clinic that goes on.
    pub into: ClinicId,
    /// The first day on which they are one.
    pub on: Date,
}

/// Who became part of whom, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mergers<K>(BTreeMap<K, (K, Date)>);

impl<K> Default for Mergers<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord + Clone> Mergers<K> {
    /// From who became part of whom, and the first day of that.
    #[must_use]
    pub fn of(mergers: impl IntoIterator<Item = (K, K, Date)>) -> Self {
        Self(mergers.into_iter().map(|(part, into, on)| (part, (into, on))).collect())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them: who, of whom, since when.
    pub fn each(&self) -> impl Iterator<Item = (&K, &K, Date)> {
        self.0.iter().map(|(part, (into, on))| (part, into, *on))
    }

    /// Of whom a clinic became part, and when; `None` if it did not.
    #[must_use]
    pub fn of_clinic(&self, clinic: &K) -> Option<(&K, Date)> {
        self.0.get(clinic).map(|(into, on)| (into, *on))
    }

    /// The clinic that has the figures of a clinic in a stretch that ends on a day.
    #[must_use]
    pub fn owner<'k>(&'k self, clinic: &'k K, last: Date) -> &'k K {
        let mut owner = clinic;
        // As many steps as there are mergers, so that a circle ends.
        for _ in 0..self.0.len() {
            match self.0.get(owner) {
                Some((into, on)) if *on <= last => owner = into,
                _ => break,
            }
        }
        owner
    }

    /// The clinics whose figures a clinic has in a stretch that ends on a day: itself first.
    #[must_use]
    pub fn parts(&self, owner: &K, last: Date) -> Vec<K> {
        let joined = self.0.keys().filter(|part| *part != owner);
        let joined = joined.filter(|part| self.owner(part, last) == owner);
        std::iter::once(owner).chain(joined).cloned().collect()
    }

    /// The clinics that are one with a clinic at any time, itself among them.
    #[must_use]
    pub fn family(&self, clinic: &K) -> BTreeSet<K> {
        let mut family = BTreeSet::from([clinic.clone()]);
        loop {
            let before = family.len();
            for (part, (into, _)) in &self.0 {
                if family.contains(part) || family.contains(into) {
                    family.extend([part.clone(), into.clone()]);
                }
            }
            if family.len() == before {
                return family;
            }
        }
    }

    /// A clinic that became part of itself, by whatever way.
    #[must_use]
    pub fn circle(&self) -> Option<&K> {
        self.0.keys().find(|clinic| self.0.contains_key(self.owner(clinic, Date::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// 1 became part of 2 on the 10th, and 2 of 3 on the 20th; 4 became part of 3 on the 15th.
    fn mergers() -> Mergers<u8> {
        let on = |day| date(2026, 11, day);
        Mergers::of([(1, 2, on(10)), (2, 3, on(20)), (4, 3, on(15))])
    }

    #[test]
    fn a_stretch_belongs_to_the_clinic_that_goes_on_once_it_ends_after_the_merger() {
        let mergers = mergers();
        for (clinic, last, owner) in [
            (1, 9, 1),
            (1, 10, 2),
            (1, 19, 2),
            (1, 20, 3),
            (2, 19, 2),
            (2, 20, 3),
            (3, 30, 3),
            (9, 30, 9),
        ] {
            assert_eq!(*mergers.owner(&clinic, date(2026, 11, last)), owner, "{clinic} on {last}");
        }
    }

    #[test]
    fn at_any_time_a_clinic_is_part_of_exactly_one() {
        let mergers = mergers();
        for day in 1..=30 {
            let last = date(2026, 11, day);
            let mut parts: Vec<u8> = Vec::new();
            for owner in [1, 2, 3, 4].iter().filter(|one| mergers.owner(one, last) == *one) {
                let own = mergers.parts(owner, last);
                assert_eq!(own[0], *owner);
                parts.extend(own);
            }
            parts.sort_unstable();
            assert_eq!(parts, [1, 2, 3, 4], "{day}");
        }
        assert_eq!(mergers.parts(&3, date(2026, 11, 20)), [3, 1, 2, 4]);
        assert_eq!(mergers.family(&4), BTreeSet::from([1, 2, 3, 4]));
        assert_eq!(mergers.family(&9), BTreeSet::from([9]));
    }

    #[test]
    fn a_circle_is_found_and_does_not_hang() {
        let on = date(2026, 11, 10);
        assert_eq!(mergers().circle(), None);
        assert_eq!(Mergers::of([(1, 1, on)]).circle(), Some(&1));
        let round = Mergers::of([(1, 2, on), (2, 3, on), (3, 1, on), (7, 8, on)]);
        assert!(round.circle().is_some());
        assert!([1, 2, 3].contains(round.owner(&1, on)));
    }
}
