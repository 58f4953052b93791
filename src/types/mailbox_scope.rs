//! The mailboxes of a search over several mailboxes (RFC 7377, RFC 5465 section 6).

use crate::types::mailbox_name::MailboxName;

/// The mailboxes of a search over several mailboxes (RFC 7377 section 2.2).
///
/// ```
/// use latchbox::types::{MailboxName, MailboxScope};
///
/// let archive = MailboxScope::Subtree(vec![MailboxName::new("Archive")?]);
/// assert_ne!(archive, MailboxScope::Personal);
/// # Ok::<(), latchbox::types::InvalidMailboxName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MailboxScope {
    /// All mailboxes of the user's own namespace.
    Personal,
    /// All mailboxes into which the server may deliver new mail.
    Inboxes,
    /// All mailboxes that the user is subscribed to.
    Subscribed,
    /// These mailboxes and all below them.
    Subtree(Vec<MailboxName>),
    /// These mailboxes and those directly below them.
    SubtreeOne(Vec<MailboxName>),
    /// These mailboxes.
    Mailboxes(Vec<MailboxName>),
}

impl MailboxScope {
    /// The word, and the mailboxes if it is followed by some.
    pub(crate) fn parts(&self) -> (&'static str, Option<&[MailboxName]>) {
        match self {
            Self::Personal => ("personal", None),
            Self::Inboxes => ("inboxes", None),
            Self::Subscribed => ("subscribed", None),
            Self::Subtree(names) => ("subtree", Some(names)),
            Self::SubtreeOne(names) => ("subtree-one", Some(names)),
            Self::Mailboxes(names) => ("mailboxes", Some(names)),
        }
    }
}
