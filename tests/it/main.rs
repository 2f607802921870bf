//! The whole program over real sockets, from outside: a raw client on one side, an upstream that does
//! what a test says on the other. Each file is a complaint that somebody could make.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod audit;
mod backlog;
mod bad_disk;
mod bad_files;
mod bodies;
mod clinics;
mod connections;
mod dashboards;
mod forwarding;
mod full_disk;
mod grants;
mod hang_ups;
mod http2;
mod identity;
mod key_rotation;
mod killed;
mod leaks;
mod limits;
mod malformed;
mod openmetrics;
mod outcomes;
mod people;
mod power_cut;
mod prove;
mod random_requests;
mod rubbish;
mod spans;
mod stopping;
mod support;
mod telemetry;
mod upstream_trouble;
mod watch;
