//! What a STORE changes, how that is written and what became of it; and a STORE that stands in a
//! batch.

use std::sync::Arc;

use crate::connection::pipeline::Concern;
use crate::error::{Error, Result};
use crate::mailbox_guard::ReadWrite;
use crate::pipeline::{Ask, Command, Need, Place, SelectedState, sealed};
use crate::types::asked_for::AskedFor;
use crate::types::capability::{Capabilities, Capability};
use crate::types::flag::Flag;
use crate::types::label::Label;
use crate::types::message_set::MessageSet;
use crate::types::number_set::NumberSet;
use crate::types::origin::Origin;
use crate::types::response_code::ResponseCode;
use crate::types::store::{StoreAction, StoreOptions};
use crate::types::uid_set::UidSet;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;
use crate::wire::response::fetch::Fetch;

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
pub struct Store<'u> {
    uids: &'u UidSet,
    action: StoreAction,
    change: Change,
    options: StoreOptions,
}

/// What a STORE of a batch changes.
#[derive(Clone, Debug)]
enum Change {
    Flags(Vec<Flag>),
    Labels(Vec<Label>),
}

impl<'u> Store<'u> {
    /// Adds, removes or replaces flags of messages.
    ///
    /// What cannot be done is the outcome of the command, with the errors of
    /// [`MailboxGuard::store_with`](crate::MailboxGuard::store_with); [`Error::Argument`] also for a set that does not go in one
    /// command, which is what stands in a batch.
    #[must_use]
    pub fn new(uids: &'u UidSet, action: StoreAction, flags: impl AsRef<[Flag]>) -> Self {
        Self::of(uids, action, Change::Flags(flags.as_ref().to_vec()))
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
    /// #     .login(latchbox_testkit::USER, latchbox_testkit::PASSWORD).map_err(|(error, _)| error)?;
    /// use latchbox::command::Store;
    /// use latchbox::types::{Flag, Label, StoreAction, UidSet};
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
        Self::of(uids, action, Change::Labels(labels.as_ref().to_vec()))
    }

    fn of(uids: &'u UidSet, action: StoreAction, change: Change) -> Self {
        Self {
            uids,
            action,
            change,
            options: StoreOptions::default(),
        }
    }

    fn value(&self) -> Value<'_> {
        match &self.change {
            Change::Flags(flags) => Value::Flags(flags),
            Change::Labels(labels) => Value::Labels(labels),
        }
    }

    /// Silent, or only for messages that have not changed since.
    #[must_use]
    pub fn options(mut self, options: StoreOptions) -> Self {
        self.options = options;
        self
    }
}

impl sealed::Command for Store<'_> {}

impl Command<SelectedState<ReadWrite>> for Store<'_> {
    type Answer = Stored;
}

impl Ask<SelectedState<ReadWrite>> for Store<'_> {
    type Heard = Vec<Fetch>;

    fn name(&self) -> &'static str {
        "UID STORE"
    }

    fn check(&self, place: &mut Place<'_>) -> Result<Need> {
        let Some(held) = place.held() else {
            return Ok(Need::Send);
        };
        let value = self.value();
        value.check(self.action)?;
        if !held.check_set(self.name(), self.uids)? {
            return Ok(Need::Nothing);
        }
        held.check_length(self.uids, value.room())?;
        drop(held.connection_to_change(self.name())?);
        let missing = place.missing(self.name(), |capabilities| {
            missing(value, self.options, capabilities)
        })?;
        match missing {
            Some(missing) => Err(Error::unsupported(self.name(), missing)),
            None => Ok(Need::Send),
        }
    }

    fn encode<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        let numbers = self.uids.numbers();
        encode::<UidSet>(encoder, numbers, self.action, self.value(), self.options)
    }

    fn concern(&self) -> Concern<'_> {
        Concern::Messages(self.uids.numbers())
    }

    fn claim<'r>(&self, heard: &mut Vec<Fetch>, data: Untagged<'r>) -> Option<Untagged<'r>> {
        let Untagged::Fetch(row) = data else {
            return Some(data);
        };
        let mut message = Fetch::empty();
        message.assign(&row);
        if !is_of(self.uids, &message) {
            return Some(data);
        }
        heard.push(message);
        None
    }

    fn finish(
        &self,
        mut changed: Vec<Fetch>,
        code: Option<ResponseCode>,
        origin: Option<&Arc<Origin>>,
    ) -> Result<Stored> {
        if let Some(origin) = origin {
            changed.iter_mut().for_each(|row| row.set_origin(origin));
        }
        let modified = AskedFor::set(self.uids.numbers()).cut(modified(code));
        let modified = UidSet::from(modified);
        let modified = match origin {
            Some(origin) => modified.with_origin(Arc::clone(origin)),
            None => modified,
        };
        Ok(Stored { changed, modified })
    }
}

