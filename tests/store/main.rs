//! What the store promises, on SQLite and, where `ACCUSCOPE_TEST_POSTGRES_URL` names a database, on
//! PostgreSQL as well.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod access;
mod access_log;
mod accounts;
mod audit;
mod claims;
mod digests;
mod evidence;
mod figures;
mod incidents;
mod indexing;
mod kinds;
mod mergers;
mod moving;
mod reading;
mod recount;
mod registry;
mod retention;
mod retention_of_audit;
mod schema;
mod shares;
mod support;
mod tasks;
mod upgrading;
