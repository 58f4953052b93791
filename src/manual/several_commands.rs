//! Pipelines and raw commands: several commands in one round trip, and commands that this crate
//! does not have.
//!
//! # Pipelines
//!
//! [`Session::pipeline`] and [`MailboxGuard::pipeline`] send several commands without waiting for
//! each answer, because a round trip costs more than most commands. The batch is a tuple of
//! different commands, or an array or a `Vec` of one kind. Each command has its own result, and a
//! refused one does not affect the others. A command whose answer could depend on another's, or be
//! mistaken for it, is sent after that one completes. A command that removes messages cannot be in
//! a batch; it does not compile.
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
//!         Err(error) => println!("{name}: {error}"), // the others are not affected
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Raw commands
//!
//! A [`RawCommand`] is a command that this crate has no method for. It is built from typed
//! arguments: atoms, strings, mailbox names, sets, lists. No argument goes onto the line unchecked,
//! so no text can end the command or start another. The answer is a [`RawAnswer`], one response at
//! a time. Responses that update the state of the connection, such as EXISTS, are processed as for
//! any command.
//!
//! A command that changes the state of the connection, such as SELECT or LOGOUT, is rejected; the
//! error names the method to use. [`raw_read_only`] also rejects the commands that are known to
//! change messages or mailboxes, such as STORE. It cannot recognize others.
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
//! [`MailboxGuard::pipeline`]: crate::MailboxGuard::pipeline
//! [`RawAnswer`]: crate::command::RawAnswer
//! [`RawCommand`]: crate::command::RawCommand
//! [`Session::pipeline`]: crate::Session::pipeline
//! [`raw_read_only`]: crate::MailboxGuard::raw_read_only
