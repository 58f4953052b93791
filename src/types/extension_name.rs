//! Names of extension items for FETCH, SEARCH, SORT or STATUS that this crate does not know.

use std::cmp::Ordering;
use std::error::Error;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use crate::types::atom::is_atom;

/// The name of an extension item for FETCH, SEARCH, SORT or STATUS that this crate does not know.
///
/// It is an atom (RFC 9051 section 9) that begins with a letter, in any case.
///
/// For [`FetchItem::Other`], [`SearchKey::Other`], [`SortKey::Other`] and [`StatusItem::Other`].
///
/// [`FetchItem::Other`]: crate::types::FetchItem::Other
/// [`SearchKey::Other`]: crate::types::SearchKey::Other
/// [`SortKey::Other`]: crate::types::SortKey::Other
/// [`StatusItem::Other`]: crate::types::StatusItem::Other
///
/// ```
/// use latchbox::types::{ExtensionName, FetchItem};
///
/// let item = FetchItem::Other(ExtensionName::new("X-SIZE-ON-DISK")?);
/// assert_eq!(item.to_string(), "X-SIZE-ON-DISK");
/// assert!(ExtensionName::new("X SIZE").is_err());
/// # Ok::<(), latchbox::types::InvalidExtensionName>(())
/// ```
#[derive(Clone, Debug)]
pub struct ExtensionName(Box<str>);

/// An error: a text that is not the name of an extension's item.
///
/// ```
/// use latchbox::types::ExtensionName;
///
/// let refused = ExtensionName::new("a)").unwrap_err();
/// assert!(refused.to_string().starts_with("not the name of an item: \"a)\""));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidExtensionName {
    found: Box<str>,
}

impl ExtensionName {
    /// Checks a name and stores it.
    ///
    /// # Errors
    ///
    /// [`InvalidExtensionName`] if it is no atom, or does not begin with a letter.
    pub fn new(name: &str) -> Result<Self, InvalidExtensionName> {
        let begins = name.starts_with(|first: char| first.is_ascii_alphabetic());
        match begins && is_atom(name) {
            true => Ok(Self(name.into())),
            false => Err(InvalidExtensionName { found: name.into() }),
        }
    }

    /// The name, as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The octets for comparison.
    fn folded(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.bytes().map(|byte| byte.to_ascii_uppercase())
    }
}

impl PartialEq for ExtensionName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for ExtensionName {}

impl PartialOrd for ExtensionName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ExtensionName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded().cmp(other.folded())
    }
}

impl Hash for ExtensionName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded().for_each(|byte| state.write_u8(byte));
        state.write_u8(0xff);
    }
}

impl FromStr for ExtensionName {
    type Err = InvalidExtensionName;

    fn from_str(name: &str) -> Result<Self, InvalidExtensionName> {
        Self::new(name)
    }
}

impl fmt::Display for ExtensionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InvalidExtensionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not the name of an item: {:?}; it begins with a letter, and is printable ASCII without \
             spaces and without ( ) {{ % * \" \\ ]",
            self.found
        )
    }
}

impl Error for InvalidExtensionName {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_word_and_no_number_or_sign() {
        for name in ["X", "x-gm-new", "STATUS.V2", "a/b"] {
            assert!(ExtensionName::new(name).is_ok(), "{name}");
        }
        for name in [
            "", "$", "1", "1:5", "*", "a b", "a\r\nb", "a)", "(a", "a]", "\"a\"", "{1}", "a\0", "ä",
        ] {
            assert!(ExtensionName::new(name).is_err(), "{name:?}");
        }
        assert_eq!(ExtensionName::new("x-a"), ExtensionName::new("X-A"));
    }
}
