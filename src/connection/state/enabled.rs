//! What ENABLE has switched on.

use crate::connection::state::State;
use crate::types::capability::Capability;

impl State {
    /// Whether ENABLE has switched something on.
    pub(crate) fn has_enabled(&self, capability: &Capability) -> bool {
        self.enabled.contains(capability)
    }

    /// ENABLE was answered by OK, and nothing was said of what it switched on (iCloud): what was
    /// asked for is on. What changes how names and texts are written is not taken for granted.
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

    /// These have been switched on.
    pub(super) fn add_enabled(&mut self, capabilities: impl Iterator<Item = Capability>) {
        let had = self.enabled.len();
        self.enabled.extend(capabilities);
        // What can be sent is worked out from all capabilities: not for each response.
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
