//! Broken and hostile servers: what is bounded, what is not believed, and what to set.
//!
//! Nothing that a server sends makes this crate panic, wait without a deadline or take memory
//! without bound. Reading takes time in proportion to what was sent. The [deadlines and
//! limits](crate#deadlines-and-limits) have defaults that real servers do not reach. A program that
//! connects to unknown servers may set less:
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
//! What exceeds a limit is an error that names the [`Limit`] and the option:
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
//! # What exceeds a limit
//!
//! What happens depends on whether the rest of the answer can still be read:
//!
//! | what is too large | result |
//! |---|---|
//! | a line, a literal, a response, an answer, a download, the rows of an answer | the connection is closed, because what follows cannot be found within the limit |
//! | the responses of a collected answer, continuation requests that no command waits for | the connection is closed, because they may never end |
//! | the greeting | connecting fails |
//! | a list, the answer to THREAD | [`Error::Unparsable`]; the connection is usable |
//! | nesting, parts or items of a message | an error of that [item](crate::message::ItemErrorKind::Limit); the message is returned |
//! | an event queue | the oldest events are discarded, and an event reports how many |
//! | the rest of an abandoned answer | the connection is closed at the next command |
//! | rounds or challenges of a login | the login is aborted |
//!
//! A body of any size can be read by [`download`], which does not hold it in memory: the server
//! announces its length first, and the length is checked against [`download_limit`].
//!
//! # What is malformed
//!
//! If a response that a command needs cannot be parsed, the command returns [`Error::Unparsable`]
//! with its octets. A malformed item of a message is an error of that item, with its octets. The
//! connection is usable after both. The result does not depend on the pieces in which the octets
//! arrive.
//!
//! # What is not believed
//!
//! - A tagged response without the tag of the command, and anything that was sent before TLS.
//! - A UID in another account or mailbox, or under another UIDVALIDITY.
//! - Messages that were not requested: what a server names in SEARCH, COPYUID and the like is
//!   reduced to the requested messages before it is used in another command.
//! - An OK to a login whose mechanism has rejected the server, and an OK to an APPEND that was not
//!   sent completely.
//! - Capabilities that were enabled without a request, and an answer that names another mailbox.
//! - The name of an attachment: [`FileName`] returns it only by a method with "untrusted" in its
//!   name.
//! - Text that is shown: what could mislead a terminal is escaped in errors, events and log lines,
//!   and by [`Printable`](crate::types::Printable) in what a program shows.
//!
//! [`Error::Unparsable`]: crate::Error::Unparsable
//! [`FileName`]: crate::message::FileName
//! [`Limit`]: crate::error::Limit
//! [`download`]: crate::MailboxGuard::download
//! [`download_limit`]: crate::ClientBuilder::download_limit
