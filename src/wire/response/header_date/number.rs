//! The numbers of a date.

/// A run of digits.
#[derive(Clone, Copy)]
pub(super) struct Digits {
    pub(super) value: u32,
    len: usize,
}

impl Digits {
    pub(super) fn len(self) -> usize {
        self.len
    }

    /// The year of a number (RFC 5322 section 4.3).
    ///
    /// Two digits are of this century or the last; three are counted from 1900.
    pub(super) fn year(self) -> i32 {
        let value = i32::try_from(self.value).unwrap_or(i32::MAX);
        match (self.len, value) {
            (..=2, 0..=49) => value.saturating_add(2000),
            (..=3, _) => value.saturating_add(1900),
            _ => value,
        }
    }
}

pub(super) fn digits(text: &[u8]) -> Option<(Digits, &[u8])> {
    let len = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = text.split_at_checked(len).filter(|_| len > 0)?;
    let value = number.iter().fold(0u32, |value, digit| {
        value
            .saturating_mul(10)
            .saturating_add(u32::from(digit - b'0'))
    });
    Some((Digits { value, len }, rest))
}

/// A word, and the text after it.
pub(super) fn letters(text: &[u8]) -> (&[u8], &[u8]) {
    let len = text.iter().take_while(|byte| is_letter(**byte)).count();
    text.split_at_checked(len).unwrap_or((text, &[]))
}

/// Whether it is a letter, also one that is not ASCII.
pub(super) fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}
