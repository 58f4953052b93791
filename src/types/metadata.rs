//! Metadata: named values that a server stores for mailboxes and for itself (RFC 5464).

use std::error::Error;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use crate::printable::Printable;
use crate::types::mailbox_name::{InvalidMailboxName, MailboxName};

/// The owner of metadata: the server or a mailbox.
///
/// Methods also take the name of a mailbox; the server has to be given explicitly.
///
/// ```
/// use latchbox::metadata::MetadataScope;
///
/// let inbox = MetadataScope::try_from("INBOX")?;
/// assert!(inbox != MetadataScope::Server && MetadataScope::try_from("").is_err());
/// # Ok::<(), latchbox::types::InvalidMailboxName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MetadataScope {
    /// The whole server, such as the message that it shows to its users.
    Server,
    /// One mailbox.
    Mailbox(MailboxName),
}

/// The name of a metadata entry, such as `/private/comment`; the case does not matter.
///
/// It begins with `/private` if only this user sees the value, or with `/shared` if all users do
/// who may read the mailbox.
///
/// ```
/// use latchbox::metadata::MetadataName;
///
/// let name = MetadataName::new("/shared/comment")?;
/// assert!(!name.is_private() && name == MetadataName::new("/Shared/Comment")?);
/// assert!(MetadataName::new("/comment").is_err());
/// assert!(MetadataName::new("/private/*").is_err());
/// # Ok::<(), latchbox::metadata::InvalidMetadataName>(())
/// ```
#[derive(Clone, Debug)]
pub struct MetadataName {
    text: Box<str>,
}

/// An error: a text that is no valid metadata name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidMetadataName {
    text: Box<str>,
    problem: &'static str,
}

/// A metadata entry: its name and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataEntry {
    pub(crate) name: MetadataName,
    pub(crate) value: Option<Vec<u8>>,
}

/// The metadata that a server returned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    pub(crate) entries: Vec<MetadataEntry>,
    pub(crate) longest_left_out: Option<u64>,
}

/// The number of levels below the requested names that are included (RFC 5464 section 4.2.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MetadataDepth {
    /// The requested names only.
    #[default]
    Zero,
    /// Also the names directly below them.
    One,
    /// Also all names below them.
    Infinity,
}

impl From<MailboxName> for MetadataScope {
    fn from(name: MailboxName) -> Self {
        Self::Mailbox(name)
    }
}

impl From<&MailboxName> for MetadataScope {
    fn from(name: &MailboxName) -> Self {
        Self::Mailbox(name.clone())
    }
}

impl From<&MetadataScope> for MetadataScope {
    fn from(scope: &MetadataScope) -> Self {
        scope.clone()
    }
}

impl TryFrom<&str> for MetadataScope {
    type Error = InvalidMailboxName;

    /// Takes a mailbox with this name.
    fn try_from(name: &str) -> Result<Self, InvalidMailboxName> {
        MailboxName::new(name).map(Self::Mailbox)
    }
}

impl TryFrom<String> for MetadataScope {
    type Error = InvalidMailboxName;

    /// Takes a mailbox with this name.
    fn try_from(name: String) -> Result<Self, InvalidMailboxName> {
        MailboxName::new(&name).map(Self::Mailbox)
    }
}

impl fmt::Display for MetadataScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server => f.write_str("the server"),
            Self::Mailbox(name) => name.fmt(f),
        }
    }
}

impl MetadataName {
    /// Takes a name.
    ///
    /// # Errors
    ///
    /// [`InvalidMetadataName`] if it does not begin with `/private` or `/shared`, ends in `/`, or
    /// contains `//`, `*`, `%`, a control or a character that is not ASCII.
    pub fn new(text: &str) -> Result<Self, InvalidMetadataName> {
        match problem_of(text) {
            Some(problem) => Err(InvalidMetadataName {
                text: text.into(),
                problem,
            }),
            None => Ok(Self { text: text.into() }),
        }
    }

    /// The name, as it was given or as the server sent it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether only this user sees the value.
    pub fn is_private(&self) -> bool {
        within(&self.text, PRIVATE)
    }

    /// The name that a server sent, valid or not.
    pub(crate) fn from_server(octets: &[u8]) -> Self {
        Self {
            text: String::from_utf8_lossy(octets).into(),
        }
    }
}

const PRIVATE: &str = "/private";
const SHARED: &str = "/shared";

/// Whether a name is this one or below it.
fn within(name: &str, top: &str) -> bool {
    let (start, rest) = match name.split_at_checked(top.len()) {
        Some(parts) => parts,
        None => return false,
    };
    start.eq_ignore_ascii_case(top) && (rest.is_empty() || rest.starts_with('/'))
}

fn problem_of(text: &str) -> Option<&'static str> {
    if !within(text, PRIVATE) && !within(text, SHARED) {
        Some("it begins with neither /private nor /shared")
    } else if text.bytes().any(|byte| !(b' '..=b'~').contains(&byte)) {
        Some("it contains a character that is not printable ASCII")
    } else if text.contains(['*', '%']) {
        Some("it contains a wildcard")
    } else if text.contains("//") || text.ends_with('/') {
        Some("a part of it is empty")
    } else {
        None
    }
}

