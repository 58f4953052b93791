//! The lock: how threads share a connection, who gets it next, and what that promises.
//!
//! # Why there is one
//!
//! An IMAP connection has one selected mailbox. `UID STORE 1:* +FLAGS (\Deleted)` acts on the
//! mailbox that is selected when the server reads it. If two threads share a connection and each
//! selects what it needs, one of them sooner or later deletes from the wrong mailbox:
//!
//! ```text
//! one thread            the other thread         what the server has selected
//! SELECT Trash                                   Trash
//!                       SELECT INBOX             INBOX
//! UID STORE 1:* ...                              INBOX   <- meant for Trash
//! ```
//!
//! In this crate a command on the selected mailbox is a method of a [`MailboxGuard`], a guard comes
//! only from a lock, and only a lock selects. The sequence above cannot be written:
//!
//! ```text
//! one thread            the other thread         what the server has selected
//! lock Trash            lock INBOX (waits)
//! SELECT Trash          .                        Trash
//! UID STORE 1:* ...     .                        Trash
//! drop the guard        .                        Trash
//!                       SELECT INBOX             INBOX
//!                       UID SEARCH UNSEEN        INBOX
//! ```
//!
//! # Who gets it next
//!
//! Waiters get the lock in the order of arrival, with one exception. A waiter for the mailbox that
//! is already selected, in that mode, may overtake others, because that saves a SELECT:
//!
//! ```text
//! waiting, in order of arrival    served, with a bound of 16    served, with a bound of 0
//! A  B  A  B  A                   A  A  A  B  B                 A  B  A  B  A
//!                                 2 SELECTs                     5 SELECTs
//! ```
//!
//! No waiter is overtaken more than [`max_overtakes`] times (16 by default), so none starves; 0
//! means strict order of arrival. Choose a small bound if every wait must be short and there are
//! many mailboxes. Leave the default if threads work on a few mailboxes again and again.
//!
//! # What a lock sends
//!
//! A lock sends SELECT, or EXAMINE if it is read-only. If the mailbox is already selected in that
//! mode, the lock sends nothing: it reads the responses that have arrived, without waiting. That
//! updates the counters without a round trip, and detects a closed connection. A lock or a command
//! that comes at most 5 microseconds after the last octets that were read does not look again, so
//! that commands in a row cost one write and one read each.
//!
//! A lock that fails returns no guard, and holds nothing. If the server refuses the SELECT, no
//! mailbox is selected. If the server selects the mailbox and the lock rejects it, because it is
//! read-only ([`MailboxError::ReadOnly`]) or its UIDVALIDITY is not the expected one
//! ([`MailboxError::UidValidityChanged`]), the mailbox stays selected, as after a guard that was
//! dropped, because deselecting it would cost a command.
//!
//! Dropping the guard also sends nothing. It waits for no thread and does not panic. The mailbox
//! stays selected for the next lock. If the guard was held for
//! [long](crate::ClientBuilder::warn_after), the logger is called after the lock was released. The
//! last [owned guard](crate::LockRequest::lock_owned) of a session that was dropped closes the
//! connection. [`release`], [`unselect`] and [`close_and_expunge`] consume a guard and return a
//! result.
//!
//! # How long a lock waits
//!
//! A lock waits without limit unless it has a timeout: [`lock_timeout`] for the whole session,
//! [`LockRequest::timeout`] for one lock. The timeout is a deadline for everything: the wait, a
//! reconnection, the SELECT. The error names the holder, its mailbox, its label and how long it has
//! held the lock; [`lock_state`] returns that at any time.
//!
//! Each command of a holder has its own deadline, so a holder that only waits for the server cannot
//! block others forever. A holder that computes under the guard can. A guard held for longer than
//! [`warn_after`] (60 seconds by default) is logged once.
//!
//! A command of the session (LIST, STATUS, APPEND, ...) waits for the lock too, but always with a
//! limit: [`turn_timeout`], which is the [`lock_timeout`] if only that is set, and 10 minutes by
//! default.
//!
//! # While a thread idles
//!
//! A thread in [`idle`] holds the lock while it waits for an event, and yields it: as soon as
//! another thread waits for the lock, the crate ends the IDLE and the wait returns `None`. The
//! program then drops the guard and locks again, after the waiters. So the other thread waits for
//! one round trip:
//!
//! ```text
//! one thread            the other thread         the wire
//! idle, waits           .                        IDLE
//! .                     lock Trash (waits)
//! ends the IDLE         .                        DONE
//! drops the guard       .                        OK
//! lock INBOX (waits)    holds Trash              SELECT Trash
//! ```
//!
//! With [`yield_to_waiters`] set to `false`, the thread keeps the lock until it drops the guard.
//!
//! # On one thread
//!
//! A second lock on the thread that holds a guard would deadlock, so it is an error at once
//! ([`LockError::HeldByThisThread`]), whatever kind of guard it requests. Commands of the session
//! work on that thread without waiting, except while it is still reading a stream of messages: then
//! they return [`Error::StreamOpen`]. Deleting or renaming the mailbox that the thread holds is
//! rejected.
//!
//! Code of the program that the crate calls on this thread, such as a logger, the reader of a
//! message or a provider of credentials, runs in the middle of a command, a lock or a reconnection.
//! It gets these errors at once if it uses the session, also under an owned guard. It can call
//! [`Session::events`] and [`lock_state`].
//!
//! An [owned guard](crate::LockRequest::lock_owned) belongs to no thread once the lock has
//! returned. So a lock or a command of the session beside it waits until its timeout, also on the
//! thread that has the guard.
//!
//! # When something breaks
//!
//! A thread may leave an answer unread: it drops or leaks a stream early, it panics, or the answer
//! does not come in time. The next command drains that abandoned answer within limits of octets and
//! time, or the connection is closed. No command ever reads the answer to another.
//!
//! When the connection closes, the holder's command and all waiters get [`Error::Closed`];
//! [`may_have_taken_effect`] reports whether the command may have been executed. With an
//! [`Account`] that is [`reconnecting`], the next lock or command of the session makes a new
//! connection before it sends anything. On the thread that holds a guard nothing reconnects, so all
//! commands of a guard run on one connection or fail, and none is repeated on the new one.
//! [`logout`] does not reconnect, and neither does a session that was
//! [closed](crate::Session::close_handle).
//!
//! # UIDs and sequence numbers
//!
//! A UID means a message only in its mailbox, so UIDs know the account, the mailbox and the
//! UIDVALIDITY that they came from: in the sets that a server returned, in the [`id`] of a message,
//! and in [`StoredUids`]. They stay valid across a reconnection of that account. Used in another
//! account (also after a reconnection as another user), in another mailbox or under another
//! UIDVALIDITY, they are [`Error::StaleUids`] before anything is sent. A set that the caller makes
//! without an origin, by [`UidSet::unbound`], from text or as [`UidSet::all`], is accepted
//! anywhere.
//!
//! Sequence numbers are valid for a shorter time: an expunged message renumbers those after it.
//! They are made and used in a view that borrows the guard, [`numbered`]. While a set of them is
//! alive, no command that may remove a message compiles. If a server removes one when it must not,
//! the next use of the view is [`MailboxError::Renumbered`], before anything is sent.
//!
//! # What the lock does not promise
//!
//! The lock orders the threads of this process on this session. Another process, another session of
//! this process, or another device can change the mailbox at any time. A guard reports such changes
//! as [events](crate::MailboxGuard::events) and in its counters, with the answers to its own
//! commands. A condition that must hold between processes needs the server: a STORE that skips
//! messages that have changed meanwhile ([`Store::unchanged_since`]).
//!
//! A guard that is leaked (`std::mem::forget`) holds the lock until its thread ends; an owned one,
//! forever. Waits with a deadline still end, and their error names the holder.
//!
//! # An example
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use std::time::Duration;
//! use latchbox::types::SearchKey;
//!
//! std::thread::scope(|scope| {
//!     scope.spawn(|| -> latchbox::Result<()> {
//!         let mut inbox = session
//!             .mailbox("INBOX")
//!             .read_only()
//!             .label("count")
//!             .timeout(Duration::from_secs(30))
//!             .lock()?;
//!         println!("{:?} unread", inbox.search(SearchKey::Unseen)?.len());
//!         Ok(())
//!     });
//!     scope.spawn(|| -> latchbox::Result<()> {
//!         let mut trash = session.mailbox("Trash").label("empty").lock()?;
//!         let all = trash.search(SearchKey::All)?;
//!         trash.delete(&all)?;
//!         Ok(())
//!     });
//! });
//! # assert!(server.messages("Trash").is_empty());
//! # assert_eq!(server.messages("INBOX").len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Account`]: crate::Account
//! [`Error::Closed`]: crate::Error::Closed
//! [`Error::StaleUids`]: crate::Error::StaleUids
//! [`id`]: crate::message::Fetch::id
//! [`StoredUids`]: crate::types::StoredUids
//! [`UidSet::all`]: crate::types::UidSet::all
//! [`UidSet::unbound`]: crate::types::UidSet::unbound
//! [`Error::StreamOpen`]: crate::Error::StreamOpen
//! [`LockRequest::timeout`]: crate::LockRequest::timeout
//! [`MailboxGuard`]: crate::MailboxGuard
//! [`LockError::HeldByThisThread`]: crate::error::LockError::HeldByThisThread
//! [`MailboxError::ReadOnly`]: crate::error::MailboxError::ReadOnly
//! [`MailboxError::Renumbered`]: crate::error::MailboxError::Renumbered
//! [`MailboxError::UidValidityChanged`]: crate::error::MailboxError::UidValidityChanged
//! [`Session::events`]: crate::Session::events
//! [`Store::unchanged_since`]: crate::command::Store::unchanged_since
//! [`close_and_expunge`]: crate::MailboxGuard::close_and_expunge
//! [`yield_to_waiters`]: crate::command::IdleOptions::yield_to_waiters
//! [`idle`]: crate::MailboxGuard::idle
//! [`lock_state`]: crate::Session::lock_state
//! [`lock_timeout`]: crate::ClientBuilder::lock_timeout
//! [`logout`]: crate::Session::logout
//! [`warn_after`]: crate::ClientBuilder::warn_after
//! [`may_have_taken_effect`]: crate::Error::may_have_taken_effect
//! [`numbered`]: crate::MailboxGuard::numbered
//! [`max_overtakes`]: crate::ClientBuilder::max_overtakes
//! [`reconnecting`]: crate::Account::reconnecting
//! [`release`]: crate::MailboxGuard::release
//! [`turn_timeout`]: crate::ClientBuilder::turn_timeout
//! [`unselect`]: crate::MailboxGuard::unselect
