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
//! use latchbox::types::{FetchItem, Printable, SearchKey};
//!
//! // session.select("INBOX")?;
//! let mut inbox = session.lock_mailbox("INBOX")?;
//! // let unseen = session.uid_search("UNSEEN")?;
//! let unseen = inbox.search(SearchKey::Unseen)?;
//! // for fetch in session.uid_fetch(set, "(UID ENVELOPE)")?.iter() { .. }
//! for message in inbox.fetch(&unseen, [FetchItem::Envelope])? {
//!     println!("{}", Printable(message?.envelope()?.subject())); // decoded, safe to print
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Call by call
//!
//! | `imap` | here |
//! |---|---|
//! | `imap::connect((host, 993), host, &tls)`, `ClientBuilder::new(host, 993).connect()` | [`Client::connect`]`(host)` |
//! | another port | [`Client::builder`]`(host).port(n)`, then [`connect`](crate::ClientBuilder::connect) |
//! | `ClientBuilder::mode`, `connect_starttls` | [`ClientBuilder::start_tls`]: STARTTLS is required or not used. Without TLS, [`ClientBuilder::danger_plaintext`], and [`ClientBuilder::danger_cleartext_login`] for a login that exposes the password |
//! | `Client::new(stream)` | [`ClientBuilder::connect_stream`] |
//! | `client.read_greeting()` | not needed: the greeting is read and checked |
//! | `client.login(user, password).map_err(\|e\| e.0)?` | [`Client::login`]: `?` converts the error, which also gives the client back |
//! | `client.authenticate("XOAUTH2", &authenticator)` | [`Client::authenticate`] with a [mechanism](crate::sasl), or [`Credentials::token`] |
//! | `session.select(name)` | [`Session::lock_mailbox`] |
//! | `session.examine(name)` | [`Session::lock_mailbox_read_only`] |
//! | `Mailbox { exists, uid_validity, .. }` | [`MailboxGuard::mailbox`] |
//! | `session.fetch(set, items)` | [`MailboxGuard::numbered`], then `fetch` |
//! | `session.uid_fetch(set, items)` | [`MailboxGuard::fetch`] |
//! | `"BODY.PEEK[]"`, `fetch.body()` | `FetchItem::BodyPeek(section.clone())` of a `section = Section::whole()`, then [`Fetch::body`]`(&section)`; or [`MailboxGuard::download`] for any size |
//! | `"BODY.PEEK[HEADER]"`, `fetch.header()` | `FetchItem::BodyPeek(Section::whole().header())`, then [`Fetch::header`]`("List-Id")` for a field, decoded; [`Fetch::body`] has the octets |
//! | `fetch.envelope()`, with octets in encoded words | [`Fetch::envelope`], decoded; `.._raw` has the octets |
//! | `address.mailbox`, `address.host` | [`email`](crate::message::Address::email), `None` if there is no mailbox; or `mailbox()`, `host()` |
//! | `envelope.message_id`, `in_reply_to` | [`message_id`](crate::message::Envelope::message_id), `in_reply_to`: octets, as in `imap` |
//! | `session.search(query)`, `session.uid_search(query)` | [`MailboxGuard::search`]; a query as text is read by `SearchKey::from_str` |
//! | the `HashSet` of UIDs that a search returns | [`UidSet`]: `iter()`, `contains(uid)`, `len()`; `lowest(n)` and `highest(n)` are sets of some of them. From UIDs of one's own, [`MailboxGuard::uids`] makes a set |
//! | `session.uid_sort(criteria, charset, query)` | [`MailboxGuard::sort`] |
//! | `session.store(set, "+FLAGS (\\Seen)")`, `uid_store` | [`MailboxGuard::store`]`(&set, StoreAction::Add, [Flag::Seen])` |
//! | `session.uid_copy(set, name)` | [`MailboxGuard::copy`] |
//! | `session.uid_mv(set, name)` | [`MailboxGuard::move_to`], also if the server lacks MOVE |
//! | `session.uid_expunge(set)` | [`MailboxGuard::expunge_uids`], or [`MailboxGuard::delete`], which flags and expunges |
//! | `session.expunge()` | [`MailboxGuard::expunge_all_deleted`]: its name says what it removes |
//! | `session.close()` | [`MailboxGuard::close_and_expunge`]; to deselect only, [`MailboxGuard::unselect`] |
//! | `session.append(name, octets)`, and `.flags(..).finish()` | [`Session::append`]`(name, NewMessage::new(octets).flags([Flag::Seen]))`, with a [`NewMessage`](crate::types::NewMessage) of a `Vec<u8>` or `&[u8]` |
//! | `session.list(reference, pattern)`, `lsub`, `list_status` | [`Session::list`], [`Session::lsub`], [`List`](crate::command::List) |
//! | `session.status(name, "(MESSAGES)")` | [`Session::status`], [`Session::status_many`] |
//! | `session.create`, `delete`, `rename`, `subscribe`, `unsubscribe` | the same names on [`Session`](crate::Session) |
//! | `session.noop()`, `check()` | [`MailboxGuard::refresh`], [`Session::noop`] |
//! | `session.idle()?.wait_keepalive()`, `wait_while(callback)` | [`MailboxGuard::idle`], then [`next`](crate::command::Idle::next), which returns one event. Loop until it is the one that is meant: events that the program's own commands have queued, such as `Expunged` after `move_to`, come at once. Across reconnections, a [watch](super::watch) |
//! | `wait_with_timeout(d)`, `wait_timeout(d)` | [`next_timeout`](crate::command::Idle::next_timeout)`(d)`: `None` is `TimedOut`, or the lock was yielded; see [`end_reason`](crate::command::Idle::end_reason) |
//! | `session.unsolicited_responses`, `take_all_unsolicited()` | [`MailboxGuard::events`], [`Session::events`]; both queues are bounded |
//! | `get_acl`, `set_acl`, `my_rights`, ... | [`Session::acl`] |
//! | `get_quota`, `get_quota_root`, `set_quota` | [`Session::quota`] |
//! | `get_metadata`, `set_metadata` | [`Session::metadata`] |
//! | `session.run_command_and_read_response(text)` | [`RawCommand`](crate::command::RawCommand), from typed arguments |
//! | `session.capabilities()` | [`Session::capabilities`], which is sent only if the server did not report them |
//! | `session.logout()` | [`Session::logout`]. Drop the guard first: below a living guard it does not compile (error E0505) |
//!
//! # Differences that programs notice
//!
//! - *Deadlines.* Every wait for the server has one by default; see [the list](crate#deadlines-and-limits).
//!   With `imap`, timeouts are set on the stream, as its example `timeout.rs` does.
//! - *Memory.* A FETCH streams: the `Fetches` of `imap` has all messages of the answer at once. To collect
//!   here too, use [`collect_into`](crate::command::Messages::collect_into).
//! - *Order.* `search` of `imap` returns a `HashSet`; here a set is in ascending order, and `sort` returns an
//!   order.
//! - *`Option` and `Result`.* With `imap`, what is missing or malformed is `None`. Here `envelope()` and
//!   `body_structure()` of a message are a `Result`, with an error if the item was not requested, is missing or
//!   is malformed. `internal_date()`, `save_date()` and `preview()` are a `Result` of an `Option`: the server may
//!   have none. `flags()`, `size()`, `seq()`, `mod_seq()`, `body(..)` and `header(..)` are an `Option`;
//!   [`errors`](crate::message::Fetch::errors) has the items that could not be parsed. `uid()` is neither.
//! - *Text of a sender.* Subjects and names can contain controls of a terminal: print them as
//!   [`Printable`](crate::types::Printable). Addresses and names of mailboxes are escaped by their `Display`.
//! - *Flags of a FETCH by another client.* An unsolicited FETCH response in the answer to NOOP is an event
//!   here. `imap` 2.4.1 returns a parse error for it (its issue
//!   [128](https://github.com/jonhoo/rust-imap/issues/128)).
//! - *Mail between FETCH and IDLE.* A message that arrives there is in no answer to IDLE (issue
//!   [263](https://github.com/jonhoo/rust-imap/issues/263) of `imap`). [`changes_since`] after each wait
//!   finds it; [the page on events](super::events#new-mail-and-none-of-it-lost) has the loop.
//! - *Panics.* A greeting, an answer or a date of a server is never a reason for one.
//!
//! [`Fetch::body`]: crate::message::Fetch::body
//! [`Fetch::envelope`]: crate::message::Fetch::envelope
//! [`Fetch::header`]: crate::message::Fetch::header
//! [`UidSet`]: crate::types::UidSet
//! [`UidSet::all`]: crate::types::UidSet::all
//! [`SearchKey::Unseen`]: crate::types::SearchKey::Unseen
//! [`Client::builder`]: crate::Client::builder
//! [`Client::connect`]: crate::Client::connect
//! [`Client::login`]: crate::Client::login
//! [`Client::authenticate`]: crate::Client::authenticate
//! [`ClientBuilder::start_tls`]: crate::ClientBuilder::start_tls
//! [`ClientBuilder::danger_cleartext_login`]: crate::ClientBuilder::danger_cleartext_login
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
//! [`MailboxGuard::uids`]: crate::MailboxGuard::uids
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
