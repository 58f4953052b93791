//! Decimal numbers, eight digits at a time: answers have them by the million.

use crate::wire::words::{HIGH, Word, each};

/// A number of this many digits fits into 64 bits.
pub(crate) const MOST: usize = 19;

/// The number that `bytes` begin with, and how many digits it has, 0 if there is none.
///
/// Beyond [`MOST`] digits the number is not reliable.
#[inline]
pub(crate) fn leading(bytes: &[u8]) -> (u64, usize) {
    let word = bytes.first_chunk().and_then(|word| within(*word));
    word.unwrap_or_else(|| one_by_one(bytes))
}

/// The number that a word begins with, if it ends in it.
#[inline]
fn within(word: Word) -> Option<(u64, usize)> {
    // From here on the first digit is in the lowest octet, and a digit is its value.
    let values = u64::from_le_bytes(word) ^ each(b'0');
    // The highest bit of each octet that is no digit; what is carried over only gets beyond the
    // first of them.
    let others = (values.wrapping_add(each(0x7f - 9)) | values) & HIGH;
    let len = others.trailing_zeros() / 8;
    if len == 8 {
        return None;
    }
    // Now the last digit is in the highest octet, and neighbours are put together.
    let digits = values.checked_shl(64 - 8 * len).unwrap_or(0);
    let pairs = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    let number = (fours * 10_000 + (fours >> 32)) & 0xffff_ffff;
    Some((number, usize::try_from(len).unwrap_or(0)))
}

#[cold]
fn one_by_one(bytes: &[u8]) -> (u64, usize) {
    let mut number = 0u64;
    for (len, byte) in bytes.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return (number, len);
        }
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    (number, bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_at_a_time_reads_what_one_by_one_does() {
        for digits in 0..=MOST {
            for number in [
                "1234567890123456789",
                "9999999999999999999",
                "0000000000000000001",
            ] {
                let number = &number[number.len() - digits..];
                for end in 0..=u8::MAX {
                    for rest in ["", "7", "12345678", "\u{ff}\u{ff}\u{ff}\u{ff}"] {
                        let text = [number.as_bytes(), &[end], rest.as_bytes()].concat();
                        assert_eq!(leading(&text), one_by_one(&text), "{text:?}");
                    }
                }
                let known = number.parse().unwrap_or(0);
                assert_eq!(leading(number.as_bytes()), (known, digits));
                let text = [number, "        "].concat();
                assert_eq!(leading(text.as_bytes()), (known, digits));
            }
        }
    }
}
