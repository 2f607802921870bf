//! What of the registry is kept in the store: clinics, applications and keys that were entered on the site.
//!
//! Owns the entries as texts with their place, and what a change makes of them. An entry's text is one of
//! the settings file's, so what it means is `crate::config`'s business. Does not read or write the store.

use super::labels::label_enum;
use super::time::Timestamp;

label_enum! {
    /// What an entry is about.
    EntryKind, "a kind of entry" {
        /// A clinic.
        Clinic = "clinic",
        /// An application.
        App = "app",
        /// A key of an application; its id is `app/key`.
        Key = "key",
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEntry {
    /// What it is about.
    pub kind: EntryKind,
    /// Which one.
    pub id: String,
    /// Its number in the audit, given once.
    pub number: u32,
    /// The stamp of its last change: two who change one entry at once are told from each other by it.
    pub version: i64,
    /// The entry as the settings file would have it, in TOML.
    pub body: String,
}

impl KeptEntry {
    /// When it was changed last.
    #[must_use]
    pub const fn changed(&self) -> Timestamp {
        Timestamp::from_micros(self.version)
    }
}

/// What somebody does to one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryChange {
    /// Puts it there, in place of the one before.
    Put {
        /// What it is about.
        kind: EntryKind,
        /// Which one.
        id: String,
        /// What it says.
        body: String,
    },
    /// Takes it away.
    Remove {
        /// What it is about.
        kind: EntryKind,
        /// Which one.
        id: String,
    },
}

/// Every entry, as of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptRegistry {
    /// Microseconds since 1970 of the last change, and larger than that of the change before; 0 where
    /// nothing was ever kept.
    pub stamp: i64,
    /// The number that the next new entry gets, less one.
    pub last_number: u32,
    /// The entries, in the order of their numbers.
    pub entries: Vec<KeptEntry>,
}

impl KeptRegistry {
    /// One entry.
    #[must_use]
    pub fn entry(&self, kind: EntryKind, id: &str) -> Option<&KeptEntry> {
        self.entries.iter().find(|entry| entry.kind == kind && entry.id == id)
    }

    /// Every entry of a kind.
    pub fn of(&self, kind: EntryKind) -> impl Iterator<Item = &KeptEntry> {
        self.entries.iter().filter(move |entry| entry.kind == kind)
    }

    /// The keys that are kept for an application.
    pub fn keys_of<'k>(&'k self, app: &'k str) -> impl Iterator<Item = &'k KeptEntry> {
        self.of(EntryKind::Key)
            .filter(move |entry| entry.id.split_once('/').is_some_and(|(of, _)| of == app))
    }

    /// The number that an entry has, or would get.
    #[must_use]
    pub fn number_of(&self, kind: EntryKind, id: &str) -> u32 {
        self.entry(kind, id).map_or(self.last_number.saturating_add(1), |entry| entry.number)
    }

    /// The same after changes that are made at a time. A stamp never stands still and never goes back,
    /// whatever the clocks of several instances say.
    #[must_use]
    pub fn after(&self, changes: &[EntryChange], now: Timestamp) -> Self {
        let stamp = now.micros().max(self.stamp.saturating_add(1));
        let mut after = Self { stamp, ..self.clone() };
        for change in changes {
            match change {
                EntryChange::Put { kind, id, body } => after.put(*kind, id, body),
                EntryChange::Remove { kind, id } => {
                    after.entries.retain(|entry| entry.kind != *kind || entry.id != *id);
                }
            }
        }
        after
    }

    fn put(&mut self, kind: EntryKind, id: &str, body: &str) {
        let (number, version) = (self.number_of(kind, id), self.stamp);
        let entry = KeptEntry { kind, id: id.to_owned(), number, version, body: body.to_owned() };
        self.last_number = self.last_number.max(number);
        match self.entries.iter_mut().find(|old| old.kind == kind && old.id == id) {
            Some(old) => *old = entry,
            None => self.entries.push(entry),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(id: &str, body: &str) -> EntryChange {
        EntryChange::Put { kind: EntryKind::Clinic, id: id.to_owned(), body: body.to_owned() }
    }

    #[test]
    fn a_number_is_given_once_and_a_stamp_never_goes_back() {
        let at = Timestamp::from_seconds;
        let one = KeptRegistry::default().after(&[put("a", "1"), put("b", "1")], at(100));
        let numbers =
            |kept: &KeptRegistry| kept.entries.iter().map(|e| e.number).collect::<Vec<_>>();
        assert_eq!((numbers(&one), one.stamp), (vec![1, 2], at(100).micros()));
        // A clock that is behind.
        let two = one.after(&[put("b", "2")], at(50));
        assert_eq!(two.stamp, one.stamp + 1);
        let changed = two.entry(EntryKind::Clinic, "b").unwrap();
        assert_eq!((changed.number, changed.version, changed.body.as_str()), (2, two.stamp, "2"));
        assert_eq!(two.entry(EntryKind::Clinic, "a").unwrap().version, one.stamp);
        let gone = EntryChange::Remove { kind: EntryKind::Clinic, id: "b".to_owned() };
        let three = two.after(&[gone, put("c", "1")], at(200));
        assert_eq!(numbers(&three), [1, 3], "2 is never given again");
        assert_eq!(three.changed_at("c"), at(200));
    }

    impl KeptRegistry {
        fn changed_at(&self, id: &str) -> Timestamp {
            self.entry(EntryKind::Clinic, id).unwrap().changed()
        }
    }

    #[test]
    fn the_keys_of_an_app_are_not_those_of_one_whose_name_begins_alike() {
        let key = |id: &str| EntryChange::Put {
            kind: EntryKind::Key,
            id: id.to_owned(),
            body: String::new(),
        };
        let kept = KeptRegistry::default()
            .after(&[key("web/a"), key("web-2/a")], Timestamp::from_seconds(1));
        assert_eq!(kept.keys_of("web").count(), 1);
    }
}
