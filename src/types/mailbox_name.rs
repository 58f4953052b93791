//! The name of a mailbox (RFC 9051 section 5.1): human-readable UTF-8, and the server's octets for
//! names that would not survive a round trip.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::printable::Printable;

/// The name of a mailbox, as UTF-8.
///
/// INBOX in any case is `INBOX`; all other names are compared exactly.
///
/// If a server sent a name in a form that cannot be rebuilt from its text, the name keeps the
/// octets beside the text and is sent back with them; two such names are equal only if text and
/// octets are. To store a name, store its [octets](Self::to_octets), not its text. `Display`
/// escapes controls and characters that change the direction of writing. A name is not a path: it
/// may contain `../`, and must not be used as the name of a file.
///
/// ```
/// use latchbox::types::MailboxName;
///
/// let name = MailboxName::new("Entwürfe/日本語")?;
/// assert_eq!(name.as_str(), "Entwürfe/日本語");
/// assert!(MailboxName::new("inbox")?.is_inbox());
/// assert!(MailboxName::new("a\r\nb").is_err());
/// # Ok::<(), latchbox::types::InvalidMailboxName>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailboxName {
    text: Arc<str>,
    wire: Option<Arc<[u8]>>,
}

/// An error: a text that is no valid mailbox name.
///
/// ```
/// use latchbox::types::MailboxName;
///
/// let refused = MailboxName::new("").unwrap_err();
/// assert_eq!(refused.to_string(), "not a mailbox name: it is empty");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidMailboxName {
    name: Box<str>,
}

impl MailboxName {
    /// Takes a name as users write it.
    ///
    /// # Errors
    ///
    /// [`InvalidMailboxName`] if it is empty or contains NUL, CR or LF.
    pub fn new(name: &str) -> Result<Self, InvalidMailboxName> {
        if is_inbox(name) {
            return Ok(Self::inbox());
        }
        let is_breaking = |octet| matches!(octet, b'\0' | b'\r' | b'\n');
        if name.is_empty() || name.bytes().any(is_breaking) {
            return Err(InvalidMailboxName { name: name.into() });
        }
        Ok(Self {
            text: name.into(),
            wire: None,
        })
    }

    /// INBOX, which every account has.
    ///
    /// ```
    /// assert_eq!(latchbox::types::MailboxName::inbox().as_str(), "INBOX");
    /// ```
    pub fn inbox() -> Self {
        Self {
            text: inbox(),
            wire: None,
        }
    }

    /// The human-readable name.
    ///
    /// If the server's octets are not the encoded form of this text, the text is only an
    /// approximation.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is INBOX, the user's primary mailbox on every server.
    pub fn is_inbox(&self) -> bool {
        self.wire.is_none() && &*self.text == INBOX
    }

    /// A name that a server sent as `bytes`, which mean `text`; `canonical` if the text would be
    /// sent as these octets.
    pub(crate) fn from_wire(bytes: &[u8], text: &str, canonical: bool) -> Self {
        if canonical {
            return Self {
                text: shared(text),
                wire: None,
            };
        }
        Self {
            text: text.into(),
            wire: Some(bytes.into()),
        }
    }

    /// A name that a server sent while names are UTF-8.
    pub(crate) fn from_utf8(octets: &[u8]) -> Self {
        let text = String::from_utf8_lossy(octets);
        let is_breaking = |byte: &u8| matches!(byte, b'\0' | b'\r' | b'\n');
        let is_sound = text.as_bytes() == octets && !octets.iter().any(is_breaking);
        Self::from_wire(octets, &text, is_sound)
    }

    /// Without this character at its end, unless it is that character alone.
    pub(crate) fn without_end(self, end: char) -> Self {
        let text = match self.text.strip_suffix(end) {
            Some(text) if !text.is_empty() => shared(text),
            _ => return self,
        };
        let mut octets = [0; 4];
        let end = end.encode_utf8(&mut octets).as_bytes();
        match self.wire {
            None => Self { text, wire: None },
            Some(wire) => match wire.strip_suffix(end) {
                Some(rest) => Self {
                    text,
                    wire: Some(rest.into()),
                },
                None => Self {
                    text: self.text,
                    wire: Some(wire),
                },
            },
        }
    }

