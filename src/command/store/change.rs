//! The change of a STORE, its form and its result; and the STORE as a value.

use std::num::NonZeroU32;

use crate::connection::pipeline::Footprint;
use crate::error::{Error, Result};
use crate::exchange::{Batchable, Exchange, Planned, Sent};
use crate::mailbox_guard::WriteAccess;
use crate::mailbox_guard::lease::Held;
use crate::mailbox_guard::lease::{MailboxLease, SelectedState};

use crate::types::asked_for::AskedFor;
use crate::types::capability::{Capabilities, Capability};
use crate::types::flag::Flag;
use crate::types::label::Label;
use crate::types::message_set::{MessageSet, NamesMessages};
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::response_code::ResponseCode;
use crate::types::sequence_set::SequenceSet;
use crate::types::store::StoreAction;
use crate::types::uid::{ModSeq, SeqNum, Uid};
use crate::types::uid_set::UidSet;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;
use crate::wire::response::fetch::Fetch;
use crate::wire::response::fetch_responses::Responses;
use crate::wire::response::flags::Flags;
use crate::wire::response::item_error::ItemError;
use crate::wire::response::labels::Labels;

/// STORE as a value, with its options: it changes flags, or Gmail's labels. Its answer is a [`Stored`].
///
/// [`MailboxGuard::run`](crate::MailboxGuard::run) runs one, and divides a set that is too long for
/// one command as [`MailboxGuard::store`](crate::MailboxGuard::store) does. In a command batch
/// ([`MailboxGuard::pipeline`](crate::MailboxGuard::pipeline)) different flags for different
/// messages cost one round trip; commands that name the same message are sent one after the other,
/// and a set that does not fit into one command is [`Error::Argument`].
///
/// The set has UIDs, or sequence numbers of the view that runs the command
/// ([`Numbered::run`](crate::guard::Numbered::run)), or is
/// [`SavedResult`](crate::types::SavedResult)
/// ([`SavedSearch::run`](crate::guard::SavedSearch::run)).
///
/// ```
#[doc = include_str!("../../doc/session.txt")]
/// use latchbox::command::Store;
/// use latchbox::types::{Flag, UidSet};
///
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// inbox.run(Store::add(&UidSet::all(), &[Flag::Flagged]).silent())?;
///
/// let (read, done): (UidSet, UidSet) = ("1".parse()?, "2:9".parse()?);
/// let read = Store::add(&read, &[Flag::Seen]);
/// let done = Store::remove(&done, &[Flag::Flagged]);
/// for outcome in inbox.pipeline([read, done])? {
///     println!("{} changed", outcome?.changed().len());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a command does nothing until it is run"]
pub struct Store<'u, S = UidSet> {
    set: &'u S,
    action: StoreAction,
    change: Change<'u>,
    silent: bool,
    unchanged_since: Option<ModSeq>,
    /// The part of the set that is sent, if it was checked as a whole and divided.
    part: Option<&'u NumberSet>,
}

