//! ENABLE on the wire (RFC 5161): what is switched on, where the server says it and where not.

use std::time::Duration;

use crate::connection::Connection;
use crate::error::Result;
use crate::types::capability::Capability;
use crate::wire::response::Untagged;

const ENABLE: &str = "ENABLE";

impl Connection {
    /// Switches extensions on; those that are on because of it.
    pub(crate) fn switch_on(
        &mut self,
        capabilities: &[&Capability],
        total: Duration,
    ) -> Result<Vec<Capability>> {
        let mut told: Option<Vec<Capability>> = None;
        self.start_within(ENABLE, total, |encoder| {
            encoder.raw(ENABLE);
            for capability in capabilities {
                encoder.sp().display(capability);
            }
            Ok(())
        })?;
        self.finish(|data| {
            if let Untagged::Enabled(capabilities) = &data {
                told.get_or_insert_default().extend_from_slice(capabilities);
            }
            Some(data)
        })?;
        if let Some(told) = told {
            return Ok(told);
        }
        self.state.assume_enabled(capabilities.iter().copied());
        let is_on = |capability: &&&Capability| self.state.has_enabled(capability);
        let on = capabilities.iter().filter(is_on);
        Ok(on.map(|capability| Capability::clone(capability)).collect())
    }
}
