//! Several connections: which one a lock gets, how many there are, and what becomes of them.
//!
//! # When to use one
//!
//! Threads that share a [`Session`] wait for each other, and each change of the mailbox costs a
//! SELECT. A [`Pool`] has several connections of the same account, and the same guards. Use it if
//! threads work in several mailboxes at once. For one thread, or for threads that all work in one
//! mailbox, a session does the same with one connection.
//!
//! ```
#![doc = include_str!("../doc/pool.txt")]
//! use latchbox::types::SearchKey;
//!
//! std::thread::scope(|scope| {
//!     for name in ["INBOX", "Trash", "Archive"] {
//!         let pool = &pool;
//!         scope.spawn(move || -> latchbox::Result<()> {
//!             let mut mailbox = pool.lock_mailbox_read_only(name)?;
//!             println!("{name}: {} unread", mailbox.search(SearchKey::Unseen)?.len());
//!             Ok(())
//!         });
//!     }
//! });
//! # assert_eq!(pool.state().holders().len(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Which connection
//!
//! | of the connections that no guard holds | sent |
//! |---|---|
//! | one that has the mailbox selected in that mode | nothing |
//! | else one that has no mailbox selected | SELECT |
//! | else a new one, if the mailbox is one of the last [`max_connections`] that were used | login, SELECT |
//! | else the one that was used longest ago, of those on which no [watch](super::watch) listens | SELECT |
//! | else a new one | login, SELECT |
//! | else one on which a watch listens | DONE, SELECT |
//!
//! A new one is made only if the bound allows it and no other is being made. The third line is the
//! rule by which a pool grows while connections are free: a mailbox that was used lately, and is not
//! selected any more, would still be selected had there been one connection more. So one thread
//! that walks through many mailboxes does it on one connection, because more would not save a
//! SELECT; threads that return to few mailboxes soon have a connection for each. When a connection
//! is closed, the pool forgets which mailboxes were used before.
//!
//! If there is none, the lock waits in the one queue of the pool, by the rules of
//! [the lock of a session](super::lock): in order of arrival, with a bounded number of overtakings
//! for the mailbox that a released connection has selected. A session command
//! ([`Pool::session`]) takes any free connection, and a new one only if all others are held.
//!
//! A mailbox has one read-write guard at most, or several read-only ones. That is what a session
//! promises; [`allow_several_writers`] gives it up. As with a session, other programs can change the
//! mailbox meanwhile.
//!
//! # How many connections
//!
//! [`max_connections`] is the most that the pool makes, 3 by default. Servers allow 10 to 20
//! connections of one user, which all programs and devices of the user share. A login that is
//! refused because of that is not an error as long as the pool has a connection:
//!
//! | server | refusal |
//! |---|---|
//! | Dovecot | `NO [LIMIT]` or `[UNAVAILABLE]`, "Maximum number of connections" |
//! | Cyrus | `NO`, "Too many open connections" |
//! | Gmail | `NO [ALERT]`, "Too many simultaneous connections" |
//!
//! The pool then keeps to the number that it has, logs it at `debug`, and reports it by
//! [`learned_limit`]. After [`retry_limit_after`], 10 minutes by default, it tries one more. Courier
//! closes a connection that is one too many before the greeting, which any server may do for other
//! reasons: that is the error of the lock.
//!
//! [`Pool::state`] has the holders, the waiters, the connections and this number; its `Display` is one
//! line for the log of the program. The pool itself logs at `debug` each connection that it makes,
//! that the server refuses, and that it retires; and at `warn` each one that could not be made.
//!
//! # One try for all
//!
//! One connection is made at a time, by the thread that needs it, with nothing locked: other threads
//! use the connections that exist. If it fails, each thread that was waiting, and that no other
//! connection serves first, gets a copy of the error and does not try by itself. So a wrong password
//! is sent once, whatever the number of threads. The next lock tries again, by the pace of
//! [`Account::reconnecting`](crate::Account::reconnecting).
//!
//! # Idle and dead connections
//!
//! The pool has no thread of its own. From time to time a lock closes connections that were unused
//! for [`idle_timeout`] (5 minutes by default), or are older than [`max_age`] (24 hours), by LOGOUT; a
//! program that stops using the pool calls [`Pool::tend`]. CLOSE, which expunges, is never sent for
//! that.
//!
//! A connection whose end has arrived is replaced at the next lock. One that was unused for
//! [`check_after`] (60 seconds) gets a NOOP first, because a router may have dropped it silently. A
//! guard never changes its connection: if that ends, the commands of the guard fail, and the next lock
//! gets another.
//!
//! [`Session`]: crate::Session
//! [`Pool`]: crate::Pool
//! [`Pool::session`]: crate::Pool::session
//! [`Pool::state`]: crate::Pool::state
//! [`Pool::tend`]: crate::Pool::tend
//! [`allow_several_writers`]: crate::pool::PoolOptions::allow_several_writers
//! [`max_connections`]: crate::pool::PoolOptions::max_connections
//! [`retry_limit_after`]: crate::pool::PoolOptions::retry_limit_after
//! [`idle_timeout`]: crate::pool::PoolOptions::idle_timeout
//! [`max_age`]: crate::pool::PoolOptions::max_age
//! [`check_after`]: crate::pool::PoolOptions::check_after
//! [`learned_limit`]: crate::pool::PoolState::learned_limit