/// The change of a STORE.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change<'v> {
    Flags(&'v [Flag]),
    Labels(&'v [Label]),
}

impl<'u, S: NamesMessages> Store<'u, S> {
    /// Adds flags to those that the messages have (`+FLAGS`).
    pub const fn add(set: &'u S, flags: &'u [Flag]) -> Self {
        Self::new(set, StoreAction::Add, flags)
    }

    /// Removes flags from those that the messages have (`-FLAGS`).
    pub const fn remove(set: &'u S, flags: &'u [Flag]) -> Self {
        Self::new(set, StoreAction::Remove, flags)
    }

    /// Replaces all flags of the messages, except `\Recent` (`FLAGS`).
    pub const fn replace(set: &'u S, flags: &'u [Flag]) -> Self {
        Self::new(set, StoreAction::Replace, flags)
    }

    /// Adds, removes or replaces flags of messages.
    ///
    /// An invalid change is an error of the run, or of the command in a batch; see
    /// [`MailboxGuard::store`](crate::MailboxGuard::store).
    pub const fn new(set: &'u S, action: StoreAction, flags: &'u [Flag]) -> Self {
        Self::of(set, action, Change::Flags(flags))
    }

    /// Adds, removes or replaces Gmail's labels of messages (X-GM-LABELS).
    ///
    /// A label that does not exist is created.
    ///
    /// Removing the label of the selected mailbox removes the message from it. Running the command
    /// is [`Error::Unsupported`] if the server lacks X-GM-EXT-1.
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
    /// use latchbox::types::{StoreAction, UidSet};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let labels = [Label::new("Entwürfe/2025")?, Label::new("\\Important")?];
    /// inbox.run(Store::labels(&UidSet::all(), StoreAction::Add, &labels))?;
    /// # assert_eq!(server.messages("INBOX")[0].labels, ["Entwürfe/2025", "\\Important"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn labels(set: &'u S, action: StoreAction, labels: &'u [Label]) -> Self {
        Self::of(set, action, Change::Labels(labels))
    }

    /// Requests no report of the new flags (`.SILENT`).
    pub const fn silent(mut self) -> Self {
        self.silent = true;
        self
    }

    /// Changes only messages without changes since this mod-sequence (UNCHANGEDSINCE, RFC 7162).
    ///
    /// Messages that have changed since then keep their flags, and are reported by
    /// [`Stored::modified`] (section 3.1.3); a report that cannot be read is
    /// [`Error::Unparsable`]. Needs CONDSTORE. It protects against changes by other
    /// programs, which a lock on one connection cannot do.
    pub const fn unchanged_since(mut self, mod_seq: ModSeq) -> Self {
        self.unchanged_since = Some(mod_seq);
        self
    }
}

impl<'u, S> Store<'u, S> {
    const fn of(set: &'u S, action: StoreAction, change: Change<'u>) -> Self {
        Self {
            set,
            action,
            change,
            silent: false,
            unchanged_since: None,
            part: None,
        }
    }

    pub(super) fn set(&self) -> &'u S {
        self.set
    }

    /// The command for the messages that the server has saved.
    pub(super) fn on<T>(self, set: &'u T) -> Store<'u, T> {
        Store {
            set,
            action: self.action,
            change: self.change,
            silent: self.silent,
            unchanged_since: self.unchanged_since,
            part: None,
        }
    }

    /// The extension that is needed and that the server lacks.
    fn missing(&self, capabilities: &Capabilities) -> Option<Capability> {
        let since = self.unchanged_since.map(|_| Capability::CondStore);
        let labels = matches!(self.change, Change::Labels(_)).then_some(Capability::Gmail);
        let mut needed = since.into_iter().chain(labels);
        needed.find(|capability| !capabilities.supports(capability))
    }

    /// The octets of the line beside the set.
    pub(super) fn room(&self) -> usize {
        self.change.room()
    }

    /// The command for a part of the set, which was checked as a whole.
    pub(super) fn part<'p>(&self, part: &'p NumberSet) -> Store<'p, S>
    where
        'u: 'p,
    {
        Store {
            part: Some(part),
            ..*self
        }
    }
}

impl<S> Clone for Store<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Store<'_, S> {}

pub(super) fn name<S: NamesMessages>() -> &'static str {
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

/// The changed messages, and those not changed because of UNCHANGEDSINCE.
pub(super) fn stored<S: MessageSet, T>(
    store: &Store<'_, S>,
    heard: StoreAnswer,
    held: &Held,
    set: impl FnOnce(NumberSet) -> T,
) -> Result<Stored<T>> {
    if let (Some(octets), Some(_)) = (heard.unreadable, store.unchanged_since) {
        return Err(Error::unreadable_response(name::<S>(), octets));
    }
    let modified = match heard.modified.finish() {
        none if none.is_empty() => none,
        modified => AskedFor::set(store.set.numbers()).cut(modified),
    };
    let (changed, numbered) = match S::UID {
        true => (messages(heard.changed, held), Vec::new()),
        false => (Vec::new(), heard.changed),
    };
    Ok(Stored {
        changed,
        numbered,
        modified: set(modified),
    })
}

