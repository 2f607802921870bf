//! The store: what pages, the API and the diagnosis read, indexed from the journal.
//!
//! Owns the SQL, for SQLite and for PostgreSQL, behind one [`Store`]. It can be deleted and rebuilt
//! from the journal, so nothing of the call path waits for it. Does not read journals (the indexer
//! does), and knows nothing of HTTP or markup.
//!
//! | file | what |
//! | --- | --- |
//! | [`url`], [`connection`], [`migrate`] | where the database is, pools, schema |
//! | [`sql`], [`cells`] | statements and rows of either database |
//! | [`labels`], [`kind`], [`kinds`], [`figure_kinds`] | what repeats, kept once |
//! | [`place`], [`row`], [`request_id`] | an event as a row |
//! | [`insert`], [`checkpoint`] | the one transaction that writes events |
//! | [`days`] | PostgreSQL's table a day |
//! | [`retention`] | what is over its limit goes |
//! | [`filter`], [`search`], [`short`], [`order`], [`walk`], [`cursor`], [`read`], [`export`] | events |
//! | [`evidence`] | the calls around a question |
//! | [`rollup`], [`adoption`] | figures |
//! | [`tasks`] | what staff did: the adoption report |
//! | [`audit`] | the copy of the audit; when instances were recording |
//! | [`claims`] | what several instances decide together: keyed writes, switches |
//! | [`registry`] | clinics, apps and keys that were entered on the site |
//! | [`incidents`] | what the watch opened and closed |
//! | [`scoped`] | the store as somebody sees it who may see some clinics only |
//! | [`access`], [`sessions`] | API tokens, sign-in links, sessions |
//! | [`second_factor`] | codes beside the passphrase |
//! | [`accounts`], [`account_change`], [`enrolment`], [`browsers`] | people, how they set a passphrase, from where they came before |
//! | [`diagnoses`] | diagnoses as they were given, and what was said about them |
//! | [`watches`] | who wants to know when something works |
//! | [`shares`] | links to the adoption page for people without an account |
//! | [`digests`] | weekly letters that were sent, or could not be |
//! | [`handle`] | the store for those who must live without it for a while |

mod access;
mod account_change;
mod accounts;
mod adoption;
mod alerts;
mod audit;
mod browsers;
mod cells;
mod checkpoint;
mod claims;
mod connection;
mod cursor;
mod days;
mod diagnoses;
mod digests;
mod enrolment;
mod entrance;
mod error;
mod evidence;
mod export;
mod figure_kinds;
mod filter;
mod handle;
mod incident_notes;
mod incidents;
mod insert;
mod kind;
mod kinds;
mod labels;
mod look;
mod migrate;
mod order;
mod place;
mod read;
mod registry;
mod request_id;
mod retention;
mod rollup;
mod row;
mod scoped;
mod search;
mod second_factor;
mod sessions;
mod shares;
mod short;
mod size;
mod sql;
mod tasks;
mod url;
mod walk;
mod watches;

use std::sync::Arc;

use self::checkpoint::Lately;
use self::connection::Pools;
use self::days::Days;
use self::figure_kinds::FigureKinds;
use self::kinds::Kinds;
use self::labels::Labels;

pub use self::access::{ApiToken, LinkPurpose, NewToken, SecretDigest, SignInLink};
pub use self::account_change::{AccountChange, Changed};
pub use self::accounts::Account;
pub use self::adoption::{ActorQuery, ActorRow, ClinicSeen};
pub use self::audit::{AccessCursor, AccessFilter, AccessPage};
pub use self::audit::{AuditCopied, AuditCopy, AuditRow, RecordedSpan, RecordingGap};
pub use self::checkpoint::{Checkpoint, Freshness};
pub use self::claims::ClaimTimes;
pub use self::cursor::{Cursor, CursorError};
pub use self::diagnoses::{DiagnosisLine, Feedback, FeedbackCount, KeptDiagnosis};
pub use self::digests::Letters;
pub use self::enrolment::FirstLink;
pub use self::entrance::{Entered, Entrance, Returning, Uses};
pub use self::error::StoreError;
pub use self::evidence::{Around, Sighting};
pub use self::export::Export;
pub use self::filter::ExchangeFilter;
pub use self::handle::{StoreHandle, StoreSlot};
pub use self::insert::{Batch, Inserted, MAX_BATCH};
pub use self::look::{Looked, look};
pub use self::read::{MAX_PAGE, Neighbours, Page};
pub use self::retention::{ColumnKept, LedgerLine, Purge, Returned, TableKept};
pub use self::rollup::{By, RollupQuery, RollupRow, Span};
pub use self::scoped::Scoped;
pub use self::second_factor::SecondFactor;
pub use self::sessions::Session;
pub use self::shares::NewShare;
pub use self::tasks::{CountedTasks, CountsQuery, CountsRow, KindsOfMonth, WeekStaff};
pub use self::url::{StoreUrl, StoreUrlError};
pub use self::watches::Watch;

/// The database. Cloning is cheap; clones share connections and dictionaries.
#[derive(Clone)]
pub struct Store {
    pools: Pools,
    labels: Arc<Labels>,
    kinds: Arc<Kinds>,
    figure_kinds: Arc<FigureKinds>,
    days: Arc<Days>,
    lately: Arc<Lately>,
}

impl Store {
    /// Opens the database, creates it where it is a file, and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// [`StoreError::Newer`] where a newer program has been here, else what the database says.
    pub async fn open(url: &StoreUrl) -> Result<Self, StoreError> {
        let pools = Pools::open(url, evidence::of_every_day()).await?;
        Ok(Self {
            pools,
            labels: Arc::default(),
            kinds: Arc::default(),
            figure_kinds: Arc::default(),
            days: Arc::default(),
            lately: Arc::default(),
        })
    }

    /// Makes the best of a database that is another one than before ([`StoreError::Replaced`]): brings
    /// its schema up to date. Where indexing goes on is to be read again.
    ///
    /// # Errors
    ///
    /// As [`Store::open`].
    pub async fn renew(&self) -> Result<(), StoreError> {
        self.forget();
        self.pools.migrate().await
    }

    /// Forgets what is remembered of the database's content.
    fn forget(&self) {
        self.labels.forget();
        self.kinds.forget();
        self.figure_kinds.forget();
        self.days.forget_all();
        self.lately.forget();
    }

    /// Whether several instances may work on it together; a SQLite file is one instance's.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        !self.pools.is_sqlite()
    }

    /// Closes every connection, after the statements in flight.
    pub async fn close(&self) {
        self.pools.close().await;
    }

    /// How a statement of this store would be run, for tests that forbid scans.
    #[doc(hidden)]
    pub async fn plan_of_page(
        &self,
        filter: &ExchangeFilter,
        cursor: Option<Cursor>,
    ) -> Result<Vec<String>, StoreError> {
        self.explain(filter, cursor.map(|cursor| cursor.key)).await
    }

    /// Leaves the mark of a migration that this program does not have, for tests.
    #[doc(hidden)]
    pub async fn pretend_newer(&self, version: i64) -> Result<(), StoreError> {
        let mut sql = sql::Sql::new(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
             values (",
        );
        sql.bind(version).push(", 'newer', true, ").bind([0u8; 48].as_slice()).push(", 0)");
        self.pools.execute(sql).await.map(drop)
    }
}
