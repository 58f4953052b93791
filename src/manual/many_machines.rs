//! Many machines: workers that share the accounts of a database, and act on each message once.
//!
//! One process follows thousands of mailboxes with [`Watches`]. This page is about programs that need more than
//! one: because one machine is not enough, or because one machine can fail. `examples/fleet` is such a program, on
//! PostgreSQL or SQLite; `cargo run` in its directory shows three workers, one of which is killed.
//!
//! # What a worker does
//!
//! A worker is one process with two threads. One follows the mailboxes of all accounts that the worker has leased,
//! and stores what changes. The other sends a heartbeat to the database, and leases accounts that no worker has.
//!
//! ```
#![doc = include_str!("../doc/pool.txt")]
//! use std::collections::BTreeMap;
//!
//! use latchbox::sync::{ChangeBatch, Checkpoint};
//! use latchbox::types::Uid;
//! use latchbox::watch::{WatchId, WatchItem, WatchRequest, Watches};
//!
//! /// The rows of one account, in place of a database.
//! #[derive(Default)]
//! struct Row {
//!     fence: u64,
//!     checkpoint: Option<String>,
//!     messages: Vec<Uid>,
//! }
//!
//! impl Row {
//!     /// A worker leases the account: from now on, writes with a lower fence are refused.
//!     fn lease(&mut self) -> u64 {
//!         self.fence += 1;
//!         self.fence
//!     }
//!
//!     /// One transaction: the messages and the checkpoint, or nothing if another worker has the account.
//!     fn store(&mut self, fence: u64, batch: &ChangeBatch) -> bool {
//!         if self.fence != fence {
//!             return false;
//!         }
//!         if let ChangeBatch::Changes(changes) = batch {
//!             self.messages.extend(changes.messages().map(|message| message.uid()));
//!         }
//!         self.checkpoint = Some(batch.checkpoint().to_string());
//!         true
//!     }
//! }
//!
//! let mut row = Row::default();
//! let watches = Watches::new()?;
//! let mut fences: BTreeMap<WatchId, u64> = BTreeMap::new();
//! // The account is leased twice, as if by two workers: the first was paused, and its lease ran out.
//! for _ in 0..2 {
//!     let fence = row.lease();
//!     let stored: Option<Checkpoint> = row.checkpoint.as_deref().map(str::parse).transpose()?;
//!     let request = WatchRequest::new(&account).mailbox("INBOX", stored.as_ref());
//!     fences.insert(watches.add(request)?, fence);
//! }
//! # let mut done = 0;
//! while let Some((watch, item)) = watches.next()? {
//!     match item {
//!         WatchItem::Changes { batch, .. } => {
//!             if !row.store(fences[&watch], &batch) {
//!                 watches.remove(watch); // the lease is lost: its session is closed
//!                 # done += 1;
//!             }
//!         }
//!         WatchItem::UpToDate => {
//!             println!("{watch} waits for changes");
//!             # done += 1;
//!         }
//!         other => println!("{watch}: {other}"),
//!     }
//!     # if done == 2 { break }
//! }
//! assert_eq!(row.messages.len(), 1); // both workers have seen it, one has stored it
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Leases
//!
//! A lease is the right to follow an account until a time. A worker registers in a table, with the time until which
//! it is alive, and its heartbeat moves that time: one row for each worker, not one for each account. A row of an
//! account names its worker. If the time of a worker has passed, any other worker ends it, for good, and takes its
//! accounts; the heartbeat of an ended worker is refused. `FOR UPDATE SKIP LOCKED` lets several workers take accounts
//! at the same time without waiting for each other. All times are those of the database's clock.
//!
//! | what happens | what follows |
//! |---|---|
//! | a worker is killed, or its machine fails | its accounts are taken by others after the lease time, 30 seconds in the example |
//! | a worker ends by SIGTERM | its accounts are taken at the next heartbeat of another |
//! | a worker does not reach the database | when its own clock says that the lease time has passed, it closes all sessions |
//! | the database does not answer | the same, for all workers; they continue from the stored checkpoints |
//! | the IMAP connection is lost | the [watch](super::watch) connects again |
//! | the server refuses the credentials | the account is given back with the reason, and no worker takes it for a while, 10 minutes in the example |
//!
//! # The fence
//!
//! A lease alone does not keep two workers from writing. A process can stop at any instruction, for any time: the
//! machine swaps, a virtual machine is moved, a laptop sleeps, a debugger or SIGSTOP holds it. A look at the clock
//! does not help, because the process can stop between the look and the write:
//!
//! | | worker 1 | worker 2 | fence |
//! |--:|---|---|--:|
//! | 1 | leases the account | | 1 |
//! | 2 | reads a message, sees that its lease is valid, stops | | 1 |
//! | 3 | | ends worker 1, leases the account | 2 |
//! | 4 | | reads the same message, stores it | 2 |
//! | 5 | continues, and stores the message with fence 1: refused | | 2 |
//!
//! So each lease has a number, the fence, which is higher than that of all leases of the account before. A write
//! compares it, in its own transaction, with that of the row:
//!
//! ```text
//! BEGIN;
//! UPDATE account SET checkpoint = $3 WHERE id = $1 AND fence = $2;   -- no row: ROLLBACK
//! INSERT INTO message ...;
//! COMMIT;
//! ```
//!
//! The UPDATE comes first, because it locks the row: another worker cannot take the account before this transaction
//! has ended. A worker whose write is refused closes the session of that account. It need not look at any clock; that
//! it closes all sessions when its lease time has passed only saves the server connections.
//!
//! A worker that stops *within* a transaction keeps the row locked. Set `idle_in_transaction_session_timeout` to the
//! lease time: PostgreSQL then ends such a transaction, and the account is free.
//!
//! # Each message once
//!
//! What a message causes and the checkpoint are stored in one transaction, as the page on
//! [sync](super::sync#the-transaction) describes. If the connection to the database is lost during the COMMIT, the
//! worker does not know whether it was stored. It must not store it again. It removes the watch, reads the stored
//! checkpoint, and watches from there.
//!
//! What is outside the database (a call of another service, a mail) cannot be in the transaction. Store a row that
//! says what is to be done, and have it done from there. That happens at least once, so give the other service a
//! name for each row, such as its id, by which it recognizes a repetition.
//!
//! # What the database has to bear
//!
//! As `examples/fleet/tests` counts it, by `pg_stat_statements` of PostgreSQL 15. Statements include BEGIN and COMMIT;
//! a block is 8 KiB that was read, from memory mostly; the time is that of the execution, without the flush of a
//! COMMIT to the disk.
//!
//! | | statements | blocks | octets of WAL | time, ms |
//! |---|--:|--:|--:|--:|
//! | an account in which nothing happens | 0 | 0 | 0 | 0 |
//! | a heartbeat, 200 workers with 20,000 accounts | 5 | 14 | 130 | 0.04 |
//! | a heartbeat, 2,000 workers with 1,000,000 accounts | 5 | 51 | 130 | 0.13 |
//! | a message | 4 | 15 | 610 | 0.08 |
//! | a message, of a hundred that came at once | 0.04 | 8 | 250 | 0.01 |
//! | an account that is taken over, fifty at a time | 0.1 | 22 | 400 | 0.03 |
//!
//! A change of flags costs as much as a message without its INSERT. A row of an account has 280 octets, with a
//! checkpoint of 150 to 200 if the server has mod-sequences (CONDSTORE), for 1 message or for 100,000. Each gap in the
//! UIDs adds about 12 octets; without mod-sequences, so does each run of messages with the same flags: 4,100 octets
//! for 1,000 messages of which every third was read. A row of a worker has 45 octets.
//!
//! # Thousands of workers
//!
//! A worker with a lease time of 30 seconds sends a heartbeat every 10: 30 statements a minute, whether it has one
//! account or a thousand. 2,000 workers with 500 accounts each are 200 heartbeats a second, 30 milliseconds of each
//! second of one core by the table above. The messages cost more: a million accounts with 100 messages a day are
//! 1,160 transactions a second, each with a flush. What bounds it, in this order:
//!
//! - *Connections.* A worker has two, one for each thread. PostgreSQL has a process for each; above some hundreds
//!   of workers, use fewer and larger ones, or a pooler such as PgBouncer.
//! - *Commits.* Take up to [`batch_size`] messages in a transaction. If the disk is the limit, several databases
//!   with a part of the accounts each need nothing of each other.
//! - *Dead rows.* Heartbeats and checkpoints update rows in place. A `fillfactor` below 100 keeps these updates out of
//!   the indexes, and autovacuum removes what is left.
//! - *The plan of the statement that takes accounts.* It runs at each heartbeat, so it must not read the table. The
//!   first form of the example did: 1,180 blocks of 20,000 accounts, because an `OR` of free and abandoned accounts
//!   used no index. The tests count the blocks since.
//! - *The servers.* Accounts of a worker that was lost are logged in again elsewhere, all of them. A worker takes a
//!   bounded number at each heartbeat, so that the logins are spread over time.
//!
//! A worker has one thread for all its servers: one that answers slowly delays the others for as long as the timeouts
//! of the [`ClientBuilder`] allow, in the example 10 seconds without a response. The heartbeat goes on meanwhile. Start
//! more workers on a machine, or call [`Watches::next`] from several threads, if that is too long.
//!
//! # Why there is no broker
//!
//! The server keeps the messages, in order, until a client has read them; a [`Checkpoint`] says where the client is.
//! That is a queue already. A broker in between would be a second copy of it, with a checkpoint of its own, and the
//! transaction with the program's tables would be lost. What is left to decide is which worker reads an account, and
//! that is one column. Leases need a store that agrees with itself, and the program has one: the database in which
//! its results are. If that is down, no result could be stored anyway.
//!
//! [`Watches`]: crate::watch::Watches
//! [`Watches::next`]: crate::watch::Watches::next
//! [`batch_size`]: crate::watch::WatchRequest::batch_size
//! [`ClientBuilder`]: crate::ClientBuilder
//! [`Checkpoint`]: crate::sync::Checkpoint
