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
    /// The same in the table of every day, or nearly so: see [`Sql::of_every_day`]. No bound on the key is
    /// one that an index follows: without the values, the planner would take it for the narrower one.
    EveryDay,
}

/// From so many days on it is every day: planning for fewer tables takes less than looking into all.
const EVERY_DAY_FROM: i64 = 8;
const KEY_OF_A_DAY: i64 = 86_400_000_000 << 4;

/// Bits of the key within a section, as in migration 0030.
const SECTION_BITS: u32 = 36;

impl Order {
    /// Appends the clause.
    pub(super) fn sort(self, sql: &mut Sql, walk: Walk) {
        if self == Self::EveryDay {
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
            (Walk::NewestFirst, Self::Found | Self::EveryDay) => " order by e.key + 0 desc",
            (Walk::OldestFirst, Self::Found | Self::EveryDay) => " order by e.key + 0",
        }
    }

    /// The order for keys between these bounds (the last is excluded): a few days need not be every day.
    pub(super) fn between(self, low: Option<i64>, high: Option<i64>) -> Self {
        let span = high.zip(low).map(|(high, low)| high.saturating_sub(low));
        match (self, span) {
            (Self::Found | Self::EveryDay, Some(span)) if span < EVERY_DAY_FROM * KEY_OF_A_DAY => {
                Self::Found
            }
            (order, _) => order,
        }
    }

    const fn key(self, plain: &'static str, unindexed: &'static str) -> &'static str {
        if matches!(self, Self::EveryDay) { unindexed } else { plain }
    }

    /// Only keys from this one on.
    pub(super) fn from(self, sql: &mut Sql, key: i64) {
        sql.push(self.key(" and e.key >= ", " and e.key + 0 >= ")).bind(key);
        if self == Self::Section {
            sql.push(" and (e.key >> 36) >= ").bind(key >> SECTION_BITS);
        }
    }

    /// Only keys after this one.
    pub(super) fn after(self, sql: &mut Sql, key: i64) {
        sql.push(self.key(" and e.key > ", " and e.key + 0 > ")).bind(key);
        if self == Self::Section {
            sql.push(" and (e.key >> 36) >= ").bind(key >> SECTION_BITS);
        }
    }

    /// Only keys before this one.
    pub(super) fn before(self, sql: &mut Sql, key: i64) {
        sql.push(self.key(" and e.key < ", " and e.key + 0 < ")).bind(key);
        if self == Self::Section {
            sql.push(" and (e.key >> 36) <= ").bind(key >> SECTION_BITS);
        }
    }

    /// Only keys up to this one.
    pub(super) fn up_to(self, sql: &mut Sql, key: i64) {
        sql.push(self.key(" and e.key <= ", " and e.key + 0 <= ")).bind(key);
        if self == Self::Section {
            sql.push(" and (e.key >> 36) <= ").bind(key >> SECTION_BITS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_days_are_not_every_day() {
        let days = |days: i64| Some(days * KEY_OF_A_DAY);
        for (order, low, high, expected) in [
            (Order::EveryDay, None, None, Order::EveryDay),
            (Order::EveryDay, days(1), None, Order::EveryDay),
            (Order::EveryDay, None, days(9), Order::EveryDay),
            (Order::EveryDay, days(1), days(9), Order::EveryDay),
            (Order::EveryDay, days(2), days(9), Order::Found),
            (Order::Found, days(0), days(90), Order::Found),
            (Order::Key, days(2), days(3), Order::Key),
            (Order::Section, None, None, Order::Section),
        ] {
            assert_eq!(order.between(low, high), expected, "{order:?} {low:?} {high:?}");
        }
    }

    #[test]
    fn every_day_is_planned_once_and_no_index_follows_its_bounds() {
        for order in [Order::Key, Order::Section, Order::Found, Order::EveryDay] {
            let mut sql = Sql::new("select 1 from exchanges e where 1 = 1");
            order.from(&mut sql, 5);
            order.before(&mut sql, 9);
            order.sort(&mut sql, Walk::NewestFirst);
            let is_every_day = order == Order::EveryDay;
            assert_eq!(sql.is_of_every_day(), is_every_day, "{order:?}");
            assert_eq!(sql.numbered().contains("e.key >= "), !is_every_day, "{order:?}");
        }
    }
}
