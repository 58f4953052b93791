//! The error of a set of message numbers that cannot be read.

use std::error::Error;
use std::fmt;

/// An error: a set was written in a form that the grammar does not have.
///
/// ```
/// use latchbox::types::UidSet;
///
/// let refused = "1:5,,7".parse::<UidSet>().unwrap_err();
/// assert!(refused.to_string().contains("1:5,7,9:*"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSet {
    found: Box<str>,
}

impl InvalidSet {
    /// `piece` is the part of `whole` that is none.
    pub(super) fn found(whole: &[u8], piece: &[u8]) -> Self {
        let shown = if piece.is_empty() { whole } else { piece };
        let shown = shown.get(..32).unwrap_or(shown);
        Self {
            found: String::from_utf8_lossy(shown).into(),
        }
    }
}

impl fmt::Display for InvalidSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not a set of message numbers: {:?}; write it like 1:5,7,9:*",
            self.found
        )
    }
}

impl Error for InvalidSet {}
