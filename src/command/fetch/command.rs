//! FETCH as one command: what it asks for, and how it stands in a batch.

pub(super) mod collected;
pub(super) mod plan;

use crate::command::fetch::command::collected::Collected;
use crate::command::fetch::command::plan::{Plan, name};
use crate::connection::pipeline::Footprint;
use crate::error::{Error, Result};
use crate::exchange::{Command, Exchange, Planned, Sent, sealed};
use crate::mailbox_guard::access::Access;
use crate::mailbox_guard::lease::{MailboxLease, SelectedState};
use crate::mailbox_guard::pieces::{Pieces, Role};
use crate::types::fetch::FetchItem;
use crate::types::fetch_options::FetchOptions;
use crate::types::number_set::NumberSet;
use crate::types::uid_set::UidSet;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;
use crate::wire::response::fetch::Fetch;

/// UID FETCH as a command of a batch (see [`MailboxGuard::pipeline`](crate::MailboxGuard::pipeline));
/// its answer is a `Vec` of [`Fetch`](crate::message::Fetch), one of each message, in the order of
/// the server.
///
/// The messages of an answer are in memory together, up to the
/// [`answer_limit`](crate::ClientBuilder::answer_limit). To read many messages or long bodies, use
/// [`MailboxGuard::fetch`](crate::MailboxGuard::fetch), which streams them.
///
/// A FETCH or [`Store`](crate::command::Store) that names a message of one before it is sent when
/// that one has been answered, because the responses to one could be mistaken for the other's.
///
/// ```
#[doc = include_str!("../../doc/session.txt")]
/// use latchbox::command::{FetchMessages, Search};
/// use latchbox::types::{FetchItem, SearchKey, SearchReturn, UidSet};
///
/// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
/// let all = UidSet::all();
/// let (messages, unread) = inbox.pipeline((
///     FetchMessages::new(&all, [FetchItem::Flags, FetchItem::Envelope]),
///     Search::new(SearchKey::Unseen).returns(SearchReturn::new().count()),
/// ))?;
/// for message in &messages? {
///     println!("{}", message.envelope()?.subject());
/// }
/// assert_eq!(unread?.count(), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FetchMessages<'u> {
    uids: &'u UidSet,
    items: Vec<FetchItem>,
    options: FetchOptions,
}

impl<'u> FetchMessages<'u> {
    /// Requests items of messages.
    ///
    /// What cannot be done is the outcome of the command, with the errors of
    /// [`MailboxGuard::fetch_with`](crate::MailboxGuard::fetch_with). [`Error::Argument`] also for a
    /// set that does not go in one command, for an item that sets `\Seen` (unless the guard is
    /// read-only; a [`Store`](crate::command::Store) beside it sets the flag), and for
    /// [`changed_or_vanished_since`](FetchOptions::changed_or_vanished_since).
    #[must_use]
    pub fn new(uids: &'u UidSet, items: impl Into<Vec<FetchItem>>) -> Self {
        Self {
            uids,
            items: items.into(),
            options: FetchOptions::default(),
        }
    }

    /// Only messages that have changed since a mod-sequence, or only a page of them.
    #[must_use]
    pub fn options(mut self, options: FetchOptions) -> Self {
        self.options = options;
        self
    }
}

/// The checked command, and the messages that it is sent for.
pub(crate) struct PlanInBatch {
    plan: Plan,
    numbers: NumberSet,
}

/// What has been received of the answer.
pub(crate) struct FetchedSoFar {
    collected: Collected,
    pieces: Pieces,
    /// The message that was read last.
    message: Fetch,
    /// How often messages got other sequence numbers meanwhile.
    renumberings: u64,
}

impl Default for FetchedSoFar {
    fn default() -> Self {
        let mut pieces = Pieces::new(name::<UidSet>());
        pieces.takes_news = true;
        Self {
            collected: Collected::default(),
            pieces,
            message: Fetch::empty(),
            renumberings: 0,
        }
    }
}

impl sealed::Command for FetchMessages<'_> {}

impl<A: Access> Command<SelectedState<A>> for FetchMessages<'_> {
    type Answer = Vec<Fetch>;
}

impl<A: Access> Exchange<SelectedState<A>> for FetchMessages<'_> {
    type Plan = PlanInBatch;
    type Partial = FetchedSoFar;

    fn name(&self) -> &'static str {
        name::<UidSet>()
    }

    fn plan(&self, lease: &mut MailboxLease<'_>) -> Result<Planned<PlanInBatch, Vec<Fetch>>> {
        let mut plan = Plan::new(lease, self.uids, &self.items, self.options)?;
        if plan.asks_for_vanished {
            let problem = "a batch does not return them; use `fetch_with`";
            return Err(Error::text("vanished", problem));
        }
        if plan.marks_seen {
            let problem =
                "an item that sets \\Seen stands in no batch; use the peeking one and STORE";
            return Err(Error::text("items", problem));
        }
        let Some(numbers) = plan.left.take() else {
            return Ok(Planned::Done(Vec::new()));
        };
        if plan.left.len() > 0 {
            return Err(Error::text("set of messages", "too long for one command"));
        }
        Ok(Planned::Send(PlanInBatch { plan, numbers }))
    }

    fn encode<'a>(&'a self, plan: &'a PlanInBatch, encoder: &mut Encoder<'a>) -> Result<()> {
        plan.plan.question().encode(&plan.numbers, encoder);
        Ok(())
    }

    fn footprint<'a>(&'a self, plan: &'a PlanInBatch) -> Footprint<'a> {
        Footprint::Reads(&plan.numbers)
    }

    fn claim<'r>(
        &self,
        Sent { plan, .. }: Sent<'_, PlanInBatch>,
        fetched: &mut FetchedSoFar,
        data: Untagged<'r>,
    ) -> Option<Untagged<'r>> {
        let Untagged::Fetch(row) = data else {
            fetched.renumberings += u64::from(data.renumbers());
            return Some(data);
        };
        let (message, wanted) = (&mut fetched.message, plan.plan.wanted);
        message.assign(&row);
        let asked = Some(&plan.numbers);
        let role = fetched
            .pieces
            .role(message, wanted, asked, fetched.renumberings);
        if role != Role::News {
            fetched.collected.add(message.hand_over(), wanted);
        }
        (role != Role::Answer).then_some(Untagged::Fetch(row))
    }

    fn finish(
        &self,
        _plan: PlanInBatch,
        mut fetched: FetchedSoFar,
        lease: &mut MailboxLease<'_>,
    ) -> Result<Vec<Fetch>> {
        fetched.pieces.end_answer();
        if let Some(unreadable) = fetched.pieces.unreadable {
            return Err(Error::Unparsable(unreadable));
        }
        let mut messages = fetched.collected.messages;
        let origin = lease.held().origin();
        messages.iter_mut().for_each(|row| row.set_origin(origin));
        Ok(messages)
    }
}
