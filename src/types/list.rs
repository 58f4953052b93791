//! The patterns, entries and attributes of LIST (RFC 9051 sections 6.3.9, 7.3.1).

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use crate::printable::Printable;
use crate::types::mailbox_name::MailboxName;
use crate::types::mailbox_status::MailboxStatus;
use crate::types::metadata::MetadataEntry;
use crate::types::rights::Rights;
use crate::types::special_use::SpecialUse;

/// A mailbox, or a name above mailboxes, as LIST reported it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListEntry {
    pub(crate) name: MailboxName,
    pub(crate) delimiter: Option<char>,
    attributes: Vec<MailboxAttribute>,
    /// What most entries have nothing of: an account may have many thousands of them.
    more: Option<Box<More>>,
}

/// The data of a mailbox that is reported on request, or seldom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct More {
    child_info: Vec<String>,
    old_name: Option<MailboxName>,
    status: Option<MailboxStatus>,
    my_rights: Option<Rights>,
    metadata: Vec<MetadataEntry>,
}

/// An attribute of a mailbox in a LIST response (RFC 9051 section 7.3.1).
///
/// The special uses of RFC 6154, RFC 8457 and RFC 9979 are among them.
///
/// ```
/// assert_eq!(latchbox::types::MailboxAttribute::NoSelect.to_string(), "\\Noselect");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum MailboxAttribute {
    /// `\NonExistent`: there is no mailbox with this name.
    NonExistent,
    /// `\Noselect`: the mailbox cannot be selected.
    NoSelect,
    /// `\Noinferiors`: the mailbox cannot have children.
    NoInferiors,
    /// `\HasChildren`: the mailbox has children.
    HasChildren,
    /// `\HasNoChildren`: the mailbox has no children.
    HasNoChildren,
    /// `\Marked`: there may be new messages.
    Marked,
    /// `\Unmarked`: there are no new messages.
    Unmarked,
    /// `\Subscribed`: the user is subscribed to the mailbox.
    Subscribed,
    /// `\Remote`: the mailbox is on another server.
    Remote,
    /// `\All`: every message of the account.
    All,
    /// `\Archive`.
    Archive,
    /// `\Drafts`.
    Drafts,
    /// `\Flagged`: every message that has the flag.
    Flagged,
    /// `\Important` (RFC 8457).
    Important,
    /// `\Junk`.
    Junk,
    /// `\Memos` (RFC 9979).
    Memos,
    /// `\Scheduled` (RFC 9979).
    Scheduled,
    /// `\Sent`.
    Sent,
    /// `\Snoozed` (RFC 9979).
    Snoozed,
    /// `\Trash`.
    Trash,
    /// `\Inbox`: INBOX under another name, as XLIST reports it.
    Inbox,
    /// An attribute that this crate does not know, with its backslash.
    Other(Box<str>),
}

/// A pattern for LIST: `*` matches anything, `%` anything up to the next delimiter.
///
/// Names in patterns are UTF-8, like [`MailboxName`]. IMAP has no form for a literal `*` or `%`
/// here, so there is no conversion from a name to a pattern.
///
/// ```
/// use latchbox::types::MailboxPattern;
///
/// assert_eq!(MailboxPattern::new("Entwürfe/%")?.as_str(), "Entwürfe/%");
/// assert_eq!(MailboxPattern::all().as_str(), "*");
/// assert!(MailboxPattern::new("a\nb").is_err());
/// # Ok::<(), latchbox::types::InvalidMailboxPattern>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MailboxPattern {
    text: Box<str>,
}

/// An error: a text that is no valid pattern for LIST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidMailboxPattern {
    text: Box<str>,
}

const WORDS: [(&str, MailboxAttribute); 21] = [
    ("\\NonExistent", MailboxAttribute::NonExistent),
    ("\\Noselect", MailboxAttribute::NoSelect),
    ("\\Noinferiors", MailboxAttribute::NoInferiors),
    ("\\HasChildren", MailboxAttribute::HasChildren),
    ("\\HasNoChildren", MailboxAttribute::HasNoChildren),
    ("\\Marked", MailboxAttribute::Marked),
    ("\\Unmarked", MailboxAttribute::Unmarked),
    ("\\Subscribed", MailboxAttribute::Subscribed),
    ("\\Remote", MailboxAttribute::Remote),
    ("\\All", MailboxAttribute::All),
    ("\\Archive", MailboxAttribute::Archive),
    ("\\Drafts", MailboxAttribute::Drafts),
    ("\\Flagged", MailboxAttribute::Flagged),
    ("\\Important", MailboxAttribute::Important),
    ("\\Junk", MailboxAttribute::Junk),
    ("\\Memos", MailboxAttribute::Memos),
    ("\\Scheduled", MailboxAttribute::Scheduled),
    ("\\Sent", MailboxAttribute::Sent),
    ("\\Snoozed", MailboxAttribute::Snoozed),
    ("\\Trash", MailboxAttribute::Trash),
    ("\\Inbox", MailboxAttribute::Inbox),
];

