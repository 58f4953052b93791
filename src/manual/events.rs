//! Events: unsolicited data of the server, and how to wait for it.
//!
//! A server may report new and removed messages, flags, and much else with the answer to any command.
//! All of it is processed: the counters of the [`MailboxGuard`] are updated, and events are queued
//! until the program takes them.
//!
//! | to get | use | if the server lacks it |
//! |---|---|---|
//! | the events of the mailbox that is held | [`MailboxGuard::events`] | |
//! | the events of the session: alerts, warnings, other mailboxes | [`Session::events`] | |
//! | current counters and events, now | [`refresh`] | |
//! | events of one mailbox, as they happen | [`idle`] | polls by NOOP |
//! | events of other mailboxes, as they happen | [`notify`], then [`notifications`] | `Error::Unsupported`: poll by STATUS, or use a [watch](super::watch) |
//!
//! The queues are bounded ([`events_limit`]). If one overflows, its oldest events are dropped, and the
//! first event that is taken has their number. A program that shows a mailbox should then read it
//! again.
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
//!         MailboxEvent::Vanished { uids, .. } => println!("expunged: {uids}"),
//!         MailboxEvent::Overflow { .. } => println!("events were lost: read the mailbox again"),
//!         other => println!("{other}"),
//!     }
//! }
//! assert_eq!(inbox.mailbox()?.exists(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Waiting
//!
//! [`idle`] holds the lock while it waits, and yields it: as soon as another thread waits for the lock,
//! the wait returns `None`, and [`end_reason`] is [`IdleEnd::Yielded`]. Drop the guard then, and lock
//! again to continue; the lock is granted after the other waiters. [`notifications`] holds and yields
//! the lock in this way too, and waits for what [`notify`] requested. With [`yield_to_waiters`] set to
//! `false`, both keep the lock until they are dropped.
//!
//! A stop handle ends the wait from any thread, and each wait can have a deadline. Neither polls the
//! socket with short timeouts. The lock is yielded only during a wait, not while the program handles an
//! event.
//!
//! # New mail, and none of it lost
//!
//! An event is a reason to look, and no list of what is new: [`MailboxEvent::Exists`] is only a number,
//! events are dropped if a queue overflows, and there are none while another thread holds another mailbox.
//! So a program that shows new mail syncs after each wait. [`changes_since`] returns every new message
//! once, whether an event reported it or not, also those that arrive between two IDLEs:
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::StopHandle;
//! use latchbox::command::{IdleEnd, IdleOptions};
//! use latchbox::sync::{ChangeBatch, Checkpoint, FetchChanges, History};
//! use latchbox::types::{FetchItem, Printable};
//!
//! let stop = StopHandle::new(); // another thread stops the loop by it
//! let options = IdleOptions::new().stop_handle(&stop);
//! let items = [FetchItem::Envelope];
//! let mut stored: Option<Checkpoint> = None; // or that of the last run
//! # let mut subjects = Vec::new();
//! loop {
//!     let request = session.mailbox("INBOX").read_only();
//!     let mut inbox = request.since(stored.as_ref()).lock()?;
//!     let request = FetchChanges::since(stored.as_ref()).items(&items);
//!     let mut changes = inbox.changes(request.history(History::Newest(0)))?;
//!     while let Some(batch) = changes.next()? {
//!         if let ChangeBatch::Changes(batch) = &batch {
//!             for message in batch.arrived() {
//!                 println!("new: {}", Printable(message.items()?.envelope()?.subject()));
//!                 # subjects.push(message.items()?.envelope()?.subject().into_owned());
//!             }
//!         }
//!         stored = Some(batch.checkpoint().clone()); // or to_string, into a file
//!     }
//!     # let (user, number) = (latchbox_testkit::USER, subjects.len());
//!     # let mail = latchbox_testkit::message(&format!("mail {number}"), "a@b.example", "x");
//!     # if number < 3 { server.deliver(user, "INBOX", mail); } else { stop.stop(); }
//!     let mut idle = inbox.idle_with(&options)?;
//!     idle.next()?; // mail that came meanwhile ends the wait at once
//!     while idle.try_next()?.is_some() {} // one sync is for all events that are there
//!     if idle.end_reason() == Some(IdleEnd::Stopped) {
//!         break;
//!     }
//! } // the guard is dropped: a thread that waits for the lock acquires it
//! # assert_eq!(subjects, ["mail 0", "mail 1", "mail 2"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The first sync prints nothing, because all mail that is in the mailbox by then is
//! [history](crate::sync::History). So it is after a restart, if the mailbox was deleted and created again: the
//! batch is [`ChangeBatch::Restart`](crate::sync::ChangeBatch::Restart), and with `Newest(0)` no mail follows it.
//! A program that runs for days reports that ([a restart](super::sync#a-restart)). The [page on errors](super::errors#in-a-program-that-runs-for-days)
//! has the loop around the errors. A [watch](super::watch) has both loops inside, for any number of
//! mailboxes.
//!
//! [`MailboxGuard`]: crate::MailboxGuard
//! [`MailboxGuard::events`]: crate::MailboxGuard::events
//! [`Session::events`]: crate::Session::events
//! [`changes_since`]: crate::MailboxGuard::changes_since
//! [`MailboxEvent::Exists`]: crate::types::MailboxEvent::Exists
//! [`events_limit`]: crate::ClientBuilder::events_limit
//! [`IdleEnd::Yielded`]: crate::command::IdleEnd::Yielded
//! [`end_reason`]: crate::command::Idle::end_reason
//! [`yield_to_waiters`]: crate::command::IdleOptions::yield_to_waiters
//! [`idle`]: crate::MailboxGuard::idle
//! [`notifications`]: crate::Session::notifications
//! [`notify`]: crate::Session::notify
//! [`refresh`]: crate::MailboxGuard::refresh
