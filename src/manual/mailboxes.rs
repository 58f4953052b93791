//! Mailboxes: names, lists, special uses, counts, and how to create and remove them.
//!
//! All methods on this page are methods of [`Session`], and need no guard.
//!
//! # Names
//!
//! A name is a `&str`, or a [`MailboxName`] that was listed. It is Unicode text, whatever encoding the
//! server uses: the crate sends names in modified UTF-7, or in UTF-8 if the server has IMAP4rev2 or
//! UTF8=ACCEPT, which are enabled at the login unless [`without_imap4rev2`] or [`without_utf8`] is
//! set. `INBOX` is case-insensitive, other names are not. A listed name that cannot be decoded is
//! kept as its octets, and is sent as those octets. To store a name in a file or a database, store
//! [`MailboxName::to_octets`] and rebuild the name by [`MailboxName::from_octets`], because the
//! text of such a name does not identify it. With the feature `serde`, a name can also be
//! [serialized](crate::types#stored-values).
//!
//! The server chooses the character that separates levels of the hierarchy, mostly `/` or `.`:
//! [`ListEntry::delimiter`] returns it, and [`ListEntry::levels`] and [`MailboxTree`] split names
//! at it.
//!
//! # Listing
//!
//! LIST returns the mailboxes of an account, and its extensions return more about each:
//!
//! | to get | use | if the server lacks the extension |
//! |---|---|---|
//! | names | [`Session::list`] | |
//! | subscribed names | [`Session::lsub`] | |
//! | names with subscriptions, children, special uses | [`List`] with [`Session::run`] | LSUB or XLIST beside LIST |
//! | names with counts | [`List::return_status`] | LIST, then STATUS of each, pipelined |
//! | the mailboxes for trash, drafts, ... | [`Session::special_mailboxes`] | found by well-known names |
//! | a tree | [`MailboxTree`] of any of these | |
//! | the namespaces: own, other users', shared | [`Session::namespace`] | `Error::Unsupported` |
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::command::List;
//! use latchbox::types::{MailboxTree, SpecialUse, StatusItem};
//!
//! session.create("Work/2025")?;
//! let mailboxes = session.run(List::new("*")?.return_status([StatusItem::Unseen]))?;
//! for node in MailboxTree::new(mailboxes).iter() {
//!     let unread = node.entry().and_then(|mailbox| mailbox.status()?.unseen());
//!     println!("{}{node} {unread:?}", "  ".repeat(node.depth()));
//! }
//!
//! let special = session.special_mailboxes()?;
//! if let Some(drafts) = special.get(SpecialUse::Drafts) {
//!     println!("drafts go to {}, found by {:?}", drafts.mailbox().name(), drafts.found_by());
//! }
//! # assert!(special.get(SpecialUse::Drafts).is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`FoundBy`] distinguishes a special use that the server reported from one that was guessed by
//! the name. Ask the user before you rely on a guess for something that cannot be undone.
//!
//! # Counts
//!
//! [`Session::status`] returns the counts of one mailbox, and [`Session::status_many`] those of
//! many mailboxes in one round trip or a few. If the server lacks the extension of a
//! [`StatusItem`], the error is [`Error::Unsupported`] before anything is sent. For the mailbox
//! that is held, use the guard's counters: [`exists`](crate::MailboxGuard::exists),
//! [`mailbox`](crate::MailboxGuard::mailbox).
//!
//! # Quota, rights and annotations
//!
//! If the server lacks the extension, these return `Error::Unsupported` before anything is sent,
//! except [`append_limit`], which returns `None`.
//!
//! | to get or set | use |
//! |---|---|
//! | how much of a quota is used | [`quota`]: `roots`, `get` |
//! | the largest message that can be stored | [`append_limit`] |
//! | access rights | [`acl`]: `my_rights`, `get`, `set` |
//! | annotations of a mailbox or of the server | [`metadata`]: `get`, `set` |
//!
//! # Creating and removing
//!
//! The methods are [`create`], [`Create`] (with a special use), [`rename`], [`delete`],
//! [`subscribe`] and [`unsubscribe`]. DELETE also removes the messages of the mailbox.
//!
//! A mailbox that another thread holds is not renamed or deleted: these commands wait for the lock.
//! If the calling thread holds the mailbox, they return an error before anything is sent:
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! session.create("Old")?;
//! let old = session.lock_mailbox("Old")?;
//! assert!(session.rename("Old", "Older").is_err());
//! drop(old);
//! session.rename("Old", "Older")?;
//! session.delete("Older")?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`without_imap4rev2`]: crate::ClientBuilder::without_imap4rev2
//! [`without_utf8`]: crate::ClientBuilder::without_utf8
//! [`Session`]: crate::Session
//! [`Session::list`]: crate::Session::list
//! [`Session::lsub`]: crate::Session::lsub
//! [`Session::run`]: crate::Session::run
//! [`List::return_status`]: crate::command::List::return_status
//! [`Session::special_mailboxes`]: crate::Session::special_mailboxes
//! [`Session::namespace`]: crate::Session::namespace
//! [`Session::status`]: crate::Session::status
//! [`Session::status_many`]: crate::Session::status_many
//! [`append_limit`]: crate::Session::append_limit
//! [`quota`]: crate::Session::quota
//! [`acl`]: crate::Session::acl
//! [`metadata`]: crate::Session::metadata
//! [`create`]: crate::Session::create
//! [`Create`]: crate::command::Create
//! [`rename`]: crate::Session::rename
//! [`delete`]: crate::Session::delete
//! [`subscribe`]: crate::Session::subscribe
//! [`unsubscribe`]: crate::Session::unsubscribe
//! [`MailboxName`]: crate::types::MailboxName
//! [`MailboxName::to_octets`]: crate::types::MailboxName::to_octets
//! [`MailboxName::from_octets`]: crate::types::MailboxName::from_octets
//! [`MailboxTree`]: crate::types::MailboxTree
//! [`ListEntry::delimiter`]: crate::types::ListEntry::delimiter
//! [`ListEntry::levels`]: crate::types::ListEntry::levels
//! [`List`]: crate::command::List
//! [`FoundBy`]: crate::types::FoundBy
//! [`StatusItem`]: crate::types::StatusItem
//! [`Error::Unsupported`]: crate::Error::Unsupported
