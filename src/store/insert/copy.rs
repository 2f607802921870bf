//! Rows into a PostgreSQL table by `COPY`, in its binary form: no statement to plan, and the server writes
//! page by page instead of row by row.
//!
//! Owns that form. A taken key fails, and with it the transaction. What has to give way to a row that is
//! there, or add to it, goes through [`super::bulk`].

use sqlx::{Postgres, Transaction};

use super::super::cells::Columns;
use super::super::error::StoreError;
use super::super::sql::Arg;

/// How the form begins: its name, no flags, no extension.
const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// How it ends: a row of minus one columns.
const END: [u8; 2] = (-1i16).to_be_bytes();
/// Room for a row of `exchanges`.
const ROW_BYTES: usize = 256;

/// Copies rows whose values are in the order of `columns`, and gives the transaction back. `narrow` names
/// the columns of four bytes; the other numbers have eight.
///
/// A copy that nobody waits for any more is finished all the same, in a task of its own: the driver would
/// leave its answer on the connection, and whoever gets that next would take it for an answer to something
/// else. The transaction is undone then.
pub(super) async fn copy(
    tx: Transaction<'static, Postgres>,
    table: &str,
    columns: Columns,
    narrow: &[&str],
    rows: &[Vec<Arg>],
) -> Result<Transaction<'static, Postgres>, StoreError> {
    let widths: Vec<Width> = columns
        .iter()
        .map(|(name, _)| if narrow.contains(name) { Width::Four } else { Width::Eight })
        .collect();
    let form = form(&widths, rows).map_err(sqlx::Error::Encode)?;
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let statement = format!("copy {table} ({}) from stdin (format binary)", names.join(", "));
    let copied = tokio::spawn(send(tx, statement, form)).await;
    Ok(copied.map_err(|_| sqlx::Error::WorkerCrashed)??)
}

async fn send(
    mut tx: Transaction<'static, Postgres>,
    statement: String,
    form: Vec<u8>,
) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let mut copying = tx.copy_in_raw(&statement).await?;
    copying.send(form).await?;
    copying.finish().await?;
    Ok(tx)
}

/// How wide a number of a column is.
#[derive(Clone, Copy)]
enum Width {
    Four,
    Eight,
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

fn form(widths: &[Width], rows: &[Vec<Arg>]) -> Result<Vec<u8>, BoxError> {
    let mut form = Vec::with_capacity(HEAD.len() + rows.len() * ROW_BYTES);
    form.extend_from_slice(HEAD);
    let columns = i16::try_from(widths.len())?.to_be_bytes();
    for row in rows {
        form.extend_from_slice(&columns);
        for (arg, width) in row.iter().zip(widths) {
            match arg {
                Arg::Int(Some(number)) => match width {
                    Width::Four => field(&mut form, &i32::try_from(*number)?.to_be_bytes())?,
                    Width::Eight => field(&mut form, &number.to_be_bytes())?,
                },
                Arg::Blob(Some(bytes)) => field(&mut form, bytes)?,
                Arg::Text(Some(text)) => field(&mut form, text.as_bytes())?,
                Arg::Int(None) | Arg::Blob(None) | Arg::Text(None) => {
                    form.extend_from_slice(&(-1i32).to_be_bytes());
                }
            }
        }
    }
    form.extend_from_slice(&END);
    Ok(form)
}

fn field(form: &mut Vec<u8>, bytes: &[u8]) -> Result<(), BoxError> {
    form.extend_from_slice(&i32::try_from(bytes.len())?.to_be_bytes());
    form.extend_from_slice(bytes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_too_wide_is_no_row() {
        let rows = |number: i64| vec![vec![Arg::from(number)]];
        assert!(form(&[Width::Four], &rows(1 << 31)).is_err());
        let eight = form(&[Width::Eight], &rows(1 << 31)).unwrap();
        assert_eq!(&eight[HEAD.len()..][..6], [0, 1, 0, 0, 0, 8]);
        let null = form(&[Width::Four], &[vec![Arg::Int(None)]]).unwrap();
        assert_eq!(&null[HEAD.len()..], [0, 1, 255, 255, 255, 255, 255, 255]);
    }
}
