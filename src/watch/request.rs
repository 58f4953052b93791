//! The request for a watch: which mailboxes, from which checkpoints, with which items.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::reconnect::Backoff;
use crate::stop_handle::StopHandle;
use crate::sync::{Checkpoint, History, Way};
use crate::types::fetch::FetchItem;
use crate::types::mailbox_name::{IntoMailboxName, InvalidMailboxName, MailboxName};
use crate::watch::settings::Settings;
use crate::watch::source::WatchSource;
use crate::watch::watched::Mailboxes;

/// The shortest interval: with zero, commands would be sent without end.
const SHORTEST: Duration = Duration::from_millis(1);

/// A request for a watch: the mailboxes, the checkpoints to continue from, and options.
///
/// [`begin`](Self::begin) makes a [`Watch`](crate::watch::Watch) of it; [`Watches::add`](crate::watch::Watches::add) adds
/// it to many on one thread. Nothing is sent before the first item is taken.
///
/// ```
#[doc = include_str!("../doc/pool.txt")]
/// use latchbox::sync::{ChangeBatch, Checkpoint, History};
/// use latchbox::types::{FetchItem, Printable};
/// use latchbox::watch::{WatchItem, WatchRequest};
///
/// # let stored: Option<Checkpoint> = None;
/// let mut watch = WatchRequest::new(&account)
///     .mailbox("INBOX", stored.as_ref())
///     .items([FetchItem::Envelope])
///     .history(History::Newest(0)) // only what arrives from now on
///     .begin()?;
/// # let server = &server;
/// # std::thread::scope(|scope| -> Result<(), Box<dyn std::error::Error>> {
/// # scope.spawn(|| {
/// #     let arrives = |event: &latchbox_testkit::Event| event.line.ends_with("IDLE");
/// #     assert!(server.wait_for(std::time::Duration::from_secs(60), arrives));
/// #     let news = latchbox_testkit::message("new", "a@b.example", "x");
/// #     server.deliver(latchbox_testkit::USER, "INBOX", news);
/// # });
/// while let Some(item) = watch.next() {
///     match item {
///         WatchItem::Changes { mailbox, batch } => {
///             match &batch {
///                 ChangeBatch::Changes(changes) => {
///                     for message in changes.arrived() {
///                         println!("{mailbox}: {}", Printable(message.items()?.envelope()?.subject()));
///                         # watch.stop_handle().stop();
///                     }
///                 }
///                 ChangeBatch::Restart(restart) => println!("{mailbox}: {restart}"),
///             }
///             let line = batch.checkpoint().to_string(); // to be stored
///         }
///         other => println!("{other}"),
///     }
/// }
/// # Ok(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request watches nothing until it is begun"]
pub struct WatchRequest {
    pub(super) source: WatchSource,
    names: Vec<Result<MailboxName, InvalidMailboxName>>,
    known: BTreeMap<MailboxName, Arc<Checkpoint>>,
    are_all: bool,
    pub(super) settings: Settings,
    pub(super) stop: StopHandle,
}

impl WatchRequest {
    /// A request for a watch on a connection of an [`Account`](crate::Account) of its own, or on that
    /// of a [`Session`](crate::Session) or a [`Pool`](crate::Pool) in an `Arc`; see [`WatchSource`].
    pub fn new(source: impl Into<WatchSource>) -> Self {
        Self {
            source: source.into(),
            names: Vec::new(),
            known: BTreeMap::new(),
            are_all: false,
            settings: Settings::default(),
            stop: StopHandle::new(),
        }
    }

    /// Adds a mailbox, with the checkpoint of the last batch that was stored; `None` for the first
    /// time.
    ///
    /// The watch listens to the first mailbox (IDLE). For the others it is notified by the server, if
    /// the connection is its own and the server has NOTIFY (RFC 5465); else it asks for their numbers at
    /// the [`status_interval`](Self::status_interval).
    pub fn mailbox(mut self, name: impl IntoMailboxName, checkpoint: Option<&Checkpoint>) -> Self {
        let name = name.into_mailbox_name();
        if let (Ok(name), Some(checkpoint)) = (&name, checkpoint) {
            self.known
                .insert(name.clone(), Arc::new(checkpoint.clone()));
        }
        self.names.push(name);
        self
    }

