//! LOGOUT (RFC 9051 section 6.1.3), and the end of the connection.

use std::time::Instant;

use crate::connection::Connection;
use crate::connection::answer::leave;
use crate::connection::answering::Kind;
use crate::error::{CloseReason, Effect};

const LOGOUT: &str = "LOGOUT";

impl Connection {
    /// Sends LOGOUT and closes the connection. Draining an abandoned answer and LOGOUT together take
    /// the logout timeout at most.
    pub(crate) fn log_out(&mut self) {
        let deadline = Instant::now().checked_add(self.timeouts().logout);
        let settled = self.settle_until(LOGOUT, deadline);
        let sent = settled.and_then(|()| {
            let left = self.time_left(deadline);
            self.start_bare(Kind::Logout, LOGOUT, left)
        });
        if sent.is_ok() {
            let _ = self.finish(leave);
        }
        self.close(LOGOUT, Effect::None, CloseReason::LoggedOut);
    }
}
