//! Pools and transactions of either database behind one set of functions.
//!
//! Owns how connections are opened and statements sent. Knows no table.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnection, PgPool, PgPoolOptions, PgRow, Postgres};
use sqlx::sqlite::{
    Sqlite, SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePool,
    SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, FromRow, Transaction};
use tokio::sync::Semaphore;

use super::error::StoreError;
use super::migrate;
use super::sql::Sql;
use super::url::{Kind, StoreUrl};

/// How long a statement waits for another process's transaction.
const BUSY: Duration = Duration::from_secs(10);
/// Between two tries to open a file that is locked.
const BUSY_PAUSE: Duration = Duration::from_millis(20);
/// How long a reader waits for its turn, and then for a connection.
const ACQUIRE: Duration = Duration::from_secs(10);
/// Processes that may start on one empty file at once.
const MOST_STARTS: usize = 10;
const SQLITE_READERS: u32 = 4;
/// Rows that wait for whoever asked for them.
const ROWS_AT_ONCE: usize = 1_000;
const POSTGRES_CONNECTIONS: u32 = 10;
/// Connections that are there before somebody asks, and statements that read at once; the others are for
/// transactions. A new connection learns some thousand tables and indices of days first, which takes it a tenth
/// of a second and more: a question that makes thirty reads at once would wait for as many as there may be.
const POSTGRES_READY: u32 = 6;
/// Connections for statements of every day, ready likewise.
const POSTGRES_FOR_EVERY_DAY: u32 = 3;
const POSTGRES_LIFETIME: Duration = Duration::from_hours(8);

/// A row that both drivers can decode.
pub(super) trait Row:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}
impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{}

/// The pools.
#[derive(Clone)]
pub(super) enum Pools {
    /// SQLite has one writer at a time anyway; waiting in a queue of one is fair and cheap.
    Sqlite { writer: SqlitePool, readers: SqlitePool, file: Arc<Path> },
    Postgres {
        pool: PgPool,
        /// So many of its connections may read at once.
        turns: Arc<Semaphore>,
        /// For statements of every day (see [`SETTINGS_FOR_EVERY_DAY`]).
        every_day: PgPool,
    },
}

impl Pools {
    /// Opens them. Connections for statements of every day have planned `of_every_day` before they are
    /// used, where there are days.
    pub(super) async fn open(url: &StoreUrl, of_every_day: Vec<Sql>) -> Result<Self, StoreError> {
        match url.kind() {
            Kind::Sqlite(path) => open_sqlite(path).await,
            Kind::Postgres(text) => {
                let options =
                    PgPoolOptions::new().acquire_timeout(ACQUIRE).max_lifetime(POSTGRES_LIFETIME);
                let pool = options
                    .clone()
                    .max_connections(POSTGRES_CONNECTIONS)
                    .min_connections(POSTGRES_READY)
                    .after_connect(|connection, _| Box::pin(prepare(connection, SETTINGS, &[])))
                    .connect(text)
                    .await?;
                migrate::postgres().run(&pool).await?;
                let planned: Arc<[Sql]> = of_every_day.into();
                let every_day = options
                    .max_connections(POSTGRES_FOR_EVERY_DAY)
                    .min_connections(POSTGRES_FOR_EVERY_DAY)
                    .after_connect(move |connection, _| {
                        let planned = Arc::clone(&planned);
                        Box::pin(async move {
                            prepare(connection, SETTINGS_FOR_EVERY_DAY, &planned).await
                        })
                    })
                    .connect_lazy(text)?;
                let turns = Arc::new(Semaphore::new(POSTGRES_READY as usize));
                Ok(Self::Postgres { pool, turns, every_day })
            }
        }
    }

