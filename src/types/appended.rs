//! The result of APPEND: the UIDs that the messages received.

use std::fmt;
use std::sync::Arc;

use crate::types::account_id::AccountId;
use crate::types::mailbox_name::MailboxName;
use crate::types::origin::Origin;
use crate::types::response_code::ResponseCode;
use crate::types::uid::{Uid, UidValidity};
use crate::types::uid_set::UidSet;

/// The result of storing a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    uids: Option<UidSet>,
    candidates: UidSet,
}

impl Appended {
    /// The UIDs of the stored messages, with their mailbox; `None` if they are not known.
    ///
    /// They are not known if the server lacks UIDPLUS or did not report them, or if it reported
    /// more or fewer than were stored. After [`append_atomic`](crate::Session::append_atomic) these
    /// are the UIDs of all the messages; they ascend in the order of the messages.
    #[must_use]
    pub fn uids(&self) -> Option<&UidSet> {
        self.uids.as_ref()
    }

    /// The UID of the message, if the server reported it; the first of several.
    #[must_use]
    pub fn uid(&self) -> Option<Uid> {
        self.uids.as_ref()?.first()
    }

    /// The UIDVALIDITY of the mailbox, if the server reported it.
    #[must_use]
    pub fn uid_validity(&self) -> Option<UidValidity> {
        self.uids.as_ref()?.origin()?.uid_validity()
    }

    /// The messages of which one may be the stored one; empty if its UID is known or none was
    /// found.
    ///
    /// Not empty if the server did not report the UID and a search for the Message-ID found more
    /// than one message; see [`MailboxGuard::append`](crate::MailboxGuard::append).
    #[must_use]
    pub fn candidates(&self) -> &UidSet {
        &self.candidates
    }

    /// From the code of the tagged response to a command that stored this many messages. If the
    /// number of UIDs differs, they are not the UIDs of these messages.
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

    /// From a search for it.
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
