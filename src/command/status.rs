//! STATUS (RFC 9051 section 6.3.11).

use crate::error::{Error, Result};
use crate::session::Session;
use crate::types::mailbox_name::MailboxName;
use crate::types::mailbox_status::{MailboxStatus, StatusItem};
use crate::wire::response::Untagged;

impl Session {
    /// Counts and ids of a mailbox without selecting it (STATUS).
    ///
    /// A server may leave out what was asked for: each item of the answer is optional. It costs
    /// the server more than a look at the selected mailbox, of which a guard knows the counts.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] also when the server does not know an item; [`Error::Argument`] for no
    /// items at all; [`Error::Unanswered`], [`Error::Lock`], [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::StatusItem;
    ///
    /// let inbox = session.status("INBOX", [StatusItem::Messages, StatusItem::Unseen])?;
    /// println!("{:?} of {:?} are unread", inbox.unseen(), inbox.messages());
    /// # assert!(inbox.messages().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn status<N>(&self, name: N, items: impl AsRef<[StatusItem]>) -> Result<MailboxStatus>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        let (name, items) = (name.try_into().map_err(Into::into)?, items.as_ref());
        if items.is_empty() {
            return Err(Error::text("items", "none are given"));
        }
        let mut answers = Vec::new();
        self.lease("STATUS")?.run(
            "STATUS",
            |encoder| {
                encoder.raw("STATUS ").mailbox(&name)?;
                for (place, item) in items.iter().enumerate() {
                    encoder
                        .raw(if place > 0 { " " } else { " (" })
                        .display(item);
                }
                encoder.raw(")");
                Ok(())
            },
            |data| match data {
                Untagged::MailboxStatus(status) => {
                    answers.push(status);
                    None
                }
                other => Some(other),
            },
        )?;
        // Some servers answer with another spelling of the name; a lone answer is ours.
        let ours = answers.iter().position(|status| *status.name() == name);
        let place = ours.or((answers.len() == 1).then_some(0));
        let answer = place.and_then(|place| answers.into_iter().nth(place));
        answer.ok_or(Error::Unanswered("STATUS"))
    }
}
