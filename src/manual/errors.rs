//! Errors: what happened, what to do about it, and what to tell the user.
//!
//! Everything that can fail gives [`Error`]. Match on its variant for what happened; ask its
//! questions for what to do. An error says what was tried and what the server answered, and shows no
//! secret.
//!
//! # What to do
//!
//! | question | what it means | what to do |
//! |---|---|---|
//! | [`is_busy`] | another thread holds the lock | try again later, or wait longer |
//! | [`is_timeout`] | a deadline passed: the error names the stage, and with it the option; [`Closed::warning`] has what the server said before | try again; with a slow server set more |
//! | [`is_closed`] | the connection is gone | open a session again; with [`Account::reconnecting`] the next lock or command of the session does |
//! | [`may_have_taken_effect`] | the command was sent and its answer was lost, or it was done in part | look before you send it again: search for the message, ask for the flags |
//! | [`is_auth`] | the credentials are wrong, or could not be sent safely | ask the user; do not try the same again, for accounts get locked (an [`Account`] does not) |
//! | [`login_hint`] | the server's refusal is of a known kind | show the hint: an app password, IMAP is switched off, a new token |
//! | [`is_try_create`] | the mailbox to store in is not there | [`create`] it and store again |
//! | [`is_over_quota`], [`is_too_big`] | there is no room, or the message is too large | tell the user |
//! | [`response_code`] | the server gave its reason in a form for programs | match on it |
//!
//! A message is stored once, although the answer may be lost:
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::SearchKey;
//!
//! let message = b"Message-ID: <7@example.com>\r\nSubject: Report\r\n\r\nAll is well.\r\n";
//! match session.append("Sent", &message[..]) {
//!     Ok(_) => {}
//!     Err(error) if error.is_try_create() => {
//!         session.create("Sent")?;
//!         session.append("Sent", &message[..])?;
//!     }
//!     Err(error) if error.may_have_taken_effect() => {
//!         // A new session looks before it stores again.
//!         let mut sent = session.lock_mailbox_read_only("Sent")?;
//!         let id = SearchKey::header("Message-ID", "<7@example.com>");
//!         let is_there = !sent.search(id)?.is_empty();
//!         println!("it is {}", if is_there { "stored" } else { "not stored" });
//!     }
//!     Err(error) => return Err(error.into()),
//! }
//! # let mut sent = session.lock_mailbox_read_only("Sent")?;
//! # let id = SearchKey::header("Message-ID", "<7@example.com>");
//! # assert_eq!(sent.search(id)?.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What goes on and what does not
//!
//! - After [`Error::Refused`], [`Error::Throttled`], [`Error::Unsupported`], [`Error::Argument`],
//!   [`Error::MissingData`], [`Error::Unparsable`] and [`Error::Item`] the connection is in step:
//!   the guard and the session can be used.
//! - After [`Error::Closed`] and [`Error::Truncated`] every later command is [`Error::Closed`] without
//!   sending, unless an [`Account`] reconnects the session: at the next lock or command outside of a
//!   guard.
//! - After [`Error::Unfinished`] some of several commands were done; it tells which messages are where.
//! - [`Error::Lock`] and [`Error::StaleUids`] sent nothing.
//!
//! One item of one message that makes no sense is an error of that item: the message, its other items
//! and the messages after it are as good as before. [`Fetch::errors`] tells what is wrong, and
//! [`Fetch::section_error`] why a section has no octets. A whole response that cannot be read is
//! [`Error::Unparsable`] with its [octets](crate::error::Unparsable::octets); what the command returns is then
//! not a shorter list, but this error.
//!
//! [`Account`]: crate::Account
//! [`Account::reconnecting`]: crate::Account::reconnecting
//! [`Error`]: crate::Error
//! [`Error::Refused`]: crate::Error::Refused
//! [`Error::Throttled`]: crate::Error::Throttled
//! [`Error::Unsupported`]: crate::Error::Unsupported
//! [`Error::Argument`]: crate::Error::Argument
//! [`Error::MissingData`]: crate::Error::MissingData
//! [`Error::Unparsable`]: crate::Error::Unparsable
//! [`Error::Item`]: crate::Error::Item
//! [`Error::Closed`]: crate::Error::Closed
//! [`Error::Truncated`]: crate::Error::Truncated
//! [`Error::Unfinished`]: crate::Error::Unfinished
//! [`Error::Lock`]: crate::Error::Lock
//! [`Error::StaleUids`]: crate::Error::StaleUids
//! [`Closed::warning`]: crate::error::Closed::warning
//! [`Fetch::errors`]: crate::message::Fetch::errors
//! [`Fetch::section_error`]: crate::message::Fetch::section_error
//! [`create`]: crate::Session::create
//! [`is_busy`]: crate::Error::is_busy
//! [`is_timeout`]: crate::Error::is_timeout
//! [`is_closed`]: crate::Error::is_closed
//! [`may_have_taken_effect`]: crate::Error::may_have_taken_effect
//! [`is_auth`]: crate::Error::is_auth
//! [`login_hint`]: crate::Error::login_hint
//! [`is_try_create`]: crate::Error::is_try_create
//! [`is_over_quota`]: crate::Error::is_over_quota
//! [`is_too_big`]: crate::Error::is_too_big
//! [`response_code`]: crate::Error::response_code
