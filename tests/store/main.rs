//! What the store promises, on SQLite and, where `ACCUSCOPE_TEST_POSTGRES_URL` names a database, on
//! PostgreSQL as well.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod access;
mod evidence;
mod figures;
mod indexing;
mod reading;
mod schema;
mod support;
