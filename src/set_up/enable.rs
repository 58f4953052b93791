//! ENABLE (RFC 5161) as an exchange: the extensions that it enables, whether the server reports
//! them or not.

use crate::connection::pipeline::Footprint;
use crate::error::Result;
use crate::exchange::{BatchState, Batchable, Exchange, Leased, Planned, Sent};
use crate::types::capability::Capability;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

/// ENABLE of these capabilities; nothing is sent if there are none. The answer is those of them that
/// are on because of it.
pub(crate) struct Enable<'c>(pub(crate) Vec<&'c Capability>);

impl Enable<'_> {
    pub(crate) const NAME: &'static str = "ENABLE";
}

impl<In: BatchState> Batchable<In> for Enable<'_> {
    type Answer = Vec<Capability>;
}

impl<In: BatchState> Exchange<In> for Enable<'_> {
    type Plan = ();
    /// `None` until the server has reported what it enabled.
    type Partial = Option<Vec<Capability>>;

    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn plan(&self, _lease: &mut In::Lease<'_>) -> Result<Planned<(), Self::Answer>> {
        for capability in &self.0 {
            capability.check()?;
        }
        Ok(match self.0.is_empty() {
            true => Planned::Done(Vec::new()),
            false => Planned::Send(()),
        })
    }

    fn encode<'a>(&'a self, _plan: &'a (), encoder: &mut Encoder<'a>) -> Result<()> {
        encoder.raw(Self::NAME);
        for capability in &self.0 {
            encoder.sp().display(capability);
        }
        Ok(())
    }

    fn footprint<'a>(&'a self, _plan: &'a ()) -> Footprint<'a> {
        Footprint::Kind(Self::NAME)
    }

    /// The requested capabilities are enabled from this response on. Others that the server enables
    /// are ignored, so that no server makes the set grow.
    fn claim<'r>(
        &self,
        _sent: Sent<'_, ()>,
        partial: &mut Self::Partial,
        data: Untagged<'r>,
    ) -> Option<Untagged<'r>> {
        let told = match data {
            Untagged::Enabled {
                capabilities,
                is_asked: false,
            } => capabilities,
            other => return Some(other),
        };
        let on = partial.get_or_insert_default();
        let known = on.len();
        for capability in told {
            if self.0.contains(&&capability) && !on.contains(&capability) {
                on.push(capability);
            }
        }
        let new = on.get(known..).unwrap_or_default();
        Some(Untagged::Enabled {
            capabilities: new.to_vec(),
            is_asked: true,
        })
    }

    fn finish(
        &self,
        (): (),
        partial: Self::Partial,
        lease: &mut In::Lease<'_>,
    ) -> Result<Self::Answer> {
        if let Some(on) = partial {
            return Ok(on);
        }
        let state = &mut lease.connection().state;
        state.assume_enabled(self.0.iter().copied());
        let is_on = |capability: &&&Capability| state.has_enabled(capability);
        let on = self.0.iter().filter(is_on);
        Ok(on.map(|capability| Capability::clone(capability)).collect())
    }
}
