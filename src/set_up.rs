//! The steps after a login: all requests, in one round trip if the server allows it; and the
//! settings of the session that a new connection is given.

pub(crate) mod enable;
pub(crate) mod identify;
pub(crate) mod namespaces;
mod optional;

use std::time::Instant;

use crate::connection::Connection;
use crate::connection::ask_capabilities::CAPABILITY;
use crate::connection::desired::Desired;
use crate::connection::pipeline::Footprint;
use crate::error::{Error, Result};
use crate::exchange::Simple;
use crate::pipeline::run_on;
use crate::set_up::enable::Enable;
use crate::set_up::identify::Identify;
use crate::set_up::namespaces::AskNamespaces;
use crate::set_up::optional::Optional;
use crate::types::capability::{Capabilities, Capability};
use crate::types::namespace::Namespaces;

/// The requests and settings after a login.
#[derive(Default)]
pub(crate) struct Wishes<'a> {
    /// The fields of ID; not sent if empty.
    pub(crate) identity: &'a [(String, String)],
    /// The extensions to enable if the server has them.
    pub(crate) enable: Vec<&'a Capability>,
    /// Whether the namespaces are requested.
    pub(crate) namespaces: bool,
}

/// CAPABILITY beside other commands; the state records the answer.
struct AskCapabilities;

impl Simple for AskCapabilities {
    const NAME: &'static str = CAPABILITY;
    type Partial = ();

    fn footprint(&self) -> Footprint<'_> {
        Footprint::Kind(Self::NAME)
    }
}

impl Connection {
    /// Requests the capabilities unless they are known, and does what is wished for as far as the
    /// server supports it.
    ///
    /// The extensions that the server had before the login it most likely has after it: commands
    /// for them are sent along with CAPABILITY, and only what is new then costs another round trip.
    /// A wish that is refused is logged at `debug` and is no error. Neither are capabilities that
    /// are not sent: they stay unknown, and are requested when they are needed.
    pub(crate) fn set_up(
        &mut self,
        mut wishes: Wishes<'_>,
        before: Option<&Capabilities>,
    ) -> Result<()> {
        if self.state.capabilities().is_none() {
            let possible = before.map(|before| wishes.take_possible(before));
            self.fulfil(Some(AskCapabilities), possible.unwrap_or_default())?;
        }
        let capabilities = self.state.capabilities();
        let possible = capabilities.map(|capabilities| wishes.take_possible(capabilities));
        self.fulfil(None, possible.unwrap_or_default())
    }

    /// Sends the wishes that the server supports, in one round trip.
    fn fulfil(&mut self, capabilities: Option<AskCapabilities>, wishes: Wishes<'_>) -> Result<()> {
        let Wishes {
            identity,
            enable,
            namespaces,
        } = wishes;
        let identify = (!identity.is_empty()).then(|| Identify::of(identity));
        // ENABLE comes last: it can change the form of names.
        let batch = (
            Optional(capabilities),
            Optional(identify),
            Optional(namespaces.then_some(AskNamespaces)),
            Enable(enable),
        );
        let (capabilities, identified, namespaces, enabled) = run_on(self, batch)?;
        unless_dispensable(capabilities)?;
        unless_dispensable(identified)?;
        self.note_namespaces(namespaces)?;
        unless_dispensable(enabled).map(drop)
    }

    fn note_namespaces(&mut self, answer: Result<Option<Namespaces>>) -> Result<()> {
        if let Err(Error::Refused(refused)) = &answer {
            self.state.has_no_namespaces |= refused.may_be_about_form();
        }
        if let Some(namespaces) = unless_dispensable(answer)?.flatten() {
            self.state.set_namespaces(&namespaces);
        }
        Ok(())
    }

    /// Sets a new connection up with the settings of the session, before the deadline, and shares
    /// `desired` with it from then on.
    pub(crate) fn set_up_as(&mut self, desired: &Desired, deadline: Option<Instant>) -> Result<()> {
        let wanted = desired.settings();
        self.keep_to(deadline);
        #[cfg(feature = "compress")]
        if wanted.compressed {
            self.try_to_compress()?;
        }
        let enabled = wanted.enabled.iter();
        let missing = enabled.filter(|extension| !self.state.has_enabled(extension));
        self.execute(&Enable(missing.collect()))?;
        if let Some(request) = &wanted.notify {
            self.notify(request)?;
        }
        self.forget_deadline();
        if let Some(timeouts) = wanted.timeouts {
            self.replace_timeouts(timeouts);
        }
        self.go_on_reporting(wanted.on_progress);
        self.state.desired = desired.clone();
        Ok(())
    }
}

impl Wishes<'_> {
    /// Takes out the wishes that a server with these capabilities supports.
    fn take_possible(&mut self, capabilities: &Capabilities) -> Self {
        let mut possible = Self::default();
        if capabilities.supports(&Capability::Id) {
            possible.identity = std::mem::take(&mut self.identity);
        }
        if capabilities.supports(&Capability::Namespace) {
            possible.namespaces = std::mem::take(&mut self.namespaces);
        }
        if capabilities.supports(&Capability::Enable) {
            let wanted = std::mem::take(&mut self.enable).into_iter();
            let is_possible = |wanted: &&Capability| capabilities.supports(wanted);
            (possible.enable, self.enable) = wanted.partition(is_possible);
        }
        possible
    }
}

/// The answer, or `None` if the failed step is optional.
fn unless_dispensable<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Err(error) if error.is_dispensable() => {
            log::debug!("step after login skipped: {error}");
            Ok(None)
        }
        answer => answer.map(Some),
    }
}
