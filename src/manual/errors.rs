//! Errors: what happened, what to do about it, and what to show the user.
//!
//! Every call that uses a connection fails with [`Error`]; a login fails with [`LoginError`], which
//! contains it and gives the client back. The variant is what happened, and the methods below
//! answer what to do. An error names what was tried and has the server's answer. It shows no
//! secret.
//!
//! # What to do
//!
//! | method | if it is `true`, or `Some` | what to do |
//! |---|---|---|
//! | [`is_retryable`] | the call had no effect, and the reason may pass by itself | wait, then call again; in a loop, a few times |
//! | [`is_busy`] | another thread holds the lock | try again later, or wait longer |
//! | [`is_timeout`] | a deadline passed; the error names the stage, and so the option; [`Closed::warning`] is what the server sent before | try again; for a slow server, set a longer timeout |
//! | [`is_closed`] | the connection is closed | open a new session; with [`Account::reconnecting`], the next lock or command of the session reconnects |
//! | [`may_have_taken_effect`] | the command was sent and its answer was lost, or some of it was done | look before you repeat it: search for the message, fetch the flags |
//! | [`is_auth`] | the credentials are wrong, or could not be sent safely | ask the user; do not repeat them, because servers block accounts after repeated failures (an [`Account`] does not repeat them) |
//! | [`login_hint`] | the server's refusal is of a known kind | show the hint: use an app password, enable IMAP, renew the token |
//! | [`is_try_create`] | the mailbox to store in does not exist | [`create`] it and store again |
//! | [`is_over_quota`], [`is_too_big`] | the quota is used up, or the message is too large | show it to the user |
//! | [`response_code`] | the server sent a machine-readable reason | match on it |
//!
//! This program stores a message once, even if the answer is lost:
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
//! # In a program that runs for days
//!
//! A daemon repeats one piece of work, here a sync. After an error there is one question: does a person
//! have to act, or is it enough to wait and begin again? This daemon opens a new session after each error,
//! because that is right for all of them. The waits grow, and start over after a sync that succeeded:
//!
//! ```
//! # let server = latchbox_testkit::Server::builder()
//! #     .mailbox("INBOX", [latchbox_testkit::message("hello", "ann@example.com", "Hi!")])
//! #     .on_command(|server, line| if line.contains("IDLE") { server.kick() })
//! #     .start()?;
//! # let builder = latchbox::Client::builder("127.0.0.1").port(server.port())
//! #     .danger_plaintext().danger_cleartext_login();
//! use std::convert::Infallible;
//! use std::thread;
//! use std::time::Duration;
//!
//! use latchbox::sync::Checkpoint;
//! use latchbox::{Account, Credentials, Error, Session};
//!
//! /// Syncs until an error occurs. It is safe to repeat: it continues from the checkpoint.
//! fn work(
//!     session: &Session,
//!     stored: &mut Option<Checkpoint>,
//!     failures: &mut u32,
//! ) -> latchbox::Result<Infallible> {
//!     loop {
//!         let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//!         let mut changes = inbox.changes_since(stored.as_ref())?;
//!         while let Some(batch) = changes.next()? {
//!             *stored = Some(batch.checkpoint().clone()); // with what the batch changes
//!         }
//!         *failures = 0;
//!         inbox.idle()?.next()?; // until something changes, or another thread waits for the lock
//!     }
//! }
//!
//! /// Returns the error that ends the program.
//! fn run(account: &Account) -> Error {
//!     let (mut stored, mut failures) = (None, 0);
//!     loop {
//!         let session = account.open();
//!         let Err(error) = session.and_then(|it| work(&it, &mut stored, &mut failures));
//!         if error.is_auth() || !(error.is_closed() || error.is_retryable()) {
//!             return error; // a wrong password, an invalid certificate, no such mailbox
//!         }
//!         let doubled = Duration::from_secs(1 << failures.min(6)); // at most about a minute
//!         let wait = match &error {
//!             Error::Throttled(throttled) => throttled.wait().unwrap_or(doubled),
//!             _ => doubled,
//!         };
//!         failures += 1;
//!         eprintln!("{error}; trying again in {wait:?}");
//!         # let wait = Duration::ZERO;
//!         thread::sleep(wait);
//!     }
//! }
//!
//! # let _ = stringify! {
//! let account = Account::new(builder, |_reason| Ok(Credentials::login("jane", "secret")));
//! # };
//! # use latchbox_testkit::{PASSWORD, USER};
//! # use std::sync::Mutex;
//! # let passwords = Mutex::new(vec!["changed", PASSWORD, PASSWORD]);
//! # let account = Account::new(builder, move |_reason| {
//! #     Ok(Credentials::login(USER, passwords.lock().unwrap().pop().unwrap_or_default()))
//! # });
//! let error = run(&account);
//! assert!(error.is_auth()); // the password was changed: only the user can help
//! # let idles = server.timeline().iter().filter(|event| event.line.ends_with("IDLE")).count();
//! # assert_eq!(idles, 2); // the connection was lost twice, and the password changed then
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - *Ends the program*: [`is_auth`], also if the server closed the connection for it: show the
//!   [`login_hint`] to the user. So does an error for which neither [`is_closed`] nor [`is_retryable`] is
//!   `true`: a setting, the server or the program is wrong.
//! - *Begins again after a wait*: a connection that was lost ([`is_closed`]), and a server that cannot be
//!   reached, is busy or throttles ([`is_retryable`]). A lost command [`may_have_taken_effect`], which does
//!   not matter to work that only reads; other work looks before it repeats.
//! - To keep the session, use [`Account::reconnecting`]: the next lock replaces a lost connection, with
//!   waits of its own ([`Backoff`](crate::Backoff)).
//! - For a sync like this one, a [watch](super::watch) has this loop inside.
//!
//! # What stays usable
//!
//! The variant also determines what can be used afterwards:
//!
//! - After [`Error::Refused`], [`Error::Throttled`], [`Error::Unsupported`], [`Error::Argument`],
//!   [`Error::Reader`], [`Error::StaleUids`], [`Error::ForeignCheckpoint`], [`Error::StreamOpen`],
//!   [`Error::Resources`], [`Error::NotFound`], [`Error::MissingData`], [`Error::Unparsable`],
//!   [`Error::Item`] and [`Error::Io`], the connection is usable, and so are the guard and the session.
//! - After [`Error::Lock`] the session is usable. At most a reconnection or a SELECT was begun for the
//!   call that failed.
//! - After [`Error::Cancelled`] the session is usable. The guard is not: drop it, and lock again.
//! - After [`Error::Mailbox`] the session is usable, and so is the guard, unless its mailbox is no longer
//!   selected or has a new UIDVALIDITY: drop it then, and lock again.
//! - After [`Error::Unfinished`] some of several commands were done, or a part of one; the error lists
//!   which messages are where.
//! - After [`Error::Closed`] and [`Error::Truncated`] every later command returns [`Error::Closed`]
//!   without sending, until an [`Account`] reconnects the session: at the next lock, or the next
//!   command of the session that is called outside a guard.
//! - After [`Error::Connect`], [`Error::Login`] and [`Error::Credentials`] there is no new session. If
//!   they come from a lock or a command that reconnects, the next one tries again.
//!
//! # Responses that cannot be parsed
//!
//! If one item of a message cannot be parsed, only that item is an error: the message, its other
//! items and the other messages are returned. [`Fetch::errors`] lists what is wrong, and
//! [`Fetch::section_error`] is why [`Fetch::body`] has no octets of a section, [`Fetch::binary_error`]
//! why [`Fetch::binary`] has none.
//!
//! If a whole response that a command needs cannot be parsed, the command returns
//! [`Error::Unparsable`] with its [octets](crate::error::Unparsable::octets), not a shorter list.
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
//! [`Error::Reader`]: crate::Error::Reader
//! [`Error::ForeignCheckpoint`]: crate::Error::ForeignCheckpoint
//! [`Error::StreamOpen`]: crate::Error::StreamOpen
//! [`Error::Resources`]: crate::Error::Resources
//! [`Error::Io`]: crate::Error::Io
//! [`Error::Cancelled`]: crate::Error::Cancelled
//! [`Error::Mailbox`]: crate::Error::Mailbox
//! [`Error::Connect`]: crate::Error::Connect
//! [`Error::Login`]: crate::Error::Login
//! [`Error::Credentials`]: crate::Error::Credentials
//! [`Error::Closed`]: crate::Error::Closed
//! [`Error::Truncated`]: crate::Error::Truncated
//! [`Error::Unfinished`]: crate::Error::Unfinished
//! [`Error::Lock`]: crate::Error::Lock
//! [`Error::StaleUids`]: crate::Error::StaleUids
//! [`Closed::warning`]: crate::error::Closed::warning
//! [`Fetch::errors`]: crate::message::Fetch::errors
//! [`Fetch::binary`]: crate::message::Fetch::binary
//! [`Fetch::binary_error`]: crate::message::Fetch::binary_error
//! [`Fetch::body`]: crate::message::Fetch::body
//! [`Fetch::section_error`]: crate::message::Fetch::section_error
//! [`create`]: crate::Session::create
//! [`is_busy`]: crate::Error::is_busy
//! [`is_retryable`]: crate::Error::is_retryable
//! [`is_timeout`]: crate::Error::is_timeout
//! [`is_closed`]: crate::Error::is_closed
//! [`may_have_taken_effect`]: crate::Error::may_have_taken_effect
//! [`is_auth`]: crate::Error::is_auth
//! [`login_hint`]: crate::Error::login_hint
//! [`is_try_create`]: crate::Error::is_try_create
//! [`is_over_quota`]: crate::Error::is_over_quota
//! [`is_too_big`]: crate::Error::is_too_big
//! [`response_code`]: crate::Error::response_code
//! [`Error::NotFound`]: crate::Error::NotFound
//! [`LoginError`]: crate::LoginError
