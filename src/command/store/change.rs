//! What a STORE changes, how that is written and what became of it; and a STORE that stands in a
//! batch.

use std::borrow::Cow;

use crate::connection::pipeline::Footprint;
use crate::error::{Error, Result};
use crate::exchange::{Command, Exchange, Planned, Sent, sealed};
use crate::mailbox_guard::WriteAccess;
use crate::mailbox_guard::lease::Held;
use crate::mailbox_guard::lease::{MailboxLease, SelectedState};

use crate::types::asked_for::AskedFor;
use crate::types::capability::{Capabilities, Capability};
use crate::types::flag::Flag;
use crate::types::label::Label;
use crate::types::message_set::MessageSet;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::response_code::ResponseCode;
use crate::types::sequence_set::SequenceSet;
use crate::types::store::{StoreAction, StoreOptions};
use crate::types::uid::{ModSeq, SeqNum, Uid};
use crate::types::uid_set::UidSet;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;
use crate::wire::response::fetch::Fetch;
use crate::wire::response::flags::Flags;
use crate::wire::response::item_error::ItemError;
use crate::wire::response::labels::Labels;

/// STORE of flags or labels as a command of a batch (see [`MailboxGuard::pipeline`](crate::MailboxGuard::pipeline)); its answer is a
/// [`Stored`].
///
/// Different flags for different messages cost one round trip. Those that name the same message are
/// sent one after the other.
///
/// ```
#[doc = include_str!("../../doc/session.txt")]
/// use latchbox::command::Store;
/// use latchbox::types::{Flag, StoreAction, UidSet};
///
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// let (read, done): (UidSet, UidSet) = ("1".parse()?, "2:9".parse()?);
/// let read = Store::new(&read, StoreAction::Add, [Flag::Seen]);
/// let done = Store::new(&done, StoreAction::Add, [Flag::Flagged]);
/// for outcome in inbox.pipeline([read, done])? {
///     println!("{} changed", outcome?.changed().len());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Store<'u, S = UidSet> {
    set: &'u S,
    action: StoreAction,
    change: Change<'u>,
    options: StoreOptions,
    /// The part of the set that is sent, if it was checked as a whole and divided.
    part: Option<&'u NumberSet>,
}

/// What a STORE changes: owned in a batch, borrowed by a method.
#[derive(Clone, Debug)]
pub(super) enum Change<'v> {
    Flags(Cow<'v, [Flag]>),
    Labels(Cow<'v, [Label]>),
}

impl<'u> Store<'u> {
    /// Adds, removes or replaces flags of messages.
    ///
    /// What cannot be done is the outcome of the command, with the errors of
    /// [`MailboxGuard::store_with`](crate::MailboxGuard::store_with); [`Error::Argument`] also for a set that does not go in one
    /// command, which is what stands in a batch.
    #[must_use]
    pub fn new(uids: &'u UidSet, action: StoreAction, flags: impl AsRef<[Flag]>) -> Self {
        Self::of(uids, action, Change::Flags(flags.as_ref().to_vec().into()))
    }

    /// Adds, removes or replaces Gmail's labels of messages.
    ///
    /// What cannot be done is the outcome of the command, with the errors of
    /// [`MailboxGuard::store_labels_with`](crate::MailboxGuard::store_labels_with).
    ///
    /// ```
    /// # let server = latchbox_testkit::Server::builder()
    /// #     .mailbox("INBOX", [latchbox_testkit::message("Hello", "ann@example.com", "Hi!")])
    /// #     .with("X-GM-EXT-1").start()?;
    /// # let session = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
    /// #     .danger_cleartext_login().connect()?
    /// #     .login(latchbox_testkit::USER, latchbox_testkit::PASSWORD)?;
    /// use latchbox::command::Store;
    /// use latchbox::gmail::Label;
    /// use latchbox::types::{Flag, StoreAction, UidSet};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let all = UidSet::all();
    /// let seen = Store::new(&all, StoreAction::Add, [Flag::Seen]);
    /// let labels = Store::labels(&all, StoreAction::Add, [Label::new("Read")?]);
    /// for stored in inbox.pipeline([seen, labels])? {
    ///     stored?;
    /// }
    /// # assert_eq!(server.messages("INBOX")[0].labels, ["Read"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn labels(uids: &'u UidSet, action: StoreAction, labels: impl AsRef<[Label]>) -> Self {
        Self::of(
            uids,
            action,
            Change::Labels(labels.as_ref().to_vec().into()),
        )
    }

    /// Silent, or only for messages that have not changed since.
    #[must_use]
    pub fn options(mut self, options: StoreOptions) -> Self {
        self.options = options;
        self
    }
}

