//! How the rows of a walk come in the order of time.
//!
//! Owns the clauses that say so, and the bounds that go with them. Which one a search follows is decided
//! in [`super::search`].

use super::sql::Sql;
use super::walk::Walk;

/// What puts the rows of a leading filter in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Its index ends with the key.
    Key,
    /// Its index ends with a section of the table, 72 minutes, so that rows share an entry; the rows of
    /// one section are sorted, and sections that lie beyond the limit are not read.
    Section,
    /// It leaves so few rows that they are sorted after they are found.
    Found,
}

/// Bits of the key within a section, as in migration 0030.
const SECTION_BITS: u32 = 36;

impl Order {
    /// Appends the clause.
    pub(super) fn sort(self, sql: &mut Sql, walk: Walk) {
        if self == Self::Found {
            sql.of_every_day();
        }
        sql.push(self.clause(walk));
    }

    const fn clause(self, walk: Walk) -> &'static str {
        match (walk, self) {
            (Walk::NewestFirst, Self::Key) => " order by e.key desc",
            (Walk::OldestFirst, Self::Key) => " order by e.key",
            (Walk::NewestFirst, Self::Section) => " order by (e.key >> 36) desc, e.key desc",
            (Walk::OldestFirst, Self::Section) => " order by (e.key >> 36), e.key",
            // A sum is no index's order.
            (Walk::NewestFirst, Self::Found) => " order by e.key + 0 desc",
            (Walk::OldestFirst, Self::Found) => " order by e.key + 0",
        }
    }

    /// Only keys from this one on.
    pub(super) fn from(self, sql: &mut Sql, key: i64) {
        sql.push(" and e.key >= ").bind(key);
        if self == Self::Section {
            sql.push(" and (e.key >> 36) >= ").bind(key >> SECTION_BITS);
        }
    }

    /// Only keys after this one.
    pub(super) fn after(self, sql: &mut Sql, key: i64) {
        sql.push(" and e.key > ").bind(key);
        if self == Self::Section {
            sql.push(" and (e.key >> 36) >= ").bind(key >> SECTION_BITS);
        }
    }

    /// Only keys before this one.
    pub(super) fn before(self, sql: &mut Sql, key: i64) {
        sql.push(" and e.key < ").bind(key);
        if self == Self::Section {
            sql.push(" and (e.key >> 36) <= ").bind(key >> SECTION_BITS);
        }
    }

    /// Only keys up to this one.
    pub(super) fn up_to(self, sql: &mut Sql, key: i64) {
        sql.push(" and e.key <= ").bind(key);
        if self == Self::Section {
            sql.push(" and (e.key >> 36) <= ").bind(key >> SECTION_BITS);
        }
    }
}
