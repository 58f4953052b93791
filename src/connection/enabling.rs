//! ENABLE on the wire (RFC 5161): what is switched on, where the server says it and where not.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::connection::Connection;
use crate::error::Result;
use crate::types::capability::Capability;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

const ENABLE: &str = "ENABLE";

/// ENABLE of these capabilities, which have been checked.
pub(super) fn write_enable(encoder: &mut Encoder<'_>, capabilities: &[&Capability]) {
    encoder.raw(ENABLE);
    for capability in capabilities {
        encoder.sp().display(capability);
    }
}

impl Connection {
    /// Switches extensions on; those that are on because of it.
    pub(crate) fn switch_on(
        &mut self,
        capabilities: &[&Capability],
        total: Duration,
    ) -> Result<Vec<Capability>> {
        let mut told: Option<Vec<Capability>> = None;
        let mut left: BTreeSet<Capability> = capabilities.iter().copied().cloned().collect();
        self.state.ask_to_enable(capabilities.iter().copied());
        let sent = self.start_within(ENABLE, total, |encoder| {
            write_enable(encoder, capabilities);
            Ok(())
        });
        let done = sent.and_then(|()| {
            self.finish(|data| {
                if let Untagged::Enabled(capabilities) = &data {
                    let on = capabilities.iter().filter(|on| left.remove(*on)).cloned();
                    told.get_or_insert_default().extend(on);
                }
                Some(data)
            })
        });
        self.state.end_enabling();
        done?;
        if let Some(told) = told {
            return Ok(told);
        }
        self.state.assume_enabled(capabilities.iter().copied());
        let is_on = |capability: &&&Capability| self.state.has_enabled(capability);
        let on = capabilities.iter().filter(is_on);
        Ok(on.map(|capability| Capability::clone(capability)).collect())
    }
}
