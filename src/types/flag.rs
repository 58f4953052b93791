//! Flags: the system flags, keywords, and the permanent flags of a mailbox (RFC 9051 section
//! 2.3.2).

use std::error::Error;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use crate::printable::Printable;
use crate::types::atom::is_atom;
use crate::types::registered_keyword::RegisteredKeyword;

/// A flag of a message.
///
/// Keywords and names are compared without regard to case, as IMAP does.
///
/// ```
/// use latchbox::types::Flag;
///
/// assert_eq!("\\seen".parse::<Flag>()?, Flag::Seen);
/// assert_eq!(Flag::keyword("$Work")?.to_string(), "$Work");
/// assert!(Flag::keyword("two words").is_err());
/// # Ok::<(), latchbox::types::InvalidFlag>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Flag {
    /// `\Seen`: the message has been read.
    Seen,
    /// `\Answered`: the message has been answered.
    Answered,
    /// `\Flagged`: the message needs attention.
    Flagged,
    /// `\Deleted`: EXPUNGE will remove the message.
    Deleted,
    /// `\Draft`: the message is not complete.
    Draft,
    /// `\Recent`: this session is the first to see the message.
    ///
    /// Only the server sets it; IMAP4rev2 no longer has it (RFC 3501 section 2.3.2).
    Recent,
    /// A keyword, such as `$Forwarded` or one that the user defined.
    Keyword(Keyword),
    /// A flag with a backslash that is not listed here; the keyword is its name without the
    /// backslash.
    Extension(Keyword),
}

/// The name of a flag that is not a system flag, from [`Flag::keyword`] or from a server.
#[derive(Clone)]
pub struct Keyword(Arc<str>);

/// The flags that a mailbox stores permanently (PERMANENTFLAGS, RFC 9051 section 7.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PermanentFlags {
    flags: Vec<Flag>,
    may_create_keywords: bool,
    is_told: bool,
}

/// An error: a flag that cannot be sent.
///
/// ```
/// use latchbox::types::Flag;
///
/// let refused = Flag::keyword("a(b").unwrap_err();
/// assert_eq!(
///     refused.to_string(),
///     "not a flag: \"a(b\" has a character that a flag cannot have; \
///      use printable ASCII without spaces and without ( ) { % * \" \\ ]",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidFlag {
    name: Box<str>,
    reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Empty,
    NotAnAtom,
    SetByTheServer,
}

const SYSTEM_FLAGS: [(&str, Flag); 6] = [
    ("Seen", Flag::Seen),
    ("Answered", Flag::Answered),
    ("Flagged", Flag::Flagged),
    ("Deleted", Flag::Deleted),
    ("Draft", Flag::Draft),
    ("Recent", Flag::Recent),
];

impl Flag {
    /// The keyword with this name.
    ///
    /// # Errors
    ///
    /// [`InvalidFlag`] if the name is empty or is not an atom: it contains a space, a control, a
    /// character that is not ASCII, or one of `( ) { % * " \ ]`.
    pub fn keyword(name: &str) -> Result<Self, InvalidFlag> {
        Keyword::new(name).map(Self::Keyword)
    }

    /// Whether it begins with a backslash, known or not.
    pub fn is_system(&self) -> bool {
        !matches!(self, Self::Keyword(_))
    }

    /// The number of octets from the server that it holds.
    pub(crate) fn octets(&self) -> usize {
        match self {
            Self::Keyword(name) | Self::Extension(name) => name.as_str().len(),
            _ => 0,
        }
    }

    /// The flag that a server sent. Never an error, so that one invalid flag does not make a list
    /// of flags unreadable.
    pub(crate) fn from_server(name: &[u8]) -> Self {
        if let Some(flag) = Self::system(name) {
            return flag;
        }
        let text = String::from_utf8_lossy(name);
        match text.strip_prefix('\\') {
            Some(name) => Self::Extension(Keyword(name.into())),
            None => Self::Keyword(Keyword(text.into())),
        }
    }

    /// The system flag of this name, backslash included; costs no allocation.
    pub(crate) fn system(name: &[u8]) -> Option<Self> {
        let name = name.strip_prefix(b"\\")?;
        let mut known = SYSTEM_FLAGS.iter();
        let found = known.find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name));
        found.map(|(_, flag)| flag.clone())
    }

    /// Whether it may be sent: a flag that a server sent may be invalid in a command, and only the
    /// server sets `\Recent`.
    pub(crate) fn check(&self) -> Result<(), InvalidFlag> {
        match self {
            Self::Keyword(name) | Self::Extension(name) => name.check(),
            Self::Recent => Err(InvalidFlag::new("\\Recent", Reason::SetByTheServer)),
            _ => Ok(()),
        }
    }

    /// The backslash if there is one, and the name.
    pub(crate) fn wire_form(&self) -> (&'static str, &str) {
        match self {
            Self::Keyword(name) => ("", name.as_str()),
            Self::Extension(name) => ("\\", name.as_str()),
            system => ("\\", system.system_name()),
        }
    }

    fn system_name(&self) -> &'static str {
        let found = SYSTEM_FLAGS.iter().find(|(_, flag)| flag == self);
        found.map_or("", |(name, _)| name)
    }
}

