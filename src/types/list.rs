//! The patterns, entries and attributes of LIST (RFC 9051 sections 6.3.9, 7.3.1).

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use crate::printable::Printable;
use crate::types::mailbox_attribute::{KnownAttributes, MailboxAttribute};
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
    attributes: KnownAttributes,
    /// What most entries have nothing of: an account may have many thousands of them.
    more: Option<Box<More>>,
}

/// The data of a mailbox that is reported on request, or seldom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct More {
    /// Sorted.
    other_attributes: Vec<MailboxAttribute>,
    child_info: Vec<String>,
    old_name: Option<MailboxName>,
    status: Option<MailboxStatus>,
    my_rights: Option<Rights>,
    metadata: Vec<MetadataEntry>,
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

impl ListEntry {
    pub(crate) fn new(
        name: MailboxName,
        delimiter: Option<char>,
        attributes: KnownAttributes,
    ) -> Self {
        Self {
            name,
            delimiter,
            attributes,
            more: None,
        }
    }

    /// Adds attributes that the server reported; repeated ones are stored once. They are sorted once:
    /// a server may send any number.
    pub(crate) fn with(mut self, attributes: impl IntoIterator<Item = MailboxAttribute>) -> Self {
        let attributes = attributes.into_iter();
        let mut others: Vec<_> = attributes
            .filter(|attribute| !self.attributes.insert(attribute))
            .collect();
        if !others.is_empty() {
            others.extend_from_slice(self.other_attributes());
            others.sort_unstable();
            others.dedup();
            self.more().other_attributes = others;
        }
        self
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
        if self.attributes.insert(&attribute) {
            return;
        }
        let others = &mut self.more().other_attributes;
        if let Err(place) = others.binary_search(&attribute) {
            others.insert(place, attribute);
        }
    }

    /// About the number of octets from the server that it holds.
    pub(crate) fn octets(&self) -> usize {
        let words = self.child_info().iter().map(|word| word.len() + 24);
        let attributes = size_of_val(self.other_attributes());
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

    /// All attributes that the server reported, each once: those that this crate knows, then the
    /// others.
    pub fn attributes(&self) -> impl Iterator<Item = &MailboxAttribute> + Clone {
        let others = self.other_attributes().iter();
        self.attributes
            .iter()
            .map(|known| known as &MailboxAttribute)
            .chain(others)
    }

    fn other_attributes(&self) -> &[MailboxAttribute] {
        self.more
            .as_ref()
            .map_or(&[], |more| &more.other_attributes)
    }

    /// Whether the server reported this attribute.
    pub fn has(&self, attribute: &MailboxAttribute) -> bool {
        self.attributes.contains(attribute)
            || self.other_attributes().binary_search(attribute).is_ok()
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
        self.attributes().filter_map(MailboxAttribute::special_use)
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
        for attribute in self.attributes() {
            write!(f, " {attribute}")?;
        }
        Ok(())
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
        ListEntry::new(name, Some('/'), KnownAttributes::default()).with(attributes)
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
            let entry =
                ListEntry::new(name, Some('/'), KnownAttributes::default()).with(attributes);
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
        assert_eq!(drafts.attributes().count(), 2);
        assert_eq!(drafts.special_use(), Some(SpecialUse::Drafts));
        assert_eq!(drafts.has_children(), Some(false));
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
        let flat = ListEntry::new(
            MailboxName::new("a/b").unwrap(),
            None,
            KnownAttributes::default(),
        );
        assert_eq!(flat.levels().collect::<Vec<_>>(), ["a/b"]);
    }
}
