//! Searching: conditions, what a search returns, order, and what servers do differently.
//!
//! A search is done by the server. It returns the UIDs of the messages, not the messages: fetch the items that
//! the program needs.
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::{FetchItem, Printable, SearchKey};
//!
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! let key = SearchKey::Unseen.and(SearchKey::From("ann".into()).or(SearchKey::Flagged));
//! let found = inbox.search(key)?;
//! for message in inbox.fetch(&found, [FetchItem::Envelope])? {
//!     println!("{}", Printable(message?.envelope()?.subject()));
//! }
//! # assert_eq!(found.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Conditions
//!
//! A condition is a [`SearchKey`]: a value, so that no text of a user becomes syntax. [`and`], [`or`] and `!`
//! combine them.
//!
//! | to find | use | needs |
//! |---|---|---|
//! | flags, and their absence | `Seen`, `Unseen`, `Flagged`, `Deleted`, `Keyword`, ... | |
//! | text in a field | `From`, `To`, `Cc`, `Bcc`, `Subject`, [`header`] | |
//! | text anywhere in a message | `Body`, `Text` | |
//! | the day of arrival | `Before`, `On`, `Since` | |
//! | the day in the Date field | `SentBefore`, `SentOn`, `SentSince` | |
//! | the day at which it was put into the mailbox | `SavedBefore`, `SavedOn`, `SavedSince` | SAVEDATE |
//! | an age, to the second | `Older`, `Younger` | WITHIN |
//! | a size | `Larger`, `Smaller` | |
//! | some of these messages | `Uid` | |
//! | what has changed since | `ModSeq` | CONDSTORE |
//! | ids of content and threads | `EmailId`, `ThreadId` | OBJECTID |
//! | Gmail's own search, labels and ids | `GmailRaw`, `GmailLabel`, `GmailMessageId`, `GmailThreadId` | X-GM-EXT-1 |
//! | a key that this crate does not have | `Other` | |
//!
//! If the server lacks the extension that a key needs, the search is [`Error::Unsupported`] before anything is
//! sent. No key is ever left out of a search, because then it would find other messages, which the program
//! may delete.
//!
//! ## Typed by a user
//!
//! A query that a user types is read by `FromStr`, with the position of an error:
//!
//! ```
//! use latchbox::types::SearchKey;
//!
//! let key: SearchKey = "unseen since 2026-02-01 or (from ann larger 1000000) subject lunch".parse()?;
//! let error = "unseen form ann".parse::<SearchKey>().unwrap_err();
//! assert_eq!(error.position(), Some(7));
//! # let _ = key;
//! # Ok::<(), latchbox::types::InvalidSearch>(())
//! ```
//!
//! ## Text in any language
//!
//! Text is UTF-8 in the program. The charset is sent only if a text is not ASCII. If the server refuses UTF-8,
//! the search is sent again in a charset that can represent every text exactly, or it is an error: a search
//! that succeeds has searched for the given texts.
//!
//! # Results
//!
//! | to get | use | if the server lacks it |
//! |---|---|---|
//! | all UIDs, as ranges | [`search`] | |
//! | only the count, the lowest, the highest | [`Search`] with [`SearchReturn`] | computed from all UIDs |
//! | a page, say the newest 50 | [`SearchReturn::partial`] | cut from all UIDs |
//! | several searches in one round trip | [`pipeline`] | one after the other without ESEARCH |
//! | a result that stays on the server | [`search_saved`] | the UIDs are sent with each use |
//! | messages of many mailboxes | [`search_mailboxes`] | `Error::Unsupported` |
//!
//! A set of a million UIDs in a row is one range in memory and on the wire.
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::{SearchKey, UidSet};
//!
//! let mut inbox = session.lock_mailbox("INBOX")?;
//! // Refined on the server, and used without sending a UID.
//! let unread = inbox.search_saved(SearchKey::Unseen)?;
//! let mut to_copy = unread.narrow(SearchKey::Smaller(100_000))?;
//! to_copy.copy("Archive")?;
//! # assert_eq!(server.messages("Archive").len(), 2);
//!
//! // Refined here.
//! let all: UidSet = inbox.search(SearchKey::All)?;
//! let flagged = inbox.search(SearchKey::Flagged)?;
//! let others = all.difference(&flagged)?;
//! # assert_eq!(others.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A result knows its mailbox. Used in another one, it is [`Error::StaleUids`] before anything is sent.
//!
//! # In an order
//!
//! A search has no order: UIDs are in the order of arrival, and a FETCH returns messages in the server's
//! order. [`sort`] returns UIDs in an order, and [`page`] is a part of it. A server without SORT cannot sort;
//! the crate then fetches the values to compare, of at most 100,000 messages by default:
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::{FetchItem, Printable, SearchKey, SortKey};
//!
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! let sorted = inbox.sort([SortKey::Subject.into(), SortKey::Date.reverse()], SearchKey::All)?;
//! let page = sorted.page(0, 50);
//! for message in inbox.fetch(&page, [FetchItem::Envelope])? {
//!     println!("{}", Printable(message?.envelope()?.subject()));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`thread`] returns conversations as trees, if the server has an algorithm for it.
//!
//! # What servers do differently
//!
//! - *What text matches.* The standard asks for substrings without regard to case. Servers with an index may
//!   match whole words only. Exchange compares `From` and `To` with the display name: use [`header`] for
//!   addresses there.
//! - *What a day is.* A date has no zone: a server may compare it in its own. For an exact limit, search for a
//!   day more, and compare [`internal_date`] in the program.
//! - *How long it takes.* Without an index, `Body` and `Text` read every message. They may take minutes, which
//!   [`slow_read_timeout`] allows for: 5 minutes of silence by default.
//! - *How much is found.* A server that stops at a limit (MESSAGELIMIT) reports it, and the crate asks for the
//!   rest.
//!
//! [`SearchKey`]: crate::types::SearchKey
//! [`SearchReturn`]: crate::types::SearchReturn
//! [`SearchReturn::partial`]: crate::types::SearchReturn::partial
//! [`and`]: crate::types::SearchKey::and
//! [`or`]: crate::types::SearchKey::or
//! [`header`]: crate::types::SearchKey::header
//! [`search`]: crate::MailboxGuard::search
//! [`Search`]: crate::command::Search
//! [`search_saved`]: crate::MailboxGuard::search_saved
//! [`search_mailboxes`]: crate::Session::search_mailboxes
//! [`pipeline`]: crate::MailboxGuard::pipeline
//! [`sort`]: crate::MailboxGuard::sort
//! [`page`]: crate::types::SortedUids::page
//! [`thread`]: crate::MailboxGuard::thread
//! [`internal_date`]: crate::message::Fetch::internal_date
//! [`slow_read_timeout`]: crate::ClientBuilder::slow_read_timeout
//! [`Error::Unsupported`]: crate::Error::Unsupported
//! [`Error::StaleUids`]: crate::Error::StaleUids
