//! Rights: what an identifier may do with a mailbox (RFC 4314 section 2).

use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// A right, which is one letter or digit.
///
/// ```
/// use latchbox::acl::Right;
///
/// assert_eq!(Right::Lookup.letter(), 'l');
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Right {
    /// `l`: LIST shows the mailbox, and the user can subscribe to it.
    Lookup,
    /// `r`: it can be selected, and its messages can be read.
    Read,
    /// `s`: `\Seen` is stored across sessions.
    Seen,
    /// `w`: flags other than `\Seen` and `\Deleted` can be changed.
    Write,
    /// `i`: messages can be added to it (APPEND, COPY).
    Insert,
    /// `p`: mail can be sent to its address.
    Post,
    /// `k`: mailboxes can be created below it, and moved below it.
    CreateMailbox,
    /// `x`: the mailbox can be deleted, and renamed.
    DeleteMailbox,
    /// `t`: `\Deleted` can be set and removed.
    DeleteMessages,
    /// `e`: messages can be expunged.
    Expunge,
    /// `a`: the ACL can be read and changed.
    Administer,
    /// Any other letter or digit, such as the old `c` and `d`.
    Other(char),
}

/// A set of rights; letters that this crate does not know are preserved.
///
/// ```
/// use latchbox::acl::{Right, Rights};
///
/// let rights: Rights = "lrs".parse()?;
/// assert!(rights.has(Right::Read) && !rights.has(Right::Write));
/// assert_eq!(rights.with(Right::Write).to_string(), "lrsw");
/// # Ok::<(), latchbox::acl::InvalidRights>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rights {
    /// A bit for each ASCII character.
    bits: u128,
}

/// The way in which SETACL changes the rights of an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RightsChange {
    /// These rights replace all others.
    Replace(Rights),
    /// These rights are added.
    Add(Rights),
    /// These rights are removed.
    Remove(Rights),
}

/// An error: a text with other characters than lower-case letters and digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRights {
    text: Box<str>,
}

const LETTERS: [(char, Right); 11] = [
    ('l', Right::Lookup),
    ('r', Right::Read),
    ('s', Right::Seen),
    ('w', Right::Write),
    ('i', Right::Insert),
    ('p', Right::Post),
    ('k', Right::CreateMailbox),
    ('x', Right::DeleteMailbox),
    ('t', Right::DeleteMessages),
    ('e', Right::Expunge),
    ('a', Right::Administer),
];

/// `c` of RFC 2086, and the rights that replaced it.
const OLD_CREATE: (Right, [Right; 2]) = (
    Right::Other('c'),
    [Right::CreateMailbox, Right::DeleteMailbox],
);

/// `d` of RFC 2086, and the rights that replaced it.
const OLD_DELETE: (Right, [Right; 2]) =
    (Right::Other('d'), [Right::DeleteMessages, Right::Expunge]);

impl Right {
    /// The right with this letter or digit.
    pub fn from_letter(letter: char) -> Self {
        let found = LETTERS.iter().find(|(known, _)| *known == letter);
        found.map_or(Self::Other(letter), |(_, right)| *right)
    }

    /// The letter or digit of the right.
    pub fn letter(self) -> char {
        match self {
            Self::Other(letter) => letter,
            known => LETTERS
                .iter()
                .find(|(_, right)| *right == known)
                .map_or(' ', |(letter, _)| *letter),
        }
    }
}

impl Rights {
    /// The empty set.
    pub const NONE: Self = Self { bits: 0 };

    /// All rights of RFC 4314: `lrswipkxtea`.
    pub fn all() -> Self {
        LETTERS.iter().map(|(_, right)| *right).collect()
    }

