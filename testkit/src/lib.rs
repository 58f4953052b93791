//! IMAP servers for tests of any IMAP client, on free ports of 127.0.0.1.
//!
//! A first test, of a program that is here two lines with a socket:
//!
//! ```
//! # use std::io::{Read, Write};
//! use latchbox_testkit::{PASSWORD, Server, USER, message};
//!
//! # fn main() -> std::io::Result<()> {
//! let hello = message("Hello", "ann@example.com", "Hi!");
//! let server = Server::builder().mailbox("INBOX", [hello]).start()?;
//!
//! let mut program = std::net::TcpStream::connect(("127.0.0.1", server.port()))?;
//! write!(program, "a LOGIN {USER} {PASSWORD}\r\nb SELECT INBOX\r\nc LOGOUT\r\n")?;
//! # program.read_to_end(&mut Vec::new())?;
//!
//! server.assert_sent("SELECT INBOX"); // a failure shows all that went over the wire
//! assert!(server.messages("INBOX")[0].flags.is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! The [README](https://crates.io/crates/latchbox-testkit) has tests of programs with the crates `imap` and
//! latchbox, one of them on a Gmail that cuts the connection in the middle of an APPEND.
//!
//! | to | see |
//! |---|---|
//! | set up accounts, mailboxes, messages, extensions | [`Builder`], [`MessageBuilder`] |
//! | play a well-known server | [`Preset`] |
//! | change something between two steps | [`Server::deliver`] and the methods after it |
//! | get the server into trouble | [`Server::restart`], [`Server::set_full`], [`Server::refuse_logins`] |
//! | break connections | [`FaultPlan`] |
//! | see what the server holds | [`Server::messages`], [`Server::state`] |
//! | see what went over the wire | [`Server::assert_sent`], [`timeline_text`] |
//! | run the same test on a Dovecot | [`Builder::start`] |
//! | break connections to any other server | [`fault_proxy`] |
//! | play a transcript, and fail if the client does anything else | [`script`](mod@script) |
//!
//! The [`Server`] runs in this process, with its mailboxes in memory, and serves each connection on its
//! own thread. It answers BAD to what its extensions and RFC 9051 do not allow; after a syntax error, with
//! the octet, what was expected there, and what was found. Dropping it closes everything.
//! [`certificates`] returns certificates for tests of TLS.
//!
//! Features, none of them on by default: `tls` for TLS and STARTTLS, `deflate` for COMPRESS=DEFLATE,
//! `scram` for SCRAM and CRAM-MD5.

mod assertions;
mod builder;
mod certificates;
mod command;
mod compose;
mod conditions;
mod connection;
#[cfg_attr(not(feature = "deflate"), path = "without_deflate.rs")]
mod deflate;
mod extra;
pub mod fault_proxy;
mod faults;
mod grammar;
mod maildir;
mod message;
mod mime;
mod names;
mod notify;
mod numbers;
mod outside;
mod preset;
mod real;
mod recorder;
mod reply;
#[cfg(feature = "scram")]
pub mod scram;
pub mod script;
mod search;
mod server;
mod settings;
mod socket;
mod start;
mod store;
mod stream;
mod timeline;
#[cfg_attr(not(feature = "tls"), path = "without_tls.rs")]
#[cfg_attr(all(feature = "tls", windows), path = "tls_on_windows.rs")]
mod tls;
mod url;
mod waker;
mod wire;

pub use assertions::timeline_text;
pub use builder::{Builder, Deletion, Greeting, Literals, PASSWORD, TOKEN, USER};
pub use certificates::{Certificates, Leaf, certificates};
pub use compose::{Charset, MessageBuilder};
pub use conditions::{Refusal, TooMany};
pub use faults::{Fault, FaultPlan, Trigger, Way};
pub use message::{NewMessage, StoredMessage, message};
pub use outside::MailboxState;
pub use preset::Preset;
pub use server::Server;
pub use timeline::{Direction, Event};
