//! A blocking IMAP client that lets threads share one connection: commands on the selected mailbox
//! exist only on the guard that holds it.
//!
//! For threaded programs, scripts, and programs that have no async runtime.
//!
//! # Ten lines that list mail
//!
//! ```
//! # let server = latchbox_testkit::Server::builder()
//! #     .mailbox("INBOX", [latchbox_testkit::message("Lunch?", "ann@example.com", "At one?")])
//! #     .start()?;
//! # let client = latchbox::Client::builder("127.0.0.1").port(server.port())
//! #     .danger_plaintext().danger_cleartext_login().connect()?;
//! use latchbox::Client;
//! use latchbox::types::{FetchItem, Printable, SearchKey};
//!
//! # let _ = stringify! {
//! let client = Client::connect("imap.example.com")?; // TLS, port 993
//! # };
//! let session = client.login("jane@example.com", "correct-horse")?;
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! let unseen = inbox.search(SearchKey::Unseen)?;
//! for message in inbox.fetch(&unseen, [FetchItem::Envelope])? {
//!     let message = message?;
//!     let envelope = message.envelope()?;
//!     for sender in envelope.from() {
//!         println!("{sender}: {}", Printable(envelope.subject()));
//!     }
//! }
//! drop(inbox); // or its scope ends; before `logout`, because it borrows the session
//! session.logout()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! For another port, STARTTLS, or a test server without TLS, begin with
//! [`Client::builder`](Client::builder): see [TLS and transports](manual::transports). To list the
//! newest 50 instead, see [the cookbook](manual::cookbook#the-newest-50-with-sender-and-subject).
//! [`Printable`](types::Printable) escapes what a sender could send to control the terminal.
//!
//! # Two threads on one connection
//!
//! An IMAP connection has one mailbox selected at a time, and most commands act on the selected
//! mailbox. If threads share the connection, one thread's SELECT changes what another thread's
//! STORE means. Here a [`Session`] keeps its connection behind a lock, and every command that acts on
//! the selected mailbox is a method of the [`MailboxGuard`] that the lock returns.
//!
//! ```
//! # let server = latchbox_testkit::Server::builder()
//! #     .mailbox("INBOX", [latchbox_testkit::message("Lunch?", "ann@example.com", "At one?")])
//! #     .mailbox("Trash", [latchbox_testkit::message("Offer", "bob@example.com", "Buy!")])
//! #     .start()?;
//! # let session = latchbox::Client::builder("127.0.0.1").port(server.port())
//! #     .danger_plaintext().danger_cleartext_login().connect()?
//! #     .login("jane@example.com", "correct-horse")?;
//! use latchbox::types::{FetchItem, Printable, SearchKey};
//!
//! std::thread::scope(|scope| {
//!     let list = scope.spawn(|| -> latchbox::Result<()> {
//!         let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//!         let unseen = inbox.search(SearchKey::Unseen)?;
//!         let mut messages = inbox.fetch(&unseen, [FetchItem::Envelope])?;
//!         while let Some(message) = messages.next()? {
//!             println!("{}", Printable(message.envelope()?.subject())); // nothing is copied
//!         }
//!         Ok(())
//!     });
//!     let delete = scope.spawn(|| -> latchbox::Result<()> {
//!         let mut trash = session.lock_mailbox("Trash")?; // waits while INBOX is held
//!         let all = trash.search(SearchKey::All)?;
//!         trash.delete(&all)?; // these messages, and no others
//!         Ok(())
//!     });
//!     list.join().unwrap()?;
//!     delete.join().unwrap()
//! })?;
//! session.logout()?;
//! # assert_eq!((server.messages("INBOX").len(), server.messages("Trash").len()), (1, 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The states
//!
//! ```text
//!               Client          connected, not authenticated
//!                 |
//!           login |             or authenticate; the error can give the Client back
//!                 v
//!               Session         authenticated, shared by threads: list, status, append, ...
//!                |   ^
//!   lock_mailbox |   | drop, release, unselect, close_and_expunge
//!                v   |
//!             MailboxGuard      one mailbox, selected and held: search, fetch, store, ...
//! ```
//!
//! Each state is a type, so a command that the state does not allow does not compile. An [`Account`]
//! connects and logs in, and can replace a connection that was lost.
//!
//! # What to use for what
//!
//! New here? [The first hour](manual::first_hour) ends with a program of one's own, and [the
//! cookbook](manual::cookbook) answers single questions. Programs move from [`imap`](manual::coming_from_imap)
//! or [ImapFlow](manual::coming_from_imapflow) call by call.
//!
//! | task | where to look |
//! |---|---|
//! | connect: TLS, STARTTLS, a proxy, a socket, a program | [`Client::connect`], [`ClientBuilder`], [the page on transports](manual::transports) |
//! | log in: password, OAuth 2.0, SCRAM, a certificate | [`Client::login`], [`Client::authenticate_with`], [the page on logging in](manual::logging_in) |
//! | stay connected, and reconnect | [`Account::reconnecting`]; a refused login is [not repeated](Account#a-refused-login) |
//! | list, count, create and remove mailboxes | [`Session`], [the page on mailboxes](manual::mailboxes) |
//! | find, read, store, change, move and remove messages | [`MailboxGuard`], [the page on messages](manual::messages) |
//! | conditions, counts, pages, orders | [`MailboxGuard::search`], [the page on search](manual::search) |
//! | a part or an attachment of any size | [`MailboxGuard::download_part`] |
//! | print what a sender wrote: a subject, a name | [`Printable`](types::Printable) |
//! | new mail when it arrives | [`MailboxGuard::idle`]; across reconnections and restarts, [`watch::Watch`] |
//! | keep a copy: what has changed since | [`MailboxGuard::changes_since`], [the page on sync](manual::sync) |
//! | which mailboxes have changed since the last run | [`Session::mailboxes_changed_since`] |
//! | unsolicited data of the server | [`MailboxGuard::events`], [`Session::events`], [the page on events](manual::events) |
//! | several connections of one account | [`Pool`], [the page on pools](manual::pool) |
//! | what changes in mailboxes, as it happens | [`watch::Watch`], of many accounts [`watch::Watches`], [the page on watching](manual::watch) |
//! | accounts of many users, on many machines | [the page on many machines](manual::many_machines) |
//! | several commands in one round trip | [`Session::pipeline`], [`MailboxGuard::pipeline`], [the page on pipelining](manual::several_commands) |
//! | what went wrong, and what to do | [`Error`], [the page on errors](manual::errors) |
//! | servers that are broken or hostile | [the page on them](manual::hostile_servers), [`Limit`](error::Limit) |
//! | end a session from another thread | [`Session::close_handle`] |
//! | stop a long call, and what it leaves | [`StopHandle`], [the page on aborts](manual::after_an_abort) |
//! | a command that is not here | [`command::RawCommand`] |
//! | blocking and async, threads, servers, platforms | [frequent questions](manual::faq), [platforms](manual::platforms) |
//! | other libraries | [a comparison](manual::comparison) |
//!
//! # The lock
//!
//! [`Session::lock_mailbox`] waits for the lock, selects the mailbox unless it is already selected,
//! and returns a [`MailboxGuard`]. [`lock_mailbox_read_only`](Session::lock_mailbox_read_only)
//! selects it by EXAMINE, and no method that changes anything compiles on its guard.
//!
//! - The lock is granted in order of arrival, except that a request for the mailbox that is already
//!   selected may overtake, a [bounded number of times](ClientBuilder::max_overtakes).
//! - If the mailbox is already selected, the lock sends nothing. The counters may then be out of
//!   date: [`refresh`](MailboxGuard::refresh) polls for changes.
//! - [`try_lock_mailbox`](Session::try_lock_mailbox) does not wait for the lock. A request by
//!   [`Session::mailbox`] can have a timeout over the wait and the SELECT, a label, or an owned
//!   guard. An error names the holder of the lock, and so does [`Session::lock_state`].
//! - A thread that holds a guard and locks again gets an error at once, because it would wait for
//!   itself. Commands of the session, such as [`Session::append`], work there.
//! - A dropped guard sends nothing, and the mailbox stays selected.
//!   [`release`](MailboxGuard::release), [`unselect`](MailboxGuard::unselect) and
//!   [`close_and_expunge`](MailboxGuard::close_and_expunge) report.
//! - Streams such as [`Messages`](command::Messages) borrow the guard: a second command in the
//!   middle of one does not compile. [`batches`](MailboxGuard::batches) are for working on
//!   messages in between.
//!
//! [The manual](manual::lock) has the details.
//!
//! The lock is on one connection. Another session, another process or another device can change the
//! same mailbox meanwhile. Only the server can guard against that:
//! [`unchanged_since`](command::Store::unchanged_since) changes only messages that have not changed
//! since they were fetched.
//!
//! # Which messages
//!
//! A search returns a [`UidSet`](types::UidSet) that knows its account, mailbox and UIDVALIDITY. To
//! use it elsewhere is an error before anything is sent:
//!
//! ```
#![doc = include_str!("doc/session.txt")]
//! use latchbox::Error;
//! use latchbox::types::SearchKey;
//!
//! let in_inbox = session.lock_mailbox("INBOX")?.search(SearchKey::All)?;
//! let mut trash = session.lock_mailbox("Trash")?;
//! assert!(matches!(trash.delete(&in_inbox), Err(Error::StaleUids(_))));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A row of a FETCH is identified by its [`id`](message::Fetch::id), which knows its mailbox too;
//! several are collected into a set. [`MailboxGuard::uids`] makes a set of this mailbox from UIDs
//! alone, and [`StoredUids`](types::StoredUids) are for UIDs that the program stores. A set that
//! the caller makes without an origin ([`UidSet::unbound`](types::UidSet::unbound), text,
//! [`all`](types::UidSet::all)) is accepted by any mailbox; [`LockRequest::uid_validity`] then
//! names the UIDVALIDITY that it belongs to.
//!
//! Sequence numbers serve queries such as "the last 50". They are another type,
//! [`SequenceSet`](types::SequenceSet), which only a view of the guard makes and accepts; while a
//! set lives, no command compiles that could remove a message and give its number to another:
//!
//! ```
#![doc = include_str!("doc/session.txt")]
//! use latchbox::types::{FetchItem, Printable};
//!
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! let mut numbered = inbox.numbered();
//! let last_50 = numbered.last(50);
//! for message in numbered.fetch(&last_50, [FetchItem::Envelope])? {
//!     println!("{}", Printable(message?.envelope()?.subject()));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Errors
//!
//! One type, [`Error`]. Its variants are what happened, its methods answer what to do about it:
//!
//! | question | if so |
//! |---|---|
//! | [`is_retryable`](Error::is_retryable) | nothing was done, and the same call may succeed later |
//! | [`is_busy`](Error::is_busy) | the lock was taken: the same call may succeed later |
//! | [`is_timeout`](Error::is_timeout) | a deadline passed |
//! | [`is_closed`](Error::is_closed) | the connection is closed, and with it the session, unless an [`Account`] reconnects it at the next lock or command of the session |
//! | [`is_auth`](Error::is_auth) | the credentials are wrong, or could not be sent safely |
//! | [`login_hint`](Error::login_hint) | what the user can do so that the login succeeds |
//! | [`may_have_taken_effect`](Error::may_have_taken_effect) | the command was sent and its answer was lost, or the answer shows an effect |
//! | [`is_try_create`](Error::is_try_create), [`is_over_quota`](Error::is_over_quota), [`is_too_big`](Error::is_too_big) | why a message was not stored |
//! | [`response_code`](Error::response_code) | the reason that the server gave, in a form for programs |
//!
//! After a refusal the connection is usable, and the session continues:
//!
//! ```
#![doc = include_str!("doc/session.txt")]
//! use latchbox::Error;
//!
//! let error = session.lock_mailbox("Nowhere").unwrap_err();
//! assert!(matches!(error, Error::Refused(_)) && !error.is_closed());
//! assert!(session.lock_mailbox("INBOX").is_ok());
//!
//! let error = session.create("two\r\nlines").unwrap_err(); // nothing was sent
//! assert!(matches!(error, Error::Argument(_)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A response that cannot be read is [`Error::Unparsable`], which keeps its octets. An item of a
//! message that is malformed is an error of that item, and the other messages are still returned.
//! Nothing that a server sends makes this crate panic. No error and no log line shows a password.
//!
//! # Deadlines and limits
//!
//! All are finite, except waiting for the lock and a whole stream; each is an option of [`ClientBuilder`].
//!
//! | what | default | option |
//! |---|---|---|
//! | opening a session as a whole | 3 min | [`open_timeout`](ClientBuilder::open_timeout) |
//! | looking up and connecting | 30 s | [`connect_timeout`](ClientBuilder::connect_timeout) |
//! | TLS handshake | 30 s | [`tls_timeout`](ClientBuilder::tls_timeout) |
//! | greeting | 60 s | [`greeting_timeout`](ClientBuilder::greeting_timeout) |
//! | silence while an answer is due | 60 s | [`read_timeout`](ClientBuilder::read_timeout) |
//! | silence while the server may have to go over a whole mailbox | 5 min | [`slow_read_timeout`](ClientBuilder::slow_read_timeout) |
//! | one write | 60 s | [`write_timeout`](ClientBuilder::write_timeout) |
//! | a whole command | 10 min | [`command_timeout`](ClientBuilder::command_timeout) |
//! | a whole stream of messages, download or upload | none | [`stream_timeout`](ClientBuilder::stream_timeout) |
//! | LOGOUT | 5 s | [`logout_timeout`](ClientBuilder::logout_timeout) |
//! | waiting for the lock | none | [`lock_timeout`](ClientBuilder::lock_timeout) |
//! | waiting for the lock by a command of the session | 10 min | [`turn_timeout`](ClientBuilder::turn_timeout) |
//! | a line | 16 MiB | [`line_limit`](ClientBuilder::line_limit) |
//! | a literal, such as a body, that is held in memory | 64 MiB | [`literal_limit`](ClientBuilder::literal_limit) |
//! | a response | 128 MiB | [`response_limit`](ClientBuilder::response_limit) |
//! | an answer that is not streamed | 256 MiB | [`answer_limit`](ClientBuilder::answer_limit) |
//! | nesting of parentheses | 64 | [`depth_limit`](ClientBuilder::depth_limit) |
//! | elements of a list; responses of a collected answer | 1,000,000 | [`list_limit`](ClientBuilder::list_limit) |
//! | nesting of branches in a THREAD | 4096 | [`thread_depth_limit`](ClientBuilder::thread_depth_limit) |
//! | parts of a message | 10,000 | [`parts_limit`](ClientBuilder::parts_limit) |
//! | items of a message in an answer to FETCH | 4096 | [`items_limit`](ClientBuilder::items_limit) |
//! | rows of an answer to FETCH for each requested message | 64 | [`rows_limit`](ClientBuilder::rows_limit) |
//! | a literal that is downloaded | 4 GiB | [`download_limit`](ClientBuilder::download_limit) |
//! | the greeting | 64 KiB | [`greeting_limit`](ClientBuilder::greeting_limit) |
//! | octets drained from an abandoned answer, and for how long | 8 MiB, 10 s | [`drain_limit`](ClientBuilder::drain_limit), [`drain_timeout`](ClientBuilder::drain_timeout) |
//! | continuation requests that no command waits for | 8 | [`continuations_limit`](ClientBuilder::continuations_limit) |
//! | rounds of a login by SASL, and a challenge | 16, 64 KiB | [`sasl_rounds_limit`](ClientBuilder::sasl_rounds_limit), [`sasl_challenge_limit`](ClientBuilder::sasl_challenge_limit) |
//! | rounds of hashing of SCRAM | 4096 to 1,000,000 | `sasl::Scram::max_iterations`, `min_iterations` |
//! | events in a queue | 1024, 16 MiB | [`events_limit`](ClientBuilder::events_limit), [`event_octets_limit`](ClientBuilder::event_octets_limit) |
//! | what a proxy answers | 16 KiB | `Proxy::answer_limit` |
//!
//! An error that is caused by a limit names the [`Limit`](error::Limit) and its option.
//!
//! A deadline that passes while an answer is due closes the connection, because later responses
//! could not be matched to a command. The timeout of a lock leaves the connection usable, also if it
//! passes during the SELECT.
//!
//! Most limits are on what is held in memory. A [`Download`](command::Download) holds nothing: the
//! server announces its length before the first octet, and only
//! [`download_limit`](ClientBuilder::download_limit) bounds that.
//!
//! A session can change its timeouts after the login, say for one slow command:
//! [`Session::set_command_timeout`], [`set_read_timeout`](Session::set_read_timeout) and others.
//!
//! # Features
//!
//! All are additive, and only the first is on by default.
//!
//! | feature | what it brings |
//! |---|---|
//! | `native-tls` | TLS by the platform's own library |
//! | `rustls` | TLS by rustls and the platform's verifier; with both, [`ClientBuilder::tls_backend`] chooses |
//! | `compress` | COMPRESS=DEFLATE: `Session::compress`, `ClientBuilder::compress` |
//! | `proxy` | SOCKS 5 and HTTP CONNECT: `ClientBuilder::proxy` |
//! | `scram` | logging in by SCRAM-SHA-1, -256 and -512, with and without `-PLUS`, and by CRAM-MD5 (18 crates more); [the choice](sasl::LoginChoice) of the strongest skips them without it |
//! | `charsets` | header text and downloaded text in more charsets than UTF-8, US-ASCII, ISO-8859-1 and UTF-7: see [`Charset`](message::Charset) |
//! | `chrono`, `jiff`, `time` | conversions of [`Date`](types::Date), [`DateTime`](types::DateTime) and [`LocalDateTime`](types::LocalDateTime) from and to the types of chrono 0.4, jiff 1 and time 0.3 |
//! | `serde` | `Serialize` and `Deserialize` for values that programs store: see [the table of their forms](types#stored-values) |

