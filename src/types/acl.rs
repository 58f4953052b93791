//! Access control lists: the rights that users have on a mailbox (RFC 4314).

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use crate::printable::Printable;
use crate::types::mailbox_name::MailboxName;
use crate::types::rights::Rights;

/// The identifier of an ACL entry: a user, `anyone`, or another name such as that of a group.
///
/// A `-` before the name makes the entry negative: its rights are removed from those that the user
/// would otherwise have.
///
/// ```
/// use latchbox::acl::AclIdentifier;
///
/// let ann = AclIdentifier::new("ann")?;
/// assert!(!ann.is_negative() && ann.negative().to_string() == "-ann");
/// assert_eq!(AclIdentifier::new("-ann")?, ann.negative());
/// # Ok::<(), latchbox::acl::InvalidAclIdentifier>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AclIdentifier {
    text: Box<str>,
}

/// An invalid identifier: it is empty, `-` alone, or contains NUL, CR or LF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidAclIdentifier {
    text: Box<str>,
}

/// An entry of an ACL: an identifier and its rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclEntry {
    pub(crate) identifier: AclIdentifier,
    pub(crate) rights: Rights,
}

/// The access control list of a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acl {
    pub(crate) mailbox: MailboxName,
    pub(crate) entries: Vec<AclEntry>,
}

/// The rights that an identifier can be given on a mailbox (LISTRIGHTS).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedRights {
    pub(crate) mailbox: MailboxName,
    pub(crate) identifier: AclIdentifier,
    pub(crate) required: Rights,
    pub(crate) optional: Vec<Rights>,
}

impl AclIdentifier {
    /// Takes the name of a user or group, in the server's spelling.
    ///
    /// # Errors
    ///
    /// [`InvalidAclIdentifier`] if it is empty, `-` alone, or contains NUL, CR or LF.
    pub fn new(text: &str) -> Result<Self, InvalidAclIdentifier> {
        if matches!(text, "" | "-") || text.contains(['\0', '\r', '\n']) {
            return Err(InvalidAclIdentifier { text: text.into() });
        }
        Ok(Self { text: text.into() })
    }

    /// The identifier `anyone`: all users, including those who have not logged in.
    pub fn anyone() -> Self {
        Self {
            text: "anyone".into(),
        }
    }

    /// Returns the negative form of this identifier: its rights are removed instead of given.
    #[must_use]
    pub fn negative(&self) -> Self {
        match self.is_negative() {
            true => self.clone(),
            false => Self {
                text: format!("-{}", self.text).into(),
            },
        }
    }

    /// Whether the rights are removed instead of given.
    pub fn is_negative(&self) -> bool {
        self.text.starts_with('-')
    }

    /// The name, without the `-` of a negative identifier.
    pub fn name(&self) -> &str {
        self.text.strip_prefix('-').unwrap_or(&self.text)
    }

    /// The whole identifier, as it is sent.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The identifier that a server sent.
    pub(crate) fn from_server(octets: &[u8]) -> Self {
        Self {
            text: String::from_utf8_lossy(octets).into(),
        }
    }
}

impl FromStr for AclIdentifier {
    type Err = InvalidAclIdentifier;

    fn from_str(text: &str) -> Result<Self, InvalidAclIdentifier> {
        Self::new(text)
    }
}

impl TryFrom<&str> for AclIdentifier {
    type Error = InvalidAclIdentifier;

    fn try_from(text: &str) -> Result<Self, InvalidAclIdentifier> {
        Self::new(text)
    }
}

impl TryFrom<String> for AclIdentifier {
    type Error = InvalidAclIdentifier;

    fn try_from(text: String) -> Result<Self, InvalidAclIdentifier> {
        Self::new(&text)
    }
}

impl From<&AclIdentifier> for AclIdentifier {
    fn from(identifier: &AclIdentifier) -> Self {
        identifier.clone()
    }
}

impl PartialEq<&str> for AclIdentifier {
    fn eq(&self, text: &&str) -> bool {
        &*self.text == *text
    }
}

/// The human-readable identifier; characters that could mislead a terminal are escaped.
impl fmt::Display for AclIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(&self.text).fmt(f)
    }
}

impl fmt::Display for InvalidAclIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not an ACL identifier: {:?} is empty or contains NUL, CR or LF",
            self.text
        )
    }
}

impl Error for InvalidAclIdentifier {}

impl AclEntry {
    /// The identifier that the entry is about.
    pub fn identifier(&self) -> &AclIdentifier {
        &self.identifier
    }

    /// The rights that the identifier has, as the server sent them.
    ///
    /// If the identifier is [negative](AclIdentifier::is_negative), these rights are removed.
    pub fn rights(&self) -> Rights {
        self.rights
    }
}

impl Acl {
    /// The mailbox, as the server named it.
    pub fn mailbox(&self) -> &MailboxName {
        &self.mailbox
    }

    /// The entries of the list, in the server's order.
    pub fn entries(&self) -> &[AclEntry] {
        &self.entries
    }

    /// The rights in the entry of one identifier; `None` if it has no entry.
    ///
    /// The rights that a user has in effect can differ, and only the server knows them: groups,
    /// `anyone` and negative entries count too.
    pub fn rights_of(&self, identifier: &str) -> Option<Rights> {
        let mut entries = self.entries.iter();
        let found = entries.find(|entry| entry.identifier == identifier);
        found.map(|entry| entry.rights)
    }
}

impl ListedRights {
    /// The mailbox, as the server named it.
    pub fn mailbox(&self) -> &MailboxName {
        &self.mailbox
    }

    /// The identifier that the rights are about.
    pub fn identifier(&self) -> &AclIdentifier {
        &self.identifier
    }

    /// The rights that the identifier always has, whatever the ACL contains.
    pub fn required(&self) -> Rights {
        self.required
    }

    /// The rights that the identifier can be given, in groups.
    ///
    /// The rights of one group are given and removed together. The old `c` and `d` can be in a
    /// group with the rights that replaced them.
    pub fn optional(&self) -> &[Rights] {
        &self.optional
    }
}

impl fmt::Display for AclEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.identifier, self.rights)
    }
}

impl fmt::Display for Acl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.mailbox.fmt(f)?;
        for (place, entry) in self.entries.iter().enumerate() {
            let before = if place > 0 { ", " } else { ": " };
            write!(f, "{before}{entry}")?;
        }
        Ok(())
    }
}

impl fmt::Display for ListedRights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            mailbox,
            identifier,
            required,
            optional,
        } = self;
        write!(f, "{mailbox}: {identifier} has {required}")?;
        for (place, rights) in optional.iter().enumerate() {
            let before = if place > 0 { ", " } else { "; can be given " };
            write!(f, "{before}{rights}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_negative_by_its_first_character() {
        let ann = AclIdentifier::new("ann").unwrap();
        assert_eq!((ann.name(), ann.is_negative()), ("ann", false));
        let not_ann = ann.negative();
        assert_eq!((not_ann.name(), not_ann.is_negative()), ("ann", true));
        assert_eq!(not_ann.negative(), not_ann);
        assert_eq!(AclIdentifier::anyone(), "anyone");
    }

    #[test]
    fn attack_103_what_would_end_the_line_is_no_identifier() {
        for text in ["", "-", "a\rb", "a\n", "\0"] {
            let refused = AclIdentifier::new(text).unwrap_err();
            assert!(!refused.to_string().contains(['\0', '\r', '\n']));
        }
        let odd = AclIdentifier::from_server(b"a\x1b\xff");
        assert_eq!(odd.to_string(), "a\\u{1b}\u{fffd}");
    }
}
