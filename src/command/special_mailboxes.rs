//! The mailboxes for special uses, found by LIST (RFC 6154).

use crate::connection::Connection;
use crate::error::{Error, Result};
use crate::session::Session;
use crate::types::capability::Capability;
use crate::types::list::MailboxPattern;
use crate::types::list_mailboxes::List;
use crate::types::namespace::Namespace;
use crate::types::special_mailboxes::SpecialMailboxes;

impl Session {
    /// Finds the mailboxes for drafts, sent mail, trash and so on, each with how it was found.
    ///
    /// They are found by the attributes that the server reports, otherwise by the names that mail
    /// programs give to such mailboxes in many languages.
    ///
    /// Sends LIST with `RETURN (SPECIAL-USE)`, XLIST or plain LIST, depending on the server. If not
    /// all are found, NAMESPACE reports the prefix below which names count.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`]; [`Error::Lock`]; [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{FoundBy, SpecialUse};
    ///
    /// let mailboxes = session.special_mailboxes()?;
    /// for special in mailboxes.iter() {
    ///     println!("{}: {}", special.special_use(), special.mailbox().name());
    /// }
    /// let trash = mailboxes.get(SpecialUse::Trash).expect("a trash");
    /// assert_eq!(trash.found_by(), FoundBy::Attribute); // this server tells
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "SPECIAL-USE")]
    #[doc(alias = "XLIST")]
    #[doc(alias = "trash")]
    #[doc(alias = "drafts")]
    pub fn special_mailboxes(&self) -> Result<SpecialMailboxes> {
        self.lease("LIST")?.special_mailboxes()
    }
}

impl Connection {
    pub(crate) fn special_mailboxes(&mut self) -> Result<SpecialMailboxes> {
        let list = List::of(MailboxPattern::all()).return_special_use();
        let entries = self.list_mailboxes(&list)?;
        let found = SpecialMailboxes::among(&entries, &[]);
        let can_ask = self.capabilities()?.supports(&Capability::Namespace);
        if found.is_complete() || !can_ask {
            return Ok(found);
        }
        let namespaces = match self.namespaces() {
            Ok(namespaces) => namespaces,
            Err(error @ Error::Closed(_)) => return Err(error),
            Err(_) => return Ok(found),
        };
        let personal = namespaces.personal().iter();
        let prefixes: Vec<&str> = personal.map(Namespace::prefix).collect();
        Ok(SpecialMailboxes::among(&entries, &prefixes))
    }
}
