//! The deadlines of a session that can be changed after the login.

use std::time::Duration;

use crate::client_builder::bounds::Timeouts;
use crate::error::Result;
use crate::session::Session;

impl Session {
    /// Sets [`read_timeout`](crate::ClientBuilder::read_timeout) for all later commands.
    ///
    /// It holds after a reconnection too.
    ///
    /// Sends nothing, and does not reconnect. Waits for the lock, unless this thread holds a guard.
    ///
    /// # Errors
    ///
    /// [`Error::Lock`](crate::Error::Lock) if the lock is not granted in time;
    /// [`Error::StreamOpen`](crate::Error::StreamOpen) if this thread reads a stream;
    /// [`Error::Closed`](crate::Error::Closed).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use std::time::Duration;
    ///
    /// session.set_read_timeout(Duration::from_secs(20))?;
    /// session.noop()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_read_timeout(&self, timeout: Duration) -> Result<()> {
        self.set_timeouts("set_read_timeout", |timeouts| {
            timeouts.read = Some(timeout);
        })
    }

    /// Sets [`slow_read_timeout`](crate::ClientBuilder::slow_read_timeout) for all later commands.
    ///
    /// It holds after a reconnection too. Sends nothing, and does not reconnect.
    ///
    /// # Errors
    ///
    /// As for [`set_read_timeout`](Self::set_read_timeout).
    pub fn set_slow_read_timeout(&self, timeout: Duration) -> Result<()> {
        self.set_timeouts("set_slow_read_timeout", |timeouts| {
            timeouts.slow_read = Some(timeout);
        })
    }

    /// Sets [`stream_timeout`](crate::ClientBuilder::stream_timeout) for all later streams.
    ///
    /// It holds after a reconnection too. Sends nothing, and does not reconnect.
    ///
    /// # Errors
    ///
    /// As for [`set_read_timeout`](Self::set_read_timeout).
    pub fn set_stream_timeout(&self, timeout: Duration) -> Result<()> {
        self.set_timeouts("set_stream_timeout", |timeouts| {
            timeouts.stream = Some(timeout);
        })
    }

    /// Sets [`write_timeout`](crate::ClientBuilder::write_timeout) for all later commands.
    ///
    /// It holds after a reconnection too. Sends nothing, and does not reconnect.
    ///
    /// # Errors
    ///
    /// As for [`set_read_timeout`](Self::set_read_timeout).
    pub fn set_write_timeout(&self, timeout: Duration) -> Result<()> {
        self.set_timeouts("set_write_timeout", |timeouts| timeouts.write = timeout)
    }

    /// Sets [`command_timeout`](crate::ClientBuilder::command_timeout) for all later commands.
    ///
    /// It holds after a reconnection too. Sends nothing, and does not reconnect.
    ///
    /// # Errors
    ///
    /// As for [`set_read_timeout`](Self::set_read_timeout).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use std::time::Duration;
    /// use latchbox::types::SearchKey;
    ///
    /// let mut archive = session.lock_mailbox_read_only("Archive")?;
    /// session.set_command_timeout(Duration::from_secs(3600))?; // no index there
    /// archive.search(SearchKey::Text("invoice 4711".to_owned()))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_command_timeout(&self, timeout: Duration) -> Result<()> {
        self.set_timeouts("set_command_timeout", |timeouts| timeouts.command = timeout)
    }

    fn set_timeouts(&self, what: &'static str, set: impl FnOnce(&mut Timeouts)) -> Result<()> {
        self.lease_as_it_is(what)?.change_timeouts(set);
        Ok(())
    }
}