    /// The octets to send instead of the encoded text.
    pub(crate) fn wire(&self) -> Option<&[u8]> {
        self.wire.as_deref()
    }
}

impl FromStr for MailboxName {
    type Err = InvalidMailboxName;

    fn from_str(name: &str) -> Result<Self, InvalidMailboxName> {
        Self::new(name)
    }
}

impl TryFrom<&str> for MailboxName {
    type Error = InvalidMailboxName;

    fn try_from(name: &str) -> Result<Self, InvalidMailboxName> {
        Self::new(name)
    }
}

impl TryFrom<String> for MailboxName {
    type Error = InvalidMailboxName;

    fn try_from(name: String) -> Result<Self, InvalidMailboxName> {
        Self::new(&name)
    }
}

impl AsRef<str> for MailboxName {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq<str> for MailboxName {
    /// Whether a caller's text names this mailbox: never a name that needs the server's octets.
    fn eq(&self, name: &str) -> bool {
        self.wire.is_none() && &*self.text == canonical_inbox(name)
    }
}

impl PartialEq<&str> for MailboxName {
    fn eq(&self, name: &&str) -> bool {
        *self == **name
    }
}

impl fmt::Display for MailboxName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(&self.text).fmt(f)
    }
}

impl fmt::Debug for MailboxName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.wire {
            None => self.text.fmt(f),
            Some(wire) => write!(f, "{:?} (b\"{}\")", self.text, wire.escape_ascii()),
        }
    }
}

impl InvalidMailboxName {
    /// The text that was rejected.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// A mailbox name as an argument: `&str`, `String`, `&String`, [`MailboxName`] or `&MailboxName`.
///
/// No other type can implement it.
///
/// ```
/// use latchbox::types::{IntoMailboxName, MailboxName};
///
/// fn len(name: impl IntoMailboxName) -> Option<usize> {
///     Some(name.into_mailbox_name().ok()?.as_str().len())
/// }
/// assert_eq!(len("Trash"), Some(5));
/// assert_eq!(len(&MailboxName::inbox()), Some(5));
/// assert_eq!(len(""), None);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a mailbox",
    label = "not the name of a mailbox",
    note = "give a `&str`, a `String`, a `&String`, a `MailboxName` or a `&MailboxName`"
)]
pub trait IntoMailboxName: sealed::IntoMailboxName {
    /// Converts the value into the name of a mailbox.
    ///
    /// # Errors
    ///
    /// [`InvalidMailboxName`] if it is empty or contains NUL, CR or LF.
    fn into_mailbox_name(self) -> Result<MailboxName, InvalidMailboxName>;
}

mod sealed {
    pub trait IntoMailboxName {}

    impl IntoMailboxName for &str {}
    impl IntoMailboxName for &String {}
    impl IntoMailboxName for String {}
    impl IntoMailboxName for &super::MailboxName {}
    impl IntoMailboxName for super::MailboxName {}
}

impl IntoMailboxName for &str {
    fn into_mailbox_name(self) -> Result<MailboxName, InvalidMailboxName> {
        MailboxName::new(self)
    }
}

impl IntoMailboxName for &String {
    fn into_mailbox_name(self) -> Result<MailboxName, InvalidMailboxName> {
        MailboxName::new(self)
    }
}

impl IntoMailboxName for String {
    fn into_mailbox_name(self) -> Result<MailboxName, InvalidMailboxName> {
        MailboxName::new(&self)
    }
}

impl IntoMailboxName for &MailboxName {
    fn into_mailbox_name(self) -> Result<MailboxName, InvalidMailboxName> {
        Ok(self.clone())
    }
}

impl IntoMailboxName for MailboxName {
    fn into_mailbox_name(self) -> Result<MailboxName, InvalidMailboxName> {
        Ok(self)
    }
}