    /// Brings the schema up to date.
    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { writer, .. } => migrate::sqlite().run(writer).await?,
            Self::Postgres { pool, .. } => migrate::postgres().run(pool).await?,
        }
        Ok(())
    }

    pub(super) const fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite { .. })
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres { pool, every_day, .. } => {
                every_day.close().await;
                pool.close().await;
            }
        }
    }

    /// Every row that a statement gives.
    pub(super) async fn all<T: Row>(&self, sql: Sql) -> Result<Vec<T>, StoreError> {
        Ok(match self {
            Self::Sqlite { readers, .. } => {
                let (text, arguments) = sql.for_sqlite()?;
                sqlx::query_as_with(AssertSqlSafe(text), arguments).fetch_all(readers).await?
            }
            Self::Postgres { every_day, .. } if sql.is_of_every_day() => {
                let (text, arguments) = sql.for_postgres()?;
                sqlx::query_as_with(AssertSqlSafe(text), arguments).fetch_all(every_day).await?
            }
            Self::Postgres { pool, turns, .. } => {
                let (text, arguments) = sql.for_postgres()?;
                let turn = tokio::time::timeout(ACQUIRE, turns.acquire()).await;
                let _turn = turn.map_err(|_| sqlx::Error::PoolTimedOut)?;
                sqlx::query_as_with(AssertSqlSafe(text), arguments).fetch_all(pool).await?
            }
        })
    }

    /// The first row, if there is one.
    pub(super) async fn first<T: Row>(&self, sql: Sql) -> Result<Option<T>, StoreError> {
        Ok(self.all(sql).await?.into_iter().next())
    }

    /// The database's own account of how it would run a statement, a line each.
    pub(super) async fn explain(&self, sql: Sql) -> Result<Vec<String>, StoreError> {
        Ok(match self {
            Self::Sqlite { readers, .. } => {
                let (text, arguments) = sql.for_sqlite()?;
                let text = AssertSqlSafe(format!("explain query plan {text}"));
                let rows: Vec<(i64, i64, i64, String)> =
                    sqlx::query_as_with(text, arguments).fetch_all(readers).await?;
                rows.into_iter().map(|row| row.3).collect()
            }
            Self::Postgres { pool, .. } => {
                let (text, arguments) = sql.for_postgres()?;
                let text = AssertSqlSafe(format!("explain {text}"));
                let rows: Vec<(String,)> =
                    sqlx::query_as_with(text, arguments).fetch_all(pool).await?;
                rows.into_iter().map(|row| row.0).collect()
            }
        })
    }

    /// Begins a transaction that may write.
    pub(super) async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            // A deferred transaction that turns into a writer half way fails at once when another
            // process writes; an immediate one waits.
            Self::Sqlite { writer, .. } => Tx::Sqlite(writer.begin_with("begin immediate").await?),
            Self::Postgres { pool, .. } => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Runs a statement that no transaction may hold, such as one that writes a file anew.
    pub(super) async fn alone(&self, sql: Sql) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { writer, .. } => {
                let (text, arguments) = sql.for_sqlite()?;
                sqlx::query_with(AssertSqlSafe(text), arguments).execute(writer).await?;
            }
            Self::Postgres { pool, .. } => {
                let (text, arguments) = sql.for_postgres()?;
                sqlx::query_with(AssertSqlSafe(text), arguments).execute(pool).await?;
            }
        }
        Ok(())
    }

    /// Runs one statement in a transaction of its own and says how many rows it touched.
    pub(super) async fn execute(&self, sql: Sql) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let touched = tx.execute(sql).await?;
        tx.commit().await?;
        Ok(touched)
    }
}

/// Makes the file, if it is missing, so that only the account of the process may read it; the files that
/// SQLite puts beside it take its mode.
fn create_private(path: &Path) {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    // If this fails, SQLite says why.
    drop(options.append(true).create(true).mode(0o600).open(path));
}

async fn open_sqlite(path: &Path) -> Result<Pools, StoreError> {
    create_private(path);
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .busy_timeout(BUSY)
        .journal_mode(SqliteJournalMode::Wal)
        // A checkpoint of the journal's position must not outlive the rows that it vouches for.
        .synchronous(SqliteSynchronous::Full)
        // Retention gives pages back a few at a time instead of rewriting the file.
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        // What is deleted is overwritten: a retention period is a promise.
        .pragma("secure_delete", "on")
        // 16 MiB between checkpoints; the default of 4 MiB halves the insert rate.
        .pragma("wal_autocheckpoint", "4000")
        .pragma("cache_size", "-16000")
        // The thread that reads and the one that waits wake each other once in so many rows; at the default of 50 a
        // diagnosis takes a twentieth longer.
        .row_buffer_size(ROWS_AT_ONCE)
        .optimize_on_close(true, 400);
    let pool = |most| SqlitePoolOptions::new().max_connections(most).acquire_timeout(ACQUIRE);
    let writer = connected(pool(1), &options).await?;
    // SQLite has no lock around all migrations: where two processes start at once, one of them finds
    // a step done by the other, and looks again.
    let (mut tries, steps) = (1, migrate::sqlite().iter().count());
    while let Err(error) = migrate::sqlite().run(&writer).await {
        let raced = matches!(error, MigrateError::Execute(_) | MigrateError::ExecuteMigration(..));
        // It loses a race for each step at most, and each to another process.
        if !raced || tries >= MOST_STARTS + steps {
            return Err(error.into());
        }
        tries += 1;
    }
    let options = options.pragma("query_only", "on").optimize_on_close(false, None);
    let readers = connected(pool(SQLITE_READERS), &options).await?;
    Ok(Pools::Sqlite { writer, readers, file: path.into() })
}