/// The words of XLIST for some uses, from before RFC 6154.
const OLD_WORDS: [(&str, MailboxAttribute); 3] = [
    ("\\AllMail", MailboxAttribute::All),
    ("\\Spam", MailboxAttribute::Junk),
    ("\\Starred", MailboxAttribute::Flagged),
];

impl ListEntry {
    /// Repeated attributes are stored once.
    pub(crate) fn new(
        name: MailboxName,
        delimiter: Option<char>,
        mut attributes: Vec<MailboxAttribute>,
    ) -> Self {
        attributes.sort_unstable();
        attributes.dedup();
        Self {
            name,
            delimiter,
            attributes,
            more: None,
        }
    }

    fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    pub(crate) fn set_child_info(&mut self, words: Vec<String>) {
        self.more().child_info = words;
    }

    pub(crate) fn set_old_name(&mut self, name: MailboxName) {
        self.more().old_name = Some(name);
    }

    /// Adds counts to those that are known.
    pub(crate) fn add_status(&mut self, status: MailboxStatus) {
        match &mut self.more().status {
            Some(known) => known.join(status),
            none => *none = Some(status),
        }
    }

    pub(crate) fn set_my_rights(&mut self, rights: Rights) {
        self.more().my_rights = Some(rights);
    }

    pub(crate) fn set_metadata(&mut self, entries: Vec<MetadataEntry>) {
        self.more().metadata = entries;
    }

    /// Adds an attribute that the server reported too.
    pub(crate) fn add(&mut self, attribute: MailboxAttribute) {
        if let Err(place) = self.attributes.binary_search(&attribute) {
            self.attributes.insert(place, attribute);
        }
    }

    /// About the number of octets from the server that it holds.
    pub(crate) fn octets(&self) -> usize {
        let words = self.child_info().iter().map(|word| word.len() + 24);
        let attributes = size_of_val(self.attributes.as_slice());
        let old_name = self.old_name();
        let names = self.name.as_str().len() + old_name.map_or(0, |name| name.as_str().len());
        words.sum::<usize>() + attributes + names
    }

    /// The name.
    pub fn name(&self) -> &MailboxName {
        &self.name
    }

    /// The separator between the levels of the name; `None` if names are flat.
    pub fn delimiter(&self) -> Option<char> {
        self.delimiter
    }

    /// All attributes that the server reported, each once.
    pub fn attributes(&self) -> &[MailboxAttribute] {
        &self.attributes
    }

    /// Whether the server reported this attribute.
    pub fn has(&self, attribute: &MailboxAttribute) -> bool {
        self.attributes.binary_search(attribute).is_ok()
    }

    /// Whether it can be selected: it is neither `\Noselect` nor `\NonExistent`.
    pub fn is_selectable(&self) -> bool {
        !self.has(&MailboxAttribute::NoSelect) && !self.has(&MailboxAttribute::NonExistent)
    }

    /// Whether there are mailboxes below it, if the server reported that.
    pub fn has_children(&self) -> Option<bool> {
        let none = [
            MailboxAttribute::HasNoChildren,
            MailboxAttribute::NoInferiors,
        ];
        if self.has(&MailboxAttribute::HasChildren) {
            return Some(true);
        }
        none.iter()
            .any(|attribute| self.has(attribute))
            .then_some(false)
    }

    /// The special use of the mailbox, such as `Drafts`, `Sent` or `Trash`; the first of several.
    pub fn special_use(&self) -> Option<SpecialUse> {
        self.special_uses().next()
    }

