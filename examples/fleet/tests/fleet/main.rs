//! The fleet on both databases: what a lease is, what happens if workers are killed, paused and disconnected, and what
//! the database has to bear.
//!
//! `LATCHBOX_LONG=1` makes the storm ten minutes, `LATCHBOX_SEED` says which chances are taken.

#![allow(clippy::print_stderr, clippy::indexing_slicing)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[cfg(feature = "sqlite")]
mod commands;
#[cfg(feature = "postgres")]
mod costs;
mod leases;
mod place;
#[cfg(feature = "postgres")]
mod postgresql;
mod sessions;
#[cfg(feature = "sqlite")]
mod sqlite;
mod storm;
mod workers;
