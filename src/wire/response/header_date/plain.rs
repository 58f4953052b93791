//! The text of a date in one form, so that what is read there is read in one way.

/// The text in small letters, with a blank for each comment and for blanks of any kind, and without
/// blanks around colons (RFC 5322 section 4.3).
///
/// Each comment is given to `comment`, unless it is not closed; one that is not closed is all the
/// rest.
pub(super) fn plain(text: &str, mut comment: impl FnMut(&[u8])) -> String {
    let mut plain = Plain::default();
    let (mut inner, mut depth) = (String::new(), 0usize);
    let mut letters = text.chars().flat_map(char::to_lowercase);
    while let Some(letter) = letters.next() {
        let letter = if letter.is_whitespace() { ' ' } else { letter };
        match letter {
            '(' => depth += 1,
            ')' if depth == 1 => {
                depth = 0;
                comment(inner.as_bytes());
                inner.clear();
                plain.push(' ');
            }
            ')' => depth = depth.saturating_sub(1),
            '\\' if depth > 0 => drop(letters.next()),
            letter if depth > 0 => inner.push(letter),
            letter => plain.push(letter),
        }
    }
    plain.text
}

#[derive(Default)]
struct Plain {
    text: String,
}

impl Plain {
    fn push(&mut self, letter: char) {
        match letter {
            ' ' if self.text.ends_with(':') => {}
            ':' => {
                self.text.truncate(self.text.trim_end_matches(' ').len());
                self.text.push(':');
            }
            letter => self.text.push(letter),
        }
    }
}
