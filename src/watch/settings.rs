//! The settings of a watch.

use std::time::Duration;

use crate::idle_options::{IdleOptions, Rhythm};
use crate::reconnect::Backoff;
use crate::sync::{FetchChanges, History, Way};
use crate::types::checkpoint::Checkpoint;
use crate::types::fetch::FetchItem;

/// What is requested of changed mailboxes, and how often they are looked at.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) items: Vec<FetchItem>,
    pub(super) batch_size: Option<u32>,
    pub(super) history: History,
    pub(super) best_way: Way,
    pub(super) look_interval: Duration,
    pub(super) status_interval: Duration,
    pub(super) rhythm: Rhythm,
    pub(super) backoff: Backoff,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            batch_size: None,
            history: History::All,
            best_way: Way::Qresync,
            look_interval: Duration::from_secs(5 * 60),
            status_interval: Duration::from_secs(60),
            rhythm: IdleOptions::new().rhythm,
            backoff: Backoff::new(),
        }
    }
}

impl Settings {
    /// The request for the changes of a mailbox since a checkpoint; `is_new` if the watch has seen
    /// that the mailbox was not there.
    pub(super) fn changes<'r>(
        &'r self,
        since: Option<&'r Checkpoint>,
        is_new: bool,
    ) -> FetchChanges<'r> {
        let request = FetchChanges::since(since)
            .of_new_mailbox(is_new)
            .items(&self.items)
            .history(self.history)
            .best_way(self.best_way);
        match self.batch_size {
            Some(size) => request.batch_size(size),
            None => request,
        }
    }
}
