//! The extensions that ENABLE has enabled.

use crate::connection::state::State;
use crate::types::capability::Capability;

impl State {
    /// Whether ENABLE has enabled this capability.
    pub(crate) fn has_enabled(&self, capability: &Capability) -> bool {
        self.enabled.contains(capability)
    }

    /// ENABLE was answered by OK, without a report of what it enabled (iCloud): what was requested
    /// is enabled. Extensions that change the form of names and texts are not assumed.
    pub(crate) fn assume_enabled<'c>(&mut self, asked: impl Iterator<Item = &'c Capability>) {
        const OF_TEXTS: [Capability; 3] = [
            Capability::Utf8Accept,
            Capability::Utf8Only,
            Capability::Imap4Rev2,
        ];
        let capabilities = self.capabilities.as_ref();
        let has = |asked: &&Capability| capabilities.is_some_and(|all| all.supports(asked));
        let assumed = asked.filter(|asked| has(asked) && !OF_TEXTS.contains(asked));
        let assumed: Vec<_> = assumed.cloned().collect();
        self.add_enabled(assumed.into_iter());
    }

    /// Records extensions that have been enabled.
    pub(super) fn add_enabled(&mut self, capabilities: impl Iterator<Item = Capability>) {
        let had = self.enabled.len();
        self.enabled.extend(capabilities);
        // The forms that may be sent are derived from all capabilities: not for each response.
        if self.enabled.len() > had {
            self.desired.enable(self.enabled.iter());
            self.meter.set_enabled(&self.enabled);
            if let Some(capabilities) = self.capabilities.take() {
                let are_assumed = self.are_assumed;
                self.learn_capabilities(capabilities);
                self.are_assumed = are_assumed;
            }
        }
    }
}
