//! Clinics that became part of another one.
//!
//! Owns the rule: every day belongs whole to one clinic, that of the merger and each later one to the clinic that goes
//! on. A week or month is made of the days that a clinic has in it, so nothing is counted at both, no figure less
//! others is one clinic's share of a day, and a report of an earlier week stays as it was read then. Knows
//! clinics by whatever names them: ids in the registry, labels in the store.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::names::ClinicId;
use super::registry::RegistryError;

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

    /// The clinic that has the figures of a clinic on a day.
    #[must_use]
    pub fn owner<'k>(&'k self, clinic: &'k K, day: Date) -> &'k K {
        let mut owner = clinic;
        // As many steps as there are mergers, so that a circle ends.
        for _ in 0..self.0.len() {
            match self.0.get(owner) {
                Some((into, on)) if *on <= day => owner = into,
                _ => break,
            }
        }
        owner
    }

    /// The clinics whose figures a clinic has on a day: itself first.
    #[must_use]
    pub fn parts(&self, owner: &K, day: Date) -> Vec<K> {
        let joined = self.0.keys().filter(|part| *part != owner);
        let joined = joined.filter(|part| self.owner(part, day) == owner);
        std::iter::once(owner).chain(joined).cloned().collect()
    }

    /// The first day on which a clinic's figures are another one's, which it became part of by whatever way.
    #[must_use]
    pub fn since(&self, part: &K, owner: &K) -> Option<Date> {
        let (mut at, mut since) = (part, None);
        for _ in 0..self.0.len() {
            if at == owner {
                break;
            }
            let (into, on) = self.0.get(at)?;
            (at, since) = (into, since.max(Some(*on)));
        }
        since.filter(|_| at == owner)
    }

    /// A stretch in pieces: within each, a clinic has the figures of the same clinics on every day.
    #[must_use]
    pub fn pieces(&self, owner: &K, (first, last): (Date, Date)) -> Vec<(Date, Date)> {
        let own = |day| {
            let of_own = std::iter::once(owner).chain(self.0.keys());
            of_own.filter(|part| self.owner(part, day) == owner).cloned().collect::<BTreeSet<K>>()
        };
        let days: BTreeSet<Date> = self.0.values().map(|(_, on)| *on).collect();
        let mut pieces = Vec::new();
        let mut from = first;
        for day in days.into_iter().filter(|day| first < *day && *day <= last) {
            let Ok(before) = day.yesterday() else { continue };
            if own(before) != own(day) {
                pieces.push((from, before));
                from = day;
            }
        }
        pieces.push((from, last));
        pieces
    }

    /// The clinics that become part of a clinic after a day.
    #[must_use]
    pub fn joining(&self, owner: &K, day: Date) -> Vec<&K> {
        let parts = self.0.keys().filter(|part| *part != owner);
        parts.filter(|part| self.since(part, owner).is_some_and(|since| since > day)).collect()
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

impl RegistryError {
    /// The clinic whose merger is wrong.
    #[must_use]
    pub const fn merged(&self) -> Option<&ClinicId> {
        match self {
            Self::MergedIntoNothing(clinic, _) | Self::MergedInACircle(clinic) => Some(clinic),
            _ => None,
        }
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
    fn a_day_belongs_to_the_clinic_that_goes_on_from_the_merger_on() {
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
    fn a_stretch_is_in_pieces_where_a_clinic_comes_or_goes() {
        let mergers = mergers();
        let on = |day| date(2026, 11, day);
        let pieces = |clinic: u8| -> Vec<(i8, i8)> {
            let pieces = mergers.pieces(&clinic, (on(1), on(30)));
            pieces.iter().map(|(first, last)| (first.day(), last.day())).collect()
        };
        assert_eq!(pieces(1), [(1, 9), (10, 30)]);
        assert_eq!(pieces(2), [(1, 9), (10, 19), (20, 30)]);
        assert_eq!(pieces(3), [(1, 14), (15, 19), (20, 30)]);
        assert_eq!(pieces(9), [(1, 30)]);
        assert_eq!(mergers.pieces(&3, (on(15), on(19))), [(on(15), on(19))]);
        assert_eq!(mergers.joining(&3, on(14)), [&1, &2, &4]);
        assert_eq!(mergers.joining(&3, on(15)), [&1, &2]);
        assert_eq!(mergers.joining(&2, on(10)), [] as [&u8; 0]);
        for (part, owner, since) in
            [(1, 3, Some(20)), (1, 2, Some(10)), (4, 3, Some(15)), (3, 1, None), (9, 3, None)]
        {
            assert_eq!(mergers.since(&part, &owner), since.map(on), "{part} at {owner}");
        }
        // It was part of a clinic only once that one was part of yet another one.
        let late = Mergers::of([(1, 2, on(20)), (2, 3, on(10))]);
        assert_eq!((late.since(&1, &3), *late.owner(&1, on(19))), (Some(on(20)), 1));
    }

    #[test]
    fn a_circle_is_found_and_does_not_hang() {
        let on = date(2026, 11, 10);
        assert_eq!(mergers().circle(), None);
        assert_eq!(Mergers::of([(1, 1, on)]).circle(), Some(&1));
        assert_eq!(Mergers::of([(1, 2, on), (2, 1, on)]).since(&1, &9), None);
        let round = Mergers::of([(1, 2, on), (2, 3, on), (3, 1, on), (7, 8, on)]);
        assert!(round.circle().is_some());
        assert!([1, 2, 3].contains(round.owner(&1, on)));
    }
}
