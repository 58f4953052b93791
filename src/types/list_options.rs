//! What an extended LIST selects and what it tells along with each mailbox (RFC 5258, RFC 5819,
//! RFC 6154, RFC 8440, RFC 9590).

use crate::types::list::MailboxPattern;
use crate::types::mailbox_status::StatusItem;
use crate::types::metadata::MetadataName;

/// Which mailboxes a LIST is about, and what it tells of them.
///
/// What a server does not have is made up for where it can be, and refused before anything is sent
/// where it cannot; each option says which.
///
/// ```
/// use latchbox::types::{ListOptions, StatusItem};
///
/// let options = ListOptions::new()
///     .select_subscribed()
///     .return_special_use()
///     .return_status([StatusItem::Messages, StatusItem::Unseen]);
/// # let _ = options;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListOptions {
    pub(crate) patterns: Vec<MailboxPattern>,
    pub(crate) select_subscribed: bool,
    pub(crate) select_remote: bool,
    pub(crate) select_special_use: bool,
    pub(crate) recursive_match: bool,
    pub(crate) return_subscribed: bool,
    pub(crate) return_children: bool,
    pub(crate) return_special_use: bool,
    pub(crate) return_my_rights: bool,
    pub(crate) status: Vec<StatusItem>,
    pub(crate) metadata: Vec<MetadataName>,
}

impl ListOptions {
    /// Every mailbox that matches, and what the server tells of it by itself.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Mailboxes that match this pattern too. Without LIST-EXTENDED each pattern is a LIST of its
    /// own, and a mailbox that matches several is told once.
    #[must_use]
    pub fn or_pattern(mut self, pattern: MailboxPattern) -> Self {
        self.patterns.push(pattern);
        self
    }

    /// Only what the user has subscribed to (`SUBSCRIBED`). A name that is subscribed to and stands
    /// for no mailbox is `\NonExistent`.
    ///
    /// Without LIST-EXTENDED: LSUB, and LIST for the attributes.
    #[must_use]
    pub fn select_subscribed(mut self) -> Self {
        self.select_subscribed = true;
        self
    }

    /// Mailboxes on other servers too (`REMOTE`). Needs LIST-EXTENDED.
    #[must_use]
    pub fn select_remote(mut self) -> Self {
        self.select_remote = true;
        self
    }

    /// Only mailboxes that have a special use (`SPECIAL-USE`). Without LIST-EXTENDED they are
    /// picked from a LIST or XLIST; needs SPECIAL-USE or XLIST.
    #[must_use]
    pub fn select_special_use(mut self) -> Self {
        self.select_special_use = true;
        self
    }

    /// Also those that are not selected themselves and have a mailbox below them that is
    /// (`RECURSIVEMATCH`); [`child_info`](crate::types::ListEntry::child_info) tells. Needs another
    /// selection, and without LIST-EXTENDED works for
    /// [`select_subscribed`](Self::select_subscribed) alone, by LSUB.
    #[must_use]
    pub fn recursive_match(mut self) -> Self {
        self.recursive_match = true;
        self
    }

    /// Tells which mailboxes the user has subscribed to, by `\Subscribed` (`RETURN SUBSCRIBED`).
    /// Without LIST-EXTENDED: LSUB as well.
    #[must_use]
    pub fn return_subscribed(mut self) -> Self {
        self.return_subscribed = true;
        self
    }

    /// Tells whether there are mailboxes below (`RETURN CHILDREN`). Without LIST-EXTENDED that is
    /// the server's choice, and [`has_children`](crate::types::ListEntry::has_children) is `None`
    /// where it does not tell.
    #[must_use]
    pub fn return_children(mut self) -> Self {
        self.return_children = true;
        self
    }

    /// Tells what mailboxes are for (`RETURN SPECIAL-USE`). Without SPECIAL-USE: XLIST, or nothing
    /// where the server does not have that either;
    /// [`special_mailboxes`](crate::Session::special_mailboxes) also goes by names.
    #[must_use]
    pub fn return_special_use(mut self) -> Self {
        self.return_special_use = true;
        self
    }

    /// Tells counts of each mailbox that can be selected (`RETURN STATUS`, LIST-STATUS). Without
    /// LIST-STATUS: one STATUS for each.
    #[must_use]
    pub fn return_status(mut self, items: impl Into<Vec<StatusItem>>) -> Self {
        self.status = items.into();
        self
    }

    /// Tells what this user may do with each mailbox (`RETURN MYRIGHTS`, LIST-MYRIGHTS). Without
    /// LIST-MYRIGHTS: MYRIGHTS for each, in one go; needs ACL.
    #[must_use]
    pub fn return_my_rights(mut self) -> Self {
        self.return_my_rights = true;
        self
    }

    /// Tells these pieces of metadata of each mailbox (`RETURN METADATA`, LIST-METADATA). Without
    /// LIST-METADATA: GETMETADATA for each, in one go; needs METADATA.
    #[must_use]
    pub fn return_metadata(mut self, names: impl Into<Vec<MetadataName>>) -> Self {
        self.metadata = names.into();
        self
    }

    /// The words between the first parentheses.
    pub(crate) fn selection(&self) -> Vec<&'static str> {
        words([
            (self.select_subscribed, "SUBSCRIBED"),
            (self.select_remote, "REMOTE"),
            (self.select_special_use, "SPECIAL-USE"),
            (self.recursive_match, "RECURSIVEMATCH"),
        ])
    }

    /// Whether it is the LIST of RFC 3501.
    pub(crate) fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// The words whose option is on.
pub(crate) fn words<const N: usize>(options: [(bool, &'static str); N]) -> Vec<&'static str> {
    let on = options.into_iter().filter(|(is_on, _)| *is_on);
    on.map(|(_, word)| word).collect()
}
