//! Extended LIST: the mailboxes that it selects, and the data that it returns with each (RFC 5258,
//! RFC 5819, RFC 6154, RFC 8440, RFC 9590).

use crate::types::list::MailboxPattern;
use crate::types::mailbox_status::StatusItem;
use crate::types::metadata::MetadataName;

/// LIST as a value: the mailboxes that it selects, and the data that it returns with each.
///
/// Its answer is a `Vec` of [`ListEntry`](crate::types::ListEntry).
///
/// One LIST is sent if the server has the requested options. An option that the server lacks is
/// emulated if possible, and otherwise rejected before anything is sent; each method documents
/// which.
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
    /// The additional patterns.
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
    /// Whether counts or metadata are requested without naming any.
    pub(crate) names_none: bool,
    /// Whether the counts of the selected mailbox have to be current.
    pub(crate) refreshes: bool,
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
            refreshes: false,
        }
    }

    /// Adds a pattern: mailboxes that match it are listed too.
    ///
    /// Without LIST-EXTENDED, one LIST is sent for each pattern, and a mailbox that matches several
    /// is returned once.
    pub fn or_pattern(mut self, pattern: MailboxPattern) -> Self {
        self.patterns.push(pattern);
        self
    }

    /// Selects only names that the user is subscribed to (`SUBSCRIBED`).
    ///
    /// A subscribed name without a mailbox is `\NonExistent`.
    ///
    /// Without LIST-EXTENDED, LSUB is sent, and LIST for the attributes.
    pub fn select_subscribed(mut self) -> Self {
        self.select_subscribed = true;
        self
    }

    /// Selects mailboxes on other servers too (`REMOTE`).
    ///
    /// Needs LIST-EXTENDED.
    pub fn select_remote(mut self) -> Self {
        self.select_remote = true;
        self
    }

    /// Selects only mailboxes that have a special use (`SPECIAL-USE`).
    ///
    /// Without LIST-EXTENDED, they are picked from a LIST or XLIST. Needs SPECIAL-USE or XLIST.
    pub fn select_special_use(mut self) -> Self {
        self.select_special_use = true;
        self
    }

    /// Adds names that are not selected but have a selected one below them (`RECURSIVEMATCH`).
    ///
    /// [`child_info`](crate::types::ListEntry::child_info) returns the reason. Needs another of
    /// these `select_` options. Without LIST-EXTENDED, it works only with
    /// [`select_subscribed`](Self::select_subscribed), by LSUB.
    pub fn recursive_match(mut self) -> Self {
        self.recursive_match = true;
        self
    }

    /// Returns `\Subscribed` for mailboxes that the user is subscribed to (`RETURN SUBSCRIBED`).
    ///
    /// Without LIST-EXTENDED, LSUB is sent as well.
    pub fn return_subscribed(mut self) -> Self {
        self.return_subscribed = true;
        self
    }

    /// Returns whether there are mailboxes below (`RETURN CHILDREN`).
    ///
    /// Without LIST-EXTENDED, the server decides whether it reports that; if not,
    /// [`has_children`](crate::types::ListEntry::has_children) is `None`.
    pub fn return_children(mut self) -> Self {
        self.return_children = true;
        self
    }

    /// Returns the special uses of mailboxes (`RETURN SPECIAL-USE`).
    ///
    /// Without SPECIAL-USE, XLIST is sent; if the server lacks that too, no special uses are
    /// returned. [`special_mailboxes`](crate::Session::special_mailboxes) also searches by name.
    pub fn return_special_use(mut self) -> Self {
        self.return_special_use = true;
        self
    }

    /// Returns the counts of each mailbox that can be selected (`RETURN STATUS`, LIST-STATUS).
    ///
    /// Without LIST-STATUS, one STATUS is sent for each. An empty list of items is an error when
    /// the command is run.
    pub fn return_status(mut self, items: impl Into<Vec<StatusItem>>) -> Self {
        self.status = items.into();
        self.names_none |= self.status.is_empty();
        self
    }

    /// Returns the rights of this user on each mailbox (`RETURN MYRIGHTS`, LIST-MYRIGHTS).
    ///
    /// Without LIST-MYRIGHTS, MYRIGHTS is sent for each, pipelined, which needs ACL.
    pub fn return_my_rights(mut self) -> Self {
        self.return_my_rights = true;
        self
    }

    /// Returns these metadata entries of each mailbox (`RETURN METADATA`, LIST-METADATA).
    ///
    /// Without LIST-METADATA, GETMETADATA is sent for each, pipelined, which needs METADATA. An
    /// empty list of names is an error when the command is run.
    pub fn return_metadata(mut self, names: impl Into<Vec<MetadataName>>) -> Self {
        self.metadata = names.into();
        self.names_none |= self.metadata.is_empty();
        self
    }

    /// The words in the first parentheses.
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

/// The words of the options that are on.
pub(crate) fn words<const N: usize>(options: [(bool, &'static str); N]) -> Vec<&'static str> {
    let on = options.into_iter().filter(|(is_on, _)| *is_on);
    on.map(|(_, word)| word).collect()
}
