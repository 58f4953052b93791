//! The action of STORE on the flags of a message (RFC 9051 section 6.4.6).

use std::fmt;

/// The way in which the given flags or labels change those of a message.
///
/// ```
/// assert_eq!(latchbox::types::StoreAction::Add.to_string(), "+FLAGS");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StoreAction {
    /// They are added (`+FLAGS`).
    Add,
    /// They are removed (`-FLAGS`).
    Remove,
    /// They replace all others, except for `\Recent` (`FLAGS`).
    Replace,
}

impl StoreAction {
    /// The sign before the name of the stored item.
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