    /// All special uses of the mailbox.
    pub fn special_uses(&self) -> impl Iterator<Item = SpecialUse> + '_ {
        self.attributes
            .iter()
            .filter_map(MailboxAttribute::special_use)
    }

    /// Its STATUS counts, if they were requested and reported.
    ///
    /// [`return_status`](crate::command::List::return_status) requests them.
    pub fn status(&self) -> Option<&MailboxStatus> {
        self.more.as_ref()?.status.as_ref()
    }

    /// The rights of this user on the mailbox, if they were requested and reported.
    ///
    /// [`return_my_rights`](crate::command::List::return_my_rights) requests them.
    pub fn my_rights(&self) -> Option<Rights> {
        self.more.as_ref()?.my_rights
    }

    /// Its metadata, as far as it was requested and exists.
    ///
    /// [`return_metadata`](crate::command::List::return_metadata) requests it.
    pub fn metadata(&self) -> &[MetadataEntry] {
        self.more.as_ref().map_or(&[], |more| &more.metadata)
    }

    /// The levels of the name, from the top.
    pub fn levels(&self) -> impl Iterator<Item = &str> {
        let delimiter = self.delimiter;
        self.name
            .as_str()
            .split(move |character| Some(character) == delimiter)
    }

    /// The reasons why a name is listed that does not match itself (CHILDINFO).
    ///
    /// They are selection options that mailboxes below it match, such as `SUBSCRIBED` (RFC 9051
    /// section 6.3.9.6).
    pub fn child_info(&self) -> &[String] {
        self.more.as_ref().map_or(&[], |more| &more.child_info)
    }

    /// Its previous name, if the server reports a rename (OLDNAME, RFC 9051 section 6.3.9.7).
    pub fn old_name(&self) -> Option<&MailboxName> {
        self.more.as_ref()?.old_name.as_ref()
    }
}

impl fmt::Display for ListEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)?;
        for attribute in &self.attributes {
            write!(f, " {attribute}")?;
        }
        Ok(())
    }
}

impl MailboxAttribute {
    /// The special use that the attribute names (RFC 6154, RFC 8457, RFC 9979); `None` if it names
    /// none.
    pub fn special_use(&self) -> Option<SpecialUse> {
        SpecialUse::ALL
            .into_iter()
            .find(|special_use| Self::from(*special_use) == *self)
    }

    /// The attribute that a server sent, in any case.
    pub(crate) fn from_server(word: &[u8]) -> Self {
        // Most servers write them as the standard does.
        let same = WORDS.iter().find(|(known, _)| known.as_bytes() == word);
        let found = same.or_else(|| {
            let mut words = WORDS.iter().chain(&OLD_WORDS);
            words.find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(word))
        });
        match found {
            Some((_, attribute)) => attribute.clone(),
            None => Self::Other(String::from_utf8_lossy(word).into()),
        }
    }
}

impl From<SpecialUse> for MailboxAttribute {
    fn from(special_use: SpecialUse) -> Self {
        match special_use {
            SpecialUse::All => Self::All,
            SpecialUse::Archive => Self::Archive,
            SpecialUse::Drafts => Self::Drafts,
            SpecialUse::Flagged => Self::Flagged,
            SpecialUse::Important => Self::Important,
            SpecialUse::Junk => Self::Junk,
            SpecialUse::Memos => Self::Memos,
            SpecialUse::Scheduled => Self::Scheduled,
            SpecialUse::Sent => Self::Sent,
            SpecialUse::Snoozed => Self::Snoozed,
            SpecialUse::Trash => Self::Trash,
        }
    }
}

/// The wire form; controls in a word from a server are escaped.
impl fmt::Display for MailboxAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(word) => Printable(word).fmt(f),
            known => {
                let found = WORDS.iter().find(|(_, attribute)| attribute == known);
                f.write_str(found.map_or("", |(word, _)| word))
            }
        }
    }
}

impl MailboxPattern {
    /// Takes a pattern; an empty one requests the delimiter and matches nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidMailboxPattern`] if it contains NUL, CR or LF.
    pub fn new(text: &str) -> Result<Self, InvalidMailboxPattern> {
        if text.contains(['\0', '\r', '\n']) {
            return Err(InvalidMailboxPattern { text: text.into() });
        }
        Ok(Self { text: text.into() })
    }

    /// `*`: every mailbox.
    pub fn all() -> Self {
        Self { text: "*".into() }
    }

    /// The pattern, as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether an entry answers `name%`, as far as this is such a pattern: some servers also list
    /// mailboxes further below, and the mailbox itself. For other patterns the server decides what
    /// matches.
    pub(crate) fn takes(&self, entry: &ListEntry) -> bool {
        let Some(above) = self.text.strip_suffix('%') else {
            return true;
        };
        let (Some(delimiter), false) = (entry.delimiter, above.contains(['*', '%'])) else {
            return true;
        };
        let name = entry.name.as_str();
        if above.strip_suffix(delimiter) == Some(name) {
            return entry.is_selectable();
        }
        match name.strip_prefix(above) {
            Some(rest) => !rest.trim_end_matches(delimiter).contains(delimiter),
            None => true,
        }
    }
}

impl FromStr for MailboxPattern {
    type Err = InvalidMailboxPattern;

    fn from_str(text: &str) -> Result<Self, InvalidMailboxPattern> {
        Self::new(text)
    }
}

