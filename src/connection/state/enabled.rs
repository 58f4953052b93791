//! What ENABLE has switched on, and what an ENABLE in flight asks for.

use crate::connection::state::State;
use crate::types::capability::Capability;

impl State {
    /// An ENABLE is sent for this: what a server enables beyond that, or at any other time, is
    /// ignored, so that no server makes the set grow.
    pub(crate) fn ask_to_enable<'c>(&mut self, asked: impl IntoIterator<Item = &'c Capability>) {
        self.enabling.extend(asked.into_iter().cloned());
    }

    /// The ENABLE was answered.
    pub(crate) fn end_enabling(&mut self) {
        self.enabling.clear();
    }

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

    pub(super) fn learn_enabled(&mut self, capabilities: Vec<Capability>) {
        let enabling = std::mem::take(&mut self.enabling);
        let is_asked = |capability: &Capability| enabling.contains(capability);
        self.add_enabled(capabilities.into_iter().filter(is_asked));
        self.enabling = enabling;
    }

    fn add_enabled(&mut self, capabilities: impl Iterator<Item = Capability>) {
        let had = self.enabled.len();
        self.enabled.extend(capabilities);
        // What can be sent is worked out from all capabilities: not for each response.
        if self.enabled.len() > had {
            self.desired.enable(self.enabled.iter());
            if let Some(capabilities) = self.capabilities.take() {
                let are_assumed = self.are_assumed;
                self.learn_capabilities(capabilities);
                self.are_assumed = are_assumed;
            }
        }
    }
}
