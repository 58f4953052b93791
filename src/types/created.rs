//! How a mailbox is created, and what came of it.

use crate::types::special_use::SpecialUse;

/// How a mailbox is to be created.
///
/// ```
/// use latchbox::command::CreateOptions;
/// use latchbox::types::SpecialUse;
///
/// let options = CreateOptions::new().special_use(SpecialUse::Archive);
/// # let _ = options;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreateOptions {
    pub(crate) special_uses: Vec<SpecialUse>,
}

/// A mailbox that was created.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Created {
    pub(crate) mailbox_id: Option<String>,
    pub(crate) special_uses: Option<Vec<SpecialUse>>,
}

impl CreateOptions {
    /// A mailbox for nothing in particular.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A mailbox for this use; several uses can be given (CREATE-SPECIAL-USE, RFC 6154).
    #[must_use]
    pub fn special_use(mut self, special_use: SpecialUse) -> Self {
        self.special_uses.push(special_use);
        self
    }
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
