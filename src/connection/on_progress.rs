//! The function that gets the progress of calls, and its counters.

use std::sync::Arc;

use crate::events::session_event::SessionEvent;
use crate::types::number_set::NumberSet;
use crate::types::progress::{Progress, ProgressUnit};

/// The program's function for the progress of a call.
pub(crate) type OnProgress = Arc<dyn Fn(Progress) + Send + Sync>;

/// The number of messages that a call has done, and of those that it has to do, if it is known.
#[derive(Clone, Copy, Default)]
pub(crate) struct MessagesDone {
    pub(super) done: u64,
    pub(super) total: Option<u64>,
}

impl MessagesDone {
    /// No message is done.
    pub(crate) fn of(all: &NumberSet) -> Self {
        let total = all.len();
        Self { done: 0, total }
    }

    /// So many messages of those that were known before are done.
    pub(crate) fn from(done: u64, total: Option<u64>) -> Self {
        Self { done, total }
    }
}

/// Reports the progress that the server has sent.
pub(super) fn report_event(hook: Option<&OnProgress>, event: Option<&SessionEvent>) {
    let (
        Some(hook),
        Some(SessionEvent::InProgress {
            command,
            done,
            goal,
            ..
        }),
    ) = (hook, event)
    else {
        return;
    };
    let done = done.unwrap_or(0);
    hook(Progress::new(command, ProgressUnit::Server, done, *goal));
}
