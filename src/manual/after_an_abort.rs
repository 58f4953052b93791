//! What an abort leaves: the state of the mailbox and of the session after a cut, a stop or a drop.
//!
//! A call that takes long can end before its end in four ways:
//!
//! - *Cut*: the connection ends, or a deadline passes while an answer is due.
//!   [`is_closed`](crate::Error::is_closed) is `true` for the error; the session needs a new connection.
//! - *Closed*: a [`CloseHandle`](crate::CloseHandle) ends the session. It is a cut at a moment that the
//!   program chooses.
//! - *Stopped*: a [`StopHandle`](crate::StopHandle) ends the work of a guard between two steps.
//!   [`is_cancelled`](crate::Error::is_cancelled) is `true` for the error; the session stays usable.
//! - *Dropped*: the program drops a stream, a download or a wait early. The session stays usable.
//!
//! The crate never repeats a command on a new connection. Whether the program can repeat the call follows
//! from the tables below; [`may_have_taken_effect`](crate::Error::may_have_taken_effect) gives the answer for
//! each error.
//!
//! # Calls that only read
//!
//! | call | cut | stopped | dropped |
//! |---|---|---|---|
//! | the wait for the lock | no guard; nothing is held | the same; a SELECT in progress is completed | |
//! | [`fetch`], read message by message | the messages so far are whole | ends before the next message | the next command drains the rest |
//! | [`fetch`] with `collect_into`, [`batches`] | the messages so far are in the vector; a batch is whole or an error | as a cut | as above |
//! | [`download`] | [`Error::Truncated`] with the position; a file is shorter than announced | ends before the next piece | the next command drains the rest |
//! | [`search`], [`sort`], [`thread`], [`list`], [`status`] | no result | the command is completed first | |
//! | [`idle`] | an error; look again after the next lock | the IDLE is ended, and the wait returns `None` | the next command ends the IDLE |
//! | [`changes_since`] | continue from the last stored checkpoint | the same | the same |
//! | a [watch](super::watch) | it connects again, and continues by itself | begin another from the stored checkpoints | the same |
//!
//! Repeat them at will. What is drained is bounded by [`drain_limit`] and [`drain_timeout`]: if more of the
//! answer is left, the connection is closed instead. A file that a download has not completed is incomplete:
//! write to another name, and rename it at the end.
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::{SearchKey, Section};
//!
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! let newest = inbox.search(SearchKey::All)?.last().ok_or("INBOX is empty")?;
//! drop(inbox.download(newest, &Section::whole())?); // not one octet was read
//! assert_eq!(inbox.search(SearchKey::All)?.len(), 1); // the session goes on
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Calls that change messages
//!
//! | call | cut before the answer | stopped | repeat it? |
//! |---|---|---|---|
//! | [`store`]: add, remove or replace flags | done for all, some or none of the messages | [`Error::Unfinished`] between two commands of a long set | yes: the outcome is the same |
//! | [`store`] with `unchanged_since` | the same | the same | yes; messages that were changed are then reported as modified |
//! | [`append`] from memory | stored or not, never in part | before it is sent | first look for its Message-ID |
//! | [`append`] from a reader that fails | nothing is stored; the connection is closed if a part was sent | | yes |
//! | [`append_each`] | each outcome so far is certain; those in flight may be stored; others were not sent | | only those without an outcome, and look for those in flight |
//! | [`append_atomic`] | all or none | before it is sent | first look for one of them |
//! | [`copy`] | each command has copied all of its messages or none (RFC 9051 section 6.4.7) | `Error::Unfinished` between two commands | first look in the target |
//! | [`move_to`], if the server has MOVE | each message is in one of the two mailboxes | `Error::Unfinished` between two commands | yes: what has moved is not there any more |
//! | [`move_to`] in steps, without MOVE | no message is lost; some may be in both mailboxes | between two sets of messages, never with a set half changed | look at [`Unfinished`] |
//! | [`delete`] | removed or not, for each message | `Error::Unfinished` between two commands | yes: what is gone stays gone |
//! | [`replace`] | the new version may be stored, and the old one still there | before it is sent | first look for the new version |
//!
//! [`Unfinished`] has the messages that were copied, those that remain, and those that still have `\Deleted`.
//!
//! A program that looks before it repeats needs something to look for: give each message that it stores a
//! Message-ID of its own. [The page on errors](super::errors#what-to-do) has such a program.
//!
//! # Calls that change mailboxes and settings
//!
//! | call | cut before the answer | repeat it? |
//! |---|---|---|
//! | [`create`] | created or not | yes; a refusal with the code `ALREADYEXISTS` then means success |
//! | [`rename`], [`delete`](crate::Session::delete) of a mailbox | done or not | list the mailboxes first |
//! | [`subscribe`], [`unsubscribe`], [`metadata`], [`acl`], [`quota`]: `set` | done or not | yes: the outcome is the same |
//! | [`pipeline`] | each command has its own result, and each result that was received is certain | by the rows of its commands |
//!
//! # Opening and closing
//!
//! | call | cut | afterwards |
//! |---|---|---|
//! | [`open`], a login | no session | repeat it after a wait; credentials that the server refused are not sent again |
//! | a lock that reconnects | no guard | the next lock tries again, by the pace of the [`Backoff`](crate::Backoff) |
//! | [`logout`] | the session is closed | nothing: what was answered before is stored |
//! | the program is killed | the server notices the end of the connection | an APPEND that was not complete is not stored |
//!
//! # A thread that panics
//!
//! A guard that a panicking thread drops releases the lock, like any other. The answer that it was reading is
//! drained by the next command, whichever thread sends it. A guard that was leaked (`std::mem::forget`) holds
//! the lock until its thread ends; an owned one, forever.
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::{FetchItem, UidSet};
//!
//! std::thread::scope(|scope| {
//!     let thread = scope.spawn(|| {
//!         let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
//!         let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Envelope]).unwrap();
//!         let message = messages.next().unwrap().unwrap();
//!         # std::panic::set_hook(Box::new(|_| {}));
//!         assert_eq!(message.size(), Some(0), "a bug");
//!     });
//!     assert!(thread.join().is_err());
//! });
//! assert_eq!(session.lock_mailbox("INBOX")?.exists(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`fetch`]: crate::MailboxGuard::fetch
//! [`batches`]: crate::MailboxGuard::batches
//! [`download`]: crate::MailboxGuard::download
//! [`search`]: crate::MailboxGuard::search
//! [`sort`]: crate::MailboxGuard::sort
//! [`thread`]: crate::MailboxGuard::thread
//! [`list`]: crate::Session::list
//! [`status`]: crate::Session::status
//! [`idle`]: crate::MailboxGuard::idle
//! [`changes_since`]: crate::MailboxGuard::changes_since
//! [`store`]: crate::MailboxGuard::store
//! [`append`]: crate::Session::append
//! [`append_each`]: crate::Session::append_each
//! [`append_atomic`]: crate::Session::append_atomic
//! [`copy`]: crate::MailboxGuard::copy
//! [`move_to`]: crate::MailboxGuard::move_to
//! [`delete`]: crate::MailboxGuard::delete
//! [`replace`]: crate::MailboxGuard::replace
//! [`create`]: crate::Session::create
//! [`rename`]: crate::Session::rename
//! [`subscribe`]: crate::Session::subscribe
//! [`unsubscribe`]: crate::Session::unsubscribe
//! [`metadata`]: crate::Session::metadata
//! [`acl`]: crate::Session::acl
//! [`quota`]: crate::Session::quota
//! [`pipeline`]: crate::MailboxGuard::pipeline
//! [`open`]: crate::Account::open
//! [`logout`]: crate::Session::logout
//! [`drain_limit`]: crate::ClientBuilder::drain_limit
//! [`drain_timeout`]: crate::ClientBuilder::drain_timeout
//! [`Unfinished`]: crate::error::Unfinished
//! [`Error::Unfinished`]: crate::Error::Unfinished
//! [`Error::Truncated`]: crate::Error::Truncated