impl fmt::Display for InvalidMailboxName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.is_empty() {
            return f.write_str("not a mailbox name: it is empty");
        }
        write!(
            f,
            "not a mailbox name: {:?} contains NUL, CR or LF",
            self.name
        )
    }
}

impl Error for InvalidMailboxName {}

impl From<Infallible> for InvalidMailboxName {
    /// Lets a function take arguments with and without a fallible conversion, with one error.
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

const INBOX: &str = "INBOX";

/// Whether a text is INBOX, in any case.
fn is_inbox(name: &str) -> bool {
    name.eq_ignore_ascii_case(INBOX)
}

pub(crate) fn canonical_inbox(name: &str) -> &str {
    if is_inbox(name) { INBOX } else { name }
}

/// The text that a name keeps.
fn shared(name: &str) -> Arc<str> {
    if is_inbox(name) { inbox() } else { name.into() }
}

/// Programs name INBOX more often than all other mailboxes. Each thread has a text of its own, so that
/// no two of them count on one place in memory.
fn inbox() -> Arc<str> {
    thread_local!(static TEXT: Arc<str> = INBOX.into());
    // In the last moments of a thread it has none any more.
    let text = TEXT.try_with(Arc::clone);
    text.unwrap_or_else(|_| INBOX.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inbox_is_one_name_in_any_case() {
        for name in ["INBOX", "inbox", "InBox"] {
            assert_eq!(MailboxName::new(name).unwrap(), MailboxName::inbox());
            assert!(MailboxName::inbox() == *name);
        }
        for name in ["INBOX/a", "inbox ", "İNBOX", "Inbox.Sent"] {
            assert_eq!(MailboxName::new(name).unwrap().as_str(), name);
            assert!(!MailboxName::new(name).unwrap().is_inbox());
        }
    }

    #[test]
    fn case_103_what_would_end_the_line_is_refused() {
        for name in ["", "\0", "a\rb", "a\n", "\r\n"] {
            let refused = MailboxName::new(name).unwrap_err();
            assert!(!refused.to_string().contains(['\0', '\r', '\n']));
        }
    }

    #[test]
    fn octets_make_a_name_of_their_own() {
        let canonical = MailboxName::from_wire(b"a", "a", true);
        let odd = MailboxName::from_wire(b"&AGE-", "a", false);
        assert_eq!(canonical, "a");
        assert_ne!(odd, "a");
        assert_ne!(odd, canonical);
        assert_eq!(odd.wire(), Some(&b"&AGE-"[..]));
        let inbox = MailboxName::from_wire(b"&AEk-NBOX", "INBOX", false);
        assert!(!inbox.is_inbox() && inbox != "INBOX");
    }

    #[test]
    fn case_98_a_name_in_utf_8_is_its_text_or_keeps_its_octets() {
        for text in ["Entw\u{fc}rfe", "&APw-", "a & b", "INBOX/\u{65e5}\u{672c}"] {
            let name = MailboxName::from_utf8(text.as_bytes());
            assert_eq!(name, MailboxName::new(text).unwrap());
            assert_eq!(name.wire(), None);
        }
        assert!(MailboxName::from_utf8(b"inbox").is_inbox());
        for octets in [&b"\xff\xfe"[..], b"a\xc3", b"a\r\nb", b"a\0"] {
            let name = MailboxName::from_utf8(octets);
            assert_eq!(name.wire(), Some(octets));
            assert_eq!(name.as_str(), String::from_utf8_lossy(octets));
        }
    }

    #[test]
    fn what_is_shown_cannot_mislead() {
        let name = MailboxName::new("a\u{202e}b\u{1b}[2Jc").unwrap();
        assert_eq!(name.to_string(), "a\\u{202e}b\\u{1b}[2Jc");
        assert_eq!(
            format!("{:?}", MailboxName::from_wire(b"\xff", "?", false)),
            "\"?\" (b\"\\xff\")"
        );
    }
}
