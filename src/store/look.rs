//! A look at a database that changes nothing: is it there, and is its schema ours?
//!
//! Owns the question that `check` asks. Does not create, migrate or keep a connection.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use super::error::StoreError;
use super::migrate;
use super::url::{Kind, StoreUrl};

/// How long a server may take.
const PATIENCE: Duration = Duration::from_secs(5);
const TABLES: &str = "select version from _sqlx_migrations order by version";

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    /// No file yet; it is made at start.
    NoFile,
    /// A database without a schema of ours; it is made at start.
    Empty,
    /// The schema is this program's.
    Current,
    /// The schema is older; it is brought up to date at start.
    Older,
}

/// Looks at a database.
///
/// # Errors
///
/// [`StoreError::Newer`] where a newer program has been here, else what the database says.
pub async fn look(url: &StoreUrl) -> Result<Looked, StoreError> {
    let versions = match url.kind() {
        Kind::Sqlite(path) => {
            if !path.exists() {
                return Ok(Looked::NoFile);
            }
            let mut wal = path.clone().into_os_string();
            wal.push("-wal");
            // Without a log beside it nobody has the file open, and reading it needs no files.
            let alone = !std::path::Path::new(&wal).exists();
            let options =
                SqliteConnectOptions::new().filename(path).read_only(true).immutable(alone);
            let mut connection: SqliteConnection = options.connect().await?;
            let versions = sqlx::query_scalar(TABLES).fetch_all(&mut connection).await;
            connection.close().await?;
            versions
        }
        Kind::Postgres(text) => {
            let connecting = tokio::time::timeout(PATIENCE, PgConnection::connect(text));
            let mut connection =
                connecting.await.map_err(|_| StoreError::Database(sqlx::Error::PoolTimedOut))??;
            let versions = sqlx::query_scalar(TABLES).fetch_all(&mut connection).await;
            connection.close().await?;
            versions
        }
    };
    let versions: Vec<i64> = match versions {
        Ok(versions) => versions,
        // The table is not there.
        Err(sqlx::Error::Database(_)) => return Ok(Looked::Empty),
        Err(error) => return Err(error.into()),
    };
    match versions.last().copied() {
        None => Ok(Looked::Empty),
        Some(last) if last > migrate::newest() => Err(StoreError::Newer(last)),
        Some(last) if last < migrate::newest() => Ok(Looked::Older),
        Some(_) => Ok(Looked::Current),
    }
}