impl TryFrom<&str> for MailboxPattern {
    type Error = InvalidMailboxPattern;

    fn try_from(text: &str) -> Result<Self, InvalidMailboxPattern> {
        Self::new(text)
    }
}

impl TryFrom<String> for MailboxPattern {
    type Error = InvalidMailboxPattern;

    fn try_from(text: String) -> Result<Self, InvalidMailboxPattern> {
        Self::new(&text)
    }
}

impl fmt::Display for MailboxPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(&self.text).fmt(f)
    }
}

impl fmt::Display for InvalidMailboxPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not a mailbox pattern: {:?} contains NUL, CR or LF",
            self.text
        )
    }
}

impl Error for InvalidMailboxPattern {}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(attributes: &[&str]) -> ListEntry {
        let attributes = attributes
            .iter()
            .map(|a| MailboxAttribute::from_server(a.as_bytes()));
        let name = MailboxName::new("a/b").unwrap();
        ListEntry::new(name, Some('/'), attributes.collect())
    }

    #[test]
    fn every_attribute_is_read_as_it_is_written_in_any_case() {
        for (word, attribute) in WORDS {
            assert_eq!(attribute.to_string(), word);
            assert_eq!(
                MailboxAttribute::from_server(word.to_uppercase().as_bytes()),
                attribute
            );
        }
        let other = MailboxAttribute::from_server(b"\\X\x1b[2J");
        assert_eq!(other.to_string(), "\\X\\u{1b}[2J");
    }

    #[test]
    fn the_uses_that_xlist_tells_have_names_of_their_own() {
        for (word, special_use) in [
            ("\\AllMail", SpecialUse::All),
            ("\\spam", SpecialUse::Junk),
            ("\\Starred", SpecialUse::Flagged),
        ] {
            assert_eq!(entry(&[word]).special_use(), Some(special_use));
        }
    }

    #[test]
    fn q65_q67_a_pattern_of_one_level_takes_what_is_on_that_level() {
        let takes = |pattern: &str, name: &str, attributes: &[&str]| {
            let name = MailboxName::new(name).unwrap();
            let attributes = attributes.iter();
            let attributes = attributes.map(|a| MailboxAttribute::from_server(a.as_bytes()));
            let entry = ListEntry::new(name, Some('/'), attributes.collect());
            MailboxPattern::new(pattern).unwrap().takes(&entry)
        };
        assert!(takes("%", "One", &[]));
        assert!(!takes("%", "One/Two", &[]));
        assert!(takes("%", "One/", &[]));
        assert!(takes("mail/%", "mail/one", &[]));
        assert!(!takes("mail/%", "mail/one/two", &[]));
        assert!(!takes("mail/%", "mail", &["\\NoSelect"]));
        // It can be selected, so that it is not lost.
        assert!(takes("mail/%", "mail", &[]));
        for name in ["One", "One/Two", "inbox/x/y"] {
            assert!(takes("*", name, &[]) && takes("%/%", name, &[]) && takes("", name, &[]));
        }
        // Some answer in another form than was requested.
        assert!(takes("~/mail/%", "mail/one/two", &[]));
    }

    #[test]
    fn an_attribute_that_is_repeated_counts_once() {
        let drafts = entry(&["\\drafts", "\\HasNoChildren", "\\Drafts"]);
        assert_eq!(drafts.attributes().len(), 2);
        assert_eq!(drafts.special_use(), Some(SpecialUse::Drafts));
        assert_eq!(drafts.has_children(), Some(false));
    }

    #[test]
    fn a_special_use_is_an_attribute_of_the_same_name() {
        for special_use in SpecialUse::ALL {
            let attribute = MailboxAttribute::from(special_use);
            assert_eq!(attribute.to_string(), special_use.to_string());
            assert_eq!(attribute.special_use(), Some(special_use));
        }
        assert_eq!(MailboxAttribute::Marked.special_use(), None);
    }

    #[test]
    fn what_does_not_exist_cannot_be_selected() {
        assert!(entry(&["\\marked"]).is_selectable());
        assert!(!entry(&["\\NOSELECT"]).is_selectable());
        assert!(!entry(&["\\NonExistent"]).is_selectable());
        assert_eq!(entry(&[]).has_children(), None);
    }

    #[test]
    fn levels_are_what_the_delimiter_separates() {
        assert_eq!(entry(&[]).levels().collect::<Vec<_>>(), ["a", "b"]);
        let flat = ListEntry::new(MailboxName::new("a/b").unwrap(), None, Vec::new());
        assert_eq!(flat.levels().collect::<Vec<_>>(), ["a/b"]);
    }
}
