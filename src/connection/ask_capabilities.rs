//! The capabilities whenever they are needed: as the server reported them, or requested.

use crate::connection::Connection;
use crate::error::{Error, Result};
use crate::types::capability::Capabilities;

pub(crate) const CAPABILITY: &str = "CAPABILITY";

impl Connection {
    /// The capabilities, requested if they are not known. For a server that does not send them,
    /// they are those from before the login, or none.
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

    /// The capabilities, requested unless the server has reported them.
    pub(crate) fn ask_capabilities(&mut self) -> Result<&Capabilities> {
        if self.state.told_capabilities().is_none() {
            self.run_bare(CAPABILITY)?;
        }
        self.state
            .told_capabilities()
            .ok_or(Error::MissingData(CAPABILITY))
    }
}
