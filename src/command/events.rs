//! The events of the session as a whole; sends nothing.

use crate::events::session_event::SessionEvent;
use crate::session::Session;

impl Session {
    /// Takes the session events that were queued since the last call, oldest first.
    ///
    /// They are alerts, the events that [`notify`](Self::notify) requested, and the progress of
    /// long commands. An alert is queued here in whatever response it came; one that came while a
    /// mailbox was selected is also among the [events of its guard](crate::MailboxGuard::events).
    ///
    /// Sends nothing, reads nothing and does not wait: it can be called while another thread uses
    /// the connection, in the middle of a stream, and after the connection is closed. Events are
    /// read from the connection by the commands and locks of any thread.
    ///
    /// The queue is bounded. If it overflows, the oldest events are removed, and the first event is
    /// [`SessionEvent::Overflow`] with the number of lost events.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::SessionEvent;
    ///
    /// session.noop()?;
    /// for event in session.events() {
    ///     if let SessionEvent::Alert(_) = event {
    ///         eprintln!("{event}"); // the user has to see it
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Another thread can show the progress of a long command, if the server reports it
    /// ([`SessionEvent::InProgress`], RFC 9585). Such a report does not extend the
    /// [`command_timeout`](crate::ClientBuilder::command_timeout).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use std::time::Duration;
    ///
    /// use latchbox::SessionEvent;
    /// use latchbox::types::UidSet;
    ///
    /// std::thread::scope(|scope| {
    ///     let copying = scope.spawn(|| {
    ///         let mut inbox = session.lock_mailbox("INBOX")?;
    ///         inbox.copy(&UidSet::all(), "Archive")
    ///     });
    ///     while !copying.is_finished() {
    ///         for event in session.events() {
    ///             if let SessionEvent::InProgress { done: Some(done), goal: Some(goal), .. } = event {
    ///                 println!("{done} of {goal}");
    ///             }
    ///         }
    ///         std::thread::sleep(Duration::from_millis(100));
    ///     }
    ///     copying.join().expect("it does not panic")
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "the events are taken out of the queue"]
    #[doc(alias = "unilateral")]
    #[doc(alias = "unsolicited")]
    #[doc(alias = "ALERT")]
    pub fn events(&self) -> Vec<SessionEvent> {
        self.session_events().take_all()
    }
}
