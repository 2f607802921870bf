//! A schema of its own in the operator's PostgreSQL database, and everything that it comes to hold.
//!
//! Owns its making and dropping. The operator's tables are in other schemas and are never named.

use sqlx::{AssertSqlSafe, Executor as _, PgPool, Row as _};

use super::Sink;
use crate::store::StoreUrl;

/// A schema that is dropped at the end.
pub(in crate::prove) struct Schema {
    pool: PgPool,
    name: String,
    url: StoreUrl,
}

impl Schema {
    /// Makes one; the name has only letters, digits and underscores.
    pub(in crate::prove) async fn make(
        store: &StoreUrl,
        name: String,
    ) -> Result<Self, sqlx::Error> {
        let pool = PgPool::connect(store.reveal().unwrap_or_default()).await?;
        pool.execute(AssertSqlSafe(format!("create schema {name}"))).await?;
        let url = store.with_setting("search_path", &name);
        Ok(Self { pool, name, url })
    }

    /// The same database, where every table that is made or named is one of this schema.
    pub(in crate::prove) fn url(&self) -> &StoreUrl {
        &self.url
    }

    /// Every row of every table as text, and what the planner keeps of them.
    pub(in crate::prove) async fn dump(&self, when: &str) -> Result<Vec<Sink>, sqlx::Error> {
        let tables = "select tablename from pg_tables where schemaname = $1 order by 1";
        let tables: Vec<String> =
            sqlx::query_scalar(tables).bind(&self.name).fetch_all(&self.pool).await?;
        let mut sinks = Vec::new();
        for table in tables {
            let place = format!("{}.\"{table}\"", self.name);
            self.pool.execute(AssertSqlSafe(format!("analyze {place}"))).await?;
            let select = format!("select t::text from {place} t");
            let text = self.text(&select).await?;
            let name = format!("PostgreSQL table {table} ({when})");
            sinks.push(if table == "exchanges" || table == "events" {
                Sink::required(name, text)
            } else {
                Sink::new(name, text)
            });
        }
        let planner = format!(
            "select concat(tablename, ' ', attname, ' ', most_common_vals::text, ' ', \
             histogram_bounds::text) from pg_stats where schemaname = '{}'",
            self.name
        );
        sinks.push(Sink::new(
            format!("PostgreSQL planner statistics ({when})"),
            self.text(&planner).await?,
        ));
        let running = "select query from pg_stat_activity where datname = current_database() \
                       and query is not null";
        sinks.push(Sink::required(
            format!("PostgreSQL statements ({when})"),
            self.text(running).await?,
        ));
        Ok(sinks)
    }

    async fn text(&self, select: &str) -> Result<Vec<u8>, sqlx::Error> {
        let rows = self.pool.fetch_all(AssertSqlSafe(select.to_owned())).await?;
        let mut text = Vec::new();
        for row in rows {
            text.extend_from_slice(row.try_get::<String, _>(0)?.as_bytes());
            text.push(b'\n');
        }
        Ok(text)
    }

    /// Drops it with everything in it.
    pub(in crate::prove) async fn drop(self) -> Result<(), sqlx::Error> {
        let sql = format!("drop schema {} cascade", self.name);
        let done = self.pool.execute(AssertSqlSafe(sql)).await;
        self.pool.close().await;
        done.map(|_| ())
    }
}