impl<'u, S> Store<'u, S> {
    pub(super) fn of(set: &'u S, action: StoreAction, change: Change<'u>) -> Self {
        Self {
            set,
            action,
            change,
            options: StoreOptions::default(),
            part: None,
        }
    }

    pub(super) fn set(&self) -> &'u S {
        self.set
    }

    pub(super) fn with(mut self, options: StoreOptions) -> Self {
        self.options = options;
        self
    }

    /// The extension that is needed and that the server lacks.
    fn missing(&self, capabilities: &Capabilities) -> Option<Capability> {
        let since = self.options.unchanged_since.map(|_| Capability::CondStore);
        let labels = matches!(self.change, Change::Labels(_)).then_some(Capability::Gmail);
        let mut needed = since.into_iter().chain(labels);
        needed.find(|capability| !capabilities.supports(capability))
    }

    /// The octets of the line beside the set.
    pub(super) fn room(&self) -> usize {
        self.change.room()
    }

    /// The command for a part of the set, which was checked as a whole.
    pub(super) fn part<'p>(&'p self, part: &'p NumberSet) -> Store<'p, S> {
        let change = match &self.change {
            Change::Flags(flags) => Change::Flags(Cow::Borrowed(flags)),
            Change::Labels(labels) => Change::Labels(Cow::Borrowed(labels)),
        };
        Store {
            part: Some(part),
            ..Store::of(self.set, self.action, change).with(self.options)
        }
    }
}

fn name<S: MessageSet>() -> &'static str {
    if S::UID { "UID STORE" } else { "STORE" }
}

/// Whether the command has to be sent, after what must not be sent is rejected.
pub(super) fn check<S: MessageSet>(
    store: &Store<'_, S>,
    lease: &mut MailboxLease<'_>,
) -> Result<bool> {
    store.change.check(store.action)?;
    if !lease.check_set(store.set)? {
        return Ok(false);
    }
    lease.check_writable()?;
    match store.missing(lease.capabilities()?) {
        Some(missing) => Err(Error::unsupported(name::<S>(), missing)),
        None => Ok(true),
    }
}

/// What was changed, and what was not because of UNCHANGEDSINCE.
pub(super) fn stored<S: MessageSet, T>(
    store: &Store<'_, S>,
    heard: StoreAnswer,
    set: impl FnOnce(NumberSet) -> T,
) -> Stored<T> {
    let modified = AskedFor::set(store.set.numbers()).cut(heard.modified.finish());
    Stored {
        changed: heard.changed,
        modified: set(modified),
    }
}

/// What has been received of the answer to a STORE.
#[derive(Default)]
pub(crate) struct StoreAnswer {
    pub(super) changed: Vec<Fetch>,
    modified: NumberSetBuilder,
    /// Sequence numbers of later rows are of other messages.
    is_renumbered: bool,
}

impl<S> sealed::Command for Store<'_, S> {}

impl<A: WriteAccess, S> Command<SelectedState<A>> for Store<'_, S> {
    type Answer = Stored;
}

