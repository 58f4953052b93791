//! Text that a server sent, made safe for a terminal.

use std::fmt::{self, Write};

/// Writes text with what could mislead its reader escaped: controls, and the characters that turn
/// the direction of writing or cannot be seen.
pub(crate) struct Printable<'a>(pub(crate) &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if misleads(character) {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

fn misleads(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_misleads_is_escaped_and_the_rest_is_not() {
        let shown = Printable("Größe \u{1b}[2J\u{202e}fdp.\r\n😀").to_string();
        assert_eq!(shown, "Größe \\u{1b}[2J\\u{202e}fdp.\\u{d}\\u{a}😀");
    }
}
