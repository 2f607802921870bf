//! The doors of the program, from outside: environments, keys, TLS, new settings, restarts, `check`.
//! Each file is a complaint that somebody could make.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod catalogue;
mod certificates;
mod check;
mod environments;
mod figures;
mod keys;
mod launch;
mod reload;
mod restarts;
mod site_registry;
#[path = "../it/support/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "it belongs to the tests of the call path, which use all of it"
)]
mod support;
mod tls;
mod tls_upstream;
mod words;
