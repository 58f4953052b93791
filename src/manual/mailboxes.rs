//! Mailboxes: their names, which there are and what they are for, their counts, making and removing
//! them.
//!
//! Everything here is a method of [`Session`] and needs no mailbox to be held.
//!
//! # Names
//!
//! A name is a `&str`, or a [`MailboxName`] that was listed. It is text in any language; what goes
//! over the wire (modified UTF-7, or UTF-8 where the server agrees) is taken care of. `INBOX` is the
//! same in any case, other names are not. A name that was listed and makes no sense is kept as it
//! came, and sent back as it came. To keep a name in a file or a database, store
//! [`MailboxName::to_octets`] and rebuild it by [`MailboxName::from_octets`]: its text alone does not
//! bring back such a name.
//!
//! Levels are divided by a character that the server chooses, `/` or `.` mostly:
//! [`ListEntry::delimiter`] has it, [`ListEntry::levels`] and [`MailboxTree`] cut names at it.
//!
//! # Which there are
//!
//! | what is wanted | what to use | on a server without the extension |
//! |---|---|---|
//! | names | [`Session::list`] | |
//! | those that are subscribed | [`Session::lsub`] | |
//! | names, with subscriptions, children, uses | [`List`], by [`Session::run`] | LSUB or XLIST beside LIST |
//! | names with counts | [`List::return_status`] | LIST, and STATUS of each in one go |
//! | the trash, the drafts, ... | [`Session::special_mailboxes`] | found by well-known names |
//! | a tree | [`MailboxTree`] of any of these | |
//! | where other people's mailboxes begin | [`Session::namespace`] | an error says so |
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
//!     println!("{}{} {unread:?}", "  ".repeat(node.depth()), node.level());
//! }
//!
//! let special = session.special_mailboxes()?;
//! if let Some(drafts) = special.get(SpecialUse::Drafts) {
//!     println!("drafts go to {}, as told by {:?}", drafts.mailbox().name(), drafts.found_by());
//! }
//! # assert!(special.get(SpecialUse::Drafts).is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`FoundBy`] tells a use that the server has stated from one that was guessed by the name. Ask the
//! person before anything that cannot be undone rests on a guess.
//!
//! # Counts
//!
//! [`Session::status`] asks for the counts of one mailbox, [`Session::status_many`] for those of many
//! in one round trip or few. A [`StatusItem`] of an extension that the server does not have is
//! [`Error::Unsupported`] before anything is sent. Of the mailbox that is held, the guard knows the
//! counts: [`exists`](crate::MailboxGuard::exists), [`mailbox`](crate::MailboxGuard::mailbox).
//!
//! # Room, rights and annotations
//!
//! On a server without the extension an error says so before anything is sent; [`append_limit`] is
//! `None` there.
//!
//! | what is wanted | what to use |
//! |---|---|
//! | how full it is | [`quota_roots`], [`quota`] |
//! | how large a message it takes | [`append_limit`] |
//! | who may do what | [`my_rights`], [`acl`], [`set_acl`] |
//! | what is noted of a mailbox or of the server | [`metadata`], [`set_metadata`] |
//!
//! # Making and removing
//!
//! [`create`], [`Create`] (for a special use), [`rename`], [`delete`], [`subscribe`],
//! [`unsubscribe`]. DELETE removes the messages too.
//!
//! A mailbox that another thread holds is not renamed or deleted under it: these commands wait
//! their turn like a lock. The thread that holds it itself gets an error before anything is sent:
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
//! [`quota_roots`]: crate::Session::quota_roots
//! [`quota`]: crate::Session::quota
//! [`my_rights`]: crate::Session::my_rights
//! [`acl`]: crate::Session::acl
//! [`set_acl`]: crate::Session::set_acl
//! [`metadata`]: crate::Session::metadata
//! [`set_metadata`]: crate::Session::set_metadata
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
