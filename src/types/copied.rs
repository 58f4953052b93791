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
}

impl Copied {
    /// Nothing was to be done.
    pub(crate) fn nothing() -> Self {
        Self {
            copy_uid: None,
            copies: None,
        }
    }

    pub(crate) fn by(copy_uid: Option<CopyUid>, target: &MailboxName) -> Self {
        let copies = copy_uid.as_ref().map(|copied| {
            let origin = Origin::new(target.clone(), copied.uid_validity());
            copied.copies().with_origin(origin.into())
        });
        Self { copy_uid, copies }
    }

    /// The UIDs of the copies, which know that they belong to the other mailbox; nothing when the
    /// server does not have UIDPLUS or kept them to itself.
    #[must_use]
    pub fn copies(&self) -> Option<&UidSet> {
        self.copies.as_ref()
    }

    /// Each message with its copy, in the order in which the server told them.
    pub fn pairs(&self) -> impl Iterator<Item = (Uid, Uid)> + '_ {
        self.copy_uid.iter().flat_map(CopyUid::pairs)
    }
}