/// Opens a pool. Where two processes open a file for the first time at once, one of them finds it locked
/// while the other changes how it is written, and SQLite does not wait for that by itself.
async fn connected(
    pool: SqlitePoolOptions,
    options: &SqliteConnectOptions,
) -> Result<SqlitePool, sqlx::Error> {
    let deadline = tokio::time::Instant::now() + BUSY;
    loop {
        match pool.clone().connect_with(options.clone()).await {
            Err(error) if is_busy(&error) && tokio::time::Instant::now() < deadline => {
                tokio::time::sleep(BUSY_PAUSE).await;
            }
            opened => return opened,
        }
    }
}

/// Whether SQLite found the file locked (`SQLITE_BUSY` and its extended codes).
fn is_busy(error: &sqlx::Error) -> bool {
    const SQLITE_BUSY: u32 = 5;
    let sqlx::Error::Database(error) = error else { return false };
    error
        .code()
        .and_then(|code| code.parse().ok())
        .is_some_and(|code: u32| code & 0xff == SQLITE_BUSY)
}

/// The settings of a connection.
///
/// Every statement here walks an index a short way and stops. The planner's defaults are for other work:
/// it compiles plans first whose estimates add up over all days (`jit`, 300 ms for what then takes none),
/// collects every row that an index finds before it looks at the first one (`enable_bitmapscan`), and takes a row
/// off the disk's beaten track for four times the price of the next one (`random_page_cost`), so that it
/// walks past all clinics to find one. After five times it plans without the values (`plan_cache_mode`), takes
/// three months between two bounds for few rows, and reads them all. What a database does not know of this
/// it does not do either.
const SETTINGS: &[&str] = &[
    "set jit = off",
    "set enable_bitmapscan = off",
    "set random_page_cost = 1.1",
    "set plan_cache_mode = force_custom_plan",
];

/// The settings of a connection for what is looked for in every day's table: a code, a patient. There the values
/// change no plan, but a hundred tables take 15 to 20 ms to plan for and 3 to 8 to look into; so such a statement is
/// planned once. A table that was empty at that time has an index as well (`enable_seqscan`).
const SETTINGS_FOR_EVERY_DAY: &[&str] = &[
    "set jit = off",
    "set enable_bitmapscan = off",
    "set enable_seqscan = off",
    "set random_page_cost = 1.1",
    "set plan_cache_mode = force_generic_plan",
];

/// Makes a new connection ready: its settings, and a look that finds nothing: a call is looked for that cannot
/// be, so that the connection knows the table of every day before somebody waits for it. Statements that it
/// plans once are planned now for the same reason. On an empty database there is nothing to know yet.
async fn prepare(
    connection: &mut PgConnection,
    settings: &[&'static str],
    planned: &[Sql],
) -> Result<(), sqlx::Error> {
    const LOOK: &str =
        "select key from exchanges where (support_code & 16383) = 0 and support_code = -1";
    for sql in settings.iter().chain([&LOOK]) {
        match sqlx::query(*sql).execute(&mut *connection).await {
            Ok(_) | Err(sqlx::Error::Database(_)) => {}
            Err(error) => return Err(error),
        }
    }
    for sql in planned {
        let Ok((text, arguments)) = sql.clone().for_postgres() else { continue };
        match sqlx::query_with(AssertSqlSafe(text), arguments).execute(&mut *connection).await {
            Ok(_) | Err(sqlx::Error::Database(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A transaction. Dropped without [`Tx::commit`], it leaves nothing behind.
pub(super) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    pub(super) async fn all<T: Row>(&mut self, sql: Sql) -> Result<Vec<T>, StoreError> {
        Ok(match self {
            Self::Sqlite(tx) => {
                let (text, arguments) = sql.for_sqlite()?;
                sqlx::query_as_with(AssertSqlSafe(text), arguments).fetch_all(&mut **tx).await?
            }
            Self::Postgres(tx) => {
                let (text, arguments) = sql.for_postgres()?;
                sqlx::query_as_with(AssertSqlSafe(text), arguments).fetch_all(&mut **tx).await?
            }
        })
    }

    pub(super) async fn execute(&mut self, sql: Sql) -> Result<u64, StoreError> {
        Ok(match self {
            Self::Sqlite(tx) => {
                let (text, arguments) = sql.for_sqlite()?;
                sqlx::query_with(AssertSqlSafe(text), arguments)
                    .execute(&mut **tx)
                    .await?
                    .rows_affected()
            }
            Self::Postgres(tx) => {
                let (text, arguments) = sql.for_postgres()?;
                sqlx::query_with(AssertSqlSafe(text), arguments)
                    .execute(&mut **tx)
                    .await?
                    .rows_affected()
            }
        })
    }

    pub(super) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}
