//! Many rows in few statements: `VALUES` lists on SQLite, arrays on PostgreSQL. PostgreSQL's events go
//! through [`super::copy`].
//!
//! Owns the two ways. SQLite gets lists of a few fixed lengths, so that its cache of prepared
//! statements holds them all; PostgreSQL gets one array per column, so that one statement fits any
//! number of rows. Values are always parameters.

use sqlx::postgres::PgArguments;
use sqlx::{Arguments, AssertSqlSafe};

use super::super::cells::{Columns, Kind};
use super::super::connection::Tx;
use super::super::error::StoreError;
use super::super::sql::{Arg, Sql};

/// What to do with a row whose key is taken.
#[derive(Clone, Copy)]
pub(in crate::store) enum Conflict {
    /// Keep the one that is there.
    Skip,
    /// Fail, and with it the transaction.
    Fail,
    /// Change it: the assignments.
    Update(&'static str),
}

/// A table as bulk inserts see it.
pub(in crate::store) struct Table {
    pub(in crate::store) name: &'static str,
    pub(in crate::store) columns: Columns,
    pub(in crate::store) key: &'static str,
    pub(in crate::store) conflict: Conflict,
}

/// Lengths of lists, longest first. The longest with the most columns stays under SQLite's limit of
/// 32,766 parameters.
const LENGTHS: [usize; 5] = [500, 100, 20, 5, 1];

/// The longest of the fixed lengths that so many rows fill.
fn longest(rows: usize) -> Option<usize> {
    LENGTHS.into_iter().find(|length| *length <= rows)
}

/// Cuts a list into pieces of the fixed lengths.
pub(in crate::store) fn fixed_chunks<T>(mut rest: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = longest(rest.len())?;
        let (chunk, others) = rest.split_at(length);
        rest = others;
        Some(chunk)
    })
}

/// Inserts rows whose values are in the order of the table's columns.
pub(in crate::store) async fn insert(
    tx: &mut Tx,
    table: &Table,
    rows: Vec<Vec<Arg>>,
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    match tx {
        Tx::Sqlite(_) => {
            let mut rows = rows.into_iter();
            while let Some(length) = longest(rows.len()) {
                tx.execute(values_statement(table, rows.by_ref().take(length))).await?;
            }
        }
        Tx::Postgres(tx) => {
            let (text, arguments) = arrays_statement(table, rows).map_err(sqlx::Error::Encode)?;
            sqlx::query_with(AssertSqlSafe(text), arguments).execute(&mut **tx).await?;
        }
    }
    Ok(())
}

fn head(sql: &mut Sql, table: &Table) {
    sql.push("insert into ").push(table.name).push(" (");
    for (index, (column, _)) in table.columns.iter().enumerate() {
        sql.push(if index == 0 { "" } else { ", " }).push(column);
    }
    sql.push(")");
}

fn tail(sql: &mut Sql, key: &'static str, conflict: Conflict) {
    match conflict {
        Conflict::Fail => {}
        Conflict::Skip => drop(sql.push(" on conflict ").push(key).push(" do nothing")),
        Conflict::Update(assignments) => {
            sql.push(" on conflict ").push(key).push(" do update set ").push(assignments);
        }
    }
}

fn values_statement(table: &Table, rows: impl Iterator<Item = Vec<Arg>>) -> Sql {
    let mut sql = Sql::default();
    head(&mut sql, table);
    for (index, row) in rows.enumerate() {
        sql.push(if index == 0 { " values (" } else { ", (" }).bind_all(row).push(")");
    }
    tail(&mut sql, table.key, table.conflict);
    sql
}

type Statement = (String, PgArguments);

fn arrays_statement(
    table: &Table,
    rows: Vec<Vec<Arg>>,
) -> Result<Statement, Box<dyn std::error::Error + Send + Sync>> {
    let mut columns: Vec<Vec<Arg>> =
        table.columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    let mut sql = Sql::default();
    head(&mut sql, table);
    sql.push(" select * from unnest(");
    let mut arguments = PgArguments::default();
    for (index, (values, (_, kind))) in columns.into_iter().zip(table.columns).enumerate() {
        sql.push(if index == 0 { "" } else { ", " }).place();
        match kind {
            Kind::Int => {
                sql.push("::bigint[]");
                let ints = |arg| if let Arg::Int(int) = arg { int } else { None };
                arguments.add(values.into_iter().map(ints).collect::<Vec<Option<i64>>>())?;
            }
            Kind::Blob => {
                sql.push("::bytea[]");
                let blobs = |arg| if let Arg::Blob(bytes) = arg { bytes } else { None };
                arguments.add(values.into_iter().map(blobs).collect::<Vec<Option<Vec<u8>>>>())?;
            }
            Kind::Text => {
                sql.push("::text[]");
                let texts = |arg| if let Arg::Text(text) = arg { text } else { None };
                arguments.add(values.into_iter().map(texts).collect::<Vec<Option<String>>>())?;
            }
        }
    }
    sql.push(")");
    tail(&mut sql, table.key, table.conflict);
    Ok((sql.numbered(), arguments))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_cut_into_few_lengths_and_stays_whole() {
        for length in [0, 1, 4, 99, 500, 1_000, 1_234] {
            let list: Vec<usize> = (0..length).collect();
            let chunks: Vec<&[usize]> = fixed_chunks(&list).collect();
            assert!(chunks.iter().all(|chunk| LENGTHS.contains(&chunk.len())));
            assert_eq!(chunks.concat(), list);
        }
    }
}
