//! REPLACE (RFC 8508): a message takes the place of another.

use crate::connection::upload::{Head, Upload};
use crate::error::{Error, Result};
use crate::mailbox_guard::{Access, MailboxGuard, WriteAccess};
use crate::types::appended::Appended;
use crate::types::capability::Capability;
use crate::types::expunged::WithoutUidPlus;
use crate::types::mailbox_name::IntoMailboxName;
use crate::types::new_message::NewMessage;
use crate::types::response_code::ResponseCode;
use crate::types::uid_set::UidSet;
use crate::wire::response::Untagged;
use std::fmt;

const COMMAND: &str = "UID REPLACE";

/// What became of a message that was to take the place of another: it is stored. Whether the other
/// is gone, [`removed`](Self::removed) says.
#[derive(Debug)]
#[must_use = "the old message may still be there"]
pub struct Replaced {
    appended: Appended,
    left: Option<Error>,
}

impl Replaced {
    /// The new message.
    #[must_use]
    pub fn appended(&self) -> &Appended {
        &self.appended
    }

    /// Whether the old message is gone.
    ///
    /// # Errors
    ///
    /// What kept it from being removed, where that took commands of its own: both messages are
    /// there then. [`Error::Unfinished`] says that the old one is flagged `\Deleted`.
    pub fn removed(self) -> Result<Appended> {
        match self.left {
            None => Ok(self.appended),
            Some(error) => Err(error),
        }
    }
}

impl<A: Access> MailboxGuard<'_, A> {
    /// Stores a message in `target`, which may be this mailbox, and removes the one message `old`
    /// of this mailbox: a draft that is edited, or that was sent (UID REPLACE, RFC 8508).
    ///
    /// Without REPLACE and with UIDPLUS it takes three steps: APPEND, UID STORE `\Deleted`, UID
    /// EXPUNGE. Each follows only when the one before succeeded, so no message is lost: at worst
    /// both are there, and [`Replaced::removed`] says why. Flags of the old message are not taken
    /// over.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] before anything is sent when the server has neither REPLACE nor
    /// UIDPLUS; [`Error::Argument`] when `old` is not one message; [`Error::StaleUids`] for one of
    /// elsewhere; [`Error::Mailbox`]; otherwise as for [`Session::append`](crate::Session::append).
    /// After an error the old message is still there, unless the connection was
    /// [lost](Error::may_have_taken_effect) before the answer.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{Flag, NewMessage, SearchKey};
    ///
    /// let mut drafts = session.lock_mailbox("Drafts")?;
    /// let old = drafts.search(SearchKey::Subject("draft".into()))?;
    /// let new = NewMessage::from("Subject: draft\r\n\r\nBetter.\r\n").flags([Flag::Draft]);
    /// drafts.replace(&old, "Drafts", new)?.removed()?;
    /// assert_eq!(drafts.exists(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "REPLACE")]
    pub fn replace<'m>(
        &mut self,
        old: &UidSet,
        target: impl IntoMailboxName,
        message: impl Into<NewMessage<'m>>,
    ) -> Result<Replaced>
    where
        A: WriteAccess,
    {
        let target = target.into_mailbox_name()?;
        let mut lease = self.held.lease(COMMAND)?;
        lease.check_set(old)?;
        let (Some(1), Some(uid)) = (old.as_numbers().len(), old.first()) else {
            return Err(Error::text(
                "message to be replaced",
                "it is not one message",
            ));
        };
        lease.check_writable()?;
        let capabilities = lease.capabilities()?;
        let has_replace = capabilities.supports(&Capability::Replace);
        if !has_replace && !capabilities.supports(&Capability::UidPlus) {
            return Err(Error::unsupported(COMMAND, Capability::Replace));
        }
        if !has_replace {
            let appended = lease.append(target, message.into())?;
            let left = lease.delete(old, WithoutUidPlus::Refuse).err();
            return Ok(Replaced { appended, left });
        }
        let head = Head {
            command: COMMAND,
            replaced: Some(uid),
            mailbox: &target,
        };
        let mut upload = Upload::new(&mut lease, head);
        upload.send(&mut message.into(), true)?;
        let code = finish(upload)?;
        let appended = Appended::by(code, 1, &target, self.held.origin().shared_account());
        let left = None;
        Ok(Replaced { appended, left })
    }
}

/// The code that has the UID of the new message.
fn finish(upload: Upload<'_>) -> Result<Option<ResponseCode>> {
    let mut told = None;
    // The UID comes before the old message goes, in a status response of its own.
    let code = upload.finish(|data| {
        if let Untagged::Status { text, .. } = &data {
            if let Some(code @ ResponseCode::AppendUid { .. }) = &text.code {
                told = Some(code.clone());
            }
        }
        Some(data)
    })?;
    Ok(match code {
        Some(code @ ResponseCode::AppendUid { .. }) => Some(code),
        _ => told,
    })
}

impl fmt::Display for Replaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.left {
            None => write!(f, "{}; the old message was removed", self.appended),
            Some(error) => write!(f, "{}; the old message is left: {error}", self.appended),
        }
    }
}
