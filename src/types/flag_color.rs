//! The colors that Apple's mail programs give to flagged messages.

use std::fmt;

use crate::types::flag::{Flag, Keyword};

/// The color of a flagged message.
///
/// This is a convention of Apple's mail programs that other programs have adopted, and that RFC 9979
/// section 3 registers: beside `\Flagged`, the keywords `$MailFlagBit0`, `$MailFlagBit1` and `$MailFlagBit2` are the
/// bits of the color's number. A flagged message with none of them is red.
///
/// ```
/// use latchbox::types::{Flag, FlagColor};
///
/// let flags = [Flag::Flagged, Flag::keyword("$MailFlagBit2")?];
/// assert_eq!(FlagColor::of(flags), Some(FlagColor::Blue));
/// assert_eq!(FlagColor::of([Flag::Flagged]), Some(FlagColor::Red));
/// assert_eq!(FlagColor::of([Flag::Seen]), None);
/// # Ok::<(), latchbox::types::InvalidFlag>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlagColor {
    /// Red, without any of the keywords.
    Red,
    /// Orange.
    Orange,
    /// Yellow.
    Yellow,
    /// Green.
    Green,
    /// Blue.
    Blue,
    /// Purple.
    Purple,
    /// Gray.
    Gray,
}

/// The keywords, lowest bit first.
const BITS: [&str; 3] = ["$MailFlagBit0", "$MailFlagBit1", "$MailFlagBit2"];

impl FlagColor {
    /// All colors, in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::Red,
        Self::Orange,
        Self::Yellow,
        Self::Green,
        Self::Blue,
        Self::Purple,
        Self::Gray,
    ];

    /// The color of a message that has these flags; `None` if it is not flagged.
    ///
    /// Bits that are no color's number mean red, as a flag without these bits does.
    pub fn of(flags: impl IntoIterator<Item = Flag>) -> Option<Self> {
        let (mut is_flagged, mut number) = (false, 0);
        for flag in flags {
            is_flagged |= flag == Flag::Flagged;
            if let Flag::Keyword(keyword) = &flag {
                let bit = BITS.iter().position(|bit| is_named(keyword, bit));
                number |= bit.map_or(0, |bit| 1 << bit);
            }
        }
        let colour = Self::ALL.get(number).copied().unwrap_or(Self::Red);
        is_flagged.then_some(colour)
    }

    /// The keywords that a message of this color has, beside `\Flagged`.
    pub fn keywords(self) -> Vec<Flag> {
        self.bits(true)
    }

    /// The keywords that it does not have.
    pub(crate) fn other_keywords(self) -> Vec<Flag> {
        self.bits(false)
    }

    fn bits(self, set: bool) -> Vec<Flag> {
        let number = Self::ALL.iter().position(|colour| *colour == self);
        let number = number.unwrap_or_default();
        let bits = BITS.iter().enumerate();
        bits.filter(|(bit, _)| (number >> bit & 1 == 1) == set)
            .filter_map(|(_, name)| Flag::keyword(name).ok())
            .collect()
    }
}

impl fmt::Display for FlagColor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Red => "red",
            Self::Orange => "orange",
            Self::Yellow => "yellow",
            Self::Green => "green",
            Self::Blue => "blue",
            Self::Purple => "purple",
            Self::Gray => "gray",
        })
    }
}

fn is_named(keyword: &Keyword, name: &str) -> bool {
    keyword.as_str().eq_ignore_ascii_case(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_is_read_as_it_is_written() {
        for (number, colour) in FlagColor::ALL.into_iter().enumerate() {
            let set = colour.keywords();
            assert_eq!(set.len(), usize::try_from(number.count_ones()).unwrap());
            assert_eq!(set.len() + colour.other_keywords().len(), 3);
            let flags = set.into_iter().chain([Flag::Flagged, Flag::Seen]);
            assert_eq!(FlagColor::of(flags), Some(colour), "{colour}");
        }
        let bits = |names: &[&str]| {
            let keywords = names.iter().map(|name| Flag::keyword(name).unwrap());
            FlagColor::of(keywords.chain([Flag::Flagged])).unwrap()
        };
        assert_eq!(bits(&["$mailflagbit0"]), FlagColor::Orange);
        assert_eq!(bits(&["$MAILFLAGBIT1", "$MailFlagBit2"]), FlagColor::Gray);
        assert_eq!(
            bits(&["$MailFlagBit0", "$MailFlagBit1", "$MailFlagBit2"]),
            FlagColor::Red
        );
    }

    #[test]
    fn what_is_not_flagged_has_no_colour() {
        assert_eq!(FlagColor::of(FlagColor::Gray.keywords()), None);
    }
}