impl PartialEq for MetadataName {
    fn eq(&self, other: &Self) -> bool {
        self.text.eq_ignore_ascii_case(&other.text)
    }
}

impl Eq for MetadataName {}

impl Hash for MetadataName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.to_ascii_lowercase().hash(state);
    }
}

impl PartialEq<&str> for MetadataName {
    fn eq(&self, text: &&str) -> bool {
        self.text.eq_ignore_ascii_case(text)
    }
}

impl FromStr for MetadataName {
    type Err = InvalidMetadataName;

    fn from_str(text: &str) -> Result<Self, InvalidMetadataName> {
        Self::new(text)
    }
}

impl TryFrom<&str> for MetadataName {
    type Error = InvalidMetadataName;

    fn try_from(text: &str) -> Result<Self, InvalidMetadataName> {
        Self::new(text)
    }
}

impl TryFrom<String> for MetadataName {
    type Error = InvalidMetadataName;

    fn try_from(text: String) -> Result<Self, InvalidMetadataName> {
        Self::new(&text)
    }
}

impl From<&MetadataName> for MetadataName {
    fn from(name: &MetadataName) -> Self {
        name.clone()
    }
}

/// The human-readable name; characters that could mislead a terminal are escaped.
impl fmt::Display for MetadataName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(&self.text).fmt(f)
    }
}

impl fmt::Display for InvalidMetadataName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a metadata name: {:?}: {}", self.text, self.problem)
    }
}

impl Error for InvalidMetadataName {}

impl MetadataEntry {
    /// The name of the entry.
    pub fn name(&self) -> &MetadataName {
        &self.name
    }

    /// The value; `None` if there is none.
    ///
    /// It can contain any octets: it is text only if the user or program that set it stored text.
    pub fn value(&self) -> Option<&[u8]> {
        self.value.as_deref()
    }

    /// The value if it is UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(self.value()?).ok()
    }
}

impl Metadata {
    /// The entries that the server returned, in its order.
    ///
    /// Entries without a value may be among them, or may be missing.
    pub fn entries(&self) -> &[MetadataEntry] {
        &self.entries
    }

    /// The value of one entry; `None` if there is none.
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        self.entry(name)?.value()
    }

    /// The value of one entry; `None` if there is none or it is not UTF-8.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.entry(name)?.text()
    }

    /// The size of the longest value that was left out for its size, in octets.
    ///
    /// Values longer than [`max_size`](crate::metadata::GetMetadata::max_size) are left out.
    pub fn longest_left_out(&self) -> Option<u64> {
        self.longest_left_out
    }

    fn entry(&self, name: &str) -> Option<&MetadataEntry> {
        self.entries.iter().find(|entry| entry.name == name)
    }
}

/// The wire form.
impl fmt::Display for MetadataDepth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zero => "0",
            Self::One => "1",
            Self::Infinity => "infinity",
        })
    }
}

impl fmt::Display for MetadataEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.text(), &self.value) {
            (Some(text), _) => write!(f, "{}: {}", self.name, Printable(text)),
            (None, Some(octets)) => write!(f, "{}: {} octets", self.name, octets.len()),
            (None, None) => write!(f, "{}: no value", self.name),
        }
    }
}

/// A line for each entry.
impl fmt::Display for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, entry) in self.entries.iter().enumerate() {
            let before = if place > 0 { "\n" } else { "" };
            write!(f, "{before}{entry}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_as_text_or_by_their_size() {
        let entry = |value: Option<&[u8]>| MetadataEntry {
            name: MetadataName::new("/private/comment").unwrap(),
            value: value.map(<[u8]>::to_vec),
        };
        let metadata = Metadata {
            entries: vec![
                entry(Some(b"a\x1bb")),
                entry(Some(b"\xff\xfe")),
                entry(None),
            ],
            longest_left_out: None,
        };
        assert_eq!(
            metadata.to_string(),
            "/private/comment: a\\u{1b}b\n/private/comment: 2 octets\n/private/comment: no value"
        );
    }

    #[test]
    fn names_that_can_be() {
        for (name, is_private) in [
            ("/private/comment", true),
            ("/PRIVATE/Comment", true),
            ("/shared/vendor/a b/c", false),
            ("/private", true),
            ("/shared", false),
        ] {
            assert_eq!(MetadataName::new(name).unwrap().is_private(), is_private);
        }
    }

    #[test]
    fn attack_103_names_that_cannot_be() {
        for name in [
            "",
            "/",
            "comment",
            "/comment",
            "/privateer/x",
            "/shared/",
            "/shared//x",
            "/private/*",
            "/private/a%",
            "/private/\u{e4}",
            "/private/a\r\nb",
            "/private/\0",
            "/priva\u{e4}",
        ] {
            let refused = MetadataName::new(name).unwrap_err();
            assert!(!refused.to_string().contains(['\0', '\r', '\n']));
        }
    }

    #[test]
    fn the_case_does_not_matter() {
        let metadata = Metadata {
            entries: vec![MetadataEntry {
                name: MetadataName::from_server(b"/Shared/COMMENT"),
                value: Some(b"x".to_vec()),
            }],
            longest_left_out: None,
        };
        assert_eq!(metadata.text("/shared/comment"), Some("x"));
        assert_eq!(metadata.value("/shared/other"), None);
    }
}
