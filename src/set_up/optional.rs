//! A command of a batch that is optional.

use crate::connection::pipeline::{Among, Footprint};
use crate::error::Result;
use crate::exchange::{BatchState, Batchable, Exchange, Planned, Sent};
use crate::types::response_code::ResponseCode;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

/// A command, or nothing to send. The answer is `None` then.
pub(super) struct Optional<X>(pub(super) Option<X>);

impl<In: BatchState, X: Batchable<In>> Batchable<In> for Optional<X> {
    type Answer = Option<X::Answer>;
}

impl<In: BatchState, X: Exchange<In>> Exchange<In> for Optional<X> {
    type Plan = X::Plan;
    type Partial = X::Partial;

    fn name(&self) -> &'static str {
        self.0.as_ref().map_or("", Exchange::name)
    }

    fn plan(&self, lease: &mut In::Lease<'_>) -> Result<Planned<X::Plan, Self::Answer>> {
        let Some(command) = &self.0 else {
            return Ok(Planned::Done(None));
        };
        Ok(match command.plan(lease)? {
            Planned::Send(plan) => Planned::Send(plan),
            Planned::Done(answer) => Planned::Done(Some(answer)),
        })
    }

    fn encode<'a>(&'a self, plan: &'a X::Plan, encoder: &mut Encoder<'a>) -> Result<()> {
        match &self.0 {
            Some(command) => command.encode(plan, encoder),
            None => Ok(()),
        }
    }

    fn footprint<'a>(&'a self, plan: &'a X::Plan) -> Footprint<'a> {
        let footprint = |command: &'a X| command.footprint(plan);
        self.0.as_ref().map_or(Footprint::Nothing, footprint)
    }

    fn claim<'r>(
        &self,
        sent: Sent<'_, X::Plan>,
        partial: &mut X::Partial,
        data: Untagged<'r>,
    ) -> Option<Untagged<'r>> {
        match &self.0 {
            Some(command) => command.claim(sent, partial, data),
            None => Some(data),
        }
    }

    fn claim_loosely<'r>(
        &self,
        sent: Sent<'_, X::Plan>,
        partial: &mut X::Partial,
        data: Untagged<'r>,
        among: Among,
    ) -> Option<Untagged<'r>> {
        match &self.0 {
            Some(command) => command.claim_loosely(sent, partial, data, among),
            None => Some(data),
        }
    }

    fn complete(&self, partial: &mut X::Partial, code: Option<ResponseCode>) {
        if let Some(command) = &self.0 {
            command.complete(partial, code);
        }
    }

    fn finish(
        &self,
        plan: X::Plan,
        partial: X::Partial,
        lease: &mut In::Lease<'_>,
    ) -> Result<Self::Answer> {
        let command = self.0.as_ref();
        command
            .map(|command| command.finish(plan, partial, lease))
            .transpose()
    }
}
