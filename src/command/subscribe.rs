//! SUBSCRIBE and UNSUBSCRIBE (RFC 9051 sections 6.3.7 and 6.3.8).

use crate::error::Result;
use crate::exchange::Simple;
use crate::session::Session;
use crate::types::mailbox_name::{IntoMailboxName, MailboxName};
use crate::wire::encoder::Encoder;

impl Session {
    /// Subscribes to a mailbox (SUBSCRIBE, RFC 9051 section 6.3.7).
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Argument`](crate::Error::Argument) for an invalid name;
    /// [`Error::Lock`](crate::Error::Lock). Then [`Error::Refused`](crate::Error::Refused);
    /// [`Error::Closed`](crate::Error::Closed).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// session.subscribe("INBOX")?;
    /// session.unsubscribe("INBOX")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "SUBSCRIBE")]
    pub fn subscribe(&self, name: impl IntoMailboxName) -> Result<()> {
        self.execute(&Subscription::<true>(name.into_mailbox_name()?))
    }

    /// Removes the subscription to a mailbox (UNSUBSCRIBE, RFC 9051 section 6.3.8).
    ///
    /// # Errors
    ///
    /// As for [`subscribe`](Self::subscribe).
    #[doc(alias = "UNSUBSCRIBE")]
    pub fn unsubscribe(&self, name: impl IntoMailboxName) -> Result<()> {
        self.execute(&Subscription::<false>(name.into_mailbox_name()?))
    }
}

/// SUBSCRIBE, or UNSUBSCRIBE.
struct Subscription<const ON: bool>(MailboxName);

impl<const ON: bool> Simple for Subscription<ON> {
    const NAME: &'static str = if ON { "SUBSCRIBE" } else { "UNSUBSCRIBE" };
    type Partial = ();

    fn arguments<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        encoder.sp().mailbox(&self.0)?;
        Ok(())
    }
}
