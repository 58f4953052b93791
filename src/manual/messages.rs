//! Messages: finding, reading, storing, changing and removing them, and which form to use when.
//!
//! What acts on the selected mailbox is a method of [`MailboxGuard`]; storing a message is one of
//! [`Session`] too. "Without" says what is done on a server without the extension.
//!
//! # Finding
//!
//! | what is wanted | what to use | without |
//! |---|---|---|
//! | the messages that meet a condition | [`search`] | |
//! | how many, the newest, a page | [`Search`] | computed from all |
//! | to go on with what was found | [`search_saved`] | the UIDs are sent |
//! | an order | [`sort`] | sorted here, up to a limit |
//! | the first, the last, the count or a page of an order | [`Sort`] | sorted here, up to a limit |
//! | conversations | [`thread`] | an error says so |
//! | in many mailboxes | [`Session::search_mailboxes`] | an error says so |
//!
//! # Reading
//!
//! FETCH has three forms. All of them read the same rows; they differ in who keeps a message and in
//! what can be done meanwhile:
//!
//! | form | memory | between two messages |
//! |---|---|---|
//! | [`Messages::next`], which lends each message | one row | no other command |
//! | `for message in` the same, or [`collect_into`], which hands each over | what is kept | no other command |
//! | [`batches`] | one batch | any command |
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::{FetchItem, Flag, MixedOrigins, SearchKey, StoreAction, UidSet};
//!
//! let mut inbox = session.lock_mailbox("INBOX")?;
//! let found = inbox.search(SearchKey::Subject("hello".into()))?;
//!
//! // Lent: nothing is allocated for a message.
//! let mut messages = inbox.fetch(&found, [FetchItem::Envelope])?;
//! while let Some(message) = messages.next()? {
//!     println!("{}", message.envelope()?.subject());
//! }
//!
//! // Handed over: to keep, or to send to another thread.
//! let kept: Vec<_> = inbox
//!     .fetch(&found, [FetchItem::BodyStructure])?
//!     .into_iter()
//!     .collect::<Result<_, _>>()?;
//! # assert_eq!(kept.len(), 1);
//!
//! // A batch at a time: other commands are allowed in between.
//! let mut batches = inbox.batches(&found, [FetchItem::Flags], 500)?;
//! while let Some(batch) = batches.next(&mut inbox)? {
//!     // A row's `id` knows its mailbox, and so does the set that is made of many.
//!     let rows = batch.iter().filter_map(|message| message.id());
//!     let uids = rows.collect::<Result<UidSet, MixedOrigins>>()?;
//!     inbox.store(&uids, StoreAction::Add, [Flag::Seen])?;
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A server may send one message in several responses. A batch, [`collect_into`] and the iterator
//! return it as one; [`Messages::next`] returns each response. A response whose message cannot be told
//! ends the stream with [`Error::Unparsable`], after all other messages.
//!
//! For the flags of a whole mailbox [`fetch_flags`] makes a compact table, and [`fetch_flags_into`]
//! brings it up to date with no more than what has changed.
//!
//! ## Header fields
//!
//! An [`Envelope`] has the date, the subject and the addresses. Any other field is fetched by
//! [`Section::header_fields`] and read by [`Fetch::header`], or by [`Fetch::headers`] if there may
//! be several: unfolded and decoded, as a date, or as addresses.
//!
//! Text is decoded from the charsets and the forms that mail really bears; what was sent stays
//! available in a raw form. A [date](crate::message::HeaderDate) that names no zone is a local time
//! and no instant. To print a text that a stranger wrote, use [`Printable`](crate::types::Printable).
//!
//! ## Parts, texts and attachments
//!
//! A [`BodyStructure`] says what a message is made of, without its content. [`text_part`],
//! [`html_part`] and [`attachments`] find parts, with [file names](crate::message::Part::file_name)
//! decoded. Files and messages are attachments whatever their disposition; pictures that the HTML
//! shows are [`embedded`], and signatures are neither: [`PartRole`] has the exact rules.
//!
//! Content is best [downloaded](crate::MailboxGuard::download_part): read from the socket as it comes,
//! decoded on the way, in constant memory at any size, and an error if it ends early. The server decodes
//! it if it has BINARY, unless [`without_binary`] is set. What is not decoded is named:
//! [`undecoded_charset`], [`undecoded_encoding`].
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use std::io::Read;
//! use latchbox::types::{FetchItem, UidSet};
//!
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! let mut messages = Vec::new();
//! inbox.fetch(&UidSet::all(), [FetchItem::BodyStructure])?.collect_into(&mut messages)?;
//! for message in &messages {
//!     let (Some(uid), structure) = (message.uid(), message.body_structure()?) else { continue };
//!     if let Some(part) = structure.text_part() {
//!         let mut text = String::new();
//!         inbox.download_text(uid, &part)?.read_to_string(&mut text)?; // as UTF-8
//!         # assert_eq!(text, "Hi!\r\n");
//!     }
//!     for part in structure.attachments() {
//!         inbox.download_part(uid, &part)?.copy_to(&mut std::io::sink())?; // or into a file
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Only items and methods with `mark_seen` in their names set `\Seen`:
//! [`FetchItem::BodyAndMarkSeen`], [`FetchItem::BinaryAndMarkSeen`], [`download_and_mark_seen`]. A
//! read-only guard has no such method, and sends such an item as the one that peeks.
//!
//! # Storing
//!
//! | what is wanted | what to use | without |
//! |---|---|---|
//! | one message | [`Session::append`] | |
//! | one message, and its UID | [`MailboxGuard::append`] | found by its Message-ID |
//! | a large one, from a file | [`NewMessage::from_reader`] | |
//! | many, an outcome for each | [`Session::append_each`] | |
//! | many, all or none | [`Session::append_atomic`] | an error says so |
//! | a new version of a draft | [`replace`] | stored, then the old one removed |
//!
//! # Changing and removing
//!
//! | what is wanted | what to use | without |
//! |---|---|---|
//! | flags | [`store`] | |
//! | flags, if nobody else has changed them | [`Store::unchanged_since`] | an error says so |
//! | a copy elsewhere | [`copy`] | |
//! | to move | [`move_to`] | copied, then these removed |
//! | to the trash | [`move_to_trash`] | as for moving; the trash found by its name |
//! | gone for good | [`MailboxGuard::delete`] | an error says so; see [`DeleteMessages`] |
//!
//! Moving and removing name their messages at each step, and remove no other, whatever somebody
//! else has flagged. Where a server cannot do that, nothing is sent, unless [`unflag_others`] allows
//! the way around. When a step fails in the middle, [`Error::Unfinished`] says what is where.
//!
//! # Several commands in one go
//!
//! A round trip costs more than most commands. These save them:
//!
//! - A set names many messages: one STORE for a thousand of them, not a thousand.
//! - `status_many`, `append_each`, a [`List`] with counts: many of a kind.
//! - [`Session::pipeline`] and [`MailboxGuard::pipeline`]: a batch of your own, of commands that do
//!   not depend on each other. What cannot stand in one does not compile.
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::command::{Append, Status, Store};
//! use latchbox::types::{Flag, StatusItem, UidSet};
//!
//! let mut inbox = session.lock_mailbox("INBOX")?;
//! let all = UidSet::all();
//! let (stored, appended, status) = inbox.pipeline((
//!     Store::add(&all, &[Flag::Seen]),
//!     Append::new("Archive", "Subject: kept\r\n\r\nHello!\r\n")?,
//!     Status::new("Trash", [StatusItem::Messages])?,
//! ))?;
//! println!("{} changed", stored?.changed().len()); // each has its own outcome
//! println!("{:?}, {:?}", appended?.uid(), status?.messages());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`MailboxGuard`]: crate::MailboxGuard
//! [`Session`]: crate::Session
//! [`search`]: crate::MailboxGuard::search
//! [`Search`]: crate::command::Search
//! [`search_saved`]: crate::MailboxGuard::search_saved
//! [`sort`]: crate::MailboxGuard::sort
//! [`Sort`]: crate::command::Sort
//! [`without_binary`]: crate::ClientBuilder::without_binary
//! [`undecoded_charset`]: crate::message::Decoded::undecoded_charset
//! [`undecoded_encoding`]: crate::message::Decoded::undecoded_encoding
//! [`thread`]: crate::MailboxGuard::thread
//! [`Session::search_mailboxes`]: crate::Session::search_mailboxes
//! [`Messages::next`]: crate::command::Messages::next
//! [`collect_into`]: crate::command::Messages::collect_into
//! [`batches`]: crate::MailboxGuard::batches
//! [`fetch_flags`]: crate::MailboxGuard::fetch_flags
//! [`fetch_flags_into`]: crate::MailboxGuard::fetch_flags_into
//! [`Envelope`]: crate::message::Envelope
//! [`Section::header_fields`]: crate::types::Section::header_fields
//! [`Fetch::header`]: crate::message::Fetch::header
//! [`Fetch::headers`]: crate::message::Fetch::headers
//! [`BodyStructure`]: crate::message::BodyStructure
//! [`text_part`]: crate::message::BodyStructure::text_part
//! [`html_part`]: crate::message::BodyStructure::html_part
//! [`attachments`]: crate::message::BodyStructure::attachments
//! [`FetchItem::BodyAndMarkSeen`]: crate::types::FetchItem::BodyAndMarkSeen
//! [`FetchItem::BinaryAndMarkSeen`]: crate::types::FetchItem::BinaryAndMarkSeen
//! [`download_and_mark_seen`]: crate::MailboxGuard::download_and_mark_seen
//! [`embedded`]: crate::message::BodyStructure::embedded
//! [`PartRole`]: crate::message::PartRole
//! [`Session::append`]: crate::Session::append
//! [`MailboxGuard::append`]: crate::MailboxGuard::append
//! [`NewMessage::from_reader`]: crate::types::NewMessage::from_reader
//! [`Session::append_each`]: crate::Session::append_each
//! [`Session::append_atomic`]: crate::Session::append_atomic
//! [`replace`]: crate::MailboxGuard::replace
//! [`store`]: crate::MailboxGuard::store
//! [`Store::unchanged_since`]: crate::command::Store::unchanged_since
//! [`copy`]: crate::MailboxGuard::copy
//! [`move_to`]: crate::MailboxGuard::move_to
//! [`move_to_trash`]: crate::MailboxGuard::move_to_trash
//! [`MailboxGuard::delete`]: crate::MailboxGuard::delete
//! [`DeleteMessages`]: crate::command::DeleteMessages
//! [`unflag_others`]: crate::command::DeleteMessages::unflag_others
//! [`Error::Unfinished`]: crate::Error::Unfinished
//! [`Error::Unparsable`]: crate::Error::Unparsable
//! [`Session::pipeline`]: crate::Session::pipeline
//! [`MailboxGuard::pipeline`]: crate::MailboxGuard::pipeline
//! [`List`]: crate::command::List
