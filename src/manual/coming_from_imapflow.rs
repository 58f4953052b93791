//! Coming from ImapFlow: its calls, and what stands for them here.
//!
//! This page is about ImapFlow 1.6. Both libraries have a lock on the mailbox, an iterator over messages, and
//! an interface in which extensions are used by themselves. What is different:
//!
//! - *Threads in place of promises.* A call blocks its thread. Where a program of ImapFlow starts a second
//!   promise, a program here starts a thread, and both share the session.
//! - *The lock is needed.* `fetch` of ImapFlow acts on the mailbox that is open. Here it is a method of the
//!   guard: without the lock, it does not compile. A guard is released when its scope ends; there is no
//!   `release()` to forget in a `finally`.
//! - *UIDs are the rule.* There is no `{ uid: true }`. Sequence numbers are in a view,
//!   [`numbered`](crate::MailboxGuard::numbered).
//! - *An outcome is not `false`.* What ImapFlow reports by `false` is an [`Error`](crate::Error) with its
//!   reason, or an empty set.
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::{FetchItem, Printable, UidSet};
//!
//! // let lock = await client.getMailboxLock('INBOX'); try { .. } finally { lock.release(); }
//! let mut inbox = session.lock_mailbox("INBOX")?;
//! // for await (let message of client.fetch('1:*', { envelope: true })) { .. }
//! for message in inbox.fetch(&UidSet::all(), [FetchItem::Envelope])? {
//!     let message = message?;
//!     // console.log(`${message.uid}: ${message.envelope.subject}`);
//!     println!("{}: {}", message.uid(), Printable(message.envelope()?.subject()));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Call by call
//!
//! | ImapFlow | here |
//! |---|---|
//! | `new ImapFlow({ host, auth })`, `connect()` | [`Client::connect`], [`Client::login`]; or [`Account::from_url`], [`Account::open`] |
//! | `auth: { accessToken }` | [`Credentials::token`], asked for at each login |
//! | `doSTARTTLS`, `secure: false` | [`ClientBuilder::start_tls`]; STARTTLS is required or not used |
//! | `proxy` | `ClientBuilder::proxy` (feature `proxy`) |
//! | `connectionTimeout`, `greetingTimeout`, `socketTimeout` | [`connect_timeout`], [`greeting_timeout`], [`read_timeout`], and [others](crate#deadlines-and-limits) |
//! | `maxLineLength`, `maxLiteralSize` | [`line_limit`], [`literal_limit`] |
//! | `getMailboxLock(path)` | [`Session::lock_mailbox`] |
//! | `getMailboxLock(path, { readOnly: true })` | [`Session::lock_mailbox_read_only`] |
//! | `getMailboxLock(path, { description })` | [`Session::mailbox`]`(path).label(..)` |
//! | `getMailboxLock(path, { acquireTimeout })` | [`Session::mailbox`]`(path).timeout(..)` |
//! | `lock.release()` | drop the guard |
//! | `mailboxOpen`, `mailboxClose` | a lock; [`MailboxGuard::unselect`] |
//! | `client.mailbox` | [`MailboxGuard::mailbox`] |
//! | `fetch(range, query)` | [`MailboxGuard::fetch`] |
//! | `fetchAll(range, query)` | [`collect_into`](crate::command::Messages::collect_into) |
//! | `fetchOne(uid, query, { uid: true })` | [`MailboxGuard::fetch_one`] |
//! | `fetchOne('*', query)` | [`numbered`](crate::MailboxGuard::numbered)`().last(1)` |
//! | commands inside a `fetch` loop | [`MailboxGuard::batches`]; in the loop over a stream they do not compile |
//! | `download(range, part)` | [`MailboxGuard::download_part`], [`MailboxGuard::download_text`], from the socket |
//! | `downloadMany(range, parts)` | [`MailboxGuard::download_each`] for many messages; a fetch of sections for many parts |
//! | `search({ seen: false, from })` | [`MailboxGuard::search`] with a [`SearchKey`](crate::types::SearchKey) |
//! | `search(query, { returnOptions })` | [`Search`](crate::command::Search) |
//! | `messageFlagsAdd`, `messageFlagsRemove`, `messageFlagsSet` | [`MailboxGuard::store`] |
//! | `messageFlagsAdd(.., { useLabels: true })` | [`Store`](crate::command::Store) of Gmail's labels |
//! | `setFlagColor` | [`MailboxGuard::set_flag_color`] |
//! | `messageCopy`, `messageMove` | [`MailboxGuard::copy`], [`MailboxGuard::move_to`] |
//! | `messageDelete` | [`MailboxGuard::delete`]: the given messages, and no others |
//! | `append(path, content, flags, date)` | [`Session::append`] |
//! | `list()`, `listTree()` | [`Session::list`], [`MailboxTree`](crate::types::MailboxTree) |
//! | `list({ statusQuery })` | [`List::return_status`](crate::command::List::return_status) |
//! | `specialUse` of a listed mailbox | [`Session::special_mailboxes`], which tells a guess by name from an attribute |
//! | `status(path, query)` | [`Session::status`], [`Session::status_many`] |
//! | `mailboxCreate`, `mailboxRename`, `mailboxDelete`, `mailboxSubscribe` | [`create`](crate::Session::create), [`rename`](crate::Session::rename), [`delete`](crate::Session::delete), [`subscribe`](crate::Session::subscribe) |
//! | `getQuota(path)` | [`Session::quota`] |
//! | automatic IDLE, `idle()`, `maxIdleTime` | [`Watch`](crate::watch::Watch); on a guard [`MailboxGuard::idle`], [`renew_after`](crate::command::IdleOptions::renew_after) |
//! | events `exists`, `expunge`, `flags` | [`MailboxGuard::events`], the waits of [`idle`](crate::MailboxGuard::idle) |
//! | event `log`, `logger` | the crate `log` |
//! | event `close`, and connecting again | [`Account::reconnecting`] |
//! | `stats()` | [`Session::stats`] |
//! | `close()`, `logout()` | [`CloseHandle`](crate::CloseHandle), [`Session::logout`] |
//!
//! # Differences that programs notice
//!
//! - *Order at the lock.* ImapFlow grants locks in the order of the calls. Here a waiter for the selected
//!   mailbox may overtake a bounded number of times, which saves SELECTs; `max_overtakes(0)` turns it off.
//! - *No IDLE in the background.* ImapFlow idles by itself when nothing is called. There is no background
//!   thread here: a thread that waits for events calls [`idle`](crate::MailboxGuard::idle), which yields the
//!   lock to other threads, or takes the items of a [watch](super::watch).
//! - *Waiting at the lock while holding it.* A second `getMailboxLock` inside the first waits forever unless
//!   it has a timeout. Here it is an error at once on the same thread.
//! - *Downloads.* `download` of ImapFlow fetches in chunks, each a round trip. Here the part is one command,
//!   read from the socket.
//!
//! [`Client::connect`]: crate::Client::connect
//! [`Client::login`]: crate::Client::login
//! [`Account::from_url`]: crate::Account::from_url
//! [`Account::open`]: crate::Account::open
//! [`Account::reconnecting`]: crate::Account::reconnecting
//! [`Credentials::token`]: crate::Credentials::token
//! [`ClientBuilder::start_tls`]: crate::ClientBuilder::start_tls
//! [`connect_timeout`]: crate::ClientBuilder::connect_timeout
//! [`greeting_timeout`]: crate::ClientBuilder::greeting_timeout
//! [`read_timeout`]: crate::ClientBuilder::read_timeout
//! [`line_limit`]: crate::ClientBuilder::line_limit
//! [`literal_limit`]: crate::ClientBuilder::literal_limit
//! [`Session::lock_mailbox`]: crate::Session::lock_mailbox
//! [`Session::lock_mailbox_read_only`]: crate::Session::lock_mailbox_read_only
//! [`Session::mailbox`]: crate::Session::mailbox
//! [`Session::append`]: crate::Session::append
//! [`Session::list`]: crate::Session::list
//! [`Session::special_mailboxes`]: crate::Session::special_mailboxes
//! [`Session::status`]: crate::Session::status
//! [`Session::status_many`]: crate::Session::status_many
//! [`Session::quota`]: crate::Session::quota
//! [`Session::stats`]: crate::Session::stats
//! [`Session::logout`]: crate::Session::logout
//! [`MailboxGuard::unselect`]: crate::MailboxGuard::unselect
//! [`MailboxGuard::mailbox`]: crate::MailboxGuard::mailbox
//! [`MailboxGuard::fetch`]: crate::MailboxGuard::fetch
//! [`MailboxGuard::fetch_one`]: crate::MailboxGuard::fetch_one
//! [`MailboxGuard::batches`]: crate::MailboxGuard::batches
//! [`MailboxGuard::download_part`]: crate::MailboxGuard::download_part
//! [`MailboxGuard::download_text`]: crate::MailboxGuard::download_text
//! [`MailboxGuard::download_each`]: crate::MailboxGuard::download_each
//! [`MailboxGuard::search`]: crate::MailboxGuard::search
//! [`MailboxGuard::store`]: crate::MailboxGuard::store
//! [`MailboxGuard::set_flag_color`]: crate::MailboxGuard::set_flag_color
//! [`MailboxGuard::copy`]: crate::MailboxGuard::copy
//! [`MailboxGuard::move_to`]: crate::MailboxGuard::move_to
//! [`MailboxGuard::delete`]: crate::MailboxGuard::delete
//! [`MailboxGuard::idle`]: crate::MailboxGuard::idle
//! [`MailboxGuard::events`]: crate::MailboxGuard::events
