//! Coming from the crate `imap`: its calls, and what stands for them here.
//!
//! This page is about `imap` 2.4.1 and 3.0.0-alpha.15. Both crates block, and both have a client that becomes
//! a session. The differences in one sentence each:
//!
//! - *A mailbox is held, not selected.* `session.select("INBOX")` becomes `session.lock_mailbox("INBOX")`,
//!   which returns a guard; what needs a mailbox is a method of the guard.
//! - *Messages are named by UID.* `uid_search` is `search` here. Sequence numbers are in a view,
//!   [`numbered`](crate::MailboxGuard::numbered).
//! - *Sets, items and conditions are values, not text.* `"1:*"` is [`UidSet::all`], `"(FLAGS ENVELOPE)"` is
//!   `[FetchItem::Flags, FetchItem::Envelope]`, `"UNSEEN"` is [`SearchKey::Unseen`].
//! - *Methods take `&self`.* Threads share a session without a mutex around it.
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::{FetchItem, SearchKey};
//!
//! // session.select("INBOX")?;
//! let mut inbox = session.lock_mailbox("INBOX")?;
//! // let unseen = session.uid_search("UNSEEN")?;
//! let unseen = inbox.search(SearchKey::Unseen)?;
//! // for fetch in session.uid_fetch(set, "(UID ENVELOPE)")?.iter() { .. }
//! for message in inbox.fetch(&unseen, [FetchItem::Envelope])? {
//!     println!("{}", message?.envelope()?.subject()); // decoded
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Call by call
//!
//! | `imap` | here |
//! |---|---|
//! | `imap::connect((host, 993), host, &tls)`, `ClientBuilder::new(host, 993).connect()` | [`Client::connect`]`(host)` |
//! | `ClientBuilder::mode`, `connect_starttls` | [`ClientBuilder::start_tls`], [`ClientBuilder::danger_plaintext`] |
//! | `Client::new(stream)` | [`ClientBuilder::connect_stream`] |
//! | `client.read_greeting()` | not needed: the greeting is read and checked |
//! | `client.login(user, password).map_err(\|e\| e.0)?` | [`Client::login`]: `?` converts the error, which also gives the client back |
//! | `client.authenticate("XOAUTH2", &authenticator)` | [`Client::authenticate`] with a [mechanism](crate::sasl), or [`Credentials::token`] |
//! | `session.select(name)` | [`Session::lock_mailbox`] |
//! | `session.examine(name)` | [`Session::lock_mailbox_read_only`] |
//! | `Mailbox { exists, uid_validity, .. }` | [`MailboxGuard::mailbox`] |
//! | `session.fetch(set, items)` | [`MailboxGuard::numbered`], then `fetch` |
//! | `session.uid_fetch(set, items)` | [`MailboxGuard::fetch`] |
//! | `fetch.body()` | [`Fetch::body`](crate::message::Fetch::body), or [`MailboxGuard::download`] for any size |
//! | `fetch.envelope()`, with octets in encoded words | [`Fetch::envelope`](crate::message::Fetch::envelope), decoded; `.._raw` has the octets |
//! | `session.search(query)`, `session.uid_search(query)` | [`MailboxGuard::search`]; a query as text is read by `SearchKey::from_str` |
//! | `session.uid_sort(criteria, charset, query)` | [`MailboxGuard::sort`] |
//! | `session.store(set, "+FLAGS (\\Seen)")`, `uid_store` | [`MailboxGuard::store`]`(&set, StoreAction::Add, [Flag::Seen])` |
//! | `session.uid_copy(set, name)` | [`MailboxGuard::copy`] |
//! | `session.uid_mv(set, name)` | [`MailboxGuard::move_to`], also if the server lacks MOVE |
//! | `session.uid_expunge(set)` | [`MailboxGuard::expunge_uids`], or [`MailboxGuard::delete`], which flags and expunges |
//! | `session.expunge()` | [`MailboxGuard::expunge_all_deleted`]: its name says what it removes |
//! | `session.close()` | [`MailboxGuard::close_and_expunge`]; to deselect only, [`MailboxGuard::unselect`] |
//! | `session.append(name, octets)`, and `.flags(..).finish()` | [`Session::append`] with a [`NewMessage`](crate::types::NewMessage) |
//! | `session.list(reference, pattern)`, `lsub`, `list_status` | [`Session::list`], [`Session::lsub`], [`List`](crate::command::List) |
//! | `session.status(name, "(MESSAGES)")` | [`Session::status`], [`Session::status_many`] |
//! | `session.create`, `delete`, `rename`, `subscribe`, `unsubscribe` | the same names on [`Session`](crate::Session) |
//! | `session.noop()`, `check()` | [`MailboxGuard::refresh`], [`Session::noop`] |
//! | `session.idle()?.wait_keepalive()`, `wait_while(callback)` | [`MailboxGuard::idle`], whose waits return events; in a loop that reconnects, a [watch](super::watch) |
//! | `session.unsolicited_responses`, `take_all_unsolicited()` | [`MailboxGuard::events`], [`Session::events`]; both queues are bounded |
//! | `get_acl`, `set_acl`, `my_rights`, ... | [`Session::acl`] |
//! | `get_quota`, `get_quota_root`, `set_quota` | [`Session::quota`] |
//! | `get_metadata`, `set_metadata` | [`Session::metadata`] |
//! | `session.run_command_and_read_response(text)` | [`RawCommand`](crate::command::RawCommand), from typed arguments |
//! | `session.capabilities()` | [`Session::capabilities`], which is sent only if the server did not report them |
//! | `session.logout()` | [`Session::logout`] |
//!
//! # Differences that programs notice
//!
//! - *Deadlines.* Every wait for the server has one by default; see [the list](crate#deadlines-and-limits).
//!   With `imap`, timeouts are set on the stream, as its example `timeout.rs` does.
//! - *Memory.* A FETCH streams: the `Fetches` of `imap` has all messages of the answer at once. To collect
//!   here too, use [`collect_into`](crate::command::Messages::collect_into).
//! - *Order.* `search` of `imap` returns a `HashSet`; here a set is in ascending order, and `sort` returns an
//!   order.
//! - *Flags of a FETCH by another client.* An unsolicited FETCH response in the answer to NOOP is an event
//!   here. `imap` 2.4.1 returns a parse error for it (its issue
//!   [128](https://github.com/jonhoo/rust-imap/issues/128)).
//! - *Mail between FETCH and IDLE.* A message that arrives there is in no answer to IDLE (issue
//!   [263](https://github.com/jonhoo/rust-imap/issues/263) of `imap`). [`changes_since`] after each wait
//!   finds it; [the page on events](super::events#new-mail-and-none-of-it-lost) has the loop.
//! - *Panics.* A greeting, an answer or a date of a server is never a reason for one.
//!
//! [`UidSet::all`]: crate::types::UidSet::all
//! [`SearchKey::Unseen`]: crate::types::SearchKey::Unseen
//! [`Client::connect`]: crate::Client::connect
//! [`Client::login`]: crate::Client::login
//! [`Client::authenticate`]: crate::Client::authenticate
//! [`ClientBuilder::start_tls`]: crate::ClientBuilder::start_tls
//! [`ClientBuilder::danger_plaintext`]: crate::ClientBuilder::danger_plaintext
//! [`ClientBuilder::connect_stream`]: crate::ClientBuilder::connect_stream
//! [`Credentials::token`]: crate::Credentials::token
//! [`Session::lock_mailbox`]: crate::Session::lock_mailbox
//! [`Session::lock_mailbox_read_only`]: crate::Session::lock_mailbox_read_only
//! [`Session::append`]: crate::Session::append
//! [`Session::list`]: crate::Session::list
//! [`Session::lsub`]: crate::Session::lsub
//! [`Session::status`]: crate::Session::status
//! [`Session::status_many`]: crate::Session::status_many
//! [`Session::noop`]: crate::Session::noop
//! [`Session::events`]: crate::Session::events
//! [`Session::acl`]: crate::Session::acl
//! [`Session::quota`]: crate::Session::quota
//! [`Session::metadata`]: crate::Session::metadata
//! [`Session::capabilities`]: crate::Session::capabilities
//! [`Session::logout`]: crate::Session::logout
//! [`MailboxGuard::mailbox`]: crate::MailboxGuard::mailbox
//! [`MailboxGuard::numbered`]: crate::MailboxGuard::numbered
//! [`MailboxGuard::fetch`]: crate::MailboxGuard::fetch
//! [`MailboxGuard::download`]: crate::MailboxGuard::download
//! [`MailboxGuard::search`]: crate::MailboxGuard::search
//! [`MailboxGuard::sort`]: crate::MailboxGuard::sort
//! [`MailboxGuard::store`]: crate::MailboxGuard::store
//! [`MailboxGuard::copy`]: crate::MailboxGuard::copy
//! [`MailboxGuard::move_to`]: crate::MailboxGuard::move_to
//! [`MailboxGuard::expunge_uids`]: crate::MailboxGuard::expunge_uids
//! [`MailboxGuard::expunge_all_deleted`]: crate::MailboxGuard::expunge_all_deleted
//! [`MailboxGuard::delete`]: crate::MailboxGuard::delete
//! [`MailboxGuard::close_and_expunge`]: crate::MailboxGuard::close_and_expunge
//! [`MailboxGuard::unselect`]: crate::MailboxGuard::unselect
//! [`MailboxGuard::refresh`]: crate::MailboxGuard::refresh
//! [`MailboxGuard::idle`]: crate::MailboxGuard::idle
//! [`MailboxGuard::events`]: crate::MailboxGuard::events
//! [`changes_since`]: crate::MailboxGuard::changes_since
