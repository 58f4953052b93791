//! Access control lists: who may do what with a mailbox (RFC 4314).

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use crate::printable::Printable;
use crate::types::mailbox_name::MailboxName;
use crate::types::rights::Rights;

/// Whom an entry of an ACL is about: a user, `anyone`, or what else the server knows, such as
/// groups.
///
/// A `-` before the name makes the entry negative: its rights are taken from those that the user
/// would have otherwise.
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

/// A text that cannot be an identifier: it is empty, or holds NUL, CR or LF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidAclIdentifier {
    text: Box<str>,
}

/// Somebody, and what they may do.
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

/// What somebody can be given on a mailbox (LISTRIGHTS).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedRights {
    pub(crate) mailbox: MailboxName,
    pub(crate) identifier: AclIdentifier,
    pub(crate) required: Rights,
    pub(crate) optional: Vec<Rights>,
}

impl AclIdentifier {
    /// Takes the name of a user or group as the server knows it.
    ///
    /// # Errors
    ///
    /// [`InvalidAclIdentifier`] if it is empty or holds NUL, CR or LF.
    pub fn new(text: &str) -> Result<Self, InvalidAclIdentifier> {
        if matches!(text, "" | "-") || text.contains(['\0', '\r', '\n']) {
            return Err(InvalidAclIdentifier { text: text.into() });
        }
        Ok(Self { text: text.into() })
    }

    /// `anyone`: everybody, also those who have not logged in.
    pub fn anyone() -> Self {
        Self {
            text: "anyone".into(),
        }
    }

    /// The same with its rights taken away instead of given.
    #[must_use]
    pub fn negative(&self) -> Self {
        match self.is_negative() {
            true => self.clone(),
            false => Self {
                text: format!("-{}", self.text).into(),
            },
        }
    }

    /// Whether its rights are taken away instead of given.
    pub fn is_negative(&self) -> bool {
        self.text.starts_with('-')
    }

    /// Who it is, without the `-` of a negative one.
    pub fn name(&self) -> &str {
        self.text.strip_prefix('-').unwrap_or(&self.text)
    }

    /// The whole, as it is sent.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What a server wrote.
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

/// The identifier for people; what could mislead a terminal is escaped.
impl fmt::Display for AclIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(&self.text).fmt(f)
    }
}

impl fmt::Display for InvalidAclIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not an identifier of an ACL: {:?} is empty or holds NUL, CR or LF",
            self.text
        )
    }
}

impl Error for InvalidAclIdentifier {}

impl AclEntry {
    /// Who.
    pub fn identifier(&self) -> &AclIdentifier {
        &self.identifier
    }

    /// What they may do, or may not if the identifier is negative; as the server wrote it.
    pub fn rights(&self) -> Rights {
        self.rights
    }
}

impl Acl {
    /// The mailbox, as the server named it.
    pub fn mailbox(&self) -> &MailboxName {
        &self.mailbox
    }

    /// Who may do what, in the server's order.
    pub fn entries(&self) -> &[AclEntry] {
        &self.entries
    }

    /// The rights of one identifier, if it has an entry. What a user may do in the end is another
    /// matter, which only the server knows: groups, `anyone` and negative entries count too.
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

    /// Whom it is about.
    pub fn identifier(&self) -> &AclIdentifier {
        &self.identifier
    }

    /// What they always have, whatever the ACL says.
    pub fn required(&self) -> Rights {
        self.required
    }

    /// What they can be given. The rights of one group come and go together; the old `c` and `d`
    /// can be in a group with the rights that they became.
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