/// The messages of rows with UIDs.
fn messages(rows: Vec<Responses>, held: &Held) -> Vec<Fetch> {
    let rows = rows.into_iter();
    let messages = rows.filter_map(|row| {
        let mut message = Fetch::new(row.uid()?, row);
        message.set_origin(held.origin());
        Some(message)
    });
    messages.collect()
}

/// What has been received of the answer to a STORE.
#[derive(Default)]
pub(crate) struct StoreAnswer {
    pub(super) changed: Vec<Responses>,
    modified: NumberSetBuilder,
    /// The first MODIFIED that cannot be read.
    unreadable: Option<Box<[u8]>>,
    /// Sequence numbers of later rows are of other messages.
    is_renumbered: bool,
}

impl<A: WriteAccess, S> Batchable<SelectedState<A>> for Store<'_, S> {
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
        if let Some(mod_seq) = self.unchanged_since {
            encoder.display(format_args!("(UNCHANGEDSINCE {mod_seq}) "));
        }
        self.change.encode(encoder, self.action, self.silent)
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
            if let Untagged::Status { text, .. } = &data {
                heard.hear(text.code.as_ref());
            }
            heard.is_renumbered |= !S::UID && data.renumbers();
            return Some(data);
        };
        if heard.is_renumbered {
            return Some(data);
        }
        let mut message = Responses::default();
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

    fn finish(&self, (): (), heard: StoreAnswer, lease: &mut MailboxLease<'_>) -> Result<Stored> {
        let held = lease.held();
        stored(self, heard, held, |modified| held.mark(modified))
    }
}

impl StoreAnswer {
    /// The messages whose reported flags or labels agree with the change.
    pub(super) fn shown<S: MessageSet>(&self, store: &Store<'_, S>) -> NumberSet {
        let rows = self.changed.iter();
        let rows = rows.filter(|row| store.change.is_in(row, store.action));
        rows.filter_map(number::<S>).collect()
    }

    /// Processes the code of an OK.
    pub(super) fn complete(&mut self, code: Option<ResponseCode>) {
        self.hear(code.as_ref());
        self.is_renumbered = false;
    }

    /// Processes a code, which names messages that were not changed if it is a MODIFIED.
    fn hear(&mut self, code: Option<&ResponseCode>) {
        match code {
            Some(ResponseCode::Modified(numbers)) => self.modified.push_set(numbers),
            Some(ResponseCode::Other { name, text }) if name.eq_ignore_ascii_case("MODIFIED") => {
                let octets = [name, " ", text.as_deref().unwrap_or_default()].concat();
                self.unreadable
                    .get_or_insert_with(|| octets.into_bytes().into());
            }
            _ => {}
        }
    }
}

/// The result of a STORE. It names messages as the STORE did: by UID or by sequence number.
#[derive(Clone, Debug, Default)]
pub struct Stored<S = UidSet> {
    /// After a STORE by UID.
    changed: Vec<Fetch>,
    /// After a STORE by sequence number, which requests no UIDs.
    numbered: Vec<Responses>,
    modified: S,
}

impl Stored {
    /// The messages as the server reported them afterwards, with their flags or labels.
    ///
    /// Empty for a silent STORE, unless the server reports new mod-sequences.
    #[must_use]
    pub fn changed(&self) -> &[Fetch] {
        &self.changed
    }
}

impl Stored<SequenceSet<'_>> {
    /// The messages as the server reported them afterwards, by sequence number.
    ///
    /// Empty for a silent STORE, unless the server reports new mod-sequences.
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
        let rows = self.numbered.iter();
        rows.filter_map(|row| {
            Some(ChangedMessage {
                seq: row.seq()?,
                row,
            })
        })
    }
}

