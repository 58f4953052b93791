//! A comparison with `imap`, async-imap, io-imap, ImapFlow and MailKit, by what their documentation and code
//! say.
//!
//! Each of them is good at something, and a program that works with one of them has no reason to change. The
//! versions: `imap` 2.4.1 (3.0.0-alpha.15 where named), async-imap 0.12, io-imap 0.7, ImapFlow 1.6, MailKit 4.
//! "-" means that their documentation does not mention it. If a line is wrong, please report it.
//!
//! # What they are
//!
//! | | latchbox | `imap` | async-imap | io-imap | ImapFlow | MailKit |
//! |---|---|---|---|---|---|---|
//! | language | Rust | Rust | Rust | Rust | JavaScript | C# |
//! | calls | block | block | async (async-std or tokio) | state machines without I/O; a blocking client | promises | block, or async |
//! | also speaks | - | - | - | - | - | SMTP, POP3; MIME by MimeKit |
//! | license | MIT or Apache-2.0 | MIT or Apache-2.0 | MIT or Apache-2.0 | MIT or Apache-2.0 | MIT | MIT |
//!
//! latchbox is new. It was tested on real servers, but has not yet met as many of them as the others have.
//!
//! # Sharing a connection
//!
//! | | latchbox | `imap`, async-imap | io-imap | ImapFlow | MailKit |
//! |---|---|---|---|---|---|
//! | several threads or tasks on one connection | yes | by a mutex of the program | by a mutex of the program | yes | with `lock (client.SyncRoot)` for blocking calls |
//! | which mailbox a command acts on | that of its guard, checked by the compiler | the one selected last | the one selected last | the one opened last; locks by convention | that of its folder object, which must be open |
//! | order of waiters | order of arrival, with bounded overtaking | that of the mutex | that of the mutex | order of the calls | that of the monitor |
//! | a UID of another mailbox | an error before it is sent | - | - | - | - |
//! | several connections of an account | [`Pool`](crate::Pool) | - | - | - | - |
//!
//! # Reading
//!
//! | | latchbox | `imap` | async-imap | io-imap | ImapFlow | MailKit |
//! |---|---|---|---|---|---|---|
//! | messages of a FETCH | one at a time, borrowed or owned | all at once | one at a time | all at once | one at a time | all at once, or by an event |
//! | a body of any size in constant memory | from the socket | - | - | from the socket | in chunks | - |
//! | header text decoded | yes | octets | octets | octets | yes | yes |
//! | sync from a stored checkpoint | [`changes_since`](crate::MailboxGuard::changes_since) | - | - | QRESYNC; a watcher in memory | QRESYNC as an option of opening | QRESYNC as an option of opening |
//! | IDLE | yields to threads that wait | blocks the session | blocks the session | yes | in the background | blocks the client until cancelled |
//! | sorting if the server cannot | yes | - | - | yes | - | yes |
//!
//! # Logging in and TLS
//!
//! | | latchbox | `imap` | async-imap | io-imap | ImapFlow | MailKit |
//! |---|---|---|---|---|---|---|
//! | TLS | native-tls, rustls | native-tls, rustls (3.0) | by the program's stream | rustls, native-tls | Node.js | .NET |
//! | OAuth 2.0 | OAUTHBEARER, XOAUTH2 | by an `Authenticator` | by an `Authenticator` | OAUTHBEARER, XOAUTH2 | OAUTHBEARER, XOAUTH2 | OAUTHBEARER, XOAUTH2 |
//! | SCRAM | SHA-1, -256, -512, with and without PLUS | by an `Authenticator` | by an `Authenticator` | SHA-256 | - | SHA-1, -256, -512, with and without PLUS |
//! | NTLM | by a mechanism of the program | by an `Authenticator` | by an `Authenticator` | - | - | yes |
//! | proxies | SOCKS 5, HTTP | by the program's stream | by the program's stream | by the program's stream | SOCKS, HTTP | SOCKS 4 and 5, HTTP |
//! | COMPRESS | yes | - | yes | - | yes | yes |
//!
//! # Extensions
//!
//! MailKit is the library with the longest list of them, and the model of this crate in that. latchbox has
//! those of MailKit, except ANNOTATE; [the table of the
//! README](https://crates.io/crates/latchbox) shows on which servers each was seen to
//! work. ImapFlow uses many without being asked. io-imap has the commands of IMAP4rev1, UIDPLUS, MOVE, SORT,
//! THREAD, CONDSTORE, QRESYNC and a few more. `imap` and async-imap have the base protocol, IDLE, MOVE,
//! UIDPLUS and a few more; `imap` 3.0 adds SORT, ACL, QUOTA and LIST-STATUS.
//!
//! # Speed
//!
//! `benches/run` measures latchbox beside the three Rust crates on the same answers. Its figures are in the
//! README, with the work that each client does. ImapFlow and MailKit run on other platforms, and are not
//! measured there.
//!
//! # What to choose
//!
//! - A threaded program, a script, a worker without a runtime: latchbox, or `imap` if it is used already.
//! - An async program in Rust: async-imap.
//! - A program with an event loop of its own, or without `std`: io-imap.
//! - JavaScript: ImapFlow. .NET: MailKit.
