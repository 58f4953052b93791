//! REPLACE (RFC 8508): stores a message and removes the one that it replaces.

use crate::connection::upload::{Head, Upload};
use crate::error::{Error, Result, Unfinished};
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

/// The result of storing a message that replaces another.
///
/// The new message is stored; [`removed`](Self::removed) has the outcome for the old one.
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

    /// Returns the new message if the old message was removed.
    ///
    /// # Errors
    ///
    /// The error that kept the old message from being removed, if its removal took commands of its
    /// own: both messages exist then. With [`Error::Unfinished`] the old one may have `\Deleted`.
    pub fn removed(self) -> Result<Appended> {
        match self.left {
            None => Ok(self.appended),
            Some(error) => Err(error),
        }
    }
}

impl<A: Access> MailboxGuard<'_, A> {
    /// Stores a message and removes the one message that it replaces (UID REPLACE, RFC 8508).
    ///
    /// `target` is the mailbox of the new message, and may be this mailbox; `old` is a message of
    /// this mailbox: a draft that is edited, or that was sent.
    ///
    /// If the server lacks REPLACE but has UIDPLUS, the steps are APPEND, UID STORE `\Deleted`, and
    /// UID EXPUNGE. Each is sent only if the one before it succeeded, so no message is lost: at
    /// worst both exist, and [`Replaced::removed`] returns the error. Flags of the old message are
    /// not copied.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Unsupported`] if the server has neither REPLACE nor
    /// UIDPLUS; [`Error::Argument`] if `old` is not one message; [`Error::StaleUids`] if it is of
    /// another mailbox or UIDVALIDITY. [`Error::Mailbox`]; otherwise as for
    /// [`Session::append`](crate::Session::append). [`Error::Unfinished`] if the server refuses
    /// after it has reported the new message: that may be stored then. After any other error the old
    /// message still exists, unless the connection was [closed](Error::may_have_taken_effect) before
    /// the answer.
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
    // The UID comes before the old message is removed, in a separate status response.
    let done = upload.finish(|data| {
        if let Untagged::Status { text, .. } = &data {
            if let Some(code @ ResponseCode::AppendUid { .. }) = &text.code {
                told = Some(code.clone());
            }
        }
        Some(data)
    });
    let code = match done {
        // The new message was stored before the server refused.
        Err(cause) if told.is_some() && !cause.may_have_taken_effect() => {
            return Err(Unfinished::new("replace", cause).into());
        }
        done => done?,
    };
    Ok(match code {
        Some(code @ ResponseCode::AppendUid { .. }) => Some(code),
        _ => told,
    })
}

impl fmt::Display for Replaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.left {
            None => write!(f, "{}; the old message was removed", self.appended),
            Some(error) => write!(
                f,
                "{}; the old message was not removed: {error}",
                self.appended
            ),
        }
    }
}
