//! News: what servers tell unasked, and how to wait for it.
//!
//! A server may tell of new and removed messages, of flags, and of much else whenever it answers a
//! command. All of it is booked: counters of the [`MailboxGuard`] are brought up to date, and what
//! happened waits in queues until somebody asks.
//!
//! | what is wanted | what to use | without |
//! |---|---|---|
//! | what happened in the mailbox that is held | [`MailboxGuard::events`] | |
//! | what concerns the session: alerts, warnings, other mailboxes | [`Session::events`] | |
//! | to ask for news now | [`refresh`] | |
//! | to wait for news of one mailbox | [`idle`] | asks every now and then |
//! | to be told of other mailboxes | [`notify`], then [`notifications`] | an error says so: ask by STATUS |
//!
//! The queues are bounded ([`events_limit`]): the oldest events go, and the first event that is
//! taken then tells how many went. A program that shows a mailbox reads it anew after that.
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::MailboxEvent;
//!
//! let mut inbox = session.lock_mailbox("INBOX")?;
//! # inbox.events();
//! # server.deliver(latchbox_testkit::USER, "INBOX", latchbox_testkit::message("new", "a@b", "Hi!"));
//! inbox.refresh()?;
//! for event in inbox.events() {
//!     match event {
//!         MailboxEvent::Exists(count) => println!("{count} messages now"),
//!         MailboxEvent::Vanished { uids, .. } => println!("gone: {uids}"),
//!         MailboxEvent::Overflow { .. } => println!("too much has happened: read it anew"),
//!         other => println!("{other}"),
//!     }
//! }
//! assert_eq!(inbox.mailbox()?.exists(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Waiting
//!
//! [`idle`] holds the lock while it waits, and gives way: as soon as another thread waits for the
//! lock, the wait returns `None`, and [`ended`] is [`IdleEnd::GaveWay`]. Drop the guard then, and lock
//! again to go on: that is granted after the others. [`notifications`] holds the turn in the same way
//! and waits for what [`notify`] asked for. [`give_way`] set to `false` keeps the lock for as long as
//! the wait lasts. A stop handle ends the wait from any thread. Neither polls the socket by short
//! timeouts, and both have a deadline if they are given one. The thread gives way while it is in one
//! of the waits, and not while it works on an event.
//!
//! [`MailboxGuard`]: crate::MailboxGuard
//! [`MailboxGuard::events`]: crate::MailboxGuard::events
//! [`Session::events`]: crate::Session::events
//! [`events_limit`]: crate::ClientBuilder::events_limit
//! [`IdleEnd::GaveWay`]: crate::command::IdleEnd::GaveWay
//! [`ended`]: crate::command::Idle::ended
//! [`give_way`]: crate::IdleOptions::give_way
//! [`idle`]: crate::MailboxGuard::idle
//! [`notifications`]: crate::Session::notifications
//! [`notify`]: crate::Session::notify
//! [`refresh`]: crate::MailboxGuard::refresh
