//! What is wrong with entries of the registry that the site keeps, and with one that somebody types.
//!
//! Owns the words about entries that do not count, and which field they are about; of clinics that became part of others, which
//! is to be read first, and which of them go round in a circle.

use std::collections::BTreeSet;

use super::error::ConfigError;
use crate::domain::kept_registry::{EntryKind, KeptEntry};
use crate::domain::names::ClinicId;
use crate::domain::registry::{Clinic, Mergers, RegistryError};

/// The field that says of which other clinic a clinic became part.
const MERGED_INTO: &str = "merged_into";

/// An entry of the site that does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// What it is about.
    pub kind: EntryKind,
    /// Which one.
    pub id: String,
    /// Why; repeats no value.
    pub why: String,
}

/// What is wrong with an entry that somebody typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The field, where it is one.
    pub field: Option<String>,
    /// What it must be; never repeats the value.
    pub words: String,
}

impl Mistake {
    /// A mistake in a field.
    #[must_use]
    pub fn of(field: &str, words: &str) -> Self {
        Self { field: Some(field.to_owned()), words: words.to_owned() }
    }
}

impl From<ConfigError> for Mistake {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Wrong { key, expected, example, .. } => {
                let field = key.rsplit('.').next().map(str::to_owned);
                // A form wants the value and not its form in the file.
                let example = example.split_once(" = ").map_or("", |(_, value)| value);
                let example = example.trim_matches(['[', ']', '"']);
                Self { field, words: format!("must be {expected}; example: {example}") }
            }
            ConfigError::Registry { source, .. } | ConfigError::Merger { source, .. } => {
                contradiction(&source)
            }
            other => Self { field: None, words: other.to_string() },
        }
    }
}

impl std::fmt::Display for SetAside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ({})", self.kind, self.id, self.why)
    }
}

impl SetAside {
    /// The same as a mistake that somebody makes now; `own` if it is the entry that they typed.
    pub(super) fn mistake(&self, own: bool) -> Mistake {
        let field = self.why.split_once(": ").filter(|(field, _)| *field == MERGED_INTO);
        match field.filter(|_| own) {
            Some((field, words)) => Mistake::of(field, words),
            None => Mistake { field: None, words: self.why.clone() },
        }
    }
}

/// What entries contradict each other in; where that is one field, its name stands before the words.
pub(super) fn contradiction(error: &RegistryError) -> Mistake {
    let words = match error.merged() {
        Some(_) => format!("{MERGED_INTO}: {error}"),
        None => error.to_string(),
    };
    Mistake { field: None, words }
}

pub(super) fn aside(entry: &KeptEntry, why: &str) -> SetAside {
    SetAside { kind: entry.kind, id: entry.id.clone(), why: why.to_owned() }
}

/// Which clinics became part of which, whether all of that counts or not.
pub(super) struct Ways(Mergers<ClinicId>);

