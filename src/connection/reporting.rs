//! Reports the progress of calls to the program's function.

use std::sync::Arc;

use crate::connection::Connection;
use crate::connection::on_progress::{MessagesDone, OnProgress};
use crate::connection::upload::CHUNK;
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
        self.report_messages(command, so_far, part.len().unwrap_or(0));
    }

    /// So many more messages have been done.
    pub(crate) fn report_messages(
        &self,
        command: &'static str,
        so_far: &mut MessagesDone,
        messages: u64,
    ) {
        so_far.done = so_far.done.saturating_add(messages);
        let MessagesDone { done, total } = *so_far;
        self.report(Progress::new(command, ProgressUnit::Messages, done, total));
    }

    /// Octets of a section have been received, `before` of them at the last report; reported once
    /// for each chunk, and at the end.
    pub(crate) fn report_octets(&self, command: &'static str, before: u64, done: u64, total: u64) {
        let is_due = done / CHUNK > before / CHUNK || done == total && before < total;
        if is_due && total > CHUNK {
            self.report(Progress::new(
                command,
                ProgressUnit::Octets,
                done,
                Some(total),
            ));
        }
    }

    /// Runs a pipeline each command of which is for one message.
    pub(crate) fn counting<T>(
        &mut self,
        messages: MessagesDone,
        run: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.counted = self.is_reporting().then_some(messages);
        let done = run(self);
        self.counted = None;
        done
    }

    /// A command of a pipeline was answered.
    pub(super) fn report_answered(&mut self, command: &'static str) {
        // Taken out meanwhile: after a panic of the function nothing is counted.
        if let Some(mut counted) = self.counted.take() {
            self.report_messages(command, &mut counted, 1);
            self.counted = Some(counted);
        }
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
        if so_far.done == 0 && so_far.total.is_none() {
            let requested = all().len();
            so_far.total = requested.into_iter().chain(exists).min();
        }
        self.report_messages(command, so_far, 1);
    }
}