/// What a STORE did. It names messages as the STORE did: by UID or by sequence number.
#[derive(Clone, Debug, Default)]
pub struct Stored<S = UidSet> {
    pub(super) changed: Vec<Fetch>,
    pub(super) modified: S,
}

impl<S> Stored<S> {
    /// The messages as the server told them afterwards: their flags or labels, and their UIDs where
    /// the set was of UIDs. Empty for a silent STORE, unless the server tells new mod-sequences.
    #[must_use]
    pub fn changed(&self) -> &[Fetch] {
        &self.changed
    }

    /// The messages that were left alone because they had changed meanwhile; empty unless
    /// [`unchanged_since`](StoreOptions::unchanged_since) was asked for.
    #[must_use]
    pub fn modified(&self) -> &S {
        &self.modified
    }
}

/// What a STORE changes.
#[derive(Clone, Copy)]
pub(super) enum Value<'v> {
    Flags(&'v [Flag]),
    Labels(&'v [Label]),
}

/// What the server would have to have for it.
pub(super) fn missing(
    value: Value<'_>,
    options: StoreOptions,
    capabilities: &Capabilities,
) -> Option<Capability> {
    let since = options.unchanged_since.map(|_| Capability::CondStore);
    let labels = matches!(value, Value::Labels(_)).then_some(Capability::Gmail);
    let mut needed = since.into_iter().chain(labels);
    needed.find(|capability| !capabilities.supports(capability))
}

/// `store`.
pub(super) fn encode<S: MessageSet>(
    encoder: &mut Encoder<'_>,
    set: &NumberSet,
    action: StoreAction,
    value: Value<'_>,
    options: StoreOptions,
) -> Result<()> {
    encoder.raw(if S::UID { "UID STORE " } else { "STORE " });
    encoder.message_set::<S>(set).sp();
    if let Some(mod_seq) = options.unchanged_since {
        encoder.display(format_args!("(UNCHANGEDSINCE {mod_seq}) "));
    }
    value.encode(encoder, action, options.silent)
}

/// The messages that were left alone.
pub(super) fn modified(code: Option<ResponseCode>) -> NumberSet {
    match code {
        Some(ResponseCode::Modified(numbers)) => numbers,
        _ => NumberSet::default(),
    }
}

impl Value<'_> {
    /// How many octets it takes at most, with what goes before it.
    pub(super) fn room(self) -> usize {
        // Modified UTF-7 makes three octets of one at most, beside quotes and a space.
        let value: usize = match self {
            Self::Flags(flags) => flags.iter().map(|f| f.to_string().len() + 1).sum(),
            Self::Labels(labels) => labels.iter().map(|l| 3 * l.as_str().len() + 5).sum(),
        };
        value + "(UNCHANGEDSINCE 9223372036854775807) +X-GM-LABELS.SILENT ()".len()
    }

    /// Adding or removing nothing cannot be said, nor can what is no flag.
    pub(super) fn check(self, action: StoreAction) -> Result<()> {
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
    fn encode(self, encoder: &mut Encoder<'_>, action: StoreAction, silent: bool) -> Result<()> {
        let silent = if silent { ".SILENT " } else { " " };
        match self {
            Self::Flags(flags) => {
                encoder.display(action).raw(silent).flag_list(flags)?;
            }
            Self::Labels(labels) => {
                encoder.raw(action.sign()).raw("X-GM-LABELS").raw(silent);
                encoder.label_list(labels)?;
            }
        }
        Ok(())
    }
}

/// Whether an answer is about a message of the set.
pub(super) fn is_of<S: MessageSet>(set: &S, fetch: &Fetch) -> bool {
    let number = match S::UID {
        true => fetch.uid().map(Into::into),
        false => fetch.seq().map(Into::into),
    };
    number.is_some_and(|number| set.numbers().may_name(number))
}
