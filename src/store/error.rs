//! Why the store did not do as asked.

/// Why the store did not do as asked. Messages hold no row's content.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused, or could not be reached.
    #[error("the database did not do as asked")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database's schema could not be brought up to date")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// A newer program has been here.
    #[error(
        "the database has migration {0}, which this version of accuscope does not know: \
         run the newer version, or restore a copy made before the upgrade"
    )]
    Newer(i64),
    /// A migration that was applied is not the one that this program has.
    #[error("migration {0} was applied in another wording than this version of accuscope has")]
    Changed(i64),
    /// A value that this version did not write.
    #[error("{table}.{column} holds a value that this version does not know")]
    UnknownValue {
        /// Table.
        table: &'static str,
        /// Column.
        column: &'static str,
    },
    /// More than can be written at once.
    #[error("at most {most} events can be written at once")]
    TooMany {
        /// The limit.
        most: usize,
    },
    /// What was removed is still in PostgreSQL's files.
    #[error(
        "what was removed from {tables} tables is still in the database's files, since a transaction \
         that is older than the removal is open: see pg_stat_activity; the next run writes them anew"
    )]
    StillSeen {
        /// How many tables.
        tables: u32,
    },
    /// The database is not the one of a moment ago: it was made anew, or put back to an earlier time.
    /// What was remembered of it is forgotten; the same again works once [`super::Store::renew`] did.
    #[error("the database is another one than before: made anew, or put back to an earlier time")]
    Replaced,
    /// Sixteen million events claim one microsecond, so a batch of theirs has no room.
    #[error("too many events have the same time")]
    Crowded,
}

impl StoreError {
    /// Whether another instance was faster, so that the same again may work: a key was taken, or
    /// the database broke a circle of waiting transactions.
    pub(super) fn is_a_race(&self) -> bool {
        const DEADLOCK: &str = "40P01";
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        error.is_unique_violation() || error.code().as_deref() == Some(DEADLOCK)
    }

    /// Whether PostgreSQL gave up waiting for a table that somebody else holds.
    pub(super) fn waited_for_a_lock(&self) -> bool {
        const LOCK_NOT_AVAILABLE: &str = "55P03";
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        error.code().as_deref() == Some(LOCK_NOT_AVAILABLE)
    }

    /// Whether PostgreSQL does not know a table or function of the schema.
    pub(super) fn lacks_the_schema(&self) -> bool {
        const UNDEFINED: [&str; 2] = ["42P01", "42883"];
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        error.code().is_some_and(|code| UNDEFINED.contains(&code.as_ref()))
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::VersionMissing(version) => Self::Newer(version),
            sqlx::migrate::MigrateError::VersionMismatch(version) => Self::Changed(version),
            other => Self::Migrate(other),
        }
    }
}
