//! One person under several keys.
//!
//! Owns the joining. After a key rotation a person has one reference under each key; where both were
//! seen to stand for one identifier, they are one person. Knows digests of references only.

use std::collections::BTreeMap;

use crate::domain::reference::Reference;

/// A person, or a patient, at one clinic: the digest of a keyed reference. It has no `Display`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Person(pub [u8; Reference::BYTES]);

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person")
    }
}

impl Person {
    /// From bytes of the right length.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

/// Which references of a clinic stand for one person.
#[derive(Clone, Debug, Default)]
pub struct SamePeople(BTreeMap<Person, Person>);

impl SamePeople {
    /// Joins pairs, in whatever order they come.
    #[must_use]
    pub fn of(pairs: impl IntoIterator<Item = (Person, Person)>) -> Self {
        let mut same = Self::default();
        for (one, other) in pairs {
            let (one, other) = (same.person(one), same.person(other));
            // The smaller digest stands for both, so that the order of the pairs makes no difference.
            same.0.insert(one.max(other), one.min(other));
        }
        same
    }

    /// Whether a reference is one of several that stand for one person.
    #[must_use]
    pub fn joins(&self, reference: Person) -> bool {
        self.0.iter().any(|(one, other)| one != other && [*one, *other].contains(&reference))
    }

    /// Whom a reference stands for.
    #[must_use]
    pub fn person(&self, reference: Person) -> Person {
        let mut person = reference;
        while let Some(next) = self.0.get(&person).filter(|next| **next != person) {
            person = *next;
        }
        person
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(byte: u8) -> Person {
        Person([byte; Reference::BYTES])
    }

    #[test]
    fn whoever_is_joined_is_one_person_in_any_order() {
        for pairs in [
            [(p(1), p(2)), (p(2), p(3)), (p(7), p(8))],
            [(p(7), p(8)), (p(3), p(2)), (p(1), p(2))],
            [(p(2), p(3)), (p(8), p(7)), (p(3), p(1))],
        ] {
            let same = SamePeople::of(pairs);
            let who: Vec<_> = [1, 2, 3, 7, 8, 9].map(|byte| same.person(p(byte))).into();
            assert_eq!(who, [p(1), p(1), p(1), p(7), p(7), p(9)]);
        }
        assert_eq!(SamePeople::of([(p(4), p(4))]).person(p(4)), p(4));
        let same = SamePeople::of([(p(1), p(2)), (p(2), p(3)), (p(4), p(4))]);
        assert_eq!(
            [1, 2, 3, 4, 5].map(|byte| same.joins(p(byte))),
            [true, true, true, false, false]
        );
    }

    #[test]
    fn a_person_is_not_printed() {
        assert_eq!(format!("{:?}", p(3)), "Person");
    }
}
