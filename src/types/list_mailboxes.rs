//! What an extended LIST selects and what it tells along with each mailbox (RFC 5258, RFC 5819,
//! RFC 6154, RFC 8440, RFC 9590).

use crate::types::list::MailboxPattern;
use crate::types::mailbox_status::StatusItem;
use crate::types::metadata::MetadataName;

/// LIST as a value: which mailboxes it is about, and what it returns of each. Its answer is a `Vec`
/// of [`ListEntry`](crate::types::ListEntry).
///
/// One LIST if the server has what is requested. What it lacks is emulated where it can be, and
/// refused before anything is sent where it cannot; each option says which.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::command::List;
/// use latchbox::types::{MailboxAttribute, StatusItem};
///
/// session.unsubscribe("Archive")?;
/// let list = List::new("*")?.return_subscribed().return_special_use();
/// for mailbox in session.run(list.return_status([StatusItem::Unseen]))? {
///     let is_subscribed = mailbox.has(&MailboxAttribute::Subscribed);
///     let unseen = mailbox.status().and_then(|status| status.unseen());
///     println!("{} {:?} {is_subscribed} {unseen:?}", mailbox.name(), mailbox.special_use());
///     # assert_eq!(is_subscribed, mailbox.name() != "Archive");
/// }
///
/// // What may be done with each, and how it is to be shown.
/// let list = List::new("*")?.return_my_rights().return_metadata(["/private/color".parse()?]);
/// for mailbox in session.run(list)? {
///     let color = mailbox.metadata().first().and_then(|entry| entry.text());
///     println!("{} {:?} {color:?}", mailbox.name(), mailbox.my_rights());
///     # assert!(mailbox.my_rights().is_some());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a command does nothing until it is run"]
pub struct List {
    pub(crate) pattern: MailboxPattern,
    /// The patterns beside it.
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
    /// Counts or metadata are requested, and it is not said which.
    pub(crate) names_none: bool,
}

impl List {
    /// Lists every mailbox whose name matches, as [`Session::list`](crate::Session::list) does.
    ///
    /// # Errors
    ///
    /// [`InvalidMailboxPattern`](crate::types::InvalidMailboxPattern) for an invalid pattern.
    pub fn new<P: TryInto<MailboxPattern>>(pattern: P) -> Result<Self, P::Error> {
        pattern.try_into().map(Self::of)
    }

    pub(crate) const fn of(pattern: MailboxPattern) -> Self {
        Self {
            pattern,
            patterns: Vec::new(),
            select_subscribed: false,
            select_remote: false,
            select_special_use: false,
            recursive_match: false,
            return_subscribed: false,
            return_children: false,
            return_special_use: false,
            return_my_rights: false,
            status: Vec::new(),
            metadata: Vec::new(),
            names_none: false,
        }
    }

    /// Mailboxes that match this pattern too. Without LIST-EXTENDED each pattern is a LIST of its
    /// own, and a mailbox that matches several is told once.
    pub fn or_pattern(mut self, pattern: MailboxPattern) -> Self {
        self.patterns.push(pattern);
        self
    }

    /// Only what the user has subscribed to (`SUBSCRIBED`). A name that is subscribed to and stands
    /// for no mailbox is `\NonExistent`.
    ///
    /// Without LIST-EXTENDED: LSUB, and LIST for the attributes.
    pub fn select_subscribed(mut self) -> Self {
        self.select_subscribed = true;
        self
    }

    /// Mailboxes on other servers too (`REMOTE`). Needs LIST-EXTENDED.
    pub fn select_remote(mut self) -> Self {
        self.select_remote = true;
        self
    }

    /// Only mailboxes that have a special use (`SPECIAL-USE`). Without LIST-EXTENDED they are
    /// picked from a LIST or XLIST; needs SPECIAL-USE or XLIST.
    pub fn select_special_use(mut self) -> Self {
        self.select_special_use = true;
        self
    }

    /// Also those that are not selected themselves and have a mailbox below them that is
    /// (`RECURSIVEMATCH`); [`child_info`](crate::types::ListEntry::child_info) tells. Needs another
    /// selection, and without LIST-EXTENDED works for
    /// [`select_subscribed`](Self::select_subscribed) alone, by LSUB.
    pub fn recursive_match(mut self) -> Self {
        self.recursive_match = true;
        self
    }

    /// Tells which mailboxes the user has subscribed to, by `\Subscribed` (`RETURN SUBSCRIBED`).
    /// Without LIST-EXTENDED: LSUB as well.
    pub fn return_subscribed(mut self) -> Self {
        self.return_subscribed = true;
        self
    }

    /// Tells whether there are mailboxes below (`RETURN CHILDREN`). Without LIST-EXTENDED that is
    /// the server's choice, and [`has_children`](crate::types::ListEntry::has_children) is `None`
    /// where it does not tell.
    pub fn return_children(mut self) -> Self {
        self.return_children = true;
        self
    }

    /// Tells what mailboxes are for (`RETURN SPECIAL-USE`). Without SPECIAL-USE: XLIST, or nothing
    /// where the server does not have that either;
    /// [`special_mailboxes`](crate::Session::special_mailboxes) also goes by names.
    pub fn return_special_use(mut self) -> Self {
        self.return_special_use = true;
        self
    }

    /// Tells counts of each mailbox that can be selected (`RETURN STATUS`, LIST-STATUS). Without
    /// LIST-STATUS: one STATUS for each. No items at all is an error where it is run.
    pub fn return_status(mut self, items: impl Into<Vec<StatusItem>>) -> Self {
        self.status = items.into();
        self.names_none |= self.status.is_empty();
        self
    }

    /// Tells what this user may do with each mailbox (`RETURN MYRIGHTS`, LIST-MYRIGHTS). Without
    /// LIST-MYRIGHTS: MYRIGHTS for each, in one go; needs ACL.
    pub fn return_my_rights(mut self) -> Self {
        self.return_my_rights = true;
        self
    }

    /// Tells these pieces of metadata of each mailbox (`RETURN METADATA`, LIST-METADATA). Without
    /// LIST-METADATA: GETMETADATA for each, in one go; needs METADATA. No names at all is an error
    /// where it is run.
    pub fn return_metadata(mut self, names: impl Into<Vec<MetadataName>>) -> Self {
        self.metadata = names.into();
        self.names_none |= self.metadata.is_empty();
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

    /// All patterns.
    pub(crate) fn all_patterns(&self) -> impl Iterator<Item = &MailboxPattern> {
        std::iter::once(&self.pattern).chain(&self.patterns)
    }

    /// Whether it is the LIST of RFC 3501.
    pub(crate) fn is_plain(&self) -> bool {
        *self == Self::of(self.pattern.clone())
    }
}

/// The words whose option is on.
pub(crate) fn words<const N: usize>(options: [(bool, &'static str); N]) -> Vec<&'static str> {
    let on = options.into_iter().filter(|(is_on, _)| *is_on);
    on.map(|(_, word)| word).collect()
}
