//! The capabilities whenever they are needed: as the server has told them, or asked for.

use crate::connection::Connection;
use crate::error::{Error, Result};
use crate::types::capability::Capabilities;

pub(crate) const CAPABILITY: &str = "CAPABILITY";

impl Connection {
    /// The capabilities, asked for where they are not known. A server that does not give them is
    /// taken for what it said it was before, or for one without extensions.
    pub(crate) fn capabilities(&mut self) -> Result<&Capabilities> {
        if self.state.capabilities().is_none() {
            match self.ask_capabilities().map(drop) {
                Err(error) if !error.is_dispensable() => return Err(error),
                Err(error) => self.state.assume_capabilities(&error),
                Ok(()) => {}
            }
        }
        self.state
            .capabilities()
            .ok_or(Error::MissingData(CAPABILITY))
    }

    /// The capabilities, asked for unless the server has told them.
    pub(crate) fn ask_capabilities(&mut self) -> Result<&Capabilities> {
        if self.state.told_capabilities().is_none() {
            self.run_plain(CAPABILITY, |encoder| {
                encoder.raw(CAPABILITY);
                Ok(())
            })?;
        }
        self.state
            .told_capabilities()
            .ok_or(Error::MissingData(CAPABILITY))
    }
}
