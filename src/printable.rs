//! Text from outside, escaped for a terminal.

use std::fmt::{self, Write};

/// Untrusted text in a form that is safe to print, such as a subject, a name, or a server's text.
///
/// Characters that a terminal would interpret, or that would mislead a reader, are escaped as
/// `\u{202e}`: controls (C0, C1, DEL), characters that change the direction of writing, invisible
/// characters (zero-width ones, tags, fillers, soft hyphens), separators of lines and paragraphs,
/// and characters without a meaning of their own (private use, not assigned). All others are
/// written unchanged. Width and precision of the format apply to the escaped form.
///
/// `Display` of this crate's errors and events, and its log lines, are written this way. Methods
/// such as [`Envelope::subject`](crate::message::Envelope::subject) return the text unescaped.
///
/// ```
/// use latchbox::types::Printable;
///
/// let subject = "Invoice \u{202e}fdp.exe\u{1b}[2J";
/// assert_eq!(Printable(subject).to_string(), r"Invoice \u{202e}fdp.exe\u{1b}[2J");
/// assert_eq!(Printable("Grüße, 東京, 😀").to_string(), "Grüße, 東京, 😀");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Printable<T>(pub T);

impl<T: AsRef<str>> fmt::Display for Printable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.as_ref();
        if f.width().is_none() && f.precision().is_none() {
            return escape(text, f);
        }
        let mut escaped = String::new();
        escape(text, &mut escaped)?;
        f.pad(&escaped)
    }
}

fn escape(text: &str, to: &mut impl Write) -> fmt::Result {
    for character in text.chars() {
        match misleads(character) {
            true => write!(to, "{}", character.escape_default())?,
            false => to.write_char(character)?,
        }
    }
    Ok(())
}

/// Whether a terminal would interpret it, or a reader be misled by it.
pub(crate) fn misleads(character: char) -> bool {
    match character {
        ' '..='~' => false,
        // Spaces of other widths, and signs of Arabic that are visible although their category is
        // "format".
        '\u{2028}' | '\u{2029}' => true,
        '\u{600}'..='\u{605}'
        | '\u{6dd}'
        | '\u{70f}'
        | '\u{890}'
        | '\u{891}'
        | '\u{8e2}'
        | '\u{110bd}'
        | '\u{110cd}' => false,
        // Letters and marks that are invisible.
        '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{3164}'
        | '\u{ffa0}'
        | '\u{2800}'
        | '\u{180b}'..='\u{180f}'
        | '\u{e0100}'..='\u{e01ef}' => true,
        blank if blank.is_whitespace() && !blank.is_control() => false,
        other => is_unprintable(other),
    }
}

/// Whether the tables of the standard library consider it unprintable: controls, formats, private
/// use, not assigned. It is tested after a letter, because a mark at the beginning is escaped in
/// any case.
fn is_unprintable(character: char) -> bool {
    let mut octets = [b'a'; 5];
    let [_, behind @ ..] = &mut octets;
    let end = 1 + character.encode_utf8(behind).len();
    let text = octets
        .get(..end)
        .and_then(|octets| std::str::from_utf8(octets).ok());
    text.is_some_and(|text| text.escape_debug().nth(1) == Some('\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_misleads_is_escaped_and_the_rest_is_not() {
        let shown = Printable("Größe \u{1b}[2J\u{202e}fdp.\r\n😀").to_string();
        assert_eq!(shown, "Größe \\u{1b}[2J\\u{202e}fdp.\\r\\n😀");
    }

    #[test]
    fn fault_12_whatever_misleads_is_escaped() {
        let ranges = [
            '\0'..='\u{1f}',
            '\u{7f}'..='\u{9f}',
            '\u{ad}'..='\u{ad}',
            '\u{34f}'..='\u{34f}',
            '\u{61c}'..='\u{61c}',
            '\u{115f}'..='\u{1160}',
            '\u{180e}'..='\u{180e}',
            '\u{200b}'..='\u{200f}',
            '\u{2028}'..='\u{202e}',
            '\u{2060}'..='\u{206f}',
            '\u{3164}'..='\u{3164}',
            '\u{e000}'..='\u{f8ff}',
            '\u{feff}'..='\u{feff}',
            '\u{ffa0}'..='\u{ffa0}',
            '\u{fff9}'..='\u{fffb}',
            '\u{ffff}'..='\u{ffff}',
            '\u{e0000}'..='\u{e007f}',
            '\u{e0100}'..='\u{e01ef}',
            '\u{f0000}'..='\u{f00ff}',
            '\u{10fff0}'..='\u{10ffff}',
        ];
        for character in ranges.into_iter().flatten() {
            let shown = Printable(format!("a{character}b")).to_string();
            assert!(shown.is_ascii() && shown.starts_with("a\\"), "{shown:?}");
            assert!(!shown.contains(char::is_control), "{shown:?}");
        }
    }

    #[test]
    fn fault_12_what_people_write_stays() {
        for text in [
            "quotes \" and ' and \\ and ~",
            "e\u{301}, \u{301}",
            "東京\u{3000}タワー, 12\u{a0}km",
            "שלום, سلام, हिन्दी, ไทย, Việt",
            "\u{605}12",
            "❤\u{fe0f} 👍🏽 🇩🇪",
            "\u{fffd}",
        ] {
            assert_eq!(Printable(text).to_string(), text);
        }
        assert_eq!(
            format!(
                "[{:>4}|{:<4}|{:.2}]",
                Printable("ab"),
                Printable("cd"),
                Printable("xyz")
            ),
            "[  ab|cd  |xy]"
        );
    }
}
