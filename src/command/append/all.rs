//! MULTIAPPEND (RFC 3502): several messages in one APPEND, atomically.

use crate::command::append::{APPEND, head};
use crate::connection::answer::leave;
use crate::connection::upload::Upload;
use crate::error::{Error, Result};
use crate::session::Session;
use crate::types::appended::Appended;
use crate::types::capability::Capability;
use crate::types::mailbox_name::IntoMailboxName;
use crate::types::new_message::NewMessage;

const TOO_MANY: &str = "they are more than the server stores by one command (RFC 9738)";

impl Session {
    /// Stores several messages in a mailbox atomically, by one command (MULTIAPPEND, RFC 3502).
    ///
    /// Either all messages are stored or none. They are taken from the iterator one at a time while
    /// they are sent, so their number is not limited here; no message at all sends nothing.
    /// [`append_each`](Self::append_each) needs no extension and stores each by itself.
    ///
    /// The lock is held while the iterator is called: the iterator cannot use the session, whose
    /// methods return [`Error::StreamOpen`] then.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Unsupported`] if the server lacks MULTIAPPEND. Otherwise
    /// as for [`append`](Self::append), and then no message is stored. A message that cannot be
    /// sent cancels those before it, and so does a reader that fails before its message was
    /// announced; after that it closes the connection. [`Error::Argument`] for more messages than
    /// the server stores by one command (MESSAGELIMIT, SAVELIMIT).
    ///
    /// ```
    #[doc = include_str!("../../doc/session.txt")]
    /// let messages = (1..=3).map(|number| format!("Subject: {number}\r\n\r\nHello!\r\n").into_bytes());
    /// let appended = session.append_atomic("Archive", messages)?;
    /// assert_eq!(appended.uids().map(|uids| uids.len()), Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "MULTIAPPEND")]
    #[doc(alias = "append_all")]
    pub fn append_atomic<'m, M>(&self, name: impl IntoMailboxName, messages: M) -> Result<Appended>
    where
        M: IntoIterator<Item: Into<NewMessage<'m>>>,
    {
        let name = name.into_mailbox_name()?;
        let mut connection = self.lease(APPEND)?;
        connection.require(APPEND, Capability::MultiAppend)?;
        let mut room = connection.capabilities()?.save_limit();
        let mut messages = messages.into_iter().peekable();
        if messages.peek().is_none() {
            return Ok(Appended::default());
        }
        let mut stored = 0;
        let mut upload = Upload::new(&mut connection, head(&name));
        while let Some(message) = messages.next() {
            let is_last = messages.peek().is_none();
            if room == Some(0) {
                return Err(upload.give_up(Error::text("messages", TOO_MANY)));
            }
            room = room.map(|room| room - 1);
            if let Err(error) = upload.send(&mut message.into(), is_last) {
                return Err(upload.give_up(error));
            }
            stored += 1;
        }
        let code = upload.finish(leave)?;
        let account = connection.state.account();
        Ok(Appended::by(code, stored, &name, account))
    }
}
