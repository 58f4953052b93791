//! The cookbook: questions, each answered by a few lines that work.
//!
//! The session of these recipes is that of [the first hour](super::first_hour). INBOX stands for any mailbox.
//!
//! # Find
//!
//! ## The newest 50, with sender and subject
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::{FetchItem, Printable};
//!
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! let mut numbered = inbox.numbered();
//! let last_50 = numbered.last(50);
//! for message in numbered.fetch(&last_50, [FetchItem::Envelope])? {
//!     let message = message?;
//!     let envelope = message.envelope()?;
//!     println!("{}: {}", envelope.from(), Printable(envelope.subject()));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Text of a sender can contain controls of a terminal. `Printable` escapes them; `Display` of addresses and of
//! names of mailboxes does so by itself.
//!
//! These are the last 50 that arrived in the mailbox. By the date in their headers, or by size, [sort
//! them](super::search#in-an-order).
//!
//! ## Is there a mail with this Message-ID?
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::SearchKey;
//!
//! let mut sent = session.lock_mailbox_read_only("Sent")?;
//! let found = sent.search(SearchKey::header("Message-ID", "<7@example.com>"))?;
//! println!("{}", if found.is_empty() { "no" } else { "yes" });
//! # assert!(found.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## What is unread, everywhere?
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::command::List;
//! use latchbox::types::StatusItem;
//!
//! for mailbox in session.run(List::new("*")?.return_status([StatusItem::Unseen]))? {
//!     let unseen = mailbox.status().and_then(|status| status.unseen());
//!     if let Some(unseen) = unseen.filter(|count| *count > 0) {
//!         println!("{}: {unseen}", mailbox.name());
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! One round trip if the server has LIST-STATUS, two otherwise, whatever the number of mailboxes.
//!
//! ## How many are unread, flagged, large?
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::command::Search;
//! use latchbox::types::{SearchKey, SearchReturn};
//!
//! let count = |key| Search::new(key).returning(SearchReturn::new().count());
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! let keys = [SearchKey::Unseen, SearchKey::Flagged, SearchKey::Larger(10 << 20)];
//! for (key, counted) in keys.iter().zip(inbox.pipeline(keys.clone().map(count))?) {
//!     println!("{key}: {:?}", counted?.count());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Which messages are the largest?
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::{FetchItem, Printable, SearchKey, SortKey};
//!
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! let by_size = inbox.sort([SortKey::Size.reverse()], SearchKey::All)?;
//! let first_10 = by_size.page(0, 10);
//! for message in inbox.fetch(&first_10, [FetchItem::Rfc822Size, FetchItem::Envelope])? {
//!     let message = message?;
//!     println!("{:?} octets: {}", message.size(), Printable(message.envelope()?.subject()));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A FETCH returns its messages in the server's order, not in that of the set.
//!
//! # Read
//!
//! ## The code from the mail that is about to arrive
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use std::io::Read;
//! use std::time::{Duration, Instant};
//! use latchbox::types::{FetchItem, SearchKey};
//!
//! # server.deliver(latchbox_testkit::USER, "INBOX",
//! #     latchbox_testkit::message("Your code", "login@example.com", "Your code is 493021."));
//! let deadline = Instant::now() + Duration::from_secs(120);
//! let key = SearchKey::From("login@example.com".into()).and(SearchKey::Unseen);
//! let code = loop {
//!     let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//!     if let Some(uid) = inbox.search(&key)?.last() {
//!         let message = inbox.fetch_one(uid, [FetchItem::BodyStructure])?.ok_or("it was expunged")?;
//!         let part = message.body_structure()?.text_part().ok_or("it has no text")?;
//!         let mut text = String::new();
//!         inbox.download_text(uid, &part)?.read_to_string(&mut text)?;
//!         let mut words = text.split(|c: char| !c.is_ascii_digit());
//!         break words.find(|word| word.len() == 6).ok_or("it has no code")?.to_owned();
//!     }
//!     // A mail that arrives after the search ends the wait at once.
//!     let left = deadline.saturating_duration_since(Instant::now());
//!     if left.is_zero() {
//!         return Err("no mail came".into());
//!     }
//!     inbox.idle()?.next_timeout(left)?;
//! };
//! assert_eq!(code, "493021");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## All attachments, as files
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! # let mail = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/csv\r\n\
//! #     Content-Disposition: attachment; filename=\"../a.csv\"\r\n\r\n1,2\r\n--b--\r\n";
//! # server.deliver(latchbox_testkit::USER, "INBOX", mail.as_bytes().to_vec());
//! # let directory = std::env::temp_dir().join(format!("latchbox-cookbook-{}", std::process::id()));
//! # std::fs::create_dir_all(&directory)?;
//! use std::fs::File;
//! use latchbox::types::{FetchItem, UidSet};
//!
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! let mut messages = Vec::new();
//! inbox.fetch(&UidSet::all(), [FetchItem::BodyStructure])?.collect_into(&mut messages)?;
//! for message in &messages {
//!     for part in message.body_structure()?.attachments() {
//!         // The sender's name is made safe, and the UID keeps two files of one name apart.
//!         let name = part.file_name().map_or("file".to_owned(), |name| name.safe_file_name());
//!         let path = directory.join(format!("{}-{name}", message.uid()));
//!         inbox.download_part(message.id(), &part)?.copy_to(&mut File::create_new(path)?)?;
//!     }
//! }
//! # assert_eq!(std::fs::read(directory.join("2-_a.csv"))?, b"1,2");
//! # std::fs::remove_dir_all(&directory)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## A message as an `.eml` file
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! # let mut file = Vec::new();
//! use latchbox::types::{SearchKey, Section};
//!
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! let newest = inbox.search(SearchKey::All)?.last().ok_or("INBOX is empty")?;
//! # let _ = stringify! {
//! let mut file = std::fs::File::create_new("message.eml")?;
//! # };
//! inbox.download(newest, &Section::whole())?.copy_to(&mut file)?;
//! # assert!(file.ends_with(b"Hi!\r\n"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## A field of the header, such as List-Unsubscribe
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::{FetchItem, Printable, SearchKey, Section};
//!
//! let fields = Section::header_fields(["List-Unsubscribe"])?;
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! let lists = inbox.search(SearchKey::header("List-Unsubscribe", ""))?;
//! let mut messages = inbox.fetch(&lists, [FetchItem::BodyPeek(fields)])?;
//! while let Some(message) = messages.next()? {
//!     if let Some(field) = message.header("List-Unsubscribe") {
//!         println!("{}: {}", message.uid(), Printable(field.text()));
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Who writes most?
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use std::collections::BTreeMap;
//! use latchbox::types::{FetchItem, UidSet};
//!
//! let mut counts: BTreeMap<String, u32> = BTreeMap::new();
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Envelope])?;
//! while let Some(message) = messages.next()? {
//!     for sender in message.envelope()?.from() {
//!         *counts.entry(sender.email().unwrap_or_default().to_string()).or_default() += 1;
//!     }
//! }
//! # assert_eq!(counts.get("ann@example.com"), Some(&1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! In constant memory: a message is borrowed until the next one is read.
//!
//! # Change and remove
//!
//! ## Everything from X to the archive
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::{SearchKey, SpecialUse};
//!
//! let special = session.special_mailboxes()?;
//! let archive = special.get(SpecialUse::Archive).ok_or("there is no archive")?;
//! let mut inbox = session.lock_mailbox("INBOX")?;
//! let from_ann = inbox.search(SearchKey::From("ann@example.com".into()))?;
//! inbox.move_to(&from_ann, archive.mailbox().name())?;
//! # assert_eq!((inbox.exists(), server.messages("Archive").len()), (0, 2));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Delete what is older than 30 days
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use std::time::SystemTime;
//! use latchbox::types::{DateTime, SearchKey};
//!
//! let today = DateTime::try_from(SystemTime::now())?.date();
//! let day = today.checked_sub_days(30).ok_or("no such day")?;
//! let mut trash = session.lock_mailbox("Trash")?;
//! let old = trash.search(SearchKey::Before(day))?;
//! trash.delete(&old)?; // permanently; move_to_trash is for other mailboxes
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The date is that of arrival. `SentBefore` is the date that the sender wrote.
//!
//! ## Mark all as read
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::{Flag, SearchKey, StoreAction};
//!
//! let mut inbox = session.lock_mailbox("INBOX")?;
//! let unseen = inbox.search(SearchKey::Unseen)?;
//! inbox.store(&unseen, StoreAction::Add, [Flag::Seen])?;
//! # assert!(inbox.search(SearchKey::Unseen)?.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Keep a copy of what was sent
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::{Flag, NewMessage, SpecialUse};
//!
//! let message = b"Message-ID: <8@example.com>\r\nSubject: Report\r\n\r\nAll is well.\r\n";
//! let special = session.special_mailboxes()?;
//! let sent = special.get(SpecialUse::Sent).ok_or("there is no mailbox for sent mail")?;
//! session.append(sent.mailbox().name(), NewMessage::new(&message[..]).flags([Flag::Seen]))?;
//! # assert_eq!(server.messages("Sent").len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! If the answer is lost, [look before you store it again](super::errors#what-to-do).
//!
//! # Wait
//!
//! ## Run a command on new mail
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::sync::{ChangeBatch, Checkpoint};
//!
//! let mut stored: Option<Checkpoint> = None; // or that of the last run, from a file
//! # let mut rounds = 0;
//! loop {
//!     let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//!     let mut changes = inbox.changes_since(stored.as_ref())?;
//!     while let Some(batch) = changes.next()? {
//!         if let ChangeBatch::Changes(batch) = &batch {
//!             for message in batch.arrived() {
//!                 # rounds += u32::from(message.uid());
//!                 # let _ = stringify! {
//!                 let text = format!("message {} is new", message.uid());
//!                 std::process::Command::new("notify-send").arg(text).status()?;
//!                 # };
//!             }
//!         }
//!         stored = Some(batch.checkpoint().clone());
//!     }
//!     # if rounds > 0 { break; }
//!     # server.deliver(latchbox_testkit::USER, "INBOX", latchbox_testkit::message("new", "a@b", "x"));
//!     inbox.idle()?.next()?;
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! No mail is missed between two waits, and none is announced twice: see [the page on
//! events](super::events#new-mail-and-none-of-it-lost). A program that runs for days uses a
//! [watch](super::watch), which also connects again.
//!
//! ## Stop a long job with a button
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::StopHandle;
//! use latchbox::types::{FetchItem, UidSet};
//!
//! let stop = StopHandle::new(); // a clone goes to the button, or to the handler of Ctrl-C
//! let mut inbox = session.mailbox("INBOX").stop_handle(&stop).lock()?;
//! let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Envelope])?;
//! # stop.stop();
//! match messages.next() {
//!     Err(error) if error.is_cancelled() => println!("stopped"),
//!     other => println!("{:?}", other?),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The session stays usable. To end it at once, use a [`CloseHandle`](crate::CloseHandle). [What an abort
//! leaves](super::after_an_abort) is a page of its own.
//!
//! ## Show how far it is
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::{SearchKey, Section};
//!
//! session.on_progress(|progress| println!("{progress}"));
//! let mut inbox = session.lock_mailbox_read_only("INBOX")?;
//! let newest = inbox.search(SearchKey::All)?.last().ok_or("INBOX is empty")?;
//! inbox.download(newest, &Section::whole())?.copy_to(&mut std::io::sink())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Look behind the scenes
//!
//! ## See what is sent
//!
//! The crate logs by the crate `log`: at `trace` each line of the wire, without passwords and without the
//! content of messages; subjects, addresses, file names and search terms are in it. With `env_logger`:
//!
//! ```text
//! RUST_LOG=latchbox=trace cargo run
//! ```
//!
//! ## Which extensions does the server have?
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use latchbox::types::Capability;
//!
//! let capabilities = session.capabilities()?;
//! println!("{capabilities}");
//! println!("IDLE: {}", capabilities.supports(&Capability::Idle));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Which of my threads holds the lock?
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! let inbox = session.mailbox("INBOX").label("nightly").lock()?;
//! println!("{}", session.lock_state());
//! # assert!(session.lock_state().to_string().contains("nightly"));
//! # drop(inbox);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
