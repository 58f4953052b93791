//! The in-process IMAP server that the examples, docs and tests of latchbox run on.
//!
//! It listens on a free port of 127.0.0.1, serves each connection on a thread of its own, and
//! keeps its mailboxes in memory. Commands are decoded by `imap-codec`, so what a client sends is
//! checked by a grammar that is not its own. Dropping the [`Server`] closes everything.
//!
//! Features, none of them on by default: `tls` for TLS and STARTTLS, `deflate` for COMPRESS=DEFLATE,
//! `scram` for SCRAM and CRAM-MD5.
//!
//! ```
//! use std::io::{BufRead, BufReader, Write};
//!
//! use latchbox_server::{PASSWORD, Server, USER, message};
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
mod command;
mod connection;
#[cfg_attr(not(feature = "deflate"), path = "without_deflate.rs")]
mod deflate;
mod extension;
mod extra;
mod message;
mod mime;
mod names;
mod numbers;
mod reply;
mod saved;
#[cfg(feature = "scram")]
pub mod scram;
mod search;
mod server;
mod store;
mod stream;
mod timeline;
#[cfg_attr(not(feature = "tls"), path = "without_tls.rs")]
mod tls;
mod utf8;
mod waker;
mod wire;

pub use builder::{Builder, Greeting, Literals, PASSWORD, TOKEN, USER};
pub use message::{NewMessage, StoredMessage, message};
pub use server::Server;
pub use timeline::{Direction, Event};
