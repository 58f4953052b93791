//! The character classes of the grammar, with the tolerance that servers need.

const ATOM: u8 = 1;
const TOKEN: u8 = 2;
const WORD: u8 = 4;
const ITEM: u8 = 8;
const FLAG: u8 = 16;
const QUOTED: u8 = 32;

/// The classes of each octet.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < classes.len() {
        #[allow(
            clippy::indexing_slicing,
            reason = "the loop ends where the array does"
        )]
        let class = &mut classes[byte];
        #[allow(clippy::cast_possible_truncation, reason = "below 256")]
        let byte_value = byte as u8;
        if !matches!(byte_value, b' ' | b'\t' | b'(' | b')' | b'\r' | b'\n') {
            *class |= TOKEN;
            if byte_value != b'[' {
                *class |= ITEM;
            }
        }
        let special = matches!(byte_value, b'{' | b'%' | b'*' | b'"' | b'\\' | b']');
        if *class & TOKEN != 0 && !special && byte_value > b' ' && byte_value != 0x7f {
            *class |= ATOM;
        }
        if *class & TOKEN != 0 && !matches!(byte_value, b'{' | b'"') || byte_value == b' ' {
            *class |= FLAG;
        }
        if byte_value.is_ascii_alphanumeric() || matches!(byte_value, b'-' | b'_' | b'.') {
            *class |= WORD;
        }
        if matches!(byte_value, b' '..=b'~') && !matches!(byte_value, b'"' | b'\\') {
            *class |= QUOTED;
        }
        byte += 1;
    }
    classes
};

fn has_class(byte: u8, class: u8) -> bool {
    let classes = CLASSES.get(usize::from(byte)).copied();
    classes.unwrap_or(0) & class != 0
}

/// Whether the octet may be in an atom, with the 8-bit octets and brackets that servers do not
/// quote.
pub(crate) fn is_atom(byte: u8) -> bool {
    has_class(byte, ATOM)
}

/// Whether the octet is not one at which any value without quotes ends.
pub(crate) fn is_token(byte: u8) -> bool {
    has_class(byte, TOKEN)
}

/// Whether the octet may be in a keyword of the protocol.
pub(crate) fn is_word(byte: u8) -> bool {
    has_class(byte, WORD)
}

/// Whether the octet may be in the name of an item of FETCH.
pub(crate) fn is_item(byte: u8) -> bool {
    has_class(byte, ITEM)
}

/// Whether the octet is printable ASCII that stands in a quoted string as it is.
pub(crate) fn is_quoted(byte: u8) -> bool {
    has_class(byte, QUOTED)
}

/// Whether the octet may be in a list of flags without quotes and literals.
pub(crate) fn is_flag(byte: u8) -> bool {
    has_class(byte, FLAG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_by_example() {
        let of = |is: fn(u8) -> bool| (0..=127).filter(move |byte| !is(*byte)).map(char::from);
        assert_eq!(of(is_token).collect::<String>(), "\t\n\r ()");
        assert_eq!(of(is_item).collect::<String>(), "\t\n\r ()[");
        let not_atom: String = of(is_atom).filter(|c| !c.is_control()).collect();
        assert_eq!(not_atom, " \"%()*\\]{");
        assert!((128..=255).all(|byte| is_atom(byte) && is_token(byte) && !is_word(byte)));
        assert!(b"aZ09-_.".iter().all(|byte| is_word(*byte)) && !is_word(b'['));
    }
}
