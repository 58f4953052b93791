//! The origin of message numbers, and the period in which they are valid.

use std::fmt;
use std::sync::Arc;

use crate::types::account_id::{AccountId, Shown};
use crate::types::mailbox_name::MailboxName;
use crate::types::uid::UidValidity;

/// The account, mailbox and UIDVALIDITY that a server's UIDs belong to (RFC 9051 section 2.3.1.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    mailbox: MailboxName,
    uid_validity: Option<UidValidity>,
    /// Shared by all origins of one login.
    account: Option<Arc<AccountId>>,
}

/// The period in which a sequence number means one message: from one renumbering of a selection to
/// the next.
#[derive(Clone)]
pub(crate) struct Numbering {
    /// The origin of the selection: a mailbox that is reselected has another one, although it is
    /// equal.
    origin: Arc<Origin>,
    renumberings: u64,
}

impl Origin {
    pub(crate) fn new(mailbox: MailboxName, uid_validity: Option<UidValidity>) -> Self {
        Self {
            mailbox,
            uid_validity,
            account: None,
        }
    }

    /// The same mailbox in this account.
    pub(crate) fn in_account(self, account: Option<Arc<AccountId>>) -> Self {
        Self { account, ..self }
    }

    /// Another mailbox of the same account.
    pub(crate) fn beside(&self, mailbox: MailboxName, uid_validity: Option<UidValidity>) -> Self {
        Self::new(mailbox, uid_validity).in_account(self.account.clone())
    }

    pub(crate) fn shared_account(&self) -> Option<&Arc<AccountId>> {
        self.account.as_ref()
    }

    /// Whether both may be the same, as far as is known: an unknown account may be any.
    pub(crate) fn may_be(&self, other: &Self) -> bool {
        self.mailbox == other.mailbox
            && self.uid_validity == other.uid_validity
            && is_same_account(self.account.as_ref(), other.account.as_ref())
    }

    /// The account; `None` if it is not known.
    ///
    /// It is not known for UIDs that were stored without it; see
    /// [`StoredUids`](crate::types::StoredUids).
    pub fn account(&self) -> Option<&AccountId> {
        self.account.as_deref()
    }

    /// The mailbox.
    pub fn mailbox(&self) -> &MailboxName {
        &self.mailbox
    }

    /// The UIDVALIDITY that the mailbox had; `None` if the server has none.
    pub fn uid_validity(&self) -> Option<UidValidity> {
        self.uid_validity
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mailbox {}", self.mailbox)?;
        match self.uid_validity {
            Some(uid_validity) => write!(f, " with UIDVALIDITY {uid_validity}"),
            None => f.write_str(" without UIDVALIDITY"),
        }?;
        match &self.account {
            Some(account) => write!(f, " of {}", Shown(account)),
            None => Ok(()),
        }
    }
}

/// Whether two accounts are the same, as far as they are known.
pub(crate) fn is_same_account(
    one: Option<&Arc<AccountId>>,
    other: Option<&Arc<AccountId>>,
) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other) || one == other,
        _ => true,
    }
}

impl Numbering {
    pub(crate) fn new(origin: &Arc<Origin>, renumberings: u64) -> Self {
        Self {
            origin: Arc::clone(origin),
            renumberings,
        }
    }

    /// Whether it belongs to the selection with this origin.
    pub(crate) fn is_of(&self, origin: &Arc<Origin>) -> bool {
        Arc::ptr_eq(&self.origin, origin)
    }

    /// The number of renumberings of the selection when it began.
    pub(crate) fn renumberings(&self) -> u64 {
        self.renumberings
    }

    /// The period in which both are valid: that of no selection if they differ.
    pub(crate) fn meet(&self, other: &Self) -> Self {
        if self == other {
            return self.clone();
        }
        Self::new(&Arc::new(Origin::clone(&self.origin)), 0)
    }
}

impl PartialEq for Numbering {
    fn eq(&self, other: &Self) -> bool {
        self.is_of(&other.origin) && self.renumberings == other.renumberings
    }
}

impl Eq for Numbering {}

impl fmt::Debug for Numbering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} after {}", self.origin, self.renumberings)
    }
}
