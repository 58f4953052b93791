//! Watching mailboxes: what has changed, then each change as it happens, in one loop.
//!
//! # One loop
//!
//! A program that reacts to mail needs three things: what has changed while it did not run, what changes
//! now, and what it missed while the connection was down. A [`Watch`] returns all three in the same
//! form: the batches of a [sync](super::sync), with the name of the mailbox.
//!
//! ```
#![doc = include_str!("../doc/pool.txt")]
//! use latchbox::Error;
//! use latchbox::sync::{ChangeBatch, Checkpoint, History};
//! use latchbox::types::{FetchItem, Printable};
//! use latchbox::watch::{WatchItem, WatchRequest};
//!
//! # let stored: Option<Checkpoint> = None;
//! let mut watch = WatchRequest::new(&account)
//!     .mailbox("INBOX", stored.as_ref()) // the checkpoint of the last run, or `None`
//!     .items([FetchItem::Envelope])
//!     .history(History::Newest(0)) // none of the old mail
//!     .begin()?;
//! for item in &mut watch {
//!     match item {
//!         WatchItem::Changes { mailbox, batch } => {
//!             match &batch {
//!                 ChangeBatch::Changes(changes) => {
//!                     for message in changes.arrived() {
//!                         println!("{mailbox}: {}", Printable(message.items()?.envelope()?.subject()));
//!                     }
//!                 }
//!                 // All its mail is history now, and `Newest(0)` returns none of it.
//!                 ChangeBatch::Restart(restart) => eprintln!("{mailbox} is new: {restart}"),
//!             }
//!             let line = batch.checkpoint().to_string(); // store it now
//!             # assert!(line.starts_with("checkpoint/"));
//!         }
//!         WatchItem::UpToDate => {
//!             println!("waiting for new mail");
//!             # break;
//!         }
//!         // Its checkpoint will never fit: see below.
//!         WatchItem::MailboxFailed { error: error @ Error::ForeignCheckpoint(_), .. } => {
//!             return Err(error.into());
//!         }
//!         WatchItem::Ended(error) => return Err(error.into()),
//!         trouble => eprintln!("{trouble}"), // the watch goes on
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [The first hour](super::first_hour#log-in) shows how to make an account, also for a server without TLS.
//!
//! Store the checkpoint together with what the batch changed, in one transaction or in one file that is
//! renamed into its place. Then no message is lost, and none is new twice, also if the program is killed
//! at any moment: the next run continues from the stored checkpoint. What a checkpoint promises is on
//! the page about [sync](super::sync).
//!
//! One case is different. If a mailbox was deleted and created again, or the server has assigned new UIDs, the
//! first batch is [`ChangeBatch::Restart`], and after it all mail of that mailbox is history, also what has
//! arrived since the last run: with `Newest(0)` none of it is returned. So report a restart to the user. A
//! program that must see this mail requests history, say [`History::Since`] the day of the last run, and reads
//! [`ChangedMessages::messages`], which has old and new mail; some of it is then returned a second time. See [the
//! page on sync](super::sync#a-restart).
//!
//! A checkpoint is bound to the host, the port and the user as the account was configured: `localhost` in place
//! of `127.0.0.1` is another account. A watch then returns [`MailboxFailed`] with
//! [`Error::ForeignCheckpoint`] for that mailbox, and goes on without it; if all mailboxes have failed, nothing
//! is watched. No later try with this checkpoint succeeds. The program ends the watch and either corrects the
//! configuration, or begins a watch without the checkpoint, which is [a first sync](super::sync#the-first-sync).
//!
//! # What makes it look
//!
//! A report of the server (`EXISTS`, `EXPUNGE`, `FETCH`) is a hint. The watch then selects the mailbox
//! again and reads what has changed since the checkpoint; with QRESYNC or CONDSTORE (RFC 7162) that is one
//! round trip if nothing has. So it does not matter whether a report was complete, or came before or
//! after the IDLE began.
//!
//! | after | it |
//! |---|---|
//! | a report of the server | looks at that mailbox |
//! | [`look_interval`], 5 minutes | looks, because some servers report only some changes |
//! | [`renew_after`], 25 minutes | ends the IDLE and begins another |
//! | [`probe_after`], 5 minutes of silence | does the same, to notice a dead connection |
//! | [`poll_interval`], 1 minute | sends NOOP, if the server lacks IDLE |
//! | a lost connection | connects again, and looks |
//!
//! # Several mailboxes
//!
//! IDLE reports changes of one mailbox, the first of the watch. Of the others the server reports changes
//! by itself if it has NOTIFY (RFC 5465) and the connection is the watch's own; otherwise the watch asks
//! for their numbers (STATUS) every [`status_interval`], 1 minute by default. A mailbox whose numbers
//! differ from its checkpoint is selected, read, and left. All of that takes one connection.
//!
//! [`all_mailboxes`] also follows mailboxes as they are created and deleted. With LIST-STATUS
//! (RFC 5819), an account of 1,000 mailboxes in which nothing has changed costs one round trip.
//!
//! Each mailbox has a checkpoint of its own, which is stored under the name of the mailbox:
//!
//! ```
#![doc = include_str!("../doc/pool.txt")]
//! use std::collections::BTreeMap;
//! use latchbox::sync::Checkpoint;
//! use latchbox::types::MailboxName;
//! use latchbox::watch::{WatchItem, WatchRequest};
//!
//! let mut stored: BTreeMap<MailboxName, Checkpoint> = BTreeMap::new(); // of the last run
//! let mut request = WatchRequest::new(&account);
//! for name in ["INBOX", "Archive"] {
//!     let name = MailboxName::new(name)?;
//!     request = request.mailbox(&name, stored.get(&name));
//! }
//! for item in request.begin()? {
//!     match item {
//!         WatchItem::Changes { mailbox, batch } => {
//!             stored.insert(mailbox, batch.checkpoint().clone()); // store them all now
//!         }
//!         other => println!("{other}"),
//!     }
//!     # if stored.len() == 2 { break }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `examples/watch_command.rs` keeps them in a file, a line for each.
//!
//! To listen to several mailboxes at once, begin a watch for each on a pool, which has a connection for
//! each within its bound. Servers allow 10 to 20 connections of one user. A last watch takes the rest:
//!
//! ```
#![doc = include_str!("../doc/pool.txt")]
//! use std::sync::Arc;
//! use latchbox::Pool;
//! use latchbox::pool::PoolOptions;
//! use latchbox::watch::{WatchItem, WatchRequest, Watches};
//!
//! # let session = account.open()?;
//! # session.create("Work")?;
//! # session.create("Friends")?;
//! let listen_to = ["INBOX", "Work"];
//! let others = ["Archive", "Friends", "Trash"];
//!
//! let count = listen_to.len() + 1;
//! let options = PoolOptions::new().max_connections(count);
//! let pool = Arc::new(Pool::with_options(account, options));
//! let watches = Watches::new()?;
//! for name in listen_to {
//!     watches.add(WatchRequest::new(&pool).mailbox(name, None))?;
//! }
//! let rest = others.iter().fold(WatchRequest::new(&pool), |request, name| {
//!     request.mailbox(*name, None)
//! });
//! let rest = watches.add(rest)?; // listens to the first, and asks for the numbers of the others
//! let mut up_to_date = 0;
//! while let Some((_, item)) = watches.next()? {
//!     println!("{item}"); // its mailbox says what it is about
//!     up_to_date += usize::from(matches!(item, WatchItem::UpToDate));
//!     if up_to_date == count {
//!         break; // a program that goes on gets each change as it happens
//!     }
//! }
//! assert_eq!(pool.state().connections(), count);
//! println!("{}", watches.state(rest).unwrap()); // listens to Archive by IDLE; 2 others by STATUS
//! # assert_eq!(watches.state(rest).unwrap().to_string(), "listens to Archive by IDLE; 2 others by STATUS");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! If threads of the program need the pool too, or if the server allows fewer connections, the watches
//! share those that there are: each releases its connection to a thread or watch that waits, and listens
//! again later.
//!
//! # Beside other threads
//!
//! A watch of an [`Account`] has a connection of its own. A watch of a [`Session`] or [`Pool`] in an
//! `Arc` shares its connection with other threads:
//!
//! ```
#![doc = include_str!("../doc/session.txt")]
//! use std::sync::Arc;
//! use latchbox::types::SearchKey;
//! use latchbox::watch::{WatchItem, WatchRequest};
//!
//! let session = Arc::new(session);
//! let mut watch = WatchRequest::new(&session).mailbox("INBOX", None).begin()?;
//! while let Some(item) = watch.next() {
//!     // The lock is free here, and while the watch waits.
//!     let mut trash = session.lock_mailbox("Trash")?;
//!     trash.search(SearchKey::All)?;
//!     if matches!(item, WatchItem::UpToDate) {
//!         break;
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! While the watch listens, the IDLE is in flight and the lock is free: a thread that locks a mailbox does
//! not wait for the watch, and its first command ends the IDLE. When the thread has released the lock,
//! the watch looks again, because the thread may have taken reports, and listens again. If threads use
//! the session all the time, the watch leaves it to them for up to 3 seconds before it does so.
//!
//! # Many accounts on one thread
//!
//! [`Watches`] waits for any number of watches in one poll:
//!
//! ```
#![doc = include_str!("../doc/pool.txt")]
//! # let accounts = [account.clone(), account];
//! use latchbox::watch::{WatchItem, WatchRequest, Watches};
//!
//! let watches = Watches::new()?;
//! for account in &accounts {
//!     watches.add(WatchRequest::new(account).mailbox("INBOX", None))?;
//! }
//! # let mut left = accounts.len();
//! while let Some((id, item)) = watches.next()? {
//!     println!("{id}: {item}");
//!     # left -= usize::from(matches!(item, WatchItem::UpToDate));
//!     # if left == 0 { break }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A watch on which nothing happens costs no thread, no wake-up, one descriptor for its connection, and
//! about 19 KiB of memory, to which TLS adds some tens of KiB. Renewals of different watches are done
//! together: each may be done up to an eighth of its time early, at most a minute. Errors of one watch are
//! items of that watch.
//!
//! A step of a watch waits for the answers of its server. Call [`Watches::next`] from a few threads if
//! one slow server must not delay the others: each takes the next item of any watch.
//!
//! # In an event loop
//!
//! [`Watches::descriptors`] are to be polled for readability. When one of them is readable, or
//! [`next_due`](crate::watch::Watches::next_due) has come, call [`try_next`](crate::watch::Watches::try_next)
//! until it returns `None`; then ask for the descriptors again, because a new connection has another one.
//! On Linux and Android, [`Watch`] and [`Watches`] are also `AsFd`: one descriptor, which stays the same,
//! for any number of connections.
//!
//! # When something fails
//!
//! Errors are items too. Nothing is lost by any of them, because a watch continues from the checkpoint of
//! the last batch:
//!
//! | item | what has happened | what the watch does |
//! |---|---|---|
//! | `Disconnected` | the connection was lost, or could not be made | connects again, with the waits of [`backoff`], as often as it takes |
//! | `MailboxFailed` | one mailbox cannot be selected or read | follows the others, and tries this one again after the [`look_interval`] |
//! | `MailboxFailed` with [`Error::ForeignCheckpoint`] | the checkpoint is of another account or mailbox | as above, but each try fails: begin a watch with another checkpoint, or with none |
//! | `MailboxGone` | with [`all_mailboxes`]: it was deleted or renamed | follows the others; under its new name it is a new mailbox |
//! | `Ended` | the server refused the credentials, or the session was closed | nothing more: begin another watch when the cause is removed |
//!
//! An alert of the server is an item as well: show it to the user.
//!
//! # The end
//!
//! A [`StopHandle`] ends the wait at once, from any thread; a command in flight is completed first.
//! [`Watch::end`] sends LOGOUT on a connection of its own. Dropping the watch sends nothing. In all cases
//! the stored checkpoint is where the next watch continues.
//!
//! [`ChangeBatch::Restart`]: crate::sync::ChangeBatch::Restart
//! [`ChangedMessages::messages`]: crate::sync::ChangedMessages::messages
//! [`Error::ForeignCheckpoint`]: crate::Error::ForeignCheckpoint
//! [`History::Since`]: crate::sync::History::Since
//! [`MailboxFailed`]: crate::watch::WatchItem::MailboxFailed
//! [`Watch`]: crate::watch::Watch
//! [`Watch::end`]: crate::watch::Watch::end
//! [`Watches`]: crate::watch::Watches
//! [`Watches::next`]: crate::watch::Watches::next
//! [`Watches::descriptors`]: crate::watch::Watches::descriptors
//! [`look_interval`]: crate::watch::WatchRequest::look_interval
//! [`status_interval`]: crate::watch::WatchRequest::status_interval
//! [`renew_after`]: crate::watch::WatchRequest::renew_after
//! [`probe_after`]: crate::watch::WatchRequest::probe_after
//! [`poll_interval`]: crate::watch::WatchRequest::poll_interval
//! [`all_mailboxes`]: crate::watch::WatchRequest::all_mailboxes
//! [`backoff`]: crate::watch::WatchRequest::backoff
//! [`Account`]: crate::Account
//! [`Session`]: crate::Session
//! [`Pool`]: crate::Pool
//! [`StopHandle`]: crate::StopHandle
