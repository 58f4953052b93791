//! RENAME (RFC 9051 section 6.3.6).

use crate::error::{Error, Result};
use crate::exchange::Simple;
use crate::session::Session;
use crate::types::mailbox_name::MailboxName;
use crate::wire::encoder::Encoder;

impl Session {
    /// Renames a mailbox, and those below it with it (RENAME). Renaming INBOX moves its messages
    /// and leaves an empty INBOX.
    ///
    /// # Errors
    ///
    /// [`Error::Mailbox`] before anything is sent when this thread holds a guard of it, or of one
    /// below it; [`Error::Refused`], [`Error::Argument`], [`Error::Lock`], [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// session.create("Drafts/2025")?;
    /// session.rename("Drafts/2025", "Drafts/Old")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rename<N, M>(&self, from: N, to: M) -> Result<()>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
        M: TryInto<MailboxName, Error: Into<Error>>,
    {
        let from = from.try_into().map_err(Into::into)?;
        let to = to.try_into().map_err(Into::into)?;
        let mut connection = self.lease(Rename::NAME)?;
        connection.leave_mailbox(&from)?;
        connection.execute(&Rename { from, to })
    }
}

struct Rename {
    from: MailboxName,
    to: MailboxName,
}

impl Simple for Rename {
    const NAME: &'static str = "RENAME";
    type Partial = ();

    fn arguments<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        encoder.sp().mailbox(&self.from)?.sp().mailbox(&self.to)?;
        Ok(())
    }
}
