//! How a mailbox is to be locked, beyond its name.

use std::sync::Arc;
use std::time::Duration;

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
}
