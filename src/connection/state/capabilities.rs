//! The capabilities: as the server reports them, forgotten, or assumed if the server does not send
//! them; and the forms that may be sent because of them.

use crate::connection::append_limits::AppendLimits;
use crate::connection::state::State;
use crate::error::Error;
use crate::types::capability::{Capabilities, Capability};
use crate::wire::encoder::Abilities;

impl State {
    /// The capabilities, if they are known.
    pub(crate) fn capabilities(&self) -> Option<&Capabilities> {
        self.capabilities.as_ref()
    }

    /// The number of times that the server has reported its capabilities.
    pub(crate) fn capabilities_heard(&self) -> u64 {
        self.capabilities_heard
    }

    pub(crate) fn abilities(&self) -> Abilities {
        self.abilities
    }

    /// The capabilities as the server has reported them, if it has.
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

    /// The server does not send its capabilities: they are those from before the login, without
    /// those that concern logins; none but those of the base if it reported none.
    pub(crate) fn assume_capabilities(&mut self, error: &Error) {
        log::debug!("capabilities assumed: {error}");
        let before = self.capabilities_before.take().unwrap_or_default();
        let is_kept = |capability: &&Capability| !capability.concerns_login();
        let before: Capabilities = before.iter().filter(is_kept).cloned().collect();
        let heard = self.capabilities_heard;
        self.learn_capabilities(before);
        (self.are_assumed, self.capabilities_heard) = (true, heard);
    }

    pub(super) fn learn_capabilities(&mut self, capabilities: Capabilities) {
        let utf8_append = self.has_enabled(&Capability::Utf8Accept);
        // Without IMAP4rev1 there is nothing to enable (RFC 9051 appendix A).
        let is_rev2 = capabilities.contains(&Capability::Imap4Rev2)
            && !capabilities.contains(&Capability::Imap4Rev1);
        let utf8 = is_rev2 || utf8_append || self.has_enabled(&Capability::Imap4Rev2);
        self.abilities = Abilities {
            utf8_append,
            ..Abilities::of(&capabilities, utf8)
        };
        self.append_limits.set_others(capabilities.append_limit());
        self.meter.set_utf8(utf8);
        self.capabilities_heard += 1;
        self.are_assumed = false;
        self.capabilities = Some(capabilities);
        self.capabilities_before = None;
    }
}
