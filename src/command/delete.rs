//! DELETE (RFC 9051 section 6.3.5).

use crate::error::Result;
use crate::exchange::Simple;
use crate::session::Session;
use crate::types::mailbox_name::{IntoMailboxName, MailboxName};
use crate::wire::encoder::Encoder;

impl Session {
    /// Deletes a mailbox with all its messages (DELETE).
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Mailbox`](crate::Error::Mailbox) if this thread holds a
    /// guard of it, or of a mailbox below it; [`Error::Argument`](crate::Error::Argument);
    /// [`Error::Lock`](crate::Error::Lock). Then [`Error::Refused`](crate::Error::Refused), with
    /// the code `NONEXISTENT` if the server reports it; [`Error::Closed`](crate::Error::Closed).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// session.create("Old")?;
    /// {
    ///     let _old = session.lock_mailbox("Old")?;
    ///     assert!(session.delete("Old").is_err()); // this thread holds it
    /// }
    /// session.delete("Old")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "DELETE")]
    #[doc(alias = "mailboxDelete")]
    pub fn delete(&self, name: impl IntoMailboxName) -> Result<()> {
        let name = name.into_mailbox_name()?;
        let mut connection = self.lease_to_remove(Delete::NAME, &name)?;
        connection.execute(&Delete(&name))
    }
}

struct Delete<'n>(&'n MailboxName);

impl Simple for Delete<'_> {
    const NAME: &'static str = "DELETE";
    type Partial = ();

    fn arguments<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        encoder.sp().mailbox(self.0)?;
        Ok(())
    }
}
