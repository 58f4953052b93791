//! FETCH as one command: the items that it requests, and its part in a command batch.

pub(super) mod collected;
pub(super) mod plan;

use crate::command::fetch::command::collected::Collected;
use crate::command::fetch::command::plan::{Plan, name};
use crate::connection::pipeline::Footprint;
use crate::error::{Error, Result};
use crate::exchange::{Batchable, Exchange, Planned, Sent};
use crate::mailbox_guard::access::Access;
use crate::mailbox_guard::lease::{MailboxLease, SelectedState};
use crate::mailbox_guard::pieces::{Pieces, Role};
use crate::types::fetch_messages::FetchMessages;
use crate::types::number_set::NumberSet;
use crate::types::uid_set::UidSet;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;
use crate::wire::response::fetch::{Fetch, LentFetch};

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
    message: LentFetch,
    /// The number of renumberings meanwhile.
    renumberings: u64,
}

impl Default for FetchedSoFar {
    fn default() -> Self {
        let mut pieces = Pieces::new(name::<UidSet>());
        pieces.takes_news = true;
        Self {
            collected: Collected::default(),
            pieces,
            message: LentFetch::new(None),
            renumberings: 0,
        }
    }
}

impl<A: Access> Batchable<SelectedState<A>> for FetchMessages<'_> {
    type Answer = Vec<Fetch>;
}

impl<A: Access> Exchange<SelectedState<A>> for FetchMessages<'_> {
    type Plan = PlanInBatch;
    type Partial = FetchedSoFar;

    fn name(&self) -> &'static str {
        name::<UidSet>()
    }

    fn plan(&self, lease: &mut MailboxLease<'_>) -> Result<Planned<PlanInBatch, Vec<Fetch>>> {
        check_kept(self)?;
        let mut plan = Plan::new(lease, self.set, self.items, self.options)?;
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
        let (message, requested) = (fetched.message.responses(), plan.plan.requested);
        message.assign(&row);
        let asked = Some(&plan.numbers);
        let role = fetched
            .pieces
            .role(message, requested, asked, fetched.renumberings);
        if let Role::Answer(uid) | Role::Both(uid) = role {
            fetched
                .collected
                .add(fetched.message.hand_over(uid), requested);
        }
        (!matches!(role, Role::Answer(_))).then_some(Untagged::Fetch(row))
    }

    fn finish(
        &self,
        _plan: PlanInBatch,
        mut fetched: FetchedSoFar,
        lease: &mut MailboxLease<'_>,
    ) -> Result<Vec<Fetch>> {
        fetched.pieces.end_answer();
        lease.check_found()?;
        if let Some(unreadable) = fetched.pieces.unreadable {
            return Err(Error::Unparsable(unreadable));
        }
        let mut messages = fetched.collected.messages;
        let origin = lease.held().origin();
        messages.iter_mut().for_each(|row| row.set_origin(origin));
        Ok(messages)
    }
}

/// The answer is collected in a `Vec`, which has no room for removed messages.
pub(super) fn check_kept<S>(fetch: &FetchMessages<'_, S>) -> Result<()> {
    match fetch.asks_for_vanished() {
        true => Err(Error::text(
            "vanished",
            "only a stream returns them; use `stream`",
        )),
        false => Ok(()),
    }
}
