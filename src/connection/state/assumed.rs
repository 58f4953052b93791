//! Capabilities that are not known any more, and what a server that does not give them is taken for.

use crate::connection::append_limits::AppendLimits;
use crate::connection::state::State;
use crate::error::Error;
use crate::types::capability::{Capabilities, Capability};
use crate::wire::encoder::Abilities;

impl State {
    /// The capabilities as the server has told them, where it has.
    pub(crate) fn told_capabilities(&self) -> Option<&Capabilities> {
        self.capabilities().filter(|_| !self.are_assumed)
    }

    /// Forgets the capabilities: they change with TLS and with the login.
    pub(crate) fn forget_capabilities(&mut self) {
        let before = self.capabilities.take();
        self.capabilities_before = before.or(self.capabilities_before.take());
        self.abilities = Abilities::default();
        self.append_limits = AppendLimits::default();
    }

    /// The server does not give its capabilities: they are what it told before the login, without
    /// what concerns logins; none but those of the base where it told nothing.
    pub(crate) fn assume_capabilities(&mut self, error: &Error) {
        log::debug!("the capabilities are not known: {error}");
        let before = self.capabilities_before.take().unwrap_or_default();
        let is_kept = |capability: &&Capability| !capability.concerns_login();
        let before: Capabilities = before.iter().filter(is_kept).cloned().collect();
        let heard = self.capabilities_heard;
        self.learn_capabilities(before);
        (self.are_assumed, self.capabilities_heard) = (true, heard);
    }
}
