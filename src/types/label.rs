//! Labels of Gmail (X-GM-EXT-1).

use std::error::Error;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use crate::printable::Printable;
use crate::types::atom::is_atom;

/// A Gmail label, as UTF-8.
///
/// A label that begins with a backslash is one of Gmail's own, such as `\Inbox`, `\Important`,
/// `\Starred`, `\Sent`, `\Draft`, `\Trash`, `\Spam`; these are compared without regard to case. All
/// others are the user's, and are compared exactly. If a server sent a label in a form that cannot
/// be rebuilt from its text, the label keeps the octets beside the text and is sent back with them.
///
/// ```
/// use latchbox::gmail::Label;
///
/// let label = Label::new("Entwürfe/2025")?;
/// assert_eq!(label.as_str(), "Entwürfe/2025");
/// assert!(Label::new("\\Inbox")?.is_system());
/// assert_eq!(Label::new("\\inbox")?, Label::new("\\Inbox")?);
/// assert!(Label::new("").is_err());
/// # Ok::<(), latchbox::gmail::InvalidLabel>(())
/// ```
#[derive(Clone)]
pub struct Label {
    text: Arc<str>,
    wire: Option<Arc<[u8]>>,
}

/// An error: a text that is no valid label.
///
/// ```
/// use latchbox::gmail::Label;
///
/// let refused = Label::new("a\nb").unwrap_err();
/// assert_eq!(refused.to_string(), "not a label: \"a\\nb\" contains NUL, CR or LF");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidLabel {
    label: Box<str>,
}

impl Label {
    /// Takes a label as users write it.
    ///
    /// # Errors
    ///
    /// [`InvalidLabel`] if it is empty, contains NUL, CR or LF, or begins with a backslash and
    /// contains a character that the name of one of Gmail's own labels cannot have: anything but
    /// printable ASCII without spaces and without `( ) { % * " \ ]`.
    pub fn new(label: &str) -> Result<Self, InvalidLabel> {
        let is_sound = match label.strip_prefix('\\') {
            Some(name) => is_atom(name),
            None => !label.is_empty() && !label.contains(['\0', '\r', '\n']),
        };
        if !is_sound {
            return Err(InvalidLabel {
                label: label.into(),
            });
        }
        Ok(Self {
            text: label.into(),
            wire: None,
        })
    }

    /// The human-readable label, with the backslash of Gmail's own.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is one of Gmail's own labels and not the user's.
    pub fn is_system(&self) -> bool {
        self.wire.is_none() && self.text.starts_with('\\')
    }

    /// A label that a server sent as `bytes`, which mean `text`; `canonical` if the text would be
    /// sent as these octets.
    pub(crate) fn from_wire(bytes: &[u8], text: &str, canonical: bool) -> Self {
        let is_same = canonical && Self::new(text).is_ok();
        Self {
            text: text.into(),
            wire: (!is_same).then(|| bytes.into()),
        }
    }

    /// The octets to send instead of the encoded text.
    pub(crate) fn wire(&self) -> Option<&[u8]> {
        self.wire.as_deref()
    }
}

impl FromStr for Label {
    type Err = InvalidLabel;

    fn from_str(label: &str) -> Result<Self, InvalidLabel> {
        Self::new(label)
    }
}

impl TryFrom<&str> for Label {
    type Error = InvalidLabel;

    fn try_from(label: &str) -> Result<Self, InvalidLabel> {
        Self::new(label)
    }
}

impl PartialEq for Label {
    fn eq(&self, other: &Self) -> bool {
        let is_same = match self.is_system() && other.is_system() {
            true => self.text.eq_ignore_ascii_case(&other.text),
            false => self.text == other.text,
        };
        is_same && self.wire == other.wire
    }
}

impl Eq for Label {}

impl Hash for Label {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.text.bytes() {
            state.write_u8(byte.to_ascii_lowercase());
        }
        state.write_u8(0xff);
    }
}

/// A human-readable form; characters that could mislead a terminal are escaped.
impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(&self.text).fmt(f)
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.wire {
            None => self.text.fmt(f),
            Some(wire) => write!(f, "{:?} (b\"{}\")", self.text, wire.escape_ascii()),
        }
    }
}

impl InvalidLabel {
    /// The text that was rejected.
    pub fn label(&self) -> &str {
        &self.label
    }
}

impl fmt::Display for InvalidLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.label {
            "" => f.write_str("not a label: it is empty"),
            label if label.starts_with('\\') => write!(
                f,
                "not a label: {label:?} begins with a backslash and is not the name of one of \
                 Gmail's own"
            ),
            label => write!(f, "not a label: {label:?} contains NUL, CR or LF"),
        }
    }
}

impl Error for InvalidLabel {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_103_what_would_end_the_line_is_refused() {
        for label in ["", "\0", "a\rb", "\n", "\\", "\\a b", "\\a)", "\\a\r\n"] {
            let refused = Label::new(label).unwrap_err();
            assert!(!refused.to_string().contains(['\0', '\r', '\n']));
        }
    }

    #[test]
    fn labels_of_the_user_are_compared_as_they_are() {
        let label = |text| Label::new(text).unwrap();
        assert_ne!(label("Work"), label("work"));
        assert_eq!(label("\\SENT"), label("\\Sent"));
        assert_ne!(label("Sent"), label("\\Sent"));
    }

    #[test]
    fn octets_make_a_label_of_their_own() {
        let odd = Label::from_wire(b"&AGE-", "a", false);
        assert_ne!(odd, Label::new("a").unwrap());
        assert_eq!(odd.wire(), Some(&b"&AGE-"[..]));
        assert_eq!(Label::from_wire(b"a", "a", true).wire(), None);
        let backslashed = Label::from_wire(b"\\two words", "\\two words", true);
        assert!(!backslashed.is_system() && backslashed.wire().is_some());
    }
}
