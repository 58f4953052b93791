//! Several commands in one round trip, and commands that this crate does not know.
//!
//! # Pipelines
//!
//! [`Session::pipeline`] and [`MailboxGuard::pipeline`] send a batch of commands together: a tuple of
//! different ones, or an array or a `Vec` of one kind. Each has an outcome of its own, and one that
//! is refused leaves the others as they are. What could change another's answer, or be taken for it,
//! waits for that one; what removes messages cannot stand in a batch.
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::command::Status;
//! use latchbox::types::StatusItem;
//!
//! let wanted = ["INBOX", "Archive", "Trash"];
//! let batch: Vec<_> = wanted
//!     .into_iter()
//!     .map(|name| Status::new(name, [StatusItem::Messages, StatusItem::Unseen]))
//!     .collect::<Result<_, _>>()?;
//! for (name, status) in wanted.iter().zip(session.pipeline(batch)?) {
//!     match status {
//!         Ok(status) => println!("{name}: {:?} messages", status.messages()),
//!         Err(error) => println!("{name}: {error}"), // the others have come all the same
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Commands of your own
//!
//! A [`RawCommand`] is put together from arguments that say what they are: atoms, strings, mailbox
//! names, sets, lists. There is no argument that goes onto the line as it is, so that no text can end
//! the command or begin another. Its answer comes as [`RawAnswer`], a response at a time, and what it
//! says of the connection is booked as ever. What changes the state of the connection cannot be sent
//! so, and on a guard that reads only, what changes messages cannot either.
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::command::RawCommand;
//!
//! let command = RawCommand::new("STATUS")?
//!     .mailbox("Archive")?
//!     .list(|items| items.atom("MESSAGES"))?;
//! let answer = session.raw(&command)?;
//! assert_eq!(answer.responses().count(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # In any language
//!
//! Names of mailboxes, search texts and header texts are UTF-8 in the program, whatever goes over the
//! wire. A server of IMAP4rev2 or with UTF8=ACCEPT is asked for UTF-8 at the login, unless
//! [`without_utf8`] or [`without_imap4rev2`] says otherwise; with all others names go as modified
//! UTF-7, and search texts with a charset that the server knows.
//!
//! [`MailboxGuard::pipeline`]: crate::MailboxGuard::pipeline
//! [`RawAnswer`]: crate::command::RawAnswer
//! [`RawCommand`]: crate::command::RawCommand
//! [`Session::pipeline`]: crate::Session::pipeline
//! [`without_imap4rev2`]: crate::ClientBuilder::without_imap4rev2
//! [`without_utf8`]: crate::ClientBuilder::without_utf8
