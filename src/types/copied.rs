//! What COPY and MOVE report: where messages went, and which became which.

use crate::types::copy_uid::CopyUid;
use crate::types::mailbox_name::MailboxName;
use crate::types::origin::Origin;
use crate::types::uid::Uid;
use crate::types::uid_set::UidSet;

/// Where messages were copied or moved to, and which became which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    copy_uid: Option<CopyUid>,
    copies: Option<UidSet>,
    pairing: Pairing,
}

/// Whether it is known which message became which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pairing {
    /// The server told it, and each message has one copy.
    Known,
    /// The server did not tell it: it lacks UIDPLUS, the mailbox keeps no UIDs, the user may not
    /// know, or there was nothing to do.
    Untold,
    /// The server told something that makes no sense, such as more messages than copies. The
    /// messages were copied all the same.
    Unreadable,
}

impl Copied {
    /// Nothing was to be done.
    pub(crate) fn nothing() -> Self {
        Self {
            copy_uid: None,
            copies: None,
            pairing: Pairing::Untold,
        }
    }

    /// What COPYUID told, if it told anything. One that does not pair is not passed on.
    pub(crate) fn by(copy_uid: Option<CopyUid>, target: &MailboxName) -> Self {
        let Some(copy_uid) = copy_uid.filter(|told| !told.is_empty()) else {
            return Self::nothing();
        };
        if !copy_uid.is_paired() {
            return Self::unreadable();
        }
        let origin = Origin::new(target.clone(), copy_uid.uid_validity());
        Self {
            copies: Some(copy_uid.copies().with_origin(origin.into())),
            copy_uid: Some(copy_uid),
            pairing: Pairing::Known,
        }
    }

    /// The server told what cannot be read.
    pub(crate) fn unreadable() -> Self {
        Self {
            pairing: Pairing::Unreadable,
            ..Self::nothing()
        }
    }

    /// Whether it is known which message became which.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::command::Pairing;
    /// use latchbox::types::UidSet;
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let copied = inbox.copy(&UidSet::all(), "Archive")?;
    /// assert_eq!(copied.pairing(), Pairing::Known);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn pairing(&self) -> Pairing {
        self.pairing
    }

    /// The UIDs of the copies, which know that they belong to the other mailbox; nothing unless
    /// the [pairing](Self::pairing) is known.
    #[must_use]
    pub fn copies(&self) -> Option<&UidSet> {
        self.copies.as_ref()
    }

    /// Each message with its copy, in the order in which the server told them; empty unless the
    /// [pairing](Self::pairing) is known.
    pub fn pairs(&self) -> impl Iterator<Item = (Uid, Uid)> + '_ {
        self.copy_uid.iter().flat_map(CopyUid::pairs)
    }

    /// The messages that were copied, where that was told.
    pub(crate) fn sources(&self) -> Option<UidSet> {
        self.copy_uid.as_ref().map(CopyUid::sources)
    }
}
