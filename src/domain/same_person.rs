//! A line that is no event: that several references stand for one person.
//!
//! Owns the line, which stands in the journal and in what `export` writes. After a rotation of keys a person has
//! one reference under each, and at a clinic that another became part of one under the id of each; only
//! whoever holds the keys and sees the identifier can tell that they are one, so it is noted where calls are
//! recorded. Begins like a mark, so that readers that do not know it pass it over.

use std::borrow::Cow;

use serde::Deserialize;

use super::mark::is_mark;
use super::names::ClinicId;
use super::reference::{Reference, ReferenceKind};
use super::time::Timestamp;

/// Most references of one line.
const MOST: usize = 20;

/// That some references stand for one staff member of a clinic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamePerson {
    /// When it was seen.
    pub ts: Timestamp,
    /// At which clinic; of those that merged, the one that goes on.
    pub clinic: ClinicId,
    /// The references, the active key's first; two or more, of staff.
    pub references: Vec<Reference>,
}

impl SamePerson {
    /// Appends the line, newline included.
    pub fn write_line(&self, out: &mut Vec<u8>) {
        let Self { ts, clinic, references } = self;
        let references: Vec<String> = references.iter().map(|r| format!("\"{r}\"")).collect();
        let line = format!(
            "{{\"mark\":\"same_person\",\"ts\":\"{ts}\",\"clinic\":\"{clinic}\",\"actor_refs\":[{}],\"v\":1}}\n",
            references.join(",")
        );
        out.extend_from_slice(line.as_bytes());
    }

    /// Reads a line; `None` if it is another one.
    #[must_use]
    pub fn parse(line: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Raw<'l> {
            #[serde(borrow)]
            mark: Cow<'l, str>,
            #[serde(borrow)]
            ts: Cow<'l, str>,
            clinic: ClinicId,
            #[serde(borrow)]
            actor_refs: Vec<Cow<'l, str>>,
            v: u64,
        }
        if !is_mark(line) {
            return None;
        }
        let raw: Raw<'_> = serde_json::from_slice(line).ok()?;
        let actor = |text: &Cow<'_, str>| {
            Reference::parse(text).filter(|reference| reference.kind() == ReferenceKind::Actor)
        };
        let fits =
            raw.mark == "same_person" && raw.v == 1 && (2..=MOST).contains(&raw.actor_refs.len());
        Some(Self {
            ts: Timestamp::parse(&raw.ts).ok().filter(|_| fits)?,
            clinic: raw.clinic,
            references: raw.actor_refs.iter().map(actor).collect::<Option<_>>()?,
        })
    }

    /// The lines that say that one reference and others stand for one person; none where there are no others.
    pub fn lines<'r>(
        ts: Timestamp,
        clinic: &'r ClinicId,
        one: &'r Reference,
        others: &'r [Reference],
    ) -> impl Iterator<Item = Self> + 'r {
        others.chunks(MOST - 1).map(move |others| Self {
            ts,
            clinic: clinic.clone(),
            references: std::iter::once(one).chain(others).cloned().collect(),
        })
    }

    /// The pairs that it joins.
    pub fn pairs(&self) -> impl Iterator<Item = (ClinicId, Reference, Reference)> {
        let first = self.references.first();
        let others = self.references.iter().skip(1);
        others.filter_map(move |other| Some((self.clinic.clone(), first?.clone(), other.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::json::read_line;
    use crate::domain::mark::Mark;
    use crate::domain::names::KeyId;

    #[test]
    fn more_references_than_fit_in_one_line_stand_in_several_that_join_the_same() {
        let reference = |number: u8| {
            let key = KeyId::parse("k1").unwrap();
            Reference::new(ReferenceKind::Actor, key, [number; Reference::BYTES])
        };
        let (ts, clinic) = (Timestamp::from_seconds(5), ClinicId::parse("maple-ridge").unwrap());
        let others: Vec<Reference> = (1..=45).map(reference).collect();
        let lines: Vec<SamePerson> =
            SamePerson::lines(ts, &clinic, &reference(0), &others).collect();
        assert_eq!(lines.len(), 3);
        let mut joined = Vec::new();
        for line in &lines {
            let mut text = Vec::new();
            line.write_line(&mut text);
            assert_eq!(SamePerson::parse(&text).as_ref(), Some(line), "each can be read");
            joined.extend(line.pairs().map(|(_, one, other)| {
                assert_eq!(one, reference(0));
                other
            }));
        }
        assert_eq!(joined, others);
        assert_eq!(SamePerson::lines(ts, &clinic, &reference(0), &[]).count(), 0);
    }

    #[test]
    fn a_line_is_read_as_it_was_written_and_is_neither_event_nor_mark() {
        let reference =
            |key: &str| Reference::parse(&format!("ac_{key}_abcdefghijklmnopqrstuvwxya")).unwrap();
        let same = SamePerson {
            ts: Timestamp::from_seconds(5),
            clinic: ClinicId::parse("maple-ridge").unwrap(),
            references: vec![reference("k2"), reference("k1"), reference("k0")],
        };
        let mut line = Vec::new();
        same.write_line(&mut line);
        assert_eq!(SamePerson::parse(&line), Some(same.clone()));
        assert!(is_mark(&line) && line.ends_with(b"}\n"));
        assert!(Mark::parse(&line).is_none() && read_line(&line).is_err());
        assert_eq!(same.pairs().count(), 2);
        let text = String::from_utf8(line).unwrap();
        for wrong in [
            text.replace("ac_k1", "pt_k1"),
            text.replace("same_person", "alive"),
            text.replace(
                ",\"ac_k1_abcdefghijklmnopqrstuvwxya\",\"ac_k0_abcdefghijklmnopqrstuvwxya\"",
                "",
            ),
            text.replace("maple-ridge", "Maple"),
        ] {
            assert_eq!(SamePerson::parse(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
