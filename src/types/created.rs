//! The result of CREATE.

use crate::types::special_use::SpecialUse;

/// A mailbox that was created.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Created {
    pub(crate) mailbox_id: Option<String>,
    pub(crate) special_uses: Option<Vec<SpecialUse>>,
}

impl Created {
    /// An id that stays the same if the mailbox is renamed, if the server reported it (OBJECTID).
    #[must_use]
    pub fn mailbox_id(&self) -> Option<&str> {
        self.mailbox_id.as_deref()
    }

    /// The special uses of the mailbox, as LIST reported them after it was created.
    ///
    /// `None` if no use was requested, or if the server did not answer the LIST. Some servers
    /// answer OK and set no use: then the slice is empty.
    #[must_use]
    pub fn special_uses(&self) -> Option<&[SpecialUse]> {
        self.special_uses.as_deref()
    }
}
