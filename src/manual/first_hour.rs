//! The first hour: from an empty project to a program of one's own.
//!
//! # A project
//!
//! ```text
//! cargo new tidy && cd tidy && cargo add latchbox
//! ```
//!
//! By default TLS is done by the platform's library, which is OpenSSL on Linux: Debian needs `libssl-dev` and
//! `pkg-config`. To build without it, use `cargo add latchbox --no-default-features --features rustls`.
//!
//! # Log in
//!
//! A server and a user are written as a URL. The password comes from a function, because an [`Account`] calls
//! it at each login:
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! # let _ = || {
//! use latchbox::Account;
//!
//! let url = "imaps://jane%40example.com@imap.example.com".parse()?;
//! let account = Account::from_url(&url, |_reason| Ok(std::env::var("IMAP_PASSWORD")?.into()))?;
//! let session = account.open()?;
//! # Ok::<_, Box<dyn std::error::Error>>(session)
//! # };
//! for mailbox in session.list("*")? {
//!     println!("{mailbox}");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `imaps://` is implicit TLS, `imap://` is STARTTLS. For other settings, such as a test server without TLS,
//! give the account a builder:
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! # let port = server.port();
//! use latchbox::{Account, Client, Credentials};
//!
//! let builder = Client::builder("127.0.0.1").port(port); // implicit TLS by default
//! let builder = builder.danger_plaintext().danger_cleartext_login(); // no TLS; or start_tls()
//! let account = Account::new(builder, |_reason| {
//!     Ok(Credentials::password("jane@example.com", "correct-horse"))
//! });
//! let session = account.open()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Credentials::password`](crate::Credentials::password) uses the strongest login method that the server
//! offers, and is right for nearly every server; a URL does the same.
//! [`Credentials::login`](crate::Credentials::login) always sends the command LOGIN: use it if a method that
//! the server offers does not work there. Without TLS, `danger_plaintext` alone rejects a login that exposes
//! the password. [The page on transports](super::transports) has the rest.
//!
//! If the login fails,
//! [`login_hint`](crate::Error::login_hint) is what the user can do about it: many providers want an app
//! password, or IMAP to be switched on in their settings. For OAuth 2.0 see [the page on logging
//! in](super::logging_in).
//!
//! # Look
//!
//! Messages are in mailboxes. To read one, the thread acquires the session's lock, which selects the
//! mailbox, and gets a guard. `lock_mailbox_read_only` cannot change anything:
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::{FetchItem, Printable, SearchKey};
//!
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! println!("{} messages", inbox.exists());
//!
//! let unseen = inbox.search(SearchKey::Unseen)?;
//! for message in inbox.fetch(&unseen, [FetchItem::Envelope])? {
//!     let message = message?;
//!     let envelope = message.envelope()?;
//!     for sender in envelope.from() {
//!         println!("{}: {sender}: {}", message.uid(), Printable(envelope.subject()));
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A subject is text of the sender, which can contain controls of a terminal: [`Printable`] escapes them. A
//! `sender` and a `mailbox` are escaped by their own `Display`.
//!
//! A search returns UIDs: numbers that stay with a message as long as it is in its mailbox. A FETCH names the
//! items that it wants. [`FetchItem::Envelope`] is date, subject and addresses; an item that was not requested
//! is an error of that item, not an empty value.
//!
//! # Read
//!
//! A message is a tree of parts. [`FetchItem::BodyStructure`] describes the tree, and a part is downloaded
//! when it is needed, decoded on the way:
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use std::io::Read;
//! use latchbox::types::{FetchItem, Printable, SearchKey};
//!
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! let found = inbox.search(SearchKey::From("ann@example.com".into()))?;
//! let newest = found.last().ok_or("Ann has written nothing")?;
//! let message = inbox.fetch_one(newest, [FetchItem::BodyStructure])?.ok_or("it was expunged")?;
//! if let Some(part) = message.body_structure()?.text_part() {
//!     let mut text = String::new();
//!     inbox.download_text(newest, &part)?.read_to_string(&mut text)?;
//!     text.lines().for_each(|line| println!("{}", Printable(line)));
//!     # assert_eq!(text, "Hi!\r\n");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing on this page sets `\Seen` so far: reading does not change a mailbox.
//!
//! # Change
//!
//! `lock_mailbox` returns a guard that can change the mailbox. Its methods take sets of UIDs, so that a
//! thousand messages are one command:
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::{Flag, SearchKey, StoreAction};
//!
//! let mut inbox = session.lock_mailbox("INBOX")?;
//! let old = inbox.search(SearchKey::Before("2026-01-01".parse()?))?;
//! inbox.store(&old, StoreAction::Add, [Flag::Seen])?;
//! inbox.move_to(&old, "Archive")?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! At the end, drop the guard, then log out: `drop(inbox); session.logout()?`. While a guard lives, it borrows
//! the session, and `logout` does not compile (error E0505). A guard is also dropped at the end of its scope, as
//! in [the program below](#a-program-of-ones-own).
//!
//! # A second thread
//!
//! Any thread can use the session. While one holds a guard, another waits at its lock: it is granted when
//! the first guard is dropped. So keep a guard for one piece of work, and drop it:
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::SearchKey;
//!
//! std::thread::scope(|scope| {
//!     for name in ["INBOX", "Archive"] {
//!         let session = &session;
//!         scope.spawn(move || -> latchbox::Result<()> {
//!             let mut mailbox = session.lock_mailbox_read_only(name)?;
//!             println!("{name}: {} flagged", mailbox.search(SearchKey::Flagged)?.len());
//!             Ok(())
//!         });
//!     }
//! });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [The page on the lock](super::lock) has the rules. If threads wait for each other too long, a
//! [`Pool`](crate::Pool) has several connections behind the same methods.
//!
//! # Errors
//!
//! There is one type, [`Error`](crate::Error), and its methods answer what to do: is it the password
//! ([`is_auth`](crate::Error::is_auth)), can the call be repeated
//! ([`is_retryable`](crate::Error::is_retryable)), may it have taken effect although its answer was lost
//! ([`may_have_taken_effect`](crate::Error::may_have_taken_effect))? See [the page on
//! errors](super::errors).
//!
//! # A program of one's own
//!
//! This program moves mail to mailboxes by simple rules. It can be run again at any time, also after it was
//! stopped halfway: a message that was moved is not found again.
//!
//! ```
//! # use latchbox_testkit::{Server, message};
//! use latchbox::types::SearchKey;
//! use latchbox::{Account, Session};
//!
//! /// A header field, a text in it, and the mailbox for such messages.
//! const RULES: [(&str, &str, &str); 2] = [
//!     ("List-Id", "rust-lang", "Lists"),
//!     ("From", "shop@example.com", "Shopping"),
//! ];
//!
//! fn tidy(session: &Session) -> latchbox::Result<()> {
//!     let there = session.list("*")?;
//!     let mut inbox = session.lock_mailbox("INBOX")?;
//!     for (field, text, target) in RULES {
//!         let found = inbox.search(SearchKey::header(field, text))?;
//!         if found.is_empty() {
//!             continue;
//!         }
//!         // A command of the session works on the thread that holds the guard.
//!         if !there.iter().any(|mailbox| mailbox.name() == target) {
//!             session.create(target)?;
//!         }
//!         inbox.move_to(&found, target)?;
//!         println!("{} messages moved to {target}", found.len());
//!     }
//!     Ok(())
//! }
//!
//! fn run() -> Result<(), Box<dyn std::error::Error>> {
//!     let url = std::env::var("IMAP_URL")?.parse()?;
//!     let password = |_: latchbox::LoginReason<'_>| Ok(std::env::var("IMAP_PASSWORD")?.into());
//!     let session = Account::from_url(&url, password)?.open()?;
//!     tidy(&session)?;
//!     session.logout()?;
//!     Ok(())
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! #     assert!(run().is_err(), "no account is set here");
//! #     let list = b"List-Id: <users.rust-lang.example>\r\nSubject: news\r\n\r\nx\r\n".to_vec();
//! #     let offer = message("Offer", "shop@example.com", "Buy!");
//! #     let hello = message("Hello", "ann@example.com", "Hi!");
//! #     let server = Server::builder().mailbox("INBOX", [list, offer, hello]).start()?;
//! #     let session = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
//! #         .danger_cleartext_login().connect()?
//! #         .login(latchbox_testkit::USER, latchbox_testkit::PASSWORD)?;
//! #     for _ in 0..2 {
//! #         tidy(&session)?;
//! #         let counts = ["INBOX", "Lists", "Shopping"].map(|name| server.messages(name).len());
//! #         assert_eq!(counts, [1, 1, 1]);
//! #     }
//! #     let _ = stringify! {
//! fn main() -> std::process::ExitCode {
//!     match run() {
//!         Ok(()) => std::process::ExitCode::SUCCESS,
//!         Err(error) => {
//!             eprintln!("{error}");
//!             std::process::ExitCode::FAILURE
//!         }
//!     }
//! }
//! #     };
//! #     Ok(())
//! # }
//! ```
//!
//! # Test it
//!
//! The test kit has an IMAP server that runs inside a test. `cargo add --dev latchbox-testkit`, and:
//!
//! ```
//! # use latchbox::types::SearchKey;
//! # fn tidy(session: &latchbox::Session) -> latchbox::Result<()> {
//! #     session.create("Shopping")?;
//! #     let mut inbox = session.lock_mailbox("INBOX")?;
//! #     let found = inbox.search(SearchKey::From("shop@example.com".into()))?;
//! #     inbox.move_to(&found, "Shopping")?;
//! #     Ok(())
//! # }
//! use latchbox_testkit::{PASSWORD, Server, USER, message};
//!
//! // In `tests/tidy.rs`, with the attribute of a test.
//! fn offers_go_to_shopping() -> Result<(), Box<dyn std::error::Error>> {
//!     let offer = message("Offer", "shop@example.com", "Buy!");
//!     let server = Server::builder().mailbox("INBOX", [offer]).start()?;
//!     let client = latchbox::Client::builder("127.0.0.1").port(server.port());
//!     let client = client.danger_plaintext().danger_cleartext_login().connect()?;
//!     tidy(&client.login(USER, PASSWORD)?)?;
//!     assert_eq!(server.messages("Shopping").len(), 1);
//!     Ok(())
//! }
//! # offers_go_to_shopping().unwrap();
//! ```
//!
//! # From here
//!
//! - [The cookbook](super::cookbook) answers single questions by a few lines.
//! - [The page on messages](super::messages) and [the page on mailboxes](super::mailboxes) say what to use
//!   when.
//! - [The page on sync](super::sync) is for programs that keep a copy, [the page on events](super::events)
//!   for those that wait for mail, [the page on watching](super::watch) for those that do both and run for
//!   days.
//! - [`Client`](crate::Client), [`Session`](crate::Session) and [`MailboxGuard`](crate::MailboxGuard) have
//!   the commands.
//!
//! [`Account`]: crate::Account
//! [`FetchItem::Envelope`]: crate::types::FetchItem::Envelope
//! [`FetchItem::BodyStructure`]: crate::types::FetchItem::BodyStructure
//! [`Printable`]: crate::types::Printable
