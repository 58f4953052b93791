//! The characters of an atom.

/// RFC 9051 section 9: `atom = 1*ATOM-CHAR`.
pub(crate) fn is_atom(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_atom_char)
}

fn is_atom_char(octet: u8) -> bool {
    octet.is_ascii_graphic() && !b"(){%*\"\\]".contains(&octet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_atom_is_one_word_without_what_has_a_meaning() {
        assert!(is_atom("$Label1") && is_atom("a[b/c+d&e~'"));
        for text in [
            "", "a b", "a\r\n", "a)", "(a", "{1}", "%", "*", "\"", "\\a", "]", "ä", "\x7f",
        ] {
            assert!(!is_atom(text), "{text:?}");
        }
    }
}