// Tests slice texts that they wrote themselves.
#![cfg_attr(test, allow(clippy::string_slice))]

mod account;
mod client;
mod client_builder;
mod close_handle;
pub mod command;
mod connect;
mod connection;
pub mod error;
mod events;
mod exchange;
#[cfg(any(
    fuzzing,
    all(
        test,
        feature = "charsets",
        feature = "compress",
        feature = "proxy",
        feature = "rustls",
        feature = "scram",
    )
))]
#[doc(hidden)]
pub mod fuzzing;
mod idle_options;
mod limits;
mod listener;
mod lock;
mod mailbox_guard;
pub mod manual;
mod pipeline;
pub mod pool;
mod printable;
mod reconnect;
pub mod sasl;
mod session;
mod set_up;
mod stop_handle;
pub mod sync;
pub mod transport;
pub mod types;
pub mod watch;
mod wire;

/// The parts of a guard: its access, its views, and the holders of the lock.
pub mod guard {
    pub use crate::error::lock::{Holder, LockState};
    pub use crate::mailbox_guard::numbered::Numbered;
    pub use crate::mailbox_guard::saved_search::SavedSearch;
    pub use crate::mailbox_guard::{Access, Owned, WriteAccess};
}

/// Access control lists: the rights of users on mailboxes (ACL, RFC 4314).
pub mod acl {
    pub use crate::command::acl::{AclCommands, MyRights};
    pub use crate::types::acl::{Acl, AclEntry, AclIdentifier, InvalidAclIdentifier, ListedRights};
    pub use crate::types::rights::{InvalidRights, Right, Rights, RightsChange};
}

