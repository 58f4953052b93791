//! What a session wants of each of its connections, and a new one has to be given.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::client_builder::bounds::Timeouts;
use crate::connection::on_progress::OnProgress;
use crate::types::capability::Capability;
use crate::types::notify::NotifyRequest;

/// What has been switched on in a session. The session shares it with its connection, which brings
/// it up to date, and reads it for the next one.
#[derive(Clone, Default)]
pub(crate) struct Desired(Arc<Mutex<Settings>>);

/// What is wanted at some time.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    /// What ENABLE has switched on.
    pub(crate) enabled: BTreeSet<Capability>,
    /// COMPRESS has succeeded.
    #[cfg(feature = "compress")]
    pub(crate) compressed: bool,
    /// What NOTIFY was asked for last, while the server keeps to it.
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

    /// A panic of another holder leaves nothing half done here.
    fn lock(&self) -> MutexGuard<'_, Settings> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
