//! Frequent questions: blocking, threads, connections, servers, and what to do when something is odd.
//!
//! # Blocking and threads
//!
//! ## Why does it block?
//!
//! Because most programs that read mail do one thing after the other: a script, a filter, a backup, a worker.
//! Without a runtime, such a program has fewer dependencies, shorter stack traces, and calls that can be
//! stepped through. A thread that waits for a server costs some 15 KiB of memory, and no CPU.
//!
//! ## What about async programs?
//!
//! Call it on a thread for blocking work, such as `spawn_blocking` of tokio, and move an
//! [`OwnedMailboxGuard`](crate::OwnedMailboxGuard) or an `Arc<Session>` into it. To stop such a call from
//! outside, use a [`StopHandle`](crate::StopHandle) or a [`CloseHandle`](crate::CloseHandle): dropping a
//! future does not stop a thread. If the program is async throughout and has thousands of connections, an
//! async client fits better; see [the comparison](super::comparison).
//!
//! ## How many threads can share a session?
//!
//! As many as the program has. One at a time holds a mailbox; the others wait in order. If they wait too
//! long, use a [`Pool`](crate::Pool).
//!
//! ## How many accounts can a thread serve?
//!
//! To follow them, thousands: [`Watches`](crate::watch::Watches) waits for all of them on one thread, which
//! does not wake up while nothing happens. [The page on
//! watching](super::watch#many-accounts-on-one-thread) has what each of them costs, and [the page on many
//! machines](super::many_machines) goes on from there. To do something in one after the other, any number:
//! each [`Session`](crate::Session) is independent.
//!
//! ## Does the crate start threads?
//!
//! Only while it connects, so that a deadline holds for the lookup of a name. No thread stays: no session, no
//! pool and no wait has one of its own.
//!
//! ## Why does a second lock on my thread fail?
//!
//! Because it would wait for the guard that the same thread holds: a deadlock. Drop the first guard, or go on
//! to the other mailbox by [`switch_to`](crate::MailboxGuard::switch_to). Commands of the session, such as
//! [`append`](crate::Session::append), work beside a guard.
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::Error;
//!
//! let inbox = session.lock_mailbox("INBOX")?;
//! assert!(matches!(session.lock_mailbox("Trash"), Err(Error::Lock(_))));
//! let trash = inbox.switch_to("Trash")?;
//! assert_eq!(trash.name(), "Trash");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Why can I not send a command in a loop over messages?
//!
//! The answer to the FETCH is still being read. Collect first what the commands need, or fetch in
//! [`batches`](crate::MailboxGuard::batches):
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::{FetchItem, MixedOrigins, SearchKey, UidSet};
//!
//! let mut inbox = session.lock_mailbox("INBOX")?;
//! let all = inbox.search(SearchKey::All)?;
//! let mut batches = inbox.batches(&all, [FetchItem::Rfc822Size], 100)?;
//! while let Some(batch) = batches.next(&mut inbox)? {
//!     let small = batch.iter().filter(|message| message.size() < Some(1000));
//!     let small = small.collect::<Result<UidSet, MixedOrigins>>()?;
//!     if !small.is_empty() {
//!         inbox.copy(&small, "Archive")?; // any command
//!     }
//! }
//! # assert_eq!(server.messages("Archive").len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Connections
//!
//! ## How many connections may I open?
//!
//! Servers allow 10 to 20 for a user, and all programs and devices of the user share them. A session is one. A
//! pool is three by default, and learns from a server that refuses one.
//!
//! ## What if the connection is lost?
//!
//! The command fails, and [`is_closed`](crate::Error::is_closed) is `true` for the error. With
//! [`Account::reconnecting`](crate::Account::reconnecting), the next lock or command of the session connects
//! again. Nothing is repeated by itself: [what an abort leaves](super::after_an_abort) says what may be
//! repeated.
//!
//! ## A call hangs. Why?
//!
//! No wait for the server is without a deadline; a whole command may take 10 minutes by default. A lock waits
//! without limit unless it has a timeout, and [`lock_state`](crate::Session::lock_state) names the holder. The
//! log at `trace` shows the last line on the wire.
//!
//! ## Can I use a server without TLS?
//!
//! By the methods with `danger` in their names. For a test on this machine that is right.
//!
//! ## My company's certificate authority is not trusted.
//!
//! Install it in the system, or add it by
//! [`root_certificates_pem`](crate::ClientBuilder::root_certificates_pem). On Linux, OpenSSL also reads
//! `SSL_CERT_FILE`.
//!
//! # Servers
//!
//! ## What if the server has no IDLE?
//!
//! [`idle`](crate::MailboxGuard::idle) sends NOOP at an interval instead
//! ([`poll_interval`](crate::command::IdleOptions::poll_interval)), and returns the same events.
//!
//! ## Which extensions do I have to ask for?
//!
//! None. What a server has is used: UIDPLUS, MOVE, ESEARCH, LITERAL+, CONDSTORE and the rest. What it lacks
//! falls back to other commands with the same outcome, or is `Error::Unsupported` before anything is sent.
//! COMPRESS is off by default, because lengths can reveal content.
//!
//! ## Gmail: where is "All Mail"?
//!
//! It is the mailbox with the special use [`All`](crate::types::SpecialUse::All). Its name depends on the
//! user's language; see [`special_mailboxes`](crate::Session::special_mailboxes). A message with several
//! labels is in several mailboxes there.
//!
//! ## Why is my password refused?
//!
//! Google, Microsoft, Yahoo, Apple and others want an app password or OAuth 2.0.
//! [`login_hint`](crate::Error::login_hint) says what, as far as the server's answer shows it.
//!
//! ## Why did my search find nothing?
//!
//! Servers differ in what matches; [the page on search](super::search#what-servers-do-differently) has the
//! differences.
//!
//! ## Is a UID forever?
//!
//! As long as the mailbox keeps its UIDVALIDITY. Store both: [`StoredUids`](crate::types::StoredUids) and
//! checkpoints do, and using them after a change is an error before anything is sent. In another mailbox the
//! message has another UID.
//!
//! # Messages
//!
//! ## Does reading mark a message as read?
//!
//! Only items and methods with `mark_seen` in their names do.
//!
//! ## Does it send mail?
//!
//! No: that is SMTP (Submission). To keep a copy of what was sent, [append it](super::cookbook#keep-a-copy-of-what-was-sent).
//!
//! ## Does it parse whole messages?
//!
//! It decodes headers, addresses, dates, file names and parts, because the server describes their structure.
//! For a message as a file, use a MIME parser such as `mail-parser` on what was downloaded.
//!
//! ## How do I show text of a sender?
//!
//! By [`Printable`](crate::types::Printable), which escapes what could mislead a terminal. For HTML, escape as
//! for any text of a stranger.
//!
//! # Something is odd
//!
//! ## How do I report a bug?
//!
//! With the wire: `RUST_LOG=latchbox=trace` logs it, without passwords and without the content of messages.
//! Names, subjects, addresses, file names and search terms in it are yours to remove.
//!
//! ## How do I test my program?
//!
//! With the crate `latchbox-testkit`: an IMAP server inside the test, which can also misbehave. It works for
//! any IMAP client. It needs no TLS, and latchbox has to be told so:
//!
//! ```
//! use latchbox::{Client, Session};
//! use latchbox_testkit::{PASSWORD, Server, USER};
//!
//! fn log_in(server: &Server) -> latchbox::Result<Session> {
//!     let client = Client::builder("127.0.0.1")
//!         .port(server.port())
//!         .danger_plaintext()
//!         .danger_cleartext_login()
//!         .connect()?;
//!     Ok(client.login(USER, PASSWORD)?)
//! }
//! # log_in(&Server::start().unwrap())?.logout()?;
//! # Ok::<(), latchbox::Error>(())
//! ```
