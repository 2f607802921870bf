//! How much room the store takes.
//!
//! Owns the databases' own accounts of it. The account by table reads every page of a SQLite file,
//! so it is for the command line and for measurements; [`Store::bytes`] is cheap.

use super::Store;
use super::error::StoreError;
use super::sql::{Int, Sql};

impl Store {
    /// Bytes of the whole database, unused pages included.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn bytes(&self) -> Result<u64, StoreError> {
        let sql = Sql::new(if self.pools.is_sqlite() {
            "select page_count * page_size from pragma_page_count, pragma_page_size"
        } else {
            "select cast(sum(pg_total_relation_size(oid)) as bigint) from pg_class \
             where relkind = 'r' and relnamespace = current_schema()::regnamespace"
        });
        let row: Option<(Int,)> = self.pools.first(sql).await?;
        Ok(row.map_or(0, |(bytes,)| bytes.0.cast_unsigned()))
    }

    /// Bytes of each table and index, the largest first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn bytes_by_table(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let sql = Sql::new(if self.pools.is_sqlite() {
            "select name, sum(pgsize) from dbstat group by name order by 2 desc"
        } else {
            "select cast(relname as text), pg_relation_size(oid) from pg_class \
             where relkind in ('r', 'i') and relnamespace = current_schema()::regnamespace \
             order by 2 desc"
        });
        let rows: Vec<(String, Int)> = self.pools.all(sql).await?;
        Ok(rows.into_iter().map(|(name, bytes)| (name, bytes.0.cast_unsigned())).collect())
    }
}
