//! The lock: whose turn it is on a connection that threads share, and what that promises.
//!
//! # Why there is one
//!
//! An IMAP connection has one selected mailbox. `UID STORE 1:* +FLAGS (\Deleted)` means the
//! messages of whatever is selected when the server reads it. Two pieces of a program that share a
//! connection and each select what they need will sooner or later delete from the wrong mailbox:
//!
//! ```text
//! one thread            the other thread         what the server has selected
//! SELECT Trash                                   Trash
//!                       SELECT INBOX             INBOX
//! UID STORE 1:* ...                              INBOX   <- meant for Trash
//! ```
//!
//! Here a command that needs a mailbox is a method of a [`MailboxGuard`], a guard comes only from a
//! lock, and only a lock selects. The picture above cannot be written:
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
//! # Whose turn it is
//!
//! Turns come in the order of arrival, with one exception. A waiter for the mailbox that is
//! selected already, in the same mode, may go ahead of others, because that saves a SELECT:
//!
//! ```text
//! waiting, in order of arrival    served, with a bound of 16    served, with a bound of 0
//! A  B  A  B  A                   A  A  A  B  B                 A  B  A  B  A
//!                                 2 SELECTs                     5 SELECTs
//! ```
//!
//! Nobody is overtaken more often than [`max_overtakes`] says (16 unless set), so nobody starves, and
//! 0 is strict order of arrival. Choose a small bound when every wait must be short and mailboxes
//! are many; leave it when threads work on a few mailboxes again and again.
//!
//! # What a lock sends
//!
//! Nothing, when the mailbox is selected already in the mode that is wanted. What has arrived on
//! the connection meanwhile is then read without waiting, so that the counters are as fresh as they
//! can be for nothing, and a connection that has died is noticed. Otherwise it sends SELECT, or
//! EXAMINE for reading only.
//!
//! A lock that fails gives no guard, and holds nothing. If the server refuses the SELECT, no mailbox
//! is selected. If the server selects the mailbox and the lock refuses it, because it is only
//! readable ([`MailboxError::ReadOnly`]) or its UIDVALIDITY is not the expected one
//! ([`MailboxError::UidValidityChanged`]), the mailbox stays selected, as after a guard that was
//! dropped: to deselect it would cost a command, and without a guard none can be written for it.
//!
//! Dropping the guard sends nothing either, waits for no thread, and does not panic. If the hold was
//! [long](crate::ClientBuilder::warn_after), the logger is called, after the lock was passed on. The
//! mailbox stays selected for the next lock. The last [owned
//! guard](crate::LockRequest::lock_owned) of a session that was dropped closes the connection.
//! [`release`], [`unselect`] and [`close`] end a guard and report.
//!
//! # How long it takes
//!
//! A lock waits without limit unless it has a timeout: [`lock_timeout`] for the whole session,
//! [`LockRequest::timeout`] for one lock. One timeout covers everything: the wait, a reconnection,
//! the SELECT. Its error names the holder of the lock, its mailbox, its label, and since when it
//! holds; [`lock_state`] names them at any time. Each command of a
//! holder has a deadline of its own, so a holder that only talks to the server cannot keep others
//! waiting for ever. One that computes under the guard can; a hold longer than [`warn_after`] is
//! told in the log, once.
//!
//! A command of the session waits for its turn like a lock, but never for ever: for the
//! [`turn_timeout`], which is the [`lock_timeout`] if only that is set, and 10 minutes by default.
//!
//! # While a thread idles
//!
//! A thread in [`idle`] holds the lock while it waits for an event. As soon as another thread waits
//! for the lock, the IDLE is ended and the wait returns `None`; the program then drops the guard and
//! locks again, behind the waiters. With [`yield_to_waiters`] set to `false` it keeps the lock instead. The
//! other thread waits for one round trip:
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
//! # On one thread
//!
//! A second lock on the thread that holds a guard would wait for itself, and is an error at once
//! ([`LockError::HeldByThisThread`]), whatever kind of guard is asked for.
//! Commands of the session (LIST, STATUS, APPEND, ...) work on that thread without waiting, except
//! while it is still reading a stream of messages: then they are [`Error::StreamOpen`]. Deleting or
//! renaming the mailbox that the thread holds is refused.
//!
//! Code of the program that is called on this thread, in the middle of a command, a lock or a
//! reconnection, is in the same place: a logger, the reader of a message, a provider of credentials.
//! It gets these errors at once if it uses the session, also under an owned guard.
//! [`Session::events`] and [`lock_state`] can be called anywhere.
//!
//! An [owned guard](crate::LockRequest::lock_owned) belongs to no thread once the lock has
//! returned, so a lock or a command of the session beside it waits, also on the thread that has it:
//! until its timeout.
//!
//! # When something breaks
//!
//! What a thread leaves unread belongs to the connection: a stream dropped early, forgotten, or
//! abandoned by a panic, an answer that did not come in time. The next command reads it to its end
//! within bounds of octets and time, or the connection is closed. No command ever reads the answer
//! to another.
//!
//! When the connection ends, the holder's command and everybody who waits get [`Error::Closed`];
//! [`may_have_taken_effect`] tells whether the command was on its way. With an [`Account`] that is
//! [`reconnecting`], the next lock or the next command of the session makes a new connection, before
//! anything of it is sent. On the thread that holds a guard nothing does, so all commands of a guard
//! run on one connection or fail, and none is repeated on the new one. [`logout`] does not reconnect,
//! and neither does a session that was [closed](crate::Session::close_handle).
//!
//! UIDs remember the account, the mailbox and the UIDVALIDITY that they came from: in the sets that a
//! server gave, in the [`id`] of a row, and in [`StoredUids`]. Kept across a reconnection of the same
//! account they stay good. Used where they do not mean the same messages (in another account, also
//! after a reconnection as another user, in another mailbox, under another UIDVALIDITY) they are
//! [`Error::StaleUids`] before anything is sent. A set that was made without an origin, by
//! [`UidSet::unbound`], of text or as [`UidSet::all`], is taken anywhere.
//!
//! Sequence numbers mean less and for a shorter time. They are made and used in a view that borrows
//! the guard, [`numbered`]: while one is kept, nothing compiles that may remove a message. Should a
//! server remove one out of turn, the next use of the view is
//! [`MailboxError::Renumbered`], before anything is sent.
//!
//! # What the lock does not promise
//!
//! It orders the threads of this process on this session. Another process, another session of this
//! process, or the user's phone can change the mailbox at any time. A guard sees such changes as
//! [events](crate::MailboxGuard::events) and in its counters, with the answers to its own commands. What
//! has to hold between processes needs the server's help: a STORE that is done only if nobody has
//! changed the message meanwhile ([`Store::unchanged_since`]).
//!
//! Forgetting a guard (`std::mem::forget`) holds its mailbox until its thread ends; an owned one, for
//! ever. Waits with a deadline end all the same, and name the holder.
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
//! [`close`]: crate::MailboxGuard::close
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