impl FromStr for Flag {
    type Err = InvalidFlag;

    /// Reads the wire form: `\Seen`, `$Work`.
    fn from_str(text: &str) -> Result<Self, InvalidFlag> {
        let flag = Self::from_server(text.as_bytes());
        match &flag {
            Self::Keyword(name) | Self::Extension(name) => name.check()?,
            _ => {}
        }
        Ok(flag)
    }
}

impl TryFrom<&str> for Flag {
    type Error = InvalidFlag;

    fn try_from(text: &str) -> Result<Self, InvalidFlag> {
        text.parse()
    }
}

impl From<RegisteredKeyword> for Keyword {
    fn from(keyword: RegisteredKeyword) -> Self {
        Self(keyword.as_str().into())
    }
}

impl From<RegisteredKeyword> for Flag {
    fn from(keyword: RegisteredKeyword) -> Self {
        Self::Keyword(keyword.into())
    }
}

impl From<Keyword> for Flag {
    fn from(keyword: Keyword) -> Self {
        Self::Keyword(keyword)
    }
}

/// The wire form; controls in the name from a server are escaped.
impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyword(name) => name.fmt(f),
            Self::Extension(name) => write!(f, "\\{name}"),
            system => write!(f, "\\{}", system.system_name()),
        }
    }
}

impl Keyword {
    /// Checks a name and stores it; see [`Flag::keyword`].
    ///
    /// # Errors
    ///
    /// [`InvalidFlag`] if the name is not an atom.
    pub fn new(name: &str) -> Result<Self, InvalidFlag> {
        check_atom(name)?;
        Ok(Self(name.into()))
    }

    /// A name from storage, in which a server may have put any octets.
    #[cfg(feature = "serde")]
    pub(crate) fn from_stored(name: &str) -> Self {
        Self(name.into())
    }

    /// The registered keyword with this name, in any case; `None` if it is not registered.
    #[must_use]
    pub fn registered(&self) -> Option<RegisteredKeyword> {
        RegisteredKeyword::named(&self.0)
    }

    /// The name, as it was given, without a backslash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it may be sent: a name from a server may contain anything.
    pub(crate) fn check(&self) -> Result<(), InvalidFlag> {
        check_atom(&self.0)
    }
}

impl PartialEq for Keyword {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Keyword {}

impl Hash for Keyword {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0
            .bytes()
            .for_each(|byte| state.write_u8(byte.to_ascii_lowercase()));
        state.write_u8(0xff);
    }
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(&self.0).fmt(f)
    }
}

impl fmt::Debug for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<&str> for Keyword {
    type Error = InvalidFlag;

    fn try_from(name: &str) -> Result<Self, InvalidFlag> {
        Self::new(name)
    }
}

impl PermanentFlags {
    pub(crate) fn new(flags: Vec<Flag>, may_create_keywords: bool) -> Self {
        Self {
            flags,
            may_create_keywords,
            is_told: true,
        }
    }

    /// The permanent flags of a read-only mailbox if the server does not report any.
    pub(crate) const NONE: Self = Self {
        flags: Vec::new(),
        may_create_keywords: false,
        is_told: true,
    };

    /// Whether the server reported the permanent flags.
    pub(crate) fn is_told(&self) -> bool {
        self.is_told
    }

    /// The flags that can be changed permanently.
    pub fn flags(&self) -> &[Flag] {
        &self.flags
    }

    /// Whether STORE may create keywords that are not in the list (`\*`).
    pub fn may_create_keywords(&self) -> bool {
        self.may_create_keywords
    }

    /// Whether a change of this flag is permanent.
    ///
    /// It is if the flag is in the list, if it is a keyword and the mailbox allows new ones, or if
    /// the server did not report permanent flags, which means all (RFC 3501 section 7.1).
    pub fn keeps(&self, flag: &Flag) -> bool {
        let new_keyword = self.may_create_keywords && matches!(flag, Flag::Keyword(_));
        !self.is_told || new_keyword || self.flags.contains(flag)
    }
}