impl<A: WriteAccess, S: MessageSet> Exchange<SelectedState<A>> for Store<'_, S> {
    type Plan = ();
    type Partial = StoreAnswer;

    fn name(&self) -> &'static str {
        name::<S>()
    }

    fn plan(&self, lease: &mut MailboxLease<'_>) -> Result<Planned<(), Stored>> {
        if self.part.is_none() {
            if !check(self, lease)? {
                return Ok(Planned::Done(Stored::default()));
            }
            lease.check_length(self.set, self.room())?;
        }
        lease.confirm_numbering(name::<S>(), self.set.numbering())?;
        lease.check_writable()?;
        Ok(Planned::Send(()))
    }

    fn encode<'a>(&'a self, _plan: &'a (), encoder: &mut Encoder<'a>) -> Result<()> {
        let numbers = self.part.unwrap_or(self.set.numbers());
        encoder.raw(name::<S>()).sp().message_set::<S>(numbers).sp();
        if let Some(mod_seq) = self.options.unchanged_since {
            encoder.display(format_args!("(UNCHANGEDSINCE {mod_seq}) "));
        }
        self.change
            .encode(encoder, self.action, self.options.silent)
    }

    fn footprint<'a>(&'a self, _plan: &'a ()) -> Footprint<'a> {
        Footprint::Messages(self.set.numbers())
    }

    fn claim<'r>(
        &self,
        _sent: Sent<'_, ()>,
        heard: &mut StoreAnswer,
        data: Untagged<'r>,
    ) -> Option<Untagged<'r>> {
        let Untagged::Fetch(row) = data else {
            heard.is_renumbered |= !S::UID && data.renumbers();
            return Some(data);
        };
        if heard.is_renumbered {
            return Some(data);
        }
        let mut message = Fetch::empty();
        message.assign(&row);
        if !is_of(self.set, &message) {
            return Some(data);
        }
        heard.changed.push(message);
        None
    }

    fn complete(&self, heard: &mut StoreAnswer, code: Option<ResponseCode>) {
        heard.complete(code);
    }

    fn finish(
        &self,
        (): (),
        mut heard: StoreAnswer,
        lease: &mut MailboxLease<'_>,
    ) -> Result<Stored> {
        let held = lease.held();
        heard.mark(held);
        Ok(stored(self, heard, |modified| held.mark(modified)))
    }
}

impl StoreAnswer {
    /// Processes the code of an OK.
    pub(super) fn complete(&mut self, code: Option<ResponseCode>) {
        if let Some(ResponseCode::Modified(numbers)) = code {
            self.modified.push_set(&numbers);
        }
        self.is_renumbered = false;
    }

    /// Gives the rows the origin of their mailbox.
    pub(super) fn mark(&mut self, held: &Held) {
        let changed = self.changed.iter_mut();
        changed.for_each(|row| row.set_origin(held.origin()));
    }
}

/// What a STORE did. It names messages as the STORE did: by UID or by sequence number.
#[derive(Clone, Debug, Default)]
pub struct Stored<S = UidSet> {
    pub(super) changed: Vec<Fetch>,
    pub(super) modified: S,
}

impl Stored {
    /// The messages as the server reported them afterwards, with their flags or labels. Empty for a
    /// silent STORE, unless the server reports new mod-sequences.
    #[must_use]
    pub fn changed(&self) -> &[Fetch] {
        &self.changed
    }
}

impl Stored<SequenceSet<'_>> {
    /// The messages as the server reported them afterwards, by sequence number. Empty for a silent
    /// STORE, unless the server reports new mod-sequences.
    ///
    /// ```
    #[doc = include_str!("../../doc/session.txt")]
    /// use latchbox::types::{Flag, StoreAction};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let mut numbered = inbox.numbered();
    /// let last = numbered.last(1);
    /// let stored = numbered.store(&last, StoreAction::Add, [Flag::Flagged])?;
    /// for message in stored.changed() {
    ///     let is_flagged = message.flags().is_some_and(|flags| flags.contains(&Flag::Flagged));
    ///     println!("{}: {is_flagged}", message.seq());
    /// }
    /// # assert_eq!(stored.changed().count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn changed(&self) -> impl Iterator<Item = ChangedMessage<'_>> {
        let rows = self.changed.iter();
        rows.filter_map(|row| {
            Some(ChangedMessage {
                seq: row.seq()?,
                row,
            })
        })
    }
}

