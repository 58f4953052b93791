//! The progress of the calls of a session.

use std::sync::Arc;

use crate::error::Result;
use crate::session::Session;
use crate::types::progress::Progress;

impl Session {
    /// Sets the function that receives the progress of each later call of this session and its
    /// guards.
    ///
    /// It holds after a reconnection too, and replaces an earlier function.
    ///
    /// | call | [`unit`](Progress::unit) | reported |
    /// |---|---|---|
    /// | APPEND and REPLACE of a message of more than 64 KiB | octets sent | after each 64 KiB, and at the end |
    /// | `append_each` | messages answered | after the answer to each |
    /// | `download`, `download_part`, `download_text` of more than 64 KiB | octets received, as they are encoded in the message | after each 64 KiB, and at the end |
    /// | `download_each`, FETCH | messages received | at each |
    /// | `batches` | messages received, of all batches | at each |
    /// | COPY, MOVE, STORE, UID EXPUNGE | messages of the set that were processed | after each command |
    /// | EXPUNGE | messages removed | at the end |
    /// | any command, if the server reports it (INPROGRESS, RFC 9585) | the server's | at each report, which is a [`SessionEvent`](crate::SessionEvent) too |
    ///
    /// A call that sends several kinds of commands reports each by its own name: `delete` reports
    /// `UID STORE`, then `UID EXPUNGE`. A message that [`pipeline`](Self::pipeline) stores is not
    /// reported in parts.
    ///
    /// The function runs on the thread of the call, between two reads or writes, while that thread
    /// holds the connection: it cannot use the session, which returns
    /// [`Error::StreamOpen`](crate::Error::StreamOpen), and the time that it takes counts for the
    /// deadlines. Without such a function nothing is counted, and an APPEND from memory is sent as
    /// a whole.
    ///
    /// Sends nothing, and does not reconnect. Waits for the lock, unless this thread holds a guard.
    ///
    /// # Errors
    ///
    /// As for [`set_read_timeout`](Self::set_read_timeout).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// # #[derive(Default)]
    /// # struct ProgressBar;
    /// # impl ProgressBar {
    /// #     fn no_length() -> Self { Self }
    /// #     fn update(&self, _: impl FnOnce(&mut State)) {}
    /// # }
    /// # struct State;
    /// # impl State {
    /// #     fn set_pos(&mut self, _: u64) {}
    /// #     fn set_len(&mut self, _: u64) {}
    /// # }
    /// let bar = ProgressBar::no_length(); // indicatif's
    /// session.on_progress(move |progress| bar.update(|state| {
    ///     state.set_pos(progress.done);
    ///     state.set_len(progress.total.unwrap_or(progress.done));
    /// }))?;
    /// let message = format!("Subject: large\r\n\r\n{}", "x".repeat(1_000_000));
    /// session.append("Archive", &message)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_progress(&self, hook: impl Fn(Progress) + Send + Sync + 'static) -> Result<()> {
        self.lease_as_it_is("on_progress")?
            .report_to(Arc::new(hook));
        Ok(())
    }
}
