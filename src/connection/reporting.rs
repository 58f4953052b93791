//! Reports the progress of calls to the program's function.

use std::sync::Arc;

use crate::connection::Connection;
use crate::connection::on_progress::{MessagesDone, OnProgress};
use crate::types::number_set::NumberSet;
use crate::types::progress::{Progress, ProgressUnit};

impl Connection {
    /// Calls `hook` from now on, also on the session's next connection.
    pub(crate) fn report_to(&mut self, hook: OnProgress) {
        self.state.desired.report_to(Arc::clone(&hook));
        self.on_progress = Some(hook);
    }

    /// Takes over the function of the connection before.
    pub(crate) fn go_on_reporting(&mut self, hook: Option<OnProgress>) {
        self.on_progress = hook;
    }

    /// Whether there is a function to call.
    #[inline]
    pub(crate) fn is_reporting(&self) -> bool {
        self.on_progress.is_some()
    }

    pub(crate) fn report(&self, progress: Progress) {
        if let Some(hook) = &self.on_progress {
            hook(progress);
        }
    }

    /// A part of a call has been done.
    pub(crate) fn report_part(
        &self,
        command: &'static str,
        so_far: &mut MessagesDone,
        part: &NumberSet,
    ) {
        so_far.done = so_far.done.saturating_add(part.len().unwrap_or(0));
        let MessagesDone { done, total } = *so_far;
        self.report(Progress::new(command, ProgressUnit::Messages, done, total));
    }

    /// A message of a stream has come; `all` is those that were requested.
    pub(crate) fn report_row(
        &self,
        command: &'static str,
        so_far: &mut MessagesDone,
        all: impl FnOnce() -> NumberSet,
    ) {
        let selected = self.state.selected();
        let exists = selected.map(|selected| u64::from(selected.mailbox.exists()));
        if so_far.done == 0 {
            let requested = all().len();
            so_far.total = requested.into_iter().chain(exists).min();
        }
        so_far.done = so_far.done.saturating_add(1);
        let MessagesDone { done, total } = *so_far;
        self.report(Progress::new(command, ProgressUnit::Messages, done, total));
    }
}