/// What a server reported of a message after a STORE by sequence number.
#[derive(Clone, Copy, Debug)]
pub struct ChangedMessage<'a> {
    seq: SeqNum,
    row: &'a Fetch,
}

impl<'a> ChangedMessage<'a> {
    /// The message's sequence number at the time of the STORE.
    #[must_use]
    pub fn seq(&self) -> SeqNum {
        self.seq
    }

    /// The message's unique identifier; `None` if the server did not report it, which no STORE by
    /// sequence number asks for.
    #[must_use]
    pub fn uid(&self) -> Option<Uid> {
        self.row.reported_uid()
    }

    /// The message's flags, if the server reported them.
    #[must_use]
    pub fn flags(&self) -> Option<Flags<'a>> {
        self.row.flags()
    }

    /// Gmail's labels of the message (`X-GM-LABELS`), if the server reported them.
    #[must_use]
    pub fn gmail_labels(&self) -> Option<Labels<'a>> {
        self.row.gmail_labels()
    }

    /// The new mod-sequence of the message (RFC 7162), if the server reported it.
    #[must_use]
    pub fn mod_seq(&self) -> Option<ModSeq> {
        self.row.mod_seq()
    }

    /// The items that were sent and make no sense, each with its octets.
    pub fn errors(&self) -> impl Iterator<Item = ItemError> + use<'a> {
        self.row.errors()
    }
}

impl<S> Stored<S> {
    /// The messages that were left alone because they had changed meanwhile; empty unless
    /// [`unchanged_since`](StoreOptions::unchanged_since) was asked for.
    #[must_use]
    pub fn modified(&self) -> &S {
        &self.modified
    }
}

impl Change<'_> {
    /// How many octets it takes at most, with what goes before it.
    fn room(&self) -> usize {
        // Modified UTF-7 makes three octets of one at most, beside quotes and a space.
        let value: usize = match self {
            Self::Flags(flags) => flags.iter().map(|f| f.to_string().len() + 1).sum(),
            Self::Labels(labels) => labels.iter().map(|l| 3 * l.as_str().len() + 5).sum(),
        };
        value + "(UNCHANGEDSINCE 9223372036854775807) +X-GM-LABELS.SILENT ()".len()
    }

    /// Adding or removing nothing cannot be said, nor can what is no flag.
    fn check(&self, action: StoreAction) -> Result<()> {
        let (argument, is_empty) = match self {
            Self::Flags(flags) => ("flags", flags.is_empty()),
            Self::Labels(labels) => ("labels", labels.is_empty()),
        };
        match is_empty && action != StoreAction::Replace {
            true => Err(Error::text(argument, "none are given")),
            false => Ok(()),
        }
    }

    /// `store-att-flags`, and its form for labels.
    fn encode(&self, encoder: &mut Encoder<'_>, action: StoreAction, silent: bool) -> Result<()> {
        let silent = if silent { ".SILENT " } else { " " };
        match self {
            Self::Flags(flags) => {
                encoder.display(action).raw(silent).flag_list(&**flags)?;
            }
            Self::Labels(labels) => {
                encoder.raw(action.sign()).raw("X-GM-LABELS").raw(silent);
                encoder.label_list(&**labels)?;
            }
        }
        Ok(())
    }
}

/// Whether an answer is about a message of the set.
fn is_of<S: MessageSet>(set: &S, fetch: &Fetch) -> bool {
    let number = match S::UID {
        true => fetch.reported_uid().map(Into::into),
        false => fetch.seq().map(Into::into),
    };
    number.is_some_and(|number| set.numbers().may_name(number))
}