/// A message as a server reported it after a STORE by sequence number.
#[derive(Clone, Copy, Debug)]
pub struct ChangedMessage<'a> {
    seq: SeqNum,
    row: &'a Responses,
}

impl<'a> ChangedMessage<'a> {
    /// The message's sequence number at the time of the STORE.
    #[must_use]
    pub fn seq(&self) -> SeqNum {
        self.seq
    }

    /// The message's unique identifier; `None` if the server did not report it.
    ///
    /// No STORE by sequence number requests it.
    #[must_use]
    pub fn uid(&self) -> Option<Uid> {
        self.row.uid()
    }

    /// The message's flags; `None` if the server did not report them.
    #[must_use]
    pub fn flags(&self) -> Option<Flags<'a>> {
        self.row.flags()
    }

    /// Gmail's labels of the message (`X-GM-LABELS`); `None` if the server did not report them.
    #[must_use]
    pub fn gmail_labels(&self) -> Option<Labels<'a>> {
        self.row.gmail_labels()
    }

    /// The new mod-sequence of the message (RFC 7162); `None` if the server did not report it.
    #[must_use]
    pub fn mod_seq(&self) -> Option<ModSeq> {
        self.row.mod_seq()
    }

    /// The items that were sent but are invalid, each with its octets.
    pub fn errors(&self) -> impl Iterator<Item = ItemError> + use<'a> {
        self.row.errors()
    }
}

impl<S> Stored<S> {
    /// The messages that were not changed because they had changed meanwhile.
    ///
    /// Empty unless [`unchanged_since`](Store::unchanged_since) was set.
    #[must_use]
    pub fn modified(&self) -> &S {
        &self.modified
    }
}

impl Change<'_> {
    /// The most octets that it takes, with those before it.
    fn room(&self) -> usize {
        // Modified UTF-7 makes three octets of one at most, beside quotes and a space.
        let value: usize = match self {
            Self::Flags(flags) => flags.iter().map(|f| f.wire_form().1.len() + 2).sum(),
            Self::Labels(labels) => labels.iter().map(|l| 3 * l.as_str().len() + 5).sum(),
        };
        value + "(UNCHANGEDSINCE 9223372036854775807) +X-GM-LABELS.SILENT ()".len()
    }

    /// Rejects an empty list, which cannot be sent, and values that are no flags.
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

    /// Whether what is reported of a message may be due to the change. Without its flags, its new
    /// mod-sequence is reported.
    fn is_in(&self, row: &Responses, action: StoreAction) -> bool {
        let (Self::Flags(flags), Some(told)) = (self, row.flags()) else {
            return true;
        };
        let is_removed = action == StoreAction::Remove;
        let mut flags_told = flags.iter().map(|flag| told.contains(flag));
        flags.is_empty() || flags_told.any(|is_there| is_there != is_removed)
    }

    /// `store-att-flags`, and its form for labels.
    fn encode(&self, encoder: &mut Encoder<'_>, action: StoreAction, silent: bool) -> Result<()> {
        let silent = if silent { ".SILENT " } else { " " };
        match self {
            Self::Flags(flags) => {
                encoder.display(action).raw(silent).flag_list(*flags)?;
            }
            Self::Labels(labels) => {
                encoder.raw(action.sign()).raw("X-GM-LABELS").raw(silent);
                encoder.label_list(*labels)?;
            }
        }
        Ok(())
    }
}

/// Whether an answer is about a message of the set.
fn is_of<S: MessageSet>(set: &S, fetch: &Responses) -> bool {
    number::<S>(fetch).is_some_and(|number| set.numbers().may_name(number))
}

/// The number of the message, as a STORE names it.
fn number<S: NamesMessages>(fetch: &Responses) -> Option<NonZeroU32> {
    match S::UID {
        true => fetch.uid().map(Into::into),
        false => fetch.seq().map(Into::into),
    }
}