    /// The rights that are needed to read a mailbox: `lrs`.
    pub fn read() -> Self {
        [Right::Lookup, Right::Read, Right::Seen]
            .into_iter()
            .collect()
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// Whether this right is in the set.
    ///
    /// See [`expanded`](Self::expanded) for the letters of old servers.
    pub fn has(self, right: Right) -> bool {
        self.bits & bit(right) != 0
    }

    /// Whether all of these rights are in the set.
    pub fn has_all(self, others: Self) -> bool {
        self.bits & others.bits == others.bits
    }

    /// Returns the set with this right added.
    ///
    /// A [`Right::Other`] that is neither a letter nor a digit of ASCII changes nothing.
    #[must_use]
    pub fn with(self, right: Right) -> Self {
        Self {
            bits: self.bits | bit(right),
        }
    }

    /// Returns the set without this right.
    #[must_use]
    pub fn without(self, right: Right) -> Self {
        Self {
            bits: self.bits & !bit(right),
        }
    }

    /// The rights that are in either set.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            bits: self.bits | other.bits,
        }
    }

    /// Returns the set in the letters of RFC 4314, without the old `c` and `d`.
    ///
    /// Servers of RFC 2086 have `c` for [`CreateMailbox`](Right::CreateMailbox), and `d` for
    /// [`DeleteMessages`](Right::DeleteMessages) and [`Expunge`](Right::Expunge). Newer servers
    /// send `c` and `d` beside the new letters, where they have no meaning of their own: `d` with
    /// `t` gives no right to expunge.
    ///
    /// ```
    /// use latchbox::acl::Rights;
    ///
    /// assert_eq!("lrcd".parse::<Rights>()?.expanded(), "lrkte".parse()?);
    /// assert_eq!("lrxtcd".parse::<Rights>()?.expanded(), "lrxt".parse()?);
    /// # Ok::<(), latchbox::acl::InvalidRights>(())
    /// ```
    #[must_use]
    pub fn expanded(self) -> Self {
        let mut expanded = self.without(OLD_CREATE.0).without(OLD_DELETE.0);
        let has_any = |rights: [Right; 2]| rights.into_iter().any(|right| self.has(right));
        if self.has(OLD_CREATE.0) && !has_any(OLD_CREATE.1) {
            expanded = expanded.with(Right::CreateMailbox);
        }
        if self.has(OLD_DELETE.0) && !has_any(OLD_DELETE.1) && !self.has(Right::DeleteMailbox) {
            let [delete, expunge] = OLD_DELETE.1;
            expanded = expanded.with(delete).with(expunge);
        }
        expanded
    }

    /// The rights, the known ones first, in the order of RFC 4314.
    pub fn iter(self) -> impl Iterator<Item = Right> {
        let known = LETTERS.into_iter().map(|(_, right)| right);
        let others = ('0'..='z').map(Right::from_letter);
        let others = others.filter(|right| matches!(right, Right::Other(_)));
        known.chain(others).filter(move |right| self.has(*right))
    }

    /// The rights that a server sent. Characters that cannot be rights are skipped.
    pub(crate) fn from_server(letters: &[u8]) -> Self {
        letters
            .iter()
            .map(|letter| Right::from_letter(char::from(*letter)))
            .collect()
    }
}

fn bit(right: Right) -> u128 {
    let letter = right.letter();
    match u8::try_from(letter) {
        Ok(octet) if letter.is_ascii_alphanumeric() => 1 << octet,
        _ => 0,
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<I: IntoIterator<Item = Right>>(rights: I) -> Self {
        rights.into_iter().fold(Self::NONE, Self::with)
    }
}

impl From<Right> for Rights {
    fn from(right: Right) -> Self {
        Self::NONE.with(right)
    }
}

impl FromStr for Rights {
    type Err = InvalidRights;

    /// Reads lower-case letters and digits, in any order.
    fn from_str(text: &str) -> Result<Self, InvalidRights> {
        let is_right = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        match text.chars().all(is_right) {
            true => Ok(text.chars().map(Right::from_letter).collect()),
            false => Err(InvalidRights { text: text.into() }),
        }
    }
}

/// The wire form: a letter for each.
impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter()
            .try_for_each(|right| write!(f, "{}", right.letter()))
    }
}

/// The wire form, with `+` or `-` before rights that are added or removed.
impl fmt::Display for RightsChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replace(rights) => rights.fmt(f),
            Self::Add(rights) => write!(f, "+{rights}"),
            Self::Remove(rights) => write!(f, "-{rights}"),
        }
    }
}

impl fmt::Display for InvalidRights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not rights: {:?}; they are lower-case letters and digits",
            self.text
        )
    }
}

impl Error for InvalidRights {}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(letters: &str) -> Rights {
        letters.parse().unwrap()
    }

    #[test]
    fn every_letter_is_read_as_it_is_written() {
        for (letter, right) in LETTERS {
            assert_eq!(right.letter(), letter);
            assert_eq!(Right::from_letter(letter), right);
            assert!(Rights::all().has(right));
        }
        assert_eq!(rights("aetxkpiwsrl"), Rights::all());
        assert_eq!(rights("aetxkpiwsrl").to_string(), "lrswipkxtea");
        assert_eq!(rights("n0ln").to_string(), "l0n");
        assert_eq!(rights(""), Rights::NONE);
    }

    #[test]
    fn what_a_server_writes_is_kept_as_far_as_it_can_be_a_right() {
        let kept = Rights::from_server(b"lr 9Z\xff\x1b\"z");
        assert_eq!(kept.to_string(), "lr9Zz");
    }

    #[test]
    fn attack_103_what_would_end_the_line_is_no_right() {
        for text in ["l\r", "l r", "L", "\u{e4}", "(", "l\"", "\u{130}"] {
            assert!(text.parse::<Rights>().is_err(), "{text:?}");
        }
        let odd = ['\r', ' ', '\u{e4}', '\u{161}', '"'].map(Right::Other);
        assert!(odd.into_iter().collect::<Rights>().is_empty());
    }

    #[test]
    fn old_letters_are_what_they_became_unless_the_new_ones_are_there() {
        for (old, new) in [
            ("c", "k"),
            ("d", "te"),
            ("lrswipcda", "lrswipkatek"),
            ("kc", "k"),
            ("xc", "x"),
            ("ed", "e"),
            ("td", "t"),
            ("xd", "x"),
            ("lr", "lr"),
        ] {
            assert_eq!(rights(old).expanded(), rights(new), "{old}");
        }
    }

    #[test]
    fn changes_as_they_are_sent() {
        assert_eq!(RightsChange::Replace(Rights::NONE).to_string(), "");
        assert_eq!(RightsChange::Add(rights("wi")).to_string(), "+wi");
        assert_eq!(RightsChange::Remove(rights("te")).to_string(), "-te");
    }
}
