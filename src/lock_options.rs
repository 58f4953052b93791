//! How a mailbox is to be locked, beyond its name.

use std::sync::Arc;
use std::time::Duration;

use crate::stop_handle::StopHandle;
use crate::types::uid::UidValidity;

/// What a lock may say beyond the mailbox: how long to wait, what to call it, what to expect.
///
/// ```
#[doc = include_str!("doc/session.txt")]
/// use std::time::Duration;
/// use latchbox::LockOptions;
///
/// let options = LockOptions::new().timeout(Duration::from_secs(30)).label("nightly clean-up");
/// let trash = session.lock_mailbox_with("Trash", &options)?;
/// let state = session.lock_state();
/// assert_eq!(state.holders()[0].label(), Some("nightly clean-up"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct LockOptions {
    pub(crate) timeout: Option<Duration>,
    pub(crate) at_once: bool,
    pub(crate) label: Option<Arc<str>>,
    pub(crate) uid_validity: Option<UidValidity>,
    pub(crate) stop: Option<StopHandle>,
}

impl LockOptions {
    /// Waits as the session's [`lock_timeout`](crate::ClientBuilder::lock_timeout) says, unnamed,
    /// for whatever is there.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One deadline over the wait, a reconnection and the SELECT.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Does not wait for a turn; a SELECT or a reconnection that is needed is waited for.
    #[must_use]
    pub fn at_once(mut self) -> Self {
        self.at_once = true;
        self
    }

    /// What to call this hold in the log, in [`lock_state`](crate::Session::lock_state) and in the
    /// errors of those who wait for it.
    #[must_use]
    pub fn label(mut self, label: &str) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The UIDVALIDITY that the mailbox must have, because the caller has kept UIDs of it.
    ///
    /// Another one makes the lock fail with
    /// [`MailboxError::UidValidityChanged`](crate::error::MailboxError::UidValidityChanged); nothing is held
    /// then, and the mailbox stays selected.
    #[must_use]
    pub fn uid_validity(mut self, expected: UidValidity) -> Self {
        self.uid_validity = Some(expected);
        self
    }

    /// The handle that cancels the lock and what is done with its guard, from any thread; the
    /// connection stays usable.
    ///
    /// After [`StopHandle::stop`]:
    ///
    /// - A wait for the lock ends with [`Error::Cancelled`](crate::Error::Cancelled). A SELECT or a
    ///   reconnection in progress is completed first.
    /// - A stream of messages ends with it before the next message, and a download before the next
    ///   piece. The next command drains the rest of the answer, like that of a stream dropped early:
    ///   within the [`drain_limit`](crate::ClientBuilder::drain_limit), or the connection is closed.
    /// - A call that is sent in several commands, such as a STORE of many messages, ends between two
    ///   of them with [`Error::Unfinished`](crate::Error::Unfinished), which has what was done. Steps
    ///   that would leave messages half changed are completed.
    /// - An IDLE is ended (DONE), and its wait returns `None`.
    /// - Every later command of the guard is [`Error::Cancelled`](crate::Error::Cancelled) before it
    ///   is sent. Drop the guard.
    ///
    /// A command in flight is not interrupted: what a server takes minutes for, such as a SEARCH,
    /// takes its time. A [`CloseHandle`](crate::CloseHandle) interrupts it, and ends the connection.
    ///
    /// ```
    #[doc = include_str!("doc/session.txt")]
    /// use latchbox::types::{FetchItem, UidSet};
    /// use latchbox::{LockOptions, StopHandle};
    ///
    /// let stop = StopHandle::new(); // a clone goes to the button
    /// let options = LockOptions::new().stop_handle(&stop);
    /// let mut inbox = session.lock_mailbox_with("INBOX", &options)?;
    /// let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Envelope])?;
    /// # stop.stop();
    /// let error = messages.next().unwrap_err();
    /// assert!(error.is_cancelled() && !error.is_closed());
    /// # drop(inbox);
    /// assert!(session.lock_mailbox("INBOX").is_ok()); // the session continues
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn stop_handle(mut self, handle: &StopHandle) -> Self {
        self.stop = Some(handle.clone());
        self
    }
}
