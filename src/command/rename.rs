//! RENAME (RFC 9051 section 6.3.6).

use crate::error::Result;
use crate::exchange::Simple;
use crate::session::Session;
use crate::types::mailbox_name::{IntoMailboxName, MailboxName};
use crate::wire::encoder::Encoder;

impl Session {
    /// Renames a mailbox and the mailboxes below it (RENAME).
    ///
    /// Renaming INBOX moves its messages and leaves an empty INBOX.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Mailbox`](crate::Error::Mailbox) if this thread holds a
    /// guard of it, or of a mailbox below it; [`Error::Argument`](crate::Error::Argument);
    /// [`Error::Lock`](crate::Error::Lock). Then [`Error::Refused`](crate::Error::Refused);
    /// [`Error::Closed`](crate::Error::Closed).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// session.create("Drafts/2025")?;
    /// session.rename("Drafts/2025", "Drafts/Old")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "RENAME")]
    #[doc(alias = "mailboxRename")]
    pub fn rename(&self, from: impl IntoMailboxName, to: impl IntoMailboxName) -> Result<()> {
        let from = from.into_mailbox_name()?;
        let to = to.into_mailbox_name()?;
        let mut connection = self.lease_to_remove(Rename::NAME, &from)?;
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
