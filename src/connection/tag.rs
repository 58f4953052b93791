//! Tags: they distinguish the answer to one command from that to another.

/// A letter, and digits enough for every count of 64 bits.
const LONGEST: usize = 21;

/// Where the first one starts: a letter and a digit.
const FIRST: u8 = 19;

/// A tag that begins with a letter, because a server reads purely numeric ones as numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag {
    /// Ends with the tag.
    text: [u8; LONGEST],
    start: u8,
}

impl Default for Tag {
    fn default() -> Self {
        let mut text = [b'0'; LONGEST];
        let [.., letter, _] = &mut text;
        *letter = b'A';
        Self { text, start: FIRST }
    }
}

impl Tag {
    /// The next one, for the next command: counts in the digits themselves.
    pub(crate) fn advance(&mut self) {
        for octet in self.text.iter_mut().rev() {
            match *octet {
                b'9' => *octet = b'0',
                b'A' => {
                    *octet = b'1';
                    break;
                }
                _ => {
                    *octet += 1;
                    return;
                }
            }
        }
        self.start = self.start.saturating_sub(1);
        if let Some(letter) = self.text.get_mut(usize::from(self.start)) {
            *letter = b'A';
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        let start = usize::from(self.start);
        self.text.get(start..).unwrap_or_default()
    }

    /// The text of the tag.
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_counted() {
        let mut tag = Tag::default();
        for number in 1..=12345 {
            tag.advance();
            assert_eq!(tag.as_str(), format!("A{number}"));
        }
    }
}
