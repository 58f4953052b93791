//! Tags: what tells the answer to one command from that to another.

/// A tag that begins with a letter, because a server reads purely numeric ones as numbers.
pub(crate) struct Tag {
    pub(crate) text: Vec<u8>,
}

impl Default for Tag {
    fn default() -> Self {
        Self {
            text: b"A0".to_vec(),
        }
    }
}

impl Tag {
    /// The next one, for the next command: counts in the digits themselves.
    pub(crate) fn advance(&mut self) {
        for digit in self.text.iter_mut().skip(1).rev() {
            if *digit < b'9' {
                *digit += 1;
                return;
            }
            *digit = b'0';
        }
        self.text.insert(1, b'1');
    }

    /// Its text, to be sent.
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_counted() {
        let mut tag = Tag::default();
        for number in 1..=1234 {
            tag.advance();
            assert_eq!(tag.as_str(), format!("A{number}"));
        }
    }
}
