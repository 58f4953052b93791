//! What STORE does to the flags of a message (RFC 9051 section 6.4.6).

use std::fmt;

/// How the flags or labels that are given change those that a message has.
///
/// ```
/// assert_eq!(latchbox::types::StoreAction::Add.to_string(), "+FLAGS");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StoreAction {
    /// They are added (`+FLAGS`).
    Add,
    /// They are taken away (`-FLAGS`).
    Remove,
    /// They take the place of all others, except for `\Recent` (`FLAGS`).
    Replace,
}

impl StoreAction {
    /// What stands before the name of that which is stored.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Remove => "-",
            Self::Replace => "",
        }
    }
}

/// The wire form.
impl fmt::Display for StoreAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}FLAGS", self.sign())
    }
}
