//! The settings that a session gives to each of its connections.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::client_builder::bounds::Timeouts;
use crate::connection::on_progress::OnProgress;
use crate::types::capability::Capability;
use crate::types::notify::NotifyRequest;

/// The extensions and settings of a session. The session shares it with its connection, which
/// updates it, and reads it for the next one.
#[derive(Clone, Default)]
pub(crate) struct Desired(Arc<Mutex<Settings>>);

/// The settings at one time.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    /// The extensions that ENABLE has enabled.
    pub(crate) enabled: BTreeSet<Capability>,
    /// COMPRESS has succeeded.
    #[cfg(feature = "compress")]
    pub(crate) compressed: bool,
    /// The last request of NOTIFY, while it is in force.
    pub(crate) notify: Option<Arc<NotifyRequest>>,
    /// The deadlines, once they have been changed.
    pub(crate) timeouts: Option<Timeouts>,
    /// The function that gets the progress of calls.
    pub(crate) on_progress: Option<OnProgress>,
}

impl Desired {
    /// A copy of what is wanted now.
    pub(crate) fn settings(&self) -> Settings {
        self.lock().clone()
    }

    pub(crate) fn enable<'c>(&self, capabilities: impl Iterator<Item = &'c Capability>) {
        self.lock().enabled.extend(capabilities.cloned());
    }

    #[cfg(feature = "compress")]
    pub(crate) fn compress(&self) {
        self.lock().compressed = true;
    }

    pub(crate) fn notify(&self, request: Option<Arc<NotifyRequest>>) {
        let before = std::mem::replace(&mut self.lock().notify, request);
        drop(before);
    }

    pub(crate) fn set_timeouts(&self, timeouts: Timeouts) {
        self.lock().timeouts = Some(timeouts);
    }

    pub(crate) fn report_to(&self, hook: OnProgress) {
        let before = self.lock().on_progress.replace(hook);
        drop(before);
    }

    /// A panic of another thread leaves the settings consistent.
    fn lock(&self) -> MutexGuard<'_, Settings> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