impl fmt::Display for PermanentFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let any = self.may_create_keywords.then(|| "\\*".to_owned());
        let names: Vec<String> = self
            .flags
            .iter()
            .map(ToString::to_string)
            .chain(any)
            .collect();
        write!(f, "({})", names.join(" "))
    }
}

impl InvalidFlag {
    fn new(name: &str, reason: Reason) -> Self {
        Self {
            name: name.into(),
            reason,
        }
    }

    /// The name that was rejected.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for InvalidFlag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason {
            Reason::Empty => f.write_str("not a flag: the name is empty"),
            Reason::NotAnAtom => write!(
                f,
                "not a flag: {:?} has a character that a flag cannot have; use printable ASCII \
                 without spaces and without ( ) {{ % * \" \\ ]",
                self.name
            ),
            Reason::SetByTheServer => {
                write!(f, "only the server sets {}; leave it out", self.name)
            }
        }
    }
}

impl Error for InvalidFlag {}

fn check_atom(name: &str) -> Result<(), InvalidFlag> {
    match name {
        "" => Err(InvalidFlag::new(name, Reason::Empty)),
        name if is_atom(name) => Ok(()),
        name => Err(InvalidFlag::new(name, Reason::NotAnAtom)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn system_flags_are_read_in_any_case_and_written_in_one() {
        for (name, flag) in SYSTEM_FLAGS {
            let wire = format!("\\{name}");
            assert_eq!(flag.to_string(), wire);
            assert_eq!(Flag::from_server(wire.to_uppercase().as_bytes()), flag);
            assert_eq!(wire.to_lowercase().parse(), Ok(flag));
        }
    }

    #[test]
    fn case_105_what_is_no_atom_is_refused() {
        for name in [
            "", "a b", "a)", "(", "a]", "%", "*", "\\", "\\Seen)", "\"", "ü", "a\r\nb", "\0",
        ] {
            assert!(Flag::keyword(name).is_err(), "{name:?}");
            assert!(name.parse::<Flag>().is_err(), "{name:?}");
        }
        assert!(
            Flag::keyword("\\Seen").is_err(),
            "a keyword has no backslash"
        );
    }

    #[test]
    fn case_103_what_a_server_made_up_is_kept_but_not_sent() {
        for name in [
            &b"a b"[..],
            b"[Gmail]",
            b"",
            b"\\a)",
            b"a\r\nA1 DELETE x",
            b"\xff",
        ] {
            let flag = Flag::from_server(name);
            assert!(flag.check().is_err(), "{flag:?}");
            assert!(!flag.to_string().contains(['\r', '\n']));
        }
        assert!(Flag::from_server(b"\\XForwarded").check().is_ok());
        assert_eq!(
            Flag::from_server(b"\\XForwarded").to_string(),
            "\\XForwarded"
        );
    }

    #[test]
    fn recent_is_not_the_clients_to_set() {
        assert!(Flag::Recent.check().is_err());
        assert!(Flag::Seen.check().is_ok());
    }

    #[test]
    fn keywords_are_one_in_any_case() {
        let both = [
            Flag::keyword("$Work").unwrap(),
            Flag::keyword("$WORK").unwrap(),
        ];
        assert_eq!(both.iter().collect::<HashSet<_>>().len(), 1);
        assert_ne!(Flag::keyword("Seen").unwrap(), Flag::Seen);
        assert_ne!(Flag::keyword("X").unwrap(), Flag::from_server(b"\\X"));
    }

    #[test]
    fn a_mailbox_keeps_what_it_lists_and_new_keywords_if_it_says_so() {
        let work = Flag::keyword("$Work").unwrap();
        let listed = PermanentFlags::new(vec![Flag::Seen], false);
        assert!(listed.keeps(&Flag::Seen) && !listed.keeps(&work));
        let any = PermanentFlags::new(vec![Flag::Seen], true);
        assert!(any.keeps(&work) && !any.keeps(&Flag::Draft));
        assert_eq!(any.to_string(), "(\\Seen \\*)");
    }

    proptest! {
        #[test]
        fn a_flag_that_may_be_sent_is_one_word(name in ".{0,8}") {
            let flag = Flag::from_server(name.as_bytes());
            if flag.check().is_ok() {
                let wire = flag.to_string();
                let bare = wire.strip_prefix('\\').unwrap_or(&wire);
                let is_atom = |byte: u8| byte.is_ascii_graphic() && !b"(){%*\"\\]".contains(&byte);
                prop_assert!(!bare.is_empty() && bare.bytes().all(is_atom), "{:?}", bare);
                prop_assert_eq!(wire.parse(), Ok(flag));
            }
        }
    }
}
