//! SUBSCRIBE and UNSUBSCRIBE (RFC 9051 sections 6.3.7 and 6.3.8).

use crate::error::{Error, Result};
use crate::session::Session;
use crate::types::mailbox_name::MailboxName;

impl Session {
    /// Puts a mailbox on the list of those that the user wants to see (SUBSCRIBE).
    ///
    /// # Errors
    ///
    /// [`Error::Refused`], [`Error::Argument`], [`Error::Lock`], [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// session.subscribe("INBOX")?;
    /// session.unsubscribe("INBOX")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn subscribe<N>(&self, name: N) -> Result<()>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        self.change_subscription("SUBSCRIBE", &name.try_into().map_err(Into::into)?)
    }

    /// Takes a mailbox off that list (UNSUBSCRIBE).
    ///
    /// # Errors
    ///
    /// As for [`subscribe`](Self::subscribe).
    pub fn unsubscribe<N>(&self, name: N) -> Result<()>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        self.change_subscription("UNSUBSCRIBE", &name.try_into().map_err(Into::into)?)
    }

    fn change_subscription(&self, command: &'static str, name: &MailboxName) -> Result<()> {
        self.lease(command)?.run_plain(command, |encoder| {
            encoder.raw(command).sp().mailbox(name)?;
            Ok(())
        })?;
        Ok(())
    }
}
