//! The names of responses that cannot be read.

/// Whether a response that cannot be read has one of these names.
pub(crate) fn is_named(response: &[u8], names: &[&str]) -> bool {
    let name = name_of(response);
    names
        .iter()
        .any(|own| name.eq_ignore_ascii_case(own.as_bytes()))
}

/// The name of a response: its first word, or the one after its numbers or beside them.
pub(crate) fn name_of(response: &[u8]) -> &[u8] {
    let response = response.trim_ascii_start();
    let response = response.strip_prefix(b"*").unwrap_or(response);
    let mut words = response
        .split(|octet| octet.is_ascii_whitespace() || *octet == b'(')
        .map(without_number);
    words.find(|word| !word.is_empty()).unwrap_or_default()
}

/// A word without the number or the set of numbers at its start.
fn without_number(word: &[u8]) -> &[u8] {
    let is_of_number = |octet: &u8| octet.is_ascii_digit() || b"-+,:;.\"".contains(octet);
    let start = word.iter().position(|octet| !is_of_number(octet));
    start
        .and_then(|start| word.get(start..))
        .unwrap_or_default()
}

/// Whether a response that cannot be read may change the number of messages or their sequence
/// numbers.
pub(crate) fn renumbers(response: &[u8]) -> bool {
    is_named(response, &["EXISTS", "EXPUNGE", "VANISHED"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beside_numbers_and_after_them() {
        for (response, name) in [
            ("* SEARCH 1 x\r\n", "SEARCH"),
            ("* 2 EXPUNGE\r\n", "EXPUNGE"),
            (" *\t2,3 EXPUNGE x\r\n", "EXPUNGE"),
            ("* 2EXPUNGE\r\n", "EXPUNGE"),
            ("* -1 \"4\" EXISTS\r\n", "EXISTS"),
            ("* VANISHED(EARLIER) x\r\n", "VANISHED"),
            ("* EXPUNGE 2\r\n", "EXPUNGE"),
            ("* 12\r\n", ""),
            ("", ""),
        ] {
            assert_eq!(name_of(response.as_bytes()), name.as_bytes(), "{response}");
        }
        assert!(renumbers(b"* expunge 2\r\n") && !renumbers(b"* 2 EXPUNGED\r\n"));
    }
}
