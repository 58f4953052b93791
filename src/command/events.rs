//! What the server has told the session as a whole; no command, for nothing is sent.

use crate::events::session_event::SessionEvent;
use crate::session::Session;

impl Session {
    /// Takes what the server has told the session as a whole since the last call, the oldest first:
    /// alerts, what [`notify`](Self::notify) asks for, and how far a long command is.
    ///
    /// Sends nothing, reads nothing and waits for nobody: it can be called while another thread
    /// uses the connection, in the middle of a stream, and after the end. What has arrived is read
    /// by the commands and locks of any thread. An alert is among these events wherever it stood;
    /// one that came while a mailbox was selected is also among the
    /// [events of its guard](crate::MailboxGuard::events).
    ///
    /// The queue is bounded, and the oldest events give way; then the first one is
    /// [`SessionEvent::Overflow`] and tells how many are lost.
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
    /// Another thread can show how far a long command is, where the server tells
    /// ([`SessionEvent::InProgress`], RFC 9585). That a server tells does not extend the
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
