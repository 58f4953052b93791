//! Problems with the mailbox of a guard, and UIDs of another mailbox.

use std::fmt;
use std::sync::Arc;

use crate::types::account_id::{AccountId, Shown};
use crate::types::flag::Flag;
use crate::types::mailbox_name::MailboxName;
use crate::types::origin::{Origin, is_same_account};
use crate::types::special_use::SpecialUse;
use crate::types::uid::UidValidity;
use crate::types::uid_set::UidSet;

/// A problem with a mailbox.
#[derive(Debug)]
#[non_exhaustive]
pub enum MailboxError {
    /// The server has deselected it, or it was never selected: no mailbox is selected now.
    NotSelected(MailboxName),
    /// The server granted only reading (`[READ-ONLY]`), and the guard is read-write.
    ReadOnly(MailboxName),
    /// A mailbox that this thread holds would be deleted or renamed; nothing was sent.
    Held(MailboxName),
    /// Its UIDVALIDITY changed while it was held, so all earlier UIDs are invalid.
    UidValidityChanged(MailboxName),
    /// A message was removed while sequence numbers were in use; nothing was sent.
    ///
    /// They may name other messages now. Get new ones by
    /// [`numbered`](crate::MailboxGuard::numbered).
    Renumbered(MailboxName),
    /// Sequence numbers of another guard, or of an earlier selection, were used; nothing was sent.
    ForeignNumbers(MailboxName),
    /// A flag that the call needs is not permanent in the mailbox (PERMANENTFLAGS); nothing was
    /// sent.
    ///
    /// As the [cause](crate::error::Unfinished::cause) of [`Error::Unfinished`](crate::Error): the
    /// server accepted the flag, and kept it for none or only some of the messages.
    NotPermanent {
        /// The mailbox.
        mailbox: MailboxName,
        /// The flag.
        flag: Flag,
    },
    /// Other messages have `\Deleted` although the server accepted the removal of the flag.
    ///
    /// EXPUNGE would have removed them, and was not sent.
    OthersDeleted {
        /// The mailbox.
        mailbox: MailboxName,
        /// The other messages.
        uids: UidSet,
    },
    /// The messages to be moved to the trash are already in it; nothing was changed.
    ///
    /// [`delete`](crate::MailboxGuard::delete) removes them permanently.
    IsTrash(MailboxName),
    /// No mailbox was found for this use, neither by attribute nor by name.
    NoSpecialUse(SpecialUse),
}

/// UIDs that were used on another mailbox than theirs, or after UIDVALIDITY changed.
#[derive(Debug)]
pub struct StaleUids {
    pub(crate) origin: Arc<Origin>,
    pub(crate) here: Arc<Origin>,
}

/// A checkpoint that was used on another mailbox than its own.
#[derive(Debug)]
pub struct ForeignCheckpoint {
    pub(crate) origin: Arc<Origin>,
    pub(crate) here: Arc<Origin>,
}

impl ForeignCheckpoint {
    /// The origin of the checkpoint.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The mailbox it was used on.
    #[must_use]
    pub fn here(&self) -> &Origin {
        &self.here
    }
}

impl StaleUids {
    /// The origin of the UIDs.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The mailbox they were used on.
    #[must_use]
    pub fn mailbox(&self) -> &MailboxName {
        self.here.mailbox()
    }

    /// The account they were used in.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        self.here.account()
    }

    /// The current UIDVALIDITY of that mailbox.
    #[must_use]
    pub fn uid_validity(&self) -> Option<UidValidity> {
        self.here.uid_validity()
    }
}

impl fmt::Display for MailboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSelected(name) => write!(f, "{name} is no longer selected; lock it again"),
            Self::ReadOnly(name) => {
                write!(
                    f,
                    "{name} is read-only; lock it with lock_mailbox_read_only"
                )
            }
            Self::Held(name) => write!(f, "{name} is held by this thread; release its guard first"),
            Self::UidValidityChanged(name) => {
                write!(
                    f,
                    "{name} has a new UIDVALIDITY: its messages have new UIDs; discard those that were stored"
                )
            }
            Self::Renumbered(name) => {
                write!(
                    f,
                    "a message of {name} was removed while sequence numbers were in use; they \
                     may name other messages now"
                )
            }
            Self::ForeignNumbers(name) => {
                write!(
                    f,
                    "sequence numbers of another guard, or of an earlier selection, were used on \
                     {name}; number its messages with numbered"
                )
            }
            Self::NotPermanent { mailbox, flag } => {
                write!(f, "{flag} is not permanent in {mailbox}")
            }
            Self::OthersDeleted { mailbox, uids } => write!(
                f,
                "other messages of {mailbox} still have \\Deleted, so EXPUNGE was not sent: {uids}"
            ),
            Self::IsTrash(name) => write!(
                f,
                "{name} is the trash already; use delete to remove messages permanently"
            ),
            Self::NoSpecialUse(role) => write!(f, "there is no mailbox for {role}"),
        }
    }
}

impl fmt::Display for ForeignCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this checkpoint is of ")?;
        write_both(&self.origin, " and was used on ", &self.here, f)
    }
}

impl fmt::Display for StaleUids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("these UIDs are of ")?;
        write_both(&self.origin, " and were used on ", &self.here, f)
    }
}

/// Writes an origin, where it was used, and as much of both as is needed to tell them apart.
fn write_both(
    origin: &Origin,
    was_used: &str,
    here: &Origin,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let is_elsewhere = !is_same_account(origin.shared_account(), here.shared_account());
    let write = |f: &mut fmt::Formatter<'_>, origin: &Origin| {
        write!(f, "{}", origin.mailbox())?;
        if let Some(validity) = origin.uid_validity() {
            write!(f, " (UIDVALIDITY {validity})")?;
        }
        match origin.account() {
            Some(account) if is_elsewhere => write!(f, " of {}", Shown(account)),
            _ => Ok(()),
        }
    };
    write(f, origin)?;
    f.write_str(was_used)?;
    write(f, here)
}
