//! Searches octets eight at a time, as one number: faster than memchr for short and frequent texts.

/// Eight octets; the first is the lowest of the number.
pub(crate) type Word = [u8; 8];

/// The number whose octets all have this value.
pub(crate) const fn each(octet: u8) -> u64 {
    u64::from_le_bytes([octet; 8])
}

/// The highest bit of each octet.
pub(crate) const HIGH: u64 = each(0x80);

/// The number of octets before the first that is `octet`, which is ASCII.
#[inline]
pub(crate) fn before(octet: u8, word: Word) -> Option<usize> {
    let others = u64::from_le_bytes(word) ^ each(octet);
    // What is carried over only gets beyond the first that is found.
    before_mark(others.wrapping_sub(each(1)) & !others & HIGH)
}

/// The number of octets before the first that is lower than `octet`, which is ASCII.
#[inline]
pub(crate) fn before_lower(octet: u8, word: Word) -> Option<usize> {
    let octets = u64::from_le_bytes(word);
    before_mark(octets.wrapping_sub(each(octet)) & !octets & HIGH)
}

#[inline]
fn before_mark(marks: u64) -> Option<usize> {
    let before = || usize::try_from(marks.trailing_zeros() / 8).ok();
    if marks == 0 { None } else { before() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every octet at every place, among such that a sum of octets could confuse with it.
    #[test]
    fn the_first_of_its_kind_is_found() {
        for wanted in [b'"', b'*', b'\r', 1, 0x7f] {
            for around in 0..=u8::MAX {
                for place in 0..8 {
                    for found in [wanted, wanted - 1, wanted + 1, around] {
                        let mut word = [around; 8];
                        word[place] = found;
                        let first =
                            |is: &dyn Fn(u8) -> bool| word.iter().position(|octet| is(*octet));
                        assert_eq!(before(wanted, word), first(&|octet| octet == wanted));
                        assert_eq!(before_lower(wanted, word), first(&|octet| octet < wanted));
                    }
                }
            }
        }
    }
}