    /// Watches all mailboxes of the account, also those that are created later.
    ///
    /// `checkpoints` are those that were stored, in any order; a mailbox without one is read from its
    /// beginning, as [`history`](Self::history) says. The watch listens to INBOX.
    pub fn all_mailboxes<'c>(
        mut self,
        checkpoints: impl IntoIterator<Item = &'c Checkpoint>,
    ) -> Self {
        let known = checkpoints.into_iter();
        let known = known.map(|known| (known.mailbox().clone(), Arc::new(known.clone())));
        self.known.extend(known);
        self.are_all = true;
        self
    }

    /// The items to fetch of messages that are new to the copy, besides their flags; none by default.
    ///
    /// See [`FetchChanges::items`](crate::sync::FetchChanges::items).
    pub fn items(mut self, items: impl IntoIterator<Item = FetchItem>) -> Self {
        self.settings.items = items.into_iter().collect();
        self
    }

    /// The messages that the first sync of a mailbox returns, of those that are there already; all by
    /// default.
    ///
    /// With a checkpoint it has no effect, except after a restart.
    ///
    /// A mailbox that was not there when the watch looked for it, and one that appears while all
    /// mailboxes are watched, has no history: all its messages have arrived.
    pub fn history(mut self, history: History) -> Self {
        self.settings.history = history;
        self
    }

    /// The most messages in a batch; 1,000 by default.
    pub fn batch_size(mut self, messages: u32) -> Self {
        self.settings.batch_size = Some(messages);
        self
    }

    /// The best way that a sync may use; see [`FetchChanges::best_way`](crate::sync::FetchChanges::best_way).
    pub fn best_way(mut self, way: Way) -> Self {
        self.settings.best_way = way;
        self
    }

    /// The time after which a mailbox is looked at even if the server has reported nothing; 5 minutes
    /// by default.
    ///
    /// Servers do not report every change: some are silent about flags, and some about messages that
    /// other sessions removed. A look costs one SELECT if nothing has changed, but about 34 octets for
    /// each message if the server lacks mod-sequences ([`Way::Comparison`]).
    pub fn look_interval(mut self, interval: Duration) -> Self {
        self.settings.look_interval = interval.max(SHORTEST);
        self
    }

    /// The interval at which the server is asked for the numbers of mailboxes that are not selected,
    /// unless it reports their changes by itself; 1 minute by default.
    ///
    /// Sends one LIST with STATUS (RFC 5819), or a STATUS for each of the mailboxes, pipelined.
    pub fn status_interval(mut self, interval: Duration) -> Self {
        self.settings.status_interval = interval.max(SHORTEST);
        self
    }

    /// Age at which an IDLE is renewed; 25 minutes by default.
    ///
    /// See [`IdleOptions::renew_after`](crate::command::IdleOptions::renew_after). A watch may renew
    /// it up to an eighth of the time earlier, at most a minute, together with other watches.
    pub fn renew_after(mut self, time: Duration) -> Self {
        self.settings.rhythm.renew_after = time.max(SHORTEST);
        self
    }

    /// Time without a response after which the server is probed; 5 minutes by default.
    ///
    /// A connection that was lost without notice is noticed within twice this time; see
    /// [`IdleOptions::probe_after`](crate::command::IdleOptions::probe_after).
    pub fn probe_after(mut self, time: Duration) -> Self {
        self.settings.rhythm.probe_after = time.max(SHORTEST);
        self
    }

    /// Interval of NOOP, if the server lacks IDLE or the stream cannot be polled; 60 seconds by
    /// default.
    pub fn poll_interval(mut self, time: Duration) -> Self {
        self.settings.rhythm.poll_interval = time.max(SHORTEST);
        self
    }

    /// The delays between attempts to connect; the number of attempts has no limit.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.settings.backoff = backoff;
        self
    }

    /// The handle that ends the watch, from any thread; it ends every other watch with this handle
    /// too.
    ///
    /// A command that is in flight is completed first.
    pub fn stop_handle(mut self, handle: &StopHandle) -> Self {
        self.stop = handle.clone();
        self
    }

    pub(super) fn mailboxes(&mut self) -> Result<Mailboxes> {
        self.settings.changes(None, false).check()?;
        let known = std::mem::take(&mut self.known);
        let names = std::mem::take(&mut self.names);
        let names: Vec<_> = names.into_iter().collect::<Result<_, _>>()?;
        if self.are_all {
            return Ok(Mailboxes::all(known));
        }
        let count = names.len();
        let mailboxes = Mailboxes::named(names, known);
        match (count, mailboxes.len()) {
            (0, _) => Err(Error::text("mailboxes to watch", "there is none")),
            (count, watched) if watched < count => {
                Err(Error::text("mailboxes to watch", "one is named twice"))
            }
            _ => Ok(mailboxes),
        }
    }
}
