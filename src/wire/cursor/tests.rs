//! The cursor on what follows the grammar and on what does not.

use super::*;
use crate::wire::frame::OutOfLine;
use crate::wire::quoted::ends_quoted;

fn cursor(text: &[u8]) -> Cursor<'_> {
    Cursor::new(Frame::inline(text))
}

fn quoted(text: &str) -> Option<(String, &str)> {
    let mut cursor = cursor(text.as_bytes());
    let content = cursor.quoted().ok()?;
    let rest = std::str::from_utf8(cursor.rest()).unwrap();
    Some((String::from_utf8(content.into_owned()).unwrap(), rest))
}

fn skipped(text: &str) -> Option<&str> {
    let mut cursor = cursor(text.as_bytes());
    cursor.skip_value().ok()?;
    Some(std::str::from_utf8(cursor.rest()).unwrap())
}

/// All short strings of what matters in them, before, at and behind the end of a word.
#[test]
fn a_string_ends_where_it_does_octet_by_octet() {
    let end = |bytes: &[u8]| {
        let mut at = 1;
        while bytes[at] != b'"' || !ends_quoted(bytes.get(at + 1)) {
            at += if bytes[at] == b'\\' { 2 } else { 1 };
        }
        at + 1
    };
    let octets = br#"a"\ ><"#;
    for number in 0..octets.len().pow(6) {
        let string = (0..6).map(|place| octets[number / octets.len().pow(place) % octets.len()]);
        for padding in [0, 2, 5, 7] {
            let mut bytes = vec![b'"'];
            bytes.extend(std::iter::repeat_n(b'x', padding));
            bytes.extend(string.clone());
            bytes.extend(b"\" \" behind)\r\n");
            for found in [simple_end(&bytes, 0), odd_quoted_end(&bytes, 1)] {
                assert_eq!(found, Some(end(&bytes)), "{bytes:?}");
            }
            let mut plain = cursor(&bytes);
            let content = &bytes[1..end(&bytes) - 1];
            match plain.try_plain_quoted() {
                Some(found) => assert_eq!((found, plain.position()), (content, end(&bytes))),
                None => assert!(content.contains(&b'\\') || content.contains(&b'"')),
            }
        }
    }
}

#[test]
fn q22_an_id_whose_quotes_are_not_closed() {
    assert_eq!(quoted("\"<a@b>))"), Some(("<a@b>".into(), "))")));
    assert_eq!(skipped("(\"<a@b>) UID 5"), Some(" UID 5"));
    // Where a quote follows, it may be the one that is missing.
    for text in ["\"<a@b>) \"c", "\"a@b>)", "\"<a@b)"] {
        assert_eq!(quoted(text), None, "{text}");
    }
}

#[test]
fn quoted_strings() {
    for (text, content, rest) in [
        (r#""""#, "", ""),
        (r#""a b" c"#, "a b", " c"),
        (r#""a"]"#, "a", "]"),
        ("\"a\"\r\n", "a", "\r\n"),
        (r#""a\"b\\c")"#, r#"a"b\c"#, ")"),
        (r#""a\b""#, r"a\b", ""),
    ] {
        assert_eq!(quoted(text), Some((content.into(), rest)), "{text}");
    }
    for text in ["", "a", "\"", "\"a", r#""a\""#, r#""a\"#] {
        assert_eq!(quoted(text), None, "{text}");
    }
}

#[test]
fn q17_quotes_that_are_not_escaped() {
    let boundary = r#""MOUNDARY="_006_x"")"#;
    assert_eq!(quoted(boundary), Some((r#"MOUNDARY="_006_x""#.into(), ")")));
}

#[test]
fn q18_only_quotes() {
    assert_eq!(quoted(r#""""" NIL"#), Some((r#""""#.into(), " NIL")));
}

#[test]
fn q21_raw_utf_8() {
    assert_eq!(quoted("\"Grüße\" "), Some(("Grüße".into(), " ")));
}

#[test]
fn literals() {
    for text in [
        "{3}\r\nabc)",
        "{3+}\r\nabc)",
        "~{3}\r\nabc)",
        "{03}\nabc)",
        "{3}\r\r\nabc)",
    ] {
        let mut cursor = cursor(text.as_bytes());
        assert_eq!(cursor.literal(), Ok(&b"abc"[..]), "{text}");
        assert_eq!(cursor.rest(), b")");
    }
    for text in [
        "{3}\r\nab",
        "{3}abc",
        "{}\r\n",
        "{a}\r\n",
        "{99999999999999999999}\r\n",
        "{",
        "~",
    ] {
        assert!(cursor(text.as_bytes()).literal().is_err(), "{text}");
    }
}

#[test]
fn literals_out_of_line() {
    let literals = [OutOfLine {
        at: 7,
        data: b"abc".to_vec(),
    }];
    let frame = Frame {
        bytes: b"X {3}\r\n)",
        literals: &literals,
        utf8: false,
        text: "",
    };
    assert_eq!(
        Cursor::at(frame, 2).nstring().unwrap().as_deref(),
        Some(&b"abc"[..])
    );
    let mut cursor = Cursor::at(frame, 2);
    assert_eq!(cursor.skip_value(), Ok(0));
    assert_eq!(cursor.rest(), b")");
}

#[test]
fn attack_66_numbers() {
    for (text, number) in [
        ("0", Some(0)),
        ("012 ", Some(12)),
        ("4294967295)", Some(u32::MAX)),
        ("4294967296", None),
        ("18446744073709551616", None),
        ("-1", None),
        ("", None),
        ("9.3736e+06", None),
        ("5x", None),
    ] {
        assert_eq!(cursor(text.as_bytes()).number().ok(), number, "{text}");
    }
    assert_eq!(cursor(b"18446744073709551615").number64(), Ok(u64::MAX));
}

#[test]
fn nil_is_a_word_in_any_case() {
    assert_eq!(cursor(b"NIL)").nstring(), Ok(None));
    assert_eq!(cursor(b"nil").nstring(), Ok(None));
    assert_eq!(
        cursor(b"NILS ").nstring().unwrap().as_deref(),
        Some(&b"NILS"[..])
    );
    assert_eq!(cursor(b"NIL").astring().as_deref(), Ok(&b"NIL"[..]));
}

#[test]
fn any_value_can_be_skipped() {
    for (text, rest) in [
        ("a b", " b"),
        ("NIL)", ")"),
        ("\"a)\\\"\" b", " b"),
        ("(a (b \")\") {1}\r\n) c) d", " d"),
        ("()x", "x"),
        ("( a\r\n)", ""),
        ("{x y", " y"),
        ("~a", ""),
        ("a{3}\r\n", "\r\n"),
    ] {
        assert_eq!(skipped(text), Some(rest), "{text}");
    }
    for text in ["", " ", ")", "(", "(a", "(\"a)", "({3}\r\na)", "\r\n"] {
        assert_eq!(skipped(text), None, "{text}");
    }
}

#[test]
fn attack_56_nesting_is_measured_without_recursion() {
    let nested = format!("{}{}", "(".repeat(100_000), ")".repeat(100_000));
    assert_eq!(cursor(nested.as_bytes()).skip_value(), Ok(100_000));
    assert!(cursor("(".repeat(100_000).as_bytes()).skip_value().is_err());
}

#[test]
fn an_error_tells_where_and_what() {
    let error = cursor(b"abc").byte(b'(', "a list").unwrap_err();
    assert_eq!(error.to_string(), "expected a list at octet 0");
}
