//! What people meet on the ops site, asked over its router with a real store behind it.

mod doors;
mod rooms;
mod support;
