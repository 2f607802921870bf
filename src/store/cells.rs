//! A row of any table, cell by cell.
//!
//! Owns the reading of cells into the domain's types, and the error that names the column where a
//! cell holds what this version could not have written.

use sqlx::{ColumnIndex, Decode, Type};

use super::error::StoreError;
use super::sql::{Arg, Int};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Blob,
    Text,
}

/// A table's columns, in the order that statements name them.
pub(super) type Columns = &'static [(&'static str, Kind)];

/// Declares a table's columns, and the list of them for `select`, with the alias `e`.
macro_rules! columns {
    ($($name:ident $kind:ident,)+) => {
        pub(super) const COLUMNS: $crate::store::cells::Columns =
            &[$((stringify!($name), $crate::store::cells::Kind::$kind),)+];
        pub(super) const SELECT: &str = columns!(@list $($name)+);
    };
    (@list $first:ident $($name:ident)+) => {
        concat!("e.", stringify!($first), $(", e.", stringify!($name)),+)
    };
}
pub(super) use columns;

/// Reads the cells of a row that was selected in the order of `columns`.
pub(super) fn read<'r, R>(row: &'r R, columns: Columns) -> Result<Vec<Arg>, sqlx::Error>
where
    R: sqlx::Row,
    usize: ColumnIndex<R>,
    Option<Int>: Decode<'r, R::Database> + Type<R::Database>,
    Option<Vec<u8>>: Decode<'r, R::Database> + Type<R::Database>,
    Option<String>: Decode<'r, R::Database> + Type<R::Database>,
{
    let cell = |(index, (_, kind)): (usize, &(&str, Kind))| match kind {
        Kind::Int => row.try_get::<Option<Int>, _>(index).map(|int| Arg::Int(int.map(|i| i.0))),
        Kind::Blob => row.try_get(index).map(Arg::Blob),
        Kind::Text => row.try_get(index).map(Arg::Text),
    };
    columns.iter().enumerate().map(cell).collect()
}

/// Implements `FromRow` for a tuple struct of cells.
macro_rules! from_row {
    ($name:ident, $columns:expr) => {
        impl<'r, R> sqlx::FromRow<'r, R> for $name
        where
            R: sqlx::Row,
            usize: sqlx::ColumnIndex<R>,
            Option<$crate::store::sql::Int>:
                sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
            Option<Vec<u8>>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
            Option<String>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
        {
            fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
                $crate::store::cells::read(row, $columns).map(Self)
            }
        }
    };
}
pub(super) use from_row;

/// Reads a row's cells one after the other.
pub(super) struct Reader {
    cells: std::vec::IntoIter<Arg>,
    columns: std::slice::Iter<'static, (&'static str, Kind)>,
    table: &'static str,
    column: &'static str,
}

impl Reader {
    pub(super) fn new(cells: Vec<Arg>, columns: Columns, table: &'static str) -> Self {
        Self { cells: cells.into_iter(), columns: columns.iter(), table, column: "" }
    }

    /// The column read last holds what this version could not have written.
    pub(super) fn unknown(&self) -> StoreError {
        StoreError::UnknownValue { table: self.table, column: self.column }
    }

    fn cell(&mut self) -> Result<Arg, StoreError> {
        let (Some(arg), Some((column, _))) = (self.cells.next(), self.columns.next()) else {
            return Err(self.unknown());
        };
        self.column = column;
        Ok(arg)
    }

    /// A number, read on; `None` for null.
    pub(super) fn maybe<T>(
        &mut self,
        read: impl FnOnce(i64) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        match self.cell()? {
            Arg::Int(None) => Ok(None),
            Arg::Int(Some(number)) => read(number).map(Some).ok_or_else(|| self.unknown()),
            _ => Err(self.unknown()),
        }
    }

    /// A number.
    pub(super) fn need(&mut self) -> Result<i64, StoreError> {
        self.narrow()
    }

    /// A number that fits a narrower type.
    pub(super) fn narrow<T: TryFrom<i64>>(&mut self) -> Result<T, StoreError> {
        self.maybe(|number| T::try_from(number).ok())?.ok_or_else(|| self.unknown())
    }

    /// Bytes, read on; `None` for null.
    pub(super) fn maybe_blob<T>(
        &mut self,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        match self.cell()? {
            Arg::Blob(None) => Ok(None),
            Arg::Blob(Some(bytes)) => read(&bytes).map(Some).ok_or_else(|| self.unknown()),
            _ => Err(self.unknown()),
        }
    }

    /// A text, read on; `None` for null.
    pub(super) fn maybe_text<T>(
        &mut self,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        match self.cell()? {
            Arg::Text(None) => Ok(None),
            Arg::Text(Some(text)) => read(&text).map(Some).ok_or_else(|| self.unknown()),
            _ => Err(self.unknown()),
        }
    }

    /// A text, read on.
    pub(super) fn text<T>(
        &mut self,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        self.maybe_text(read)?.ok_or_else(|| self.unknown())
    }
}
