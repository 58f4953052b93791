//! LOGOUT (RFC 9051 section 6.1.3), and the end of the connection.

use std::time::Instant;

use crate::connection::Connection;
use crate::connection::answer::leave;
use crate::connection::answering::Kind;
use crate::error::{CloseReason, Effect, Result};

const LOGOUT: &str = "LOGOUT";

impl Connection {
    /// Sends LOGOUT and closes the connection. Draining an abandoned answer and LOGOUT together take
    /// the logout timeout at most.
    pub(crate) fn log_out(&mut self) {
        if self.send_logout().is_ok() {
            let _ = self.finish(leave);
        }
        self.close(LOGOUT, Effect::None, CloseReason::LoggedOut);
    }

    /// Like [`log_out`](Self::log_out), but closes the connection without waiting for the answer.
    pub(crate) fn log_out_without_waiting(&mut self) {
        let _ = self.send_logout();
        self.close(LOGOUT, Effect::None, CloseReason::LoggedOut);
    }

    fn send_logout(&mut self) -> Result<()> {
        let deadline = Instant::now().checked_add(self.timeouts().logout);
        self.settle_until(LOGOUT, deadline)?;
        let left = self.time_left(deadline);
        self.start_bare(Kind::Logout, LOGOUT, left)
    }
}
