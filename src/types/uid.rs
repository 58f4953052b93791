//! The numbers of messages and their states: sequence numbers, unique identifiers, UIDVALIDITY and
//! mod-sequences (RFC 9051 section 2.3.1, RFC 7162 section 3.1).

use std::error::Error;
use std::fmt;
use std::num::{NonZeroU32, NonZeroU64};
use std::str::FromStr;

/// Writes a 32-bit number type: the four differ in meaning, not in form.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(NonZeroU32);

        impl $name {
            /// The smallest value, 1.
            pub const MIN: Self = Self(NonZeroU32::MIN);
            /// The largest value, 4294967295.
            pub const MAX: Self = Self(NonZeroU32::MAX);

            /// Creates one from a number; `None` for 0, which is invalid.
            ///
            /// ```
            #[doc = concat!("use latchbox::types::", stringify!($name), ";")]
            ///
            #[doc = concat!("assert!(", stringify!($name), "::new(7).is_some());")]
            #[doc = concat!("assert!(", stringify!($name), "::new(0).is_none());")]
            /// ```
            pub const fn new(number: u32) -> Option<Self> {
                match NonZeroU32::new(number) {
                    Some(number) => Some(Self(number)),
                    None => None,
                }
            }

            /// The number itself, never 0.
            pub const fn value(self) -> u32 {
                self.0.get()
            }
        }

        impl From<NonZeroU32> for $name {
            fn from(number: NonZeroU32) -> Self {
                Self(number)
            }
        }

        impl From<$name> for NonZeroU32 {
            fn from(number: $name) -> Self {
                number.0
            }
        }

        impl From<$name> for u32 {
            fn from(number: $name) -> Self {
                number.value()
            }
        }

        impl TryFrom<u32> for $name {
            type Error = InvalidNumber;

            fn try_from(number: u32) -> Result<Self, InvalidNumber> {
                Self::new(number).ok_or(InvalidNumber::new($what, u32::MAX as u64))
            }
        }

        impl FromStr for $name {
            type Err = InvalidNumber;

            fn from_str(text: &str) -> Result<Self, InvalidNumber> {
                let number = decimal(text).and_then(|number| u32::try_from(number).ok());
                Self::try_from(number.unwrap_or(0))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number! {
    /// A message's unique identifier (RFC 9051 section 2.3.1.1).
    ///
    /// It names the same message of one mailbox for as long as the mailbox's [`UidValidity`] stays
    /// the same.
    ///
    /// ```
    /// use latchbox::types::Uid;
    ///
    /// let uid = Uid::try_from(4827313)?;
    /// assert_eq!(uid.value(), 4827313);
    /// assert_eq!("4827313".parse::<Uid>()?, uid);
    /// # Ok::<(), latchbox::types::InvalidNumber>(())
    /// ```
    Uid, "UID"
}

number! {
    /// A message's sequence number: its position in the mailbox, from 1.
    ///
    /// It changes whenever a message before it is expunged (RFC 9051 section 2.3.1.2), so it is
    /// useful for "the last 50" and for little else; a [`Uid`] does not change.
    ///
    /// ```
    /// use latchbox::types::SeqNum;
    ///
    /// assert_eq!(SeqNum::try_from(12)?.to_string(), "12");
    /// # Ok::<(), latchbox::types::InvalidNumber>(())
    /// ```
    SeqNum, "message sequence number"
}

number! {
    /// The value that makes a mailbox's UIDs comparable between sessions (RFC 9051 section
    /// 2.3.1.1).
    ///
    /// Once it changes, every stored UID is invalid.
    ///
    /// ```
    /// use latchbox::types::UidValidity;
    ///
    /// assert_eq!(UidValidity::try_from(3857529045)?.value(), 3857529045);
    /// # Ok::<(), latchbox::types::InvalidNumber>(())
    /// ```
    UidValidity, "UIDVALIDITY"
}

/// A mod-sequence, from 1 to 2^63-1 (CONDSTORE, RFC 7162 section 3.1).
///
/// It increases with every change of a message or mailbox.
///
/// ```
/// use latchbox::types::ModSeq;
///
/// let seen = ModSeq::try_from(715194045007)?;
/// assert!(seen < ModSeq::MAX);
/// assert!(ModSeq::new(1 << 63).is_none());
/// # Ok::<(), latchbox::types::InvalidNumber>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModSeq(NonZeroU64);

impl ModSeq {
    /// The smallest value, 1.
    pub const MIN: Self = Self(NonZeroU64::MIN);
    /// The largest value, 2^63-1.
    pub const MAX: Self = match Self::new(LARGEST_MOD_SEQ) {
        Some(largest) => largest,
        None => Self::MIN,
    };

    /// Creates one from a number; `None` for 0 and for numbers above 2^63-1.
    pub const fn new(number: u64) -> Option<Self> {
        match NonZeroU64::new(number) {
            Some(number) if number.get() <= LARGEST_MOD_SEQ => Some(Self(number)),
            _ => None,
        }
    }

    /// The number itself, never 0.
    pub const fn value(self) -> u64 {
        self.0.get()
    }
}

impl From<ModSeq> for u64 {
    fn from(number: ModSeq) -> Self {
        number.value()
    }
}

impl TryFrom<u64> for ModSeq {
    type Error = InvalidNumber;

    fn try_from(number: u64) -> Result<Self, InvalidNumber> {
        Self::new(number).ok_or(InvalidNumber::new("mod-sequence", LARGEST_MOD_SEQ))
    }
}

impl FromStr for ModSeq {
    type Err = InvalidNumber;

    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        Self::try_from(decimal(text).unwrap_or(0))
    }
}

impl fmt::Display for ModSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An error: a number that is no valid UID, sequence number, UIDVALIDITY or mod-sequence.
///
/// ```
/// use latchbox::types::Uid;
///
/// let refused = Uid::try_from(0).unwrap_err();
/// assert_eq!(refused.to_string(), "not a UID: it must be a number from 1 to 4294967295");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidNumber {
    what: &'static str,
    largest: u64,
}

impl InvalidNumber {
    const fn new(what: &'static str, largest: u64) -> Self {
        Self { what, largest }
    }
}

impl fmt::Display for InvalidNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not a {}: it must be a number from 1 to {}",
            self.what, self.largest
        )
    }
}

impl Error for InvalidNumber {}

const LARGEST_MOD_SEQ: u64 = (1 << 63) - 1;

/// Digits only: `str::parse` would accept a leading `+` as well.
fn decimal(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_and_what_is_too_large_are_refused() {
        assert!(Uid::try_from(0).is_err());
        assert!("0".parse::<UidValidity>().is_err());
        assert!("4294967296".parse::<SeqNum>().is_err());
        assert!(ModSeq::try_from(0).is_err());
        assert!(ModSeq::try_from(1 << 63).is_err());
        assert_eq!(ModSeq::MAX.value(), u64::MAX / 2);
    }

    #[test]
    fn only_digits_are_a_number() {
        for text in ["", "+5", "-1", " 5", "5 ", "9.3736e+06", "*"] {
            assert!(text.parse::<Uid>().is_err(), "{text:?}");
            assert!(text.parse::<ModSeq>().is_err(), "{text:?}");
        }
        assert_eq!("012".parse::<Uid>(), Uid::try_from(12));
    }

    #[test]
    fn an_absent_number_costs_nothing() {
        assert_eq!(size_of::<Option<Uid>>(), 4);
        assert_eq!(size_of::<Option<ModSeq>>(), 8);
    }
}
