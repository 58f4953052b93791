//! `n:*` if `n` is above the highest number: a server takes it for the highest message alone (RFC
//! 9051 section 9), which was not requested.

use std::num::NonZeroU32;

use crate::types::number_range::{Open, Piece};
use crate::types::number_set::NumberSet;

impl NumberSet {
    /// The ranges with `n:4294967295` for `n:*`; `1:*` stays as it is.
    pub(crate) fn pieces_none_below(&self) -> impl Iterator<Item = Piece> + '_ {
        let highest = self.may_reach_below().then_some(NonZeroU32::MAX);
        self.pieces().map(move |piece| Piece {
            last: piece.last.or(highest),
            ..piece
        })
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
            let pieces = set.pieces_none_below().map(|piece| piece.to_string());
            assert_eq!(pieces.collect::<Vec<_>>().join(","), sent);
        }
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
