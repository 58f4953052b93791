//! Three kinds of servers for tests of any IMAP client, on free ports of 127.0.0.1.
//!
//! - [`Server`]: a complete IMAP server in this process, with its mailboxes in memory. It serves each
//!   connection on its own thread. It is as strict as the RFCs are with clients: a command with a syntax
//!   error is answered with BAD, the octet at which something else was expected, and what was found
//!   there. A test changes the mailboxes while clients are connected, compares
//!   them with what its client has, and chooses extensions and the habits of known servers with the
//!   [`Builder`]. Dropping the [`Server`] closes everything.
//! - [`script`](mod@script): a server that plays a transcript, and fails the test if the client does
//!   anything else.
//! - [`fault_proxy`]: a proxy to a server; it closes, resets, stalls or slows down a connection at a
//!   chosen octet.
//!
//! [`certificates`] returns the certificates that they use in TLS.
//!
//! Features, none of them on by default: `tls` for TLS and STARTTLS, `deflate` for COMPRESS=DEFLATE,
//! `scram` for SCRAM and CRAM-MD5.
//!
//! ```
//! use std::io::{BufRead, BufReader, Write};
//!
//! use latchbox_testkit::{PASSWORD, Server, USER, message};
//!
//! # fn main() -> std::io::Result<()> {
//! let server = Server::builder()
//!     .mailbox("Trash", [message("Old", "ann@example.com", "Gone soon.")])
//!     .start()?;
//!
//! let mut stream = std::net::TcpStream::connect(("127.0.0.1", server.port()))?;
//! write!(stream, "a LOGIN {USER} {PASSWORD}\r\nb SELECT Trash\r\nc LOGOUT\r\n")?;
//! let lines: Vec<String> = BufReader::new(stream).lines().collect::<Result<_, _>>()?;
//! assert!(lines.iter().any(|line| line == "* 1 EXISTS"));
//!
//! assert_eq!(server.messages("Trash").len(), 1);
//! assert!(server.timeline().iter().any(|event| event.line == "a LOGIN ***"));
//! # Ok(())
//! # }
//! ```

mod builder;
mod certificates;
mod command;
mod connection;
#[cfg_attr(not(feature = "deflate"), path = "without_deflate.rs")]
mod deflate;
mod extra;
pub mod fault_proxy;
mod grammar;
mod message;
mod mime;
mod names;
mod notify;
mod numbers;
mod outside;
mod reply;
#[cfg(feature = "scram")]
pub mod scram;
pub mod script;
mod search;
mod server;
mod store;
mod stream;
mod timeline;
#[cfg_attr(not(feature = "tls"), path = "without_tls.rs")]
mod tls;
mod url;
mod waker;
mod wire;

pub use builder::{Builder, Deletion, Greeting, Literals, PASSWORD, TOKEN, USER};
pub use certificates::{Certificates, Leaf, certificates};
pub use message::{NewMessage, StoredMessage, message};
pub use outside::MailboxState;
pub use server::Server;
pub use timeline::{Direction, Event};

/// The crate's README, whose example is run too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
