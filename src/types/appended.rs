//! What APPEND reports: which UID a message got.

use std::fmt;
use std::sync::Arc;

use crate::types::account_id::AccountId;
use crate::types::mailbox_name::MailboxName;
use crate::types::origin::Origin;
use crate::types::response_code::ResponseCode;
use crate::types::uid::{Uid, UidValidity};
use crate::types::uid_set::UidSet;

/// What became of a message that was stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    uids: Option<UidSet>,
    candidates: UidSet,
}

impl Appended {
    /// The UID of the message, and the mailbox that it counts in; nothing when the server does
    /// not have UIDPLUS or kept it to itself, or named more or fewer than were stored. After
    /// [`append_atomic`](crate::Session::append_atomic), the UIDs of all the messages; they ascend in the
    /// order of the messages.
    #[must_use]
    pub fn uids(&self) -> Option<&UidSet> {
        self.uids.as_ref()
    }

    /// The UID of the message, where the server told it; of several, the first.
    #[must_use]
    pub fn uid(&self) -> Option<Uid> {
        self.uids.as_ref()?.first()
    }

    /// The UIDVALIDITY of the mailbox, where the server told it.
    #[must_use]
    pub fn uid_validity(&self) -> Option<UidValidity> {
        self.uids.as_ref()?.origin()?.uid_validity()
    }

    /// Messages of which one may be this one, where the server did not tell its UID and a look for
    /// its Message-ID found more than one; see
    /// [`MailboxGuard::append`](crate::MailboxGuard::append). Empty otherwise.
    #[must_use]
    pub fn candidates(&self) -> &UidSet {
        &self.candidates
    }

    /// By what the server said at the end of a command that stored so many messages. UIDs that are
    /// not as many are not theirs.
    pub(crate) fn by(
        code: Option<ResponseCode>,
        stored: u64,
        name: &MailboxName,
        account: Option<&Arc<AccountId>>,
    ) -> Self {
        let Some(ResponseCode::AppendUid { uid_validity, uids }) = code else {
            return Self::default();
        };
        if uids.as_numbers().len() != Some(stored) {
            return Self::default();
        }
        let origin = Origin::new(name.clone(), uid_validity).in_account(account.cloned());
        Self {
            uids: Some(uids.with_origin(origin.into())),
            candidates: UidSet::new(),
        }
    }

    /// By a search for it.
    pub(crate) fn found(found: UidSet) -> Self {
        match found.as_numbers().len() {
            Some(1) => Self {
                uids: Some(found),
                candidates: UidSet::new(),
            },
            _ => Self {
                uids: None,
                candidates: found,
            },
        }
    }
}

impl fmt::Display for Appended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.uids {
            Some(uids) => write!(f, "UID {uids}"),
            None => f.write_str("UID not reported"),
        }
    }
}
