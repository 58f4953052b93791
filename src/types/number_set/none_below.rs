//! `n:*` if `n` is above the highest number: a server takes it for the highest message alone (RFC
//! 9051 section 9), which was not requested.

use std::fmt;
use std::num::NonZeroU32;

use crate::types::number_range::{Open, Piece};
use crate::types::number_set::NumberSet;

impl NumberSet {
    /// Its form on the wire with `n:4294967295` for `n:*`; `1:*` stays as it is.
    pub(crate) fn none_below(&self) -> impl fmt::Display + '_ {
        NoneBelow(self)
    }

    /// Without `n:*` if `n` is above the highest number, because it is that number alone then (RFC
    /// 9051 section 9).
    pub(crate) fn not_from_above(&self, highest: u32) -> Self {
        match self.open {
            Open::From(first) if first.get() > highest => Self {
                spans: self.spans.clone(),
                open: Open::Not,
            },
            _ => self.clone(),
        }
    }
}

/// A set of UIDs as it is sent.
struct NoneBelow<'a>(&'a NumberSet);

impl fmt::Display for NoneBelow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(set) = self;
        if !set.may_reach_below() {
            return set.fmt(f);
        }
        for (at, piece) in set.pieces().enumerate() {
            let last = piece.last.or(Some(NonZeroU32::MAX));
            f.write_str(if at > 0 { "," } else { "" })?;
            Piece { last, ..piece }.fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_62_uids_are_sent_so_that_none_below_is_named() {
        for (set, sent) in [
            ("100:*", "100:4294967295"),
            ("1:5,9,100:*", "1:5,9,100:4294967295"),
            ("4294967295:*", "4294967295"),
            ("1:*", "1:*"),
            ("*", "*"),
            ("3,*", "3,*"),
            ("3:5", "3:5"),
        ] {
            let set = NumberSet::parse(set.as_bytes()).unwrap();
            assert_eq!(set.none_below().to_string(), sent);
        }
        assert_eq!(NumberSet::saved().none_below().to_string(), "$");
    }

    #[test]
    fn fault_62_sequence_numbers_above_the_highest_are_none() {
        let cut = |set: &str, highest| {
            let set = NumberSet::parse(set.as_bytes()).unwrap();
            set.not_from_above(highest).to_string()
        };
        assert_eq!(cut("9:*", 8), "");
        assert_eq!(cut("9:*", 9), "9:*");
        assert_eq!(cut("1:3,9:*", 8), "1:3");
        assert_eq!(cut("1:*", 0), "");
    }
}
