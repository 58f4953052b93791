//! NOOP (RFC 9051 section 6.1.2): nothing but news.

use crate::connection::Connection;
use crate::error::Result;
use crate::mailbox_guard::{Access, Keeping, MailboxGuard};
use crate::session::Session;

impl Session {
    /// Asks for nothing, which keeps the connection from being closed for idleness (NOOP).
    ///
    /// # Errors
    ///
    /// [`Error::Lock`](crate::Error::Lock), [`Error::Closed`](crate::Error::Closed),
    /// [`Error::Refused`](crate::Error::Refused).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// session.noop()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn noop(&self) -> Result<()> {
        self.lease("NOOP")?.noop()
    }
}

impl<A: Access, K: Keeping> MailboxGuard<'_, A, K> {
    /// Asks for news of the mailbox (NOOP): counters and [`events`](Self::events) are current
    /// afterwards.
    ///
    /// # Errors
    ///
    /// [`Error::Mailbox`](crate::Error::Mailbox), [`Error::Closed`](crate::Error::Closed),
    /// [`Error::Refused`](crate::Error::Refused).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let before = inbox.exists();
    /// # let news = latchbox_server::message("new", "a@b.example", "x");
    /// # server.deliver(latchbox_server::USER, "INBOX", news);
    /// inbox.refresh()?;
    /// println!("{} new messages", inbox.exists() - before);
    /// # assert_eq!(inbox.exists() - before, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn refresh(&mut self) -> Result<()> {
        self.held.connection("NOOP")?.noop()
    }
}

impl Connection {
    fn noop(&mut self) -> Result<()> {
        self.run_plain("NOOP", |encoder| {
            encoder.raw("NOOP");
            Ok(())
        })?;
        Ok(())
    }
}