/// Gmail's labels (X-GM-EXT-1).
pub mod gmail {
    pub use crate::types::label::{InvalidLabel, Label};
    pub use crate::wire::response::labels::Labels;
}

/// Annotations of mailboxes and of the server (METADATA, RFC 5464).
pub mod metadata {
    pub use crate::command::metadata::{GetMetadata, MetadataCommands};
    pub use crate::types::metadata::{
        InvalidMetadataName, Metadata, MetadataDepth, MetadataEntry, MetadataName, MetadataScope,
    };
}

/// Events of mailboxes that are not selected (NOTIFY, RFC 5465).
pub mod notify {
    pub use crate::command::notify::{Notifications, NotifyCommands};
    pub use crate::types::notify::{NotifyEvent, NotifyRequest};
}

/// Usage and limits of an account (QUOTA, RFC 9208).
pub mod quota {
    pub use crate::command::quota::QuotaCommands;
    pub use crate::types::quota::{Quota, QuotaResource, QuotaRoots, QuotaUsage};
}

/// The data of the answer to a FETCH: one message's items, parsed when they are requested.
pub mod message {
    pub use crate::types::header_date::HeaderDate;
    pub use crate::wire::content::charset::Charset;
    pub use crate::wire::content::{Decoded, TransferEncoding};
    pub use crate::wire::response::body_structure::{BodyStructure, Part, Parts};
    pub use crate::wire::response::envelope::address::Address;
    pub use crate::wire::response::envelope::items::{
        AddressListItem, AddressListItems, GroupName,
    };
    pub use crate::wire::response::envelope::{Addresses, Envelope};
    pub use crate::wire::response::fetch::Fetch;
    pub use crate::wire::response::file_name::FileName;
    pub use crate::wire::response::flags::Flags;
    pub use crate::wire::response::header_field::{HeaderField, HeaderFields};
    pub use crate::wire::response::item_error::{ItemError, ItemErrorKind};
    pub use crate::wire::response::parameters::{Disposition, Parameters};
    pub use crate::wire::response::part_role::PartRole;
}

pub use crate::account::{Account, Credentials, LoginReason};
pub use crate::client::{Client, LoginError};
pub use crate::client_builder::{ClientBuilder, TlsMode};
pub use crate::close_handle::CloseHandle;
pub use crate::error::{Error, Result};
pub use crate::events::session_event::SessionEvent;
pub use crate::mailbox_guard::lock_request::LockRequest;
pub use crate::mailbox_guard::{MailboxGuard, OwnedMailboxGuard, ReadOnly, ReadWrite};
pub use crate::pool::connections::Pool;
pub use crate::reconnect::Backoff;
pub use crate::session::Session;
pub use crate::stop_handle::StopHandle;

/// The README's program, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
