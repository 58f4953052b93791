//! What CREATE did.

use crate::types::special_use::SpecialUse;

/// A mailbox that was created.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Created {
    pub(crate) mailbox_id: Option<String>,
    pub(crate) special_uses: Option<Vec<SpecialUse>>,
}

impl Created {
    /// The id that stays when the mailbox is renamed, where the server told it (OBJECTID).
    #[must_use]
    pub fn mailbox_id(&self) -> Option<&str> {
        self.mailbox_id.as_deref()
    }

    /// What the mailbox is for, as LIST tells after it was created; nothing when no use was asked
    /// for, or the server did not answer the question.
    ///
    /// There are servers that say OK and give no use: then this is empty.
    #[must_use]
    pub fn special_uses(&self) -> Option<&[SpecialUse]> {
        self.special_uses.as_deref()
    }
}
