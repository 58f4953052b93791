//! The error of one item of a response whose other items are valid.

use std::fmt;

use crate::limits::Limit;
use crate::printable::Printable;

/// An item of a FETCH response that is missing or cannot be parsed.
///
/// The other items of the response are valid, and the connection stays usable.
///
/// ```
#[doc = include_str!("../../doc/message.txt")]
/// use latchbox::message::ItemErrorKind;
///
/// let error = message.internal_date().unwrap_err(); // INTERNALDATE was not asked for
/// assert_eq!((error.item(), error.kind()), ("INTERNALDATE", ItemErrorKind::Missing));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemError {
    item: Box<str>,
    problem: ItemErrorKind,
    bytes: Vec<u8>,
}

/// The reason why an item cannot be returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ItemErrorKind {
    /// The server did not send the item, or sent NIL where the grammar requires a value.
    Missing,
    /// The server sent something that the grammar of RFC 9051 does not allow.
    Malformed,
    /// The item exceeds a limit, such as that on levels of parentheses.
    Limit(Limit),
    /// The server sent the item twice for one message, with different values.
    ///
    /// The first value is kept; this is the second.
    Contradicted,
    /// The server sent another section of the message than the requested one.
    ///
    /// The octets are the names of those that it sent.
    OtherSection,
}

impl ItemError {
    pub(crate) fn missing(item: &str) -> ItemError {
        ItemError {
            item: item.into(),
            problem: ItemErrorKind::Missing,
            bytes: Vec::new(),
        }
    }

    pub(crate) fn malformed(item: &str, bytes: &[u8]) -> ItemError {
        ItemError {
            item: item.into(),
            problem: ItemErrorKind::Malformed,
            bytes: bytes.to_vec(),
        }
    }

    pub(crate) fn beyond(limit: Limit, item: &str, bytes: &[u8]) -> ItemError {
        ItemError {
            problem: ItemErrorKind::Limit(limit),
            ..Self::malformed(item, bytes)
        }
    }

    pub(crate) fn elsewhere(item: &str, names: &[u8]) -> ItemError {
        ItemError {
            problem: ItemErrorKind::OtherSection,
            ..Self::malformed(item, names)
        }
    }

    pub(crate) fn contradicted(item: &str, bytes: &[u8]) -> ItemError {
        ItemError {
            problem: ItemErrorKind::Contradicted,
            ..Self::malformed(item, bytes)
        }
    }

    /// The item's name as RFC 9051 or the server writes it, such as `ENVELOPE`.
    pub fn item(&self) -> &str {
        &self.item
    }

    /// The kind of error: missing, malformed, beyond a limit, contradicted, or another section.
    pub fn kind(&self) -> ItemErrorKind {
        self.problem
    }

    pub(crate) fn is_missing(&self) -> bool {
        self.problem == ItemErrorKind::Missing
    }

    /// The octets that the server sent for it; empty if it sent none.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Display for ItemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let item = Printable(&self.item);
        match self.problem {
            ItemErrorKind::Missing => write!(
                f,
                "there is no {item}: it was not requested, or the server did not send it"
            ),
            ItemErrorKind::Contradicted => {
                write!(
                    f,
                    "the server sent another {item} for the same message, of {} octets",
                    self.bytes.len()
                )
            }
            ItemErrorKind::OtherSection => {
                write!(
                    f,
                    "the server sent {} in place of {item}",
                    self.bytes.escape_ascii()
                )
            }
            ItemErrorKind::Limit(limit) => write!(
                f,
                "the server's {item} of {} octets: {limit} has more {} than {} allows",
                self.bytes.len(),
                limit.unit(),
                limit.option()
            ),
            ItemErrorKind::Malformed => {
                write!(
                    f,
                    "the server's {item} of {} octets is malformed",
                    self.bytes.len()
                )
            }
        }
    }
}

impl std::error::Error for ItemError {}
