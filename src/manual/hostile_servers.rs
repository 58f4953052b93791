//! Servers that are broken or hostile: what is bounded, what is believed, and what to set.
//!
//! Nothing that a server sends makes this crate panic, wait without a deadline or take memory
//! without bound; reading takes time in proportion to what was sent. The [deadlines and
//! limits](crate#deadlines-and-limits) have values that real servers do not meet; a program that
//! talks to servers of strangers may want less:
//!
//! ```
//! use latchbox::Client;
//! use std::time::Duration;
//!
//! let careful = Client::builder("imap.example.com")
//!     .command_timeout(Duration::from_secs(60)) // a whole command
//!     .stream_timeout(Duration::from_secs(600)) // a whole stream, download or upload
//!     .download_limit(100 << 20) // a body that is downloaded, in octets
//!     .literal_limit(8 << 20) // a body that is held in memory, in octets
//!     .answer_limit(32 << 20) // all that one command is answered with, in octets
//!     .list_limit(50_000); // mailboxes, flags, ... in one list
//! ```
//!
//! What goes beyond a limit is an error that names the [`Limit`] and the option:
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! # let builder = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
//! #     .danger_cleartext_login();
//! use latchbox::Error;
//! use latchbox::error::{CloseReason, Limit};
//!
//! # let _ = stringify! {
//! let builder = Client::builder("imap.example.com");
//! # };
//! let client = builder.answer_limit(100).connect()?;
//! let session = client.login("jane@example.com", "correct-horse")?;
//! let error = session.list("*").unwrap_err();
//! let Error::Closed(closed) = &error else { panic!("{error}") };
//! let CloseReason::Limit(exceeded) = closed.reason() else { panic!("{error}") };
//! assert_eq!((exceeded.limit(), exceeded.allowed()), (Limit::Answer, 100));
//! assert!(error.to_string().contains("ClientBuilder::answer_limit"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What a limit spoils
//!
//! | what is too large | what comes of it |
//! |---|---|
//! | a line, a literal, a response, an answer, a download, rows of an answer, the greeting | the connection ends, because what follows cannot be found |
//! | a list, a THREAD | [`Error::Unparsable`]; the connection is in step |
//! | nesting, parts, items of a message | an error of that [item](crate::message::ItemErrorKind::Limit); the message comes |
//! | a queue of events | the oldest go, and the queue tells how many |
//! | what is left of an answer that nobody wants | the connection ends at the next command |
//! | a login's rounds or challenges | the login is broken off |
//!
//! What is malformed rather than too large: a response that a command is for is [`Error::Unparsable`]
//! with its octets, an item of a message an error of that item with its octets; the connection is in
//! step after both. The result does not depend on the pieces in which the octets arrive.
//!
//! A body of any size goes through [`download`] without being held: its length is announced first,
//! and checked against [`download_limit`].
//!
//! # What is not believed
//!
//! - Answers without the tag of the command, and what was sent before TLS.
//! - A UID in another account or mailbox, or under another UIDVALIDITY.
//! - Messages that were not asked for: what a server names in SEARCH, COPYUID and their like is cut
//!   down to what was asked for before it steers another command.
//! - The OK to a login whose mechanism has found the server to be false, and the OK to an APPEND that is
//!   not sent whole.
//! - Capabilities that were enabled unasked, and an answer that names another mailbox.
//! - The name of an attachment: [`FileName`] gives it under a name that says "untrusted".
//! - Texts, when they are shown: what could mislead a terminal is escaped in errors, events and log
//!   lines, and by [`Printable`](crate::types::Printable) in what a program shows.
//!
//! [`Error::Unparsable`]: crate::Error::Unparsable
//! [`FileName`]: crate::message::FileName
//! [`Limit`]: crate::error::Limit
//! [`download`]: crate::MailboxGuard::download
//! [`download_limit`]: crate::ClientBuilder::download_limit
