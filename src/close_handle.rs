//! Closing a session from any thread.

use std::fmt;
use std::sync::{Arc, Weak};

use crate::connection::Connection;
use crate::connection::shutdown_switch::ShutdownSwitch;
use crate::lock::FairLock;

/// Closes a session from any thread, even while another thread uses it.
///
/// See [`Session::close_handle`](crate::Session::close_handle). A thread that is blocked in a
/// command, a stream or an IDLE of the session, or waits for its lock, gets
/// [`Error::Closed`](crate::Error::Closed) at once, and so do all later calls. The session does not
/// reconnect; a reconnection in progress is aborted, except that looking a name up and connecting
/// take as long as they may anyway. On a caller's stream that another thread cannot shut down
/// ([`Transport::shutdown`](crate::transport::Transport::shutdown)), a read in progress ends only
/// when it would have ended anyway.
#[derive(Clone)]
pub struct CloseHandle {
    pub(crate) lock: Weak<FairLock<Connection>>,
    pub(crate) shutdown_switch: Arc<ShutdownSwitch>,
    /// Those of the other connections of a pool.
    pub(crate) beside: Option<Arc<[Arc<ShutdownSwitch>]>>,
}

impl CloseHandle {
    /// Closes the session now, without LOGOUT; [`logout`](crate::Session::logout) sends it.
    ///
    /// ```
    #[doc = include_str!("doc/session.txt")]
    /// let close_handle = session.close_handle();
    /// let inbox = session.lock_mailbox("INBOX")?;
    /// std::thread::scope(|scope| {
    ///     let waiter = scope.spawn(|| session.lock_mailbox("Trash").map(drop));
    ///     close_handle.close();
    ///     assert!(waiter.join().unwrap().unwrap_err().is_closed());
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn close(&self) {
        self.shutdown_switch.cut();
        for switch in self.beside.iter().flat_map(|switches| switches.iter()) {
            switch.cut();
        }
        if let Some(lock) = self.lock.upgrade() {
            lock.close();
        }
    }
}

impl fmt::Debug for CloseHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloseHandle")
            .field("shutdown_switch", &self.shutdown_switch)
            .finish_non_exhaustive()
    }
}
