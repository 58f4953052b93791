//! Sync: what has changed in a mailbox since the program last looked.
//!
//! A program that keeps a copy of a mailbox (in a database, in files, in memory) stores a
//! [`Checkpoint`] with it. [`changes_since`] returns what has changed since, in batches, and each
//! [`ChangeBatch`] comes with the checkpoint that is true after it:
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use std::collections::BTreeMap;
//!
//! use latchbox::sync::{ChangeBatch, Checkpoint};
//! use latchbox::types::{Flag, Uid};
//!
//! let mut copy: BTreeMap<Uid, Vec<Flag>> = BTreeMap::new();
//! let mut stored: Option<Checkpoint> = None;
//!
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! let mut changes = inbox.changes_since(stored.as_ref())?;
//! while let Some(batch) = changes.next()? {
//!     match &batch {
//!         ChangeBatch::Restart(_) => copy.clear(),
//!         ChangeBatch::Changes(batch) => {
//!             copy.retain(|uid, _| !batch.vanished().contains(*uid));
//!             copy.extend(batch.changed().iter().map(|row| (row.uid(), row.flags().to_vec())));
//!             for message in batch.messages() {
//!                 copy.insert(message.uid(), message.flags().to_vec());
//!             }
//!         }
//!     }
//!     stored = Some(batch.checkpoint().clone());
//! }
//! # assert_eq!((copy.len(), stored.is_some()), (1, true));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Run this again with the stored checkpoint: if nothing has changed, there is no batch.
//!
//! # The transaction
//!
//! Store the checkpoint of a batch in the same transaction as what the batch changes in the copy.
//! Then the two always agree, whatever stops the program:
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! # for number in 0..4 {
//! #     server.deliver(latchbox_testkit::USER, "INBOX", format!("Subject: {number}\r\n\r\nx").into_bytes());
//! # }
//! use std::collections::BTreeMap;
//!
//! use latchbox::sync::{ChangeBatch, Checkpoint, FetchChanges};
//! use latchbox::types::{FetchItem, Uid};
//!
//! /// In place of a database.
//! #[derive(Clone, Default)]
//! struct Database {
//!     subjects: BTreeMap<Uid, String>,
//!     checkpoint: Option<String>, // the text form of a checkpoint
//! }
//!
//! let mut database = Database::default();
//! for is_interrupted in [true, false] {
//!     let stored = database.checkpoint.as_deref().map(str::parse::<Checkpoint>).transpose()?;
//!     let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//!     let items = [FetchItem::Envelope];
//!     let request = FetchChanges::since(stored.as_ref()).items(&items).batch_size(2);
//!     let mut changes = inbox.changes(request)?;
//!     while let Some(batch) = changes.next()? {
//!         let mut transaction = database.clone();
//!         match &batch {
//!             ChangeBatch::Restart(_) => transaction.subjects.clear(),
//!             ChangeBatch::Changes(batch) => {
//!                 transaction.subjects.retain(|uid, _| !batch.vanished().contains(*uid));
//!                 for message in batch.messages() {
//!                     let subject = message.items()?.envelope()?.subject().into_owned();
//!                     let before = transaction.subjects.insert(message.uid(), subject);
//!                     assert!(before.is_none()); // no message is new twice
//!                 }
//!             }
//!         }
//!         transaction.checkpoint = Some(batch.checkpoint().to_string());
//!         database = transaction; // commit
//!         if is_interrupted {
//!             break; // as a crash would
//!         }
//!     }
//! }
//! assert_eq!(database.subjects.len(), 5); // the second run has continued after the first batch
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `examples/sync_sqlite.rs` does this with a real database. If the copy is no database, order
//! replaces the transaction: change the copy in a way that can be repeated, then store the
//! checkpoint. `examples/backup.rs` does that with files that are named after UIDVALIDITY and UID.
//!
//! # What is promised
//!
//! - *Nothing is lost.* When the batches up to the end have been applied, the copy is what the
//!   mailbox was at one moment after the sync began. What came later is in the next sync, whatever other
//!   clients do, and even if an event or another command of the guard has reported it already.
//! - *New messages come exactly once*, over all checkpoints that were stored with their batches. If
//!   the checkpoint is stored later than the effect, they come at least once; if earlier, at most
//!   once.
//! - *Changed flags come at least once*, and always all flags of the message. After an
//!   interruption a change can come again, with the flags as they are then.
//! - *Every batch is progress.* A program that applies one batch, drops the rest and
//!   continues from that checkpoint comes to an end.
//! - *The outcome does not depend on the server's extensions*; [the costs](#ways-and-costs) do.
//! - *Old mail is not announced as new*: [`arrived`] has what came after the first checkpoint,
//!   [`history`] what was there before.
//! - A checkpoint of another account or mailbox is an error before a command is sent for the sync.
//!
//! # What is not promised
//!
//! - Intermediate states: a message that came and went between two syncs is not reported, and
//!   neither is a flag that was set and removed, or only as the flags that were there before.
//! - Order: flags, removals and new messages of one sync do not come in the order in which
//!   they happened. Within [`history`], batches of newer messages come first.
//! - Moves: a message that was moved is gone from one mailbox and new in another. EMAILID
//!   (RFC 8474), if the server has it, connects the two.
//! - Who made a change. The program's own changes come back too, unless it [notes](#own-changes) them.
//! - Bodies: a sync reports messages. What is downloaded of them later can be gone by then; the next
//!   sync reports that.
//! - A stable mailbox: the lock is on this connection, and other clients change the mailbox meanwhile.
//! - Repetition: a lost connection is an error. Nothing is tried again inside; the next call
//!   continues from the last checkpoint.
//! - A server that breaks the rules of UIDs (it assigns one UID twice under one UIDVALIDITY) cannot
//!   be detected in all cases. A UIDNEXT that became lower is detected.
//!
//! # The first sync
//!
//! Without a checkpoint all messages of the mailbox are history. [`FetchChanges::history`] limits
//! it, and [`FetchChanges::older`] requests more later, the newest first:
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! # for number in 0..9 {
//! #     server.deliver(latchbox_testkit::USER, "INBOX", format!("Subject: {number}\r\n\r\nx").into_bytes());
//! # }
//! use latchbox::sync::{ChangeBatch, FetchChanges, History};
//!
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?; // ten messages
//! let mut count = 0;
//! let mut changes = inbox.changes(FetchChanges::since(None).history(History::Newest(3)))?;
//! while let Some(batch) = changes.next()? {
//!     if let ChangeBatch::Changes(batch) = &batch {
//!         count += batch.history().len();
//!     }
//! }
//! let checkpoint = changes.checkpoint().clone();
//! assert_eq!((count, checkpoint.unloaded().len()), (3, 7));
//!
//! // The user scrolls down: four more.
//! let mut changes = inbox.changes(FetchChanges::since(Some(&checkpoint)).older(4))?;
//! while let Some(batch) = changes.next()? {
//!     if let ChangeBatch::Changes(batch) = &batch {
//!         assert!(batch.arrived().is_empty()); // they are no new mail
//!         count += batch.history().len();
//!     }
//! }
//! assert_eq!((count, changes.checkpoint().unloaded().len()), (7, 3));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Of new messages a batch has the flags and, as [`AddedMessage::items`], the [`items`] that were
//! requested. For whole messages, download the [`uids`] of the batch through the guard, which is free
//! between two batches:
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::sync::ChangeBatch;
//! use latchbox::types::Section;
//!
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! let mut changes = inbox.changes_since(None)?;
//! while let Some(batch) = changes.next()? {
//!     if let ChangeBatch::Changes(batch) = &batch {
//!         let mut downloads = changes.guard().download_each(batch.uids(), &Section::whole())?;
//!         while let Some(message) = downloads.next()? {
//!             let mut file = Vec::new(); // or a file
//!             message.copy_to(&mut file)?;
//!             # assert!(file.ends_with(b"Hi!\r\n"));
//!         }
//!     }
//!     // Here the program stores batch.checkpoint().
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Own changes
//!
//! A server does not report who made a change, so what the program itself has stored, appended,
//! copied or removed would come back with the next sync. [`Checkpoint::note`] takes the answer to
//! such a command, and [`note_removed`] the messages that were deleted or moved away; the program makes
//! the same change in its copy, and stores the noted checkpoint with it:
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! # let mut inbox = session.lock_mailbox("INBOX")?;
//! # let mut changes = inbox.changes_since(None)?;
//! # while changes.next()?.is_some() {}
//! # let mut checkpoint = changes.checkpoint().clone();
//! # drop(inbox);
//! use latchbox::types::{Flag, SearchKey, StoreAction};
//!
//! let mut inbox = session.mailbox("INBOX").since(Some(&checkpoint)).lock()?;
//! let unseen = inbox.search(SearchKey::Unseen)?;
//! let stored = inbox.store(&unseen, StoreAction::Add, [Flag::Seen])?;
//! checkpoint.note(&stored);
//!
//! let mut changes = inbox.changes_since(Some(&checkpoint))?;
//! while let Some(batch) = changes.next()? {
//!     assert!(batch.is_empty()); // only a later checkpoint
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A change of flags is recognized by the mod-sequence that STORE returned, so a later change by
//! another client is reported. Without mod-sequences the flags are compared, which a silent STORE does not
//! return: its messages come back. Between two batches, use [`Changes::note`], so that the batches
//! that follow do not undo the change.
//!
//! # A restart
//!
//! If UIDVALIDITY has changed, the UIDs of the copy name nothing any more. That is the first batch,
//! [`ChangeBatch::Restart`], and not an error: the program forgets the messages of that mailbox, stores the
//! checkpoint, and the batches that follow bring the mailbox as it is now, all as history. If the mailbox
//! was empty, they bring what has arrived since: on Courier the UIDVALIDITY of a mailbox changes until it has
//! a message. A program that recognizes messages by something else (EMAILID, Message-ID) can keep their bodies.
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::sync::{ChangeBatch, RestartReason};
//!
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! let mut changes = inbox.changes_since(None)?;
//! while changes.next()?.is_some() {}
//! let checkpoint = changes.checkpoint().clone();
//! drop(inbox);
//!
//! # let anew = [latchbox_testkit::message("anew", "ann@example.com", "Hi!")];
//! # server.reset_uid_validity(latchbox_testkit::USER, "INBOX", anew);
//! # let session = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
//! #     .danger_cleartext_login().connect()?
//! #     .login(latchbox_testkit::USER, latchbox_testkit::PASSWORD)?;
//! // Here the server assigns new UIDs in INBOX.
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! let mut changes = inbox.changes_since(Some(&checkpoint))?;
//! match changes.next()? {
//!     Some(ChangeBatch::Restart(restart)) => {
//!         assert_eq!(restart.reason(), RestartReason::UidValidityChanged);
//!     }
//!     other => panic!("{other:?}"),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Many mailboxes
//!
//! A checkpoint is of one mailbox. [`mailboxes_changed_since`] returns which mailboxes of the account have
//! to be looked at, in one round trip if the server has LIST-STATUS, and two if not, however many
//! mailboxes there are. It has a checkpoint of its own, which is stored after the changes of the
//! mailboxes were applied:
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use std::collections::BTreeMap;
//!
//! use latchbox::sync::{AccountCheckpoint, Checkpoint, MailboxChangeKind};
//! use latchbox::types::MailboxName;
//!
//! let mut account: Option<AccountCheckpoint> = None;
//! let mut copies: BTreeMap<MailboxName, Checkpoint> = BTreeMap::new();
//! # for expected in [5, 1, 0] {
//! let found = session.mailboxes_changed_since(account.as_ref())?;
//! for change in &found {
//!     match change.kind() {
//!         MailboxChangeKind::Gone => drop(copies.remove(change.name())),
//!         MailboxChangeKind::Renamed { from, .. } => {
//!             // With MAILBOXID the old checkpoint is accepted under the new name.
//!             if let Some(checkpoint) = copies.remove(from).filter(|it| it.mailbox_id().is_some()) {
//!                 copies.insert(change.name().clone(), checkpoint);
//!             }
//!         }
//!         _ => {}
//!     }
//!     if !change.has_to_be_read() {
//!         continue;
//!     }
//!     let stored = copies.get(change.name()).cloned();
//!     let request = session.mailbox(change.name()).read_only();
//!     let mut mailbox = request.since(stored.as_ref()).lock()?;
//!     let mut changes = mailbox.changes_since(stored.as_ref())?;
//!     while let Some(batch) = changes.next()? {
//!         // Here the program applies the batch.
//!         copies.insert(change.name().clone(), batch.checkpoint().clone());
//!     }
//! }
//! #     assert_eq!(found.len(), expected);
//! #     if expected == 5 { session.append("Drafts", &b"Subject: new\r\n\r\nx"[..])?; }
//! account = Some(found.into_checkpoint());
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An error in one mailbox is no reason to leave out the others: if one could not be read,
//! [`report_again`] keeps it for the next call. Without HIGHESTMODSEQ, changed flags do not show in the numbers
//! of a mailbox: such a mailbox is reported as [`MayHaveChanged`], and is read as often as the program needs
//! its flags.
//!
//! # Errors
//!
//! After any error, the last batch that was applied and stored holds, and the next sync continues there.
//!
//! | error | the reason | what to do |
//! |---|---|---|
//! | [`Error::Refused`] of the lock or of [`changes_since`] | the mailbox was deleted or renamed, or access to it was taken away; its messages are never reported as gone | list the mailboxes. If the checkpoint has a [`mailbox_id`], one of another name with that id is the same mailbox: lock that, with the same checkpoint. Otherwise decide whether the copy is kept |
//! | [`Error::ForeignCheckpoint`] | the checkpoint is of another account, or of a mailbox that has another name and no MAILBOXID | look up the checkpoint by account and mailbox; after a rename, begin without one |
//! | [`InvalidCheckpoint`], [`is_damaged`](crate::sync::InvalidCheckpoint::is_damaged) | the stored text is not whole | begin without a checkpoint: forget the copy, or compare it by UIDVALIDITY and UID |
//! | [`InvalidCheckpoint`], [`is_newer`](crate::sync::InvalidCheckpoint::is_newer) | a later version of this crate wrote it | leave it as it is, and update the program |
//! | [`Error::Closed`], [`Error::Truncated`] | the connection is closed | lock again, on a new session or by an [`Account`] that reconnects; continue from the last checkpoint |
//! | [`Error::Throttled`], and others with [`is_retryable`] | the server is busy | wait, then continue from the last checkpoint |
//! | [`Error::Unparsable`] | a response that cannot be parsed | nothing is skipped silently: report it; a server that is wrong about mod-sequences can be compared by [`best_way`] |
//! | [`Error::MissingData`] before the first batch | the server reports no UIDVALIDITY or no UIDNEXT | the mailbox cannot be synced |
//! | [`Error::MissingData`] after the last batch | the server names fewer messages than [it counts](#fewer-messages-than-the-server-counts) | store what was returned, and continue from the last checkpoint |
//! | [`Error::Argument`] | a batch size of 0 | a mistake in the program |
//!
//! ```
//! use latchbox::sync::Checkpoint;
//!
//! let stored = "checkpoint/1;known=imap%3A//jane@im"; // half a line
//! let checkpoint = match stored.parse::<Checkpoint>() {
//!     Ok(checkpoint) => Some(checkpoint),
//!     Err(error) if error.is_damaged() => None, // from the beginning
//!     Err(error) => return Err(error.into()),
//! };
//! assert!(checkpoint.is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A single message that cannot be read is no error, because it would stop every later sync at the same place.
//! If the server answers NO to a FETCH, the set is fetched again by halves, and the messages that are refused
//! alone are in [`unreadable`], with their flags if the server returns those. So are messages that a search
//! finds and that FETCH twice does not return. The copy does not have
//! them, and each later sync requests some of them again. A message of the copy is there if its changed flags
//! cannot be read; they are requested again, too:
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::sync::ChangeBatch;
//!
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! let mut changes = inbox.changes_since(None)?;
//! while let Some(batch) = changes.next()? {
//!     if let ChangeBatch::Changes(batch) = &batch {
//!         for message in batch.unreadable() {
//!             eprintln!("message {} is left out: {}", message.uid(), message.error());
//!         }
//!         # assert!(batch.unreadable().is_empty());
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A NO whose code shows another reason (`NOPERM`, `UNAVAILABLE`), or to each of the messages and to their
//! flags, is an error.
//!
//! ## Fewer messages than the server counts
//!
//! That an answer does not name a message shows that it is gone only if the answer is complete. So the number of
//! messages that FETCH or SEARCH name is compared with EXISTS of the SELECT, less the messages that the server
//! has reported as removed since. If it is lower, the sync sends NOOP, because some servers report removed
//! messages only then, and searches for the other messages, also above UIDNEXT. If it is still lower, none
//! of the messages that were not named is reported as gone. Everything else is returned, and then
//! [`Error::MissingData`] instead of the end. The next sync compares again.
//!
//! Messages that the server counts and has never named are such an error once: the checkpoint contains how
//! many there are, and the next syncs do not expect them. If one of them is named later, it is returned.
//!
//! # Ways and costs
//!
//! [`Changes::way`] returns which extensions a sync uses:
//!
//! | | QRESYNC | CONDSTORE | comparison |
//! |---|---|---|---|
//! | nothing has changed | SELECT alone | SELECT alone | SELECT and the flags of all messages, about 34 octets each |
//! | flags have changed | reported by SELECT, or one FETCH of these | one FETCH of these | as above |
//! | messages are gone | reported by SELECT, or by that FETCH | one SEARCH, if the counters differ | as above |
//! | messages are new | one FETCH of them a batch, and one SEARCH if they are more than a batch | as by QRESYNC | one FETCH a batch |
//! | in the checkpoint, for each message | nothing | nothing | its flags |
//!
//! The first sync sends one FETCH a batch, and one SEARCH before them, unless one batch can hold all messages, or
//! there are as many messages as UIDs below UIDNEXT. If the server limits the messages of a command
//! (MESSAGELIMIT, RFC 9738), the SEARCH is as many commands; with UIDBATCHES (RFC 10022), ranges of UIDs with
//! about as many messages as a batch take its place, and one command returns the ranges of 100,000 messages.
//! They are used for batches of at least 556 messages, the history as a whole, and items without bodies.
//!
//! PARTIAL (RFC 9394) is not used. The newest messages of a mailbox would cost one command either way, and
//! the checkpoint has to contain which others there are, so that a removed one can be recognized. With
//! ESEARCH, which PARTIAL requires, a search for all UIDs of 100,000 messages is an answer of 39 octets
//! if there are no gaps, and of 12 KB if every hundredth message was removed, instead of 57 octets.
//!
//! If QRESYNC has to be enabled, ENABLE is sent in one round trip with the SELECT, and UNSELECT before it if a
//! mailbox is selected: a sync of nothing is one round trip after the login.
//!
//! If the number of messages is not what it should be after that, the server has left something out, and
//! one SEARCH compares all UIDs; [two more commands](#fewer-messages-than-the-server-counts) are sent only if that
//! names too few. A server that has lost its mod-sequences is compared.
//! [`best_way`] makes a sync use less than the server has.
//!
//! Give the checkpoint to the lock as well: with QRESYNC its SELECT then requests the changes, and a
//! sync of nothing sends no command more than the lock itself:
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! # let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! # let mut changes = inbox.changes_since(None)?;
//! # while changes.next()?.is_some() {}
//! # let checkpoint = changes.checkpoint().clone();
//! # drop(inbox);
//! let mut inbox = session.mailbox("INBOX").read_only().since(Some(&checkpoint)).lock()?;
//! let mut changes = inbox.changes_since(Some(&checkpoint))?;
//! assert!(changes.next()?.is_none()); // nothing has changed
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What a checkpoint contains
//!
//! The text form is one line of printable ASCII, with a version and a checksum. It contains:
//!
//! - the account (host, port, user), the mailbox, UIDVALIDITY and, with OBJECTID, MAILBOXID;
//! - the UIDs that the copy has, as ranges, and those that it does not have yet;
//! - UIDNEXT, the first UID that is not history, the mod-sequence that has been reached, and the number of
//!   batches so far, by which [`is_later_than`] orders checkpoints;
//! - the mod-sequences of own changes that were noted, until a sync has passed them;
//! - the UIDs of messages that could not be read, or whose changed flags could not, and the number of those that
//!   the server counts and has never named;
//! - if the mailbox has no mod-sequences, the flags of each message.
//!
//! It contains no password and nothing else of a message. The host and port are those of the
//! [`ClientBuilder`](crate::ClientBuilder): a program that reaches the same account by another name has
//! another account.
//!
//! [`Checkpoint`]: crate::sync::Checkpoint
//! [`ChangeBatch`]: crate::sync::ChangeBatch
//! [`ChangeBatch::Restart`]: crate::sync::ChangeBatch::Restart
//! [`changes_since`]: crate::MailboxGuard::changes_since
//! [`mailboxes_changed_since`]: crate::Session::mailboxes_changed_since
//! [`report_again`]: crate::sync::AccountCheckpoint::report_again
//! [`MayHaveChanged`]: crate::sync::MailboxChangeKind::MayHaveChanged
//! [`arrived`]: crate::sync::ChangedMessages::arrived
//! [`history`]: crate::sync::ChangedMessages::history
//! [`unreadable`]: crate::sync::ChangedMessages::unreadable
//! [`uids`]: crate::sync::ChangedMessages::uids
//! [`AddedMessage::items`]: crate::sync::AddedMessage::items
//! [`Changes::way`]: crate::sync::Changes::way
//! [`Changes::note`]: crate::sync::Changes::note
//! [`Checkpoint::note`]: crate::sync::Checkpoint::note
//! [`note_removed`]: crate::sync::Checkpoint::note_removed
//! [`FetchChanges::history`]: crate::sync::FetchChanges::history
//! [`FetchChanges::older`]: crate::sync::FetchChanges::older
//! [`items`]: crate::sync::FetchChanges::items
//! [`best_way`]: crate::sync::FetchChanges::best_way
//! [`is_later_than`]: crate::sync::Checkpoint::is_later_than
//! [`mailbox_id`]: crate::sync::Checkpoint::mailbox_id
//! [`InvalidCheckpoint`]: crate::sync::InvalidCheckpoint
//! [`Account`]: crate::Account
//! [`is_retryable`]: crate::Error::is_retryable
//! [`Error::Refused`]: crate::Error::Refused
//! [`Error::ForeignCheckpoint`]: crate::Error::ForeignCheckpoint
//! [`Error::Closed`]: crate::Error::Closed
//! [`Error::Truncated`]: crate::Error::Truncated
//! [`Error::Throttled`]: crate::Error::Throttled
//! [`Error::Unparsable`]: crate::Error::Unparsable
//! [`Error::MissingData`]: crate::Error::MissingData
//! [`Error::Argument`]: crate::Error::Argument
