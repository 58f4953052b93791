//! Workers on any number of machines that share the accounts of a database.
//!
//! A worker is one process: [one thread](worker) follows the mailboxes of all accounts that it has leased, another
//! sends [the heartbeat](heartbeat) and takes accounts. What a message causes (here a row) and the checkpoint of its
//! mailbox are stored in [one transaction](database::Database::write), which the database refuses if another worker
//! has leased the account since. So each message is in the table once, whatever is killed, paused or disconnected.

#![allow(clippy::print_stdout, clippy::print_stderr)]

pub mod account;
pub mod change;
pub mod database;
#[cfg(feature = "sqlite")]
pub mod demo;
pub mod heartbeat;
pub mod leases;
pub mod worker;