impl Ways {
    /// From the entries; the first of an id is the one that counts.
    pub(super) fn of<'c>(clinics: impl Iterator<Item = &'c Clinic>) -> Self {
        let mut known = BTreeSet::new();
        let first = clinics.filter(|clinic| known.insert(&clinic.id));
        Self(Mergers::of(first.filter_map(|clinic| {
            let merged = clinic.rollout.merged.as_ref()?;
            Some((clinic.id.clone(), merged.into.clone(), merged.on))
        })))
    }

    /// Over how many others a clinic comes to one that goes on; `None` where it comes to itself.
    pub(super) fn steps(&self, clinic: &ClinicId) -> Option<usize> {
        let (mut at, most) = (clinic, self.0.each().count());
        for steps in 0..=most {
            match self.0.of_clinic(at) {
                None => return Some(steps),
                Some((into, _)) if into == clinic => return None,
                Some((into, _)) => at = into,
            }
        }
        // Into the circle of others.
        Some(most)
    }

    /// Where a clinic became part of one that is there and does not count itself, says so.
    pub(super) fn name_those_that_do_not_count(&self, set_aside: &mut [SetAside]) {
        let ids: BTreeSet<String> = set_aside
            .iter()
            .filter(|one| one.kind == EntryKind::Clinic)
            .map(|one| one.id.clone())
            .collect();
        for one in set_aside.iter_mut().filter(|one| one.kind == EntryKind::Clinic) {
            let Ok(id) = ClinicId::parse(&one.id) else { continue };
            let Some((into, _)) = self.0.of_clinic(&id) else { continue };
            let unknown = RegistryError::MergedIntoNothing(id.clone(), into.clone());
            if one.why == contradiction(&unknown).words && ids.contains(into.as_str()) {
                one.why = format!(
                    "{MERGED_INTO}: the clinic {id} became part of {into}, whose own entry does not count"
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{Config, Lists};
    use crate::domain::kept_registry::{EntryChange, EntryKind, KeptRegistry};
    use crate::domain::time::Timestamp;

    fn lists(tables: &str) -> Lists {
        let text = format!(
            "environment = \"sandbox\"\nupstream.base_url = \"http://127.0.0.1:9000\"\n{tables}"
        );
        let config = Config::parse(&text, Path::new("a.toml"), std::iter::empty());
        config.unwrap_or_else(|error| panic!("{error}")).lists
    }

    /// What the site keeps: clinics and what each became part of.
    fn kept(clinics: &[(&str, &str)]) -> KeptRegistry {
        let change = |(number, (id, into)): (u128, &(&str, &str))| {
            let tenant = uuid::Uuid::from_u128(number);
            let merged = match *into {
                "" => String::new(),
                into => format!("merged_into = \"{into}\"\nmerged_on = 2026-12-01\n"),
            };
            let body = format!("id = \"{id}\"\nname = \"{id}\"\ntenant = \"{tenant}\"\n{merged}");
            EntryChange::Put { kind: EntryKind::Clinic, id: (*id).to_owned(), body }
        };
        let changes: Vec<EntryChange> = (1..).zip(clinics).map(change).collect();
        KeptRegistry::default().after(&changes, Timestamp::from_seconds(1))
    }

    const FILE: &str = "[[clinics]]\nid = \"f\"\nname = \"F\"\ntenant = \"e1a47a6d-f563-4f0f-a7f3-b6539ba21330\"\n";

    #[test]
    fn a_merger_that_does_not_count_is_named_by_what_is_wrong_with_it() {
        let told = |file: &str, clinics: &[(&str, &str)]| {
            let mut aside = lists(file).with(&kept(clinics)).set_aside;
            aside.sort_by(|one, other| one.id.cmp(&other.id));
            aside.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let itself = |id: &str| {
            format!("clinic {id} (merged_into: the clinic {id} would be part of itself)")
        };
        let no_other = |id: &str, into: &str, why: &str| {
            format!("clinic {id} (merged_into: the clinic {id} became part of {into}, {why})")
        };
        assert_eq!(told(FILE, &[("a", "b"), ("b", "c"), ("c", "f")]), [] as [String; 0]);
        assert_eq!(told(FILE, &[("a", "b"), ("b", "a")]), [itself("a"), itself("b")]);
        assert_eq!(told(FILE, &[("a", "a")]), [itself("a")]);
        let aside = "whose own entry does not count";
        assert_eq!(
            told(FILE, &[("a", "b"), ("b", "c"), ("c", "b")]),
            [no_other("a", "b", aside), itself("b"), itself("c")]
        );
        let unknown = "which is not registered";
        // The file has no clinic any more: what became part of its clinics does not count, and is named.
        assert_eq!(
            told("", &[("a", "b"), ("b", "f"), ("c", "")]),
            [no_other("a", "b", aside), no_other("b", "f", unknown)]
        );
    }

    #[test]
    fn a_form_is_told_which_field_is_wrong() {
        let lists = lists(FILE);
        let before = kept(&[("a", "b"), ("b", "")]);
        let check = |after: &KeptRegistry, id: &str| {
            let mistake = lists.check(&before, after, EntryKind::Clinic, id).err().unwrap();
            (mistake.field, mistake.words)
        };
        let field = Some("merged_into".to_owned());
        let words = "the clinic b would be part of itself".to_owned();
        assert_eq!(check(&kept(&[("a", "b"), ("b", "a")]), "b"), (field.clone(), words));
        let words = "the clinic b became part of x, which is not registered".to_owned();
        assert_eq!(check(&kept(&[("a", "b"), ("b", "x")]), "b"), (field, words));
        // Another entry would stop to count.
        let (field, words) = check(&kept(&[("a", "b")]), "b");
        assert_eq!((field, words.contains("which is not registered")), (None, true));
    }
}
