//! Every table and column of the store: what it holds, and under which limit.
//!
//! Owns that list ([`calls`], [`others`]). A test compares it with the schema of both databases, so a migration that adds a
//! column does not pass without a line here.

use crate::domain::retention::Class;

/// One table.
#[derive(Clone, Copy, Debug)]
pub struct TableKept {
    /// Its name.
    pub name: &'static str,
    /// What one row stands for.
    pub what: &'static str,
    /// Under which limit its rows are; `None`: they stay, since they are about nobody.
    pub class: Option<Class>,
    /// Its columns.
    pub columns: &'static [ColumnKept],
}

/// One column.
#[derive(Clone, Copy, Debug)]
pub struct ColumnKept {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub holds: &'static str,
    /// An earlier limit than the table's.
    pub class: Option<Class>,
}

impl TableKept {
    /// Every table.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        calls::TABLES.iter().chain(others::TABLES)
    }
}

macro_rules! tables {
    ($($table:ident ($what:literal) $(under $class:ident)? { $($column:ident $(under $own:ident)?: $holds:literal,)+ })+) => {
        pub(super) const TABLES: &[TableKept] = &[$(TableKept {
            name: stringify!($table),
            what: $what,
            class: tables!(@class $($class)?),
            columns: &[$(ColumnKept {
                name: stringify!($column),
                holds: $holds,
                class: tables!(@class $($own)?),
            },)+],
        },)+];
    };
    (@class) => { None };
    (@class $class:ident) => { Some(Class::$class) };
}

// After the macro, which it uses.
mod calls;
mod others;
