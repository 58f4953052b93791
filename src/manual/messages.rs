//! Messages: how to find, read, store, change and remove them, and which form to use when.
//!
//! A command on the selected mailbox is a method of [`MailboxGuard`]; storing a message is also one
//! of [`Session`].
//!
//! # Finding
//!
//! A search returns UIDs, which the other commands on this page take:
//!
//! | to get | use | if the server lacks the extension |
//! |---|---|---|
//! | the messages that meet a condition | [`search`] | |
//! | the count, the newest, a page | [`Search`] | computed from the whole result |
//! | a result that the server keeps for later commands | [`search_saved`] | the UIDs are sent |
//! | messages in sorted order | [`sort`] | sorted by the crate, up to a limit |
//! | the first, the last, the count or a page of that order | [`Sort`] | sorted by the crate, up to a limit |
//! | threads of conversation | [`thread`] | `Error::Unsupported` |
//! | messages in many mailboxes | [`Session::search_mailboxes`] | `Error::Unsupported` |
//!
//! # Reading
//!
//! FETCH has three forms. All return the same messages; they differ in who owns a message, and in
//! whether other commands are possible between two messages:
//!
//! | form | in memory | between two messages |
//! |---|---|---|
//! | [`Messages::next`], which lends each message | one message | no other command |
//! | an iterator or [`collect_into`], which return owned messages | the messages that the program keeps | no other command |
//! | [`batches`] | one message batch | any command |
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::{FetchItem, Flag, MixedOrigins, Printable, SearchKey, StoreAction, UidSet};
//!
//! let mut inbox = session.lock_mailbox("INBOX")?;
//! let found = inbox.search(SearchKey::Subject("hello".into()))?;
//!
//! // Borrowed: nothing is allocated for a message.
//! let mut messages = inbox.fetch(&found, [FetchItem::Envelope])?;
//! while let Some(message) = messages.next()? {
//!     println!("{}", Printable(message.envelope()?.subject()));
//! }
//!
//! // Owned: to keep, or to send to another thread.
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
//!     let uids = batch.iter().collect::<Result<UidSet, MixedOrigins>>()?;
//!     // A batch is empty if all of its messages were expunged.
//!     if !uids.is_empty() {
//!         inbox.store(&uids, StoreAction::Add, [Flag::Seen])?;
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A server may send one message in several responses. A message batch, [`collect_into`] and the
//! iterator return them as one message; [`Messages::next`] returns each response. If it cannot be
//! determined which message a response is about, the stream ends with [`Error::Unparsable`] after
//! all other messages.
//!
//! For the flags of a whole mailbox, [`fetch_flags`] returns a compact table, and
//! [`fetch_flags_into`] updates it and fetches only what has changed.
//!
//! ## Header fields
//!
//! An [`Envelope`] has the date, the subject and the addresses. Any other field is fetched by
//! [`Section::header_fields`] and read by [`Fetch::header`], or by [`Fetch::headers`] if there may
//! be several: unfolded and decoded, as a date, or as addresses.
//!
//! Text is decoded from the charsets and encodings that real mail uses, also where they break the
//! rules; the octets stay available. A [date](crate::message::HeaderDate) without a zone is a local
//! time, not an instant. To print text of a sender, use [`Printable`](crate::types::Printable).
//!
//! ## Parts, text and attachments
//!
//! A [`BodyStructure`] describes the parts of a message without their content. [`text_part`],
//! [`html_part`] and [`attachments`] find parts, with decoded [file
//! names](crate::message::Part::file_name). Files and messages are attachments whatever their
//! disposition. Pictures that the HTML shows are [`embedded`]. Signatures are neither. [`PartRole`]
//! has the exact rules.
//!
//! To read content, [download](crate::MailboxGuard::download_part) it: it is read from the socket
//! as it arrives and decoded on the fly, in constant memory at any size, and it is an error if it
//! ends early. A server with BINARY decodes it, unless [`without_binary`] is set.
//! [`undecoded_charset`] and [`undecoded_encoding`] report what could not be decoded.
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
//!     let (uid, structure) = (message.uid(), message.body_structure()?);
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
//! read-only guard does not have the method, and sends the item as the one that does not set
//! `\Seen`.
//!
//! # Storing
//!
//! A new message is stored by APPEND or one of its extensions. Its octets are stored as they are: lines
//! have to end with CR LF.
//!
//! | to store | use | if the server lacks the extension |
//! |---|---|---|
//! | one message | [`Session::append`] | |
//! | one message, and get its UID | [`MailboxGuard::append`] | found by its Message-ID |
//! | a large one, from a file | [`NewMessage::from_reader`] | |
//! | many, with an outcome for each | [`Session::append_each`] | |
//! | many, all or none | [`Session::append_atomic`] | `Error::Unsupported` |
//! | a new version of a draft | [`replace`] | stored, then the old one removed, which needs UIDPLUS |
//!
//! # Changing and removing
//!
//! These commands act on a set of messages of the mailbox that is held:
//!
//! | to | use | if the server lacks the extension |
//! |---|---|---|
//! | change flags | [`store`] | |
//! | change flags, unless another client has changed them | [`Store::unchanged_since`] | `Error::Unsupported` |
//! | copy to another mailbox | [`copy`] | |
//! | move to another mailbox | [`move_to`] | copied, then the originals removed |
//! | move to the trash | [`move_to_trash`] | as for [`move_to`]; the trash is found by its name |
//! | remove permanently | [`MailboxGuard::delete`] | `Error::Unsupported`; see [`DeleteMessages`] |
//!
//! Moving and removing name their messages in each step, and remove no others, even if another
//! client has flagged them `\Deleted`. If the server has no command for that, the error is
//! `Error::Unsupported` before anything is sent, unless [`unflag_others`] allows a fallback. If a
//! later step fails, or the server refuses a command in the middle of it, [`Error::Unfinished`] lists
//! which messages are where.
//!
//! # Saving round trips
//!
//! A round trip costs more than most commands. These save them:
//!
//! - A set of messages: one STORE for a thousand messages, not a thousand STOREs.
//! - `status_many`, `append_each`, a [`List`] with counts: many commands of one kind.
//! - [`Session::pipeline`] and [`MailboxGuard::pipeline`]: a batch of commands that do not depend
//!   on each other. A command that cannot be in a batch does not compile.
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
