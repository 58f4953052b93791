//! Labels, and texts in the charsets that they name, in pieces of every length.

use proptest::prelude::*;

use super::*;

/// The text in pieces of this length; octets that are no text are escaped.
fn decoded(mut to_utf8: ToUtf8, octets: &[u8], piece: usize) -> String {
    let mut text = Vec::new();
    for octets in octets.chunks(piece.max(1)) {
        to_utf8.decode(octets, false, &mut text);
    }
    to_utf8.decode(b"", true, &mut text);
    String::from_utf8(text).unwrap()
}

#[track_caller]
fn check(label: &str, octets: &[u8], text: &str) {
    let charset = Charset::of(label).unwrap_or_else(|| panic!("{label} is not known"));
    assert_eq!(charset.decode(octets), text, "{label}");
    for piece in 1..=octets.len() {
        let read = decoded(charset.to_utf8(), octets, piece);
        assert_eq!(read, text, "{label} in pieces of {piece}");
    }
}

#[test]
fn fault_52_utf_7_is_text() {
    check("utf-7", b"Hi Mom +Jjo! +AOk +2D3eAA-!", "Hi Mom ☺! é 😀!");
    check("UNICODE-1-1-UTF-7", b"1 +- 1 +AD0 2", "1 + 1 = 2");
    check("x-unicode-2-0-utf-7", b"+ZeVnLIqe-", "日本語");
    check("utf-7", b"a + b, c+", "a + b, c+");
    check("utf-7", b"+2D0-x+2D0A6Q-", "\u{fffd}x\u{fffd}é");
    check("utf-7", b"\xe9", "\u{fffd}");
    // Bits that are left over.
    check("utf-7", b"+AOQabc", "ä\u{1a6d}\u{fffd}");
    check("utf-7", b"+AOQA-", "ä\u{fffd}");
}

#[test]
fn fault_53_octets_that_are_text_in_any_charset() {
    for label in ["X-IAS-German", "x-unknown", "unknown-8bit", "default", ""] {
        assert_eq!(Charset::of(label), None, "{label}");
        let mut to_utf8 = ToUtf8::unknown(label);
        let mut text = Vec::new();
        for octet in "Grüße".as_bytes() {
            to_utf8.decode(&[*octet], false, &mut text);
        }
        assert!(to_utf8.is_text());
        to_utf8.decode(b"\xe4", true, &mut text);
        assert!(!to_utf8.is_text());
        assert_eq!(text, b"Gr\xc3\xbc\xc3\x9fe\xe4");
        let decode = |octets| decode(label.as_bytes(), octets);
        assert_eq!(decode("Grüße".as_bytes()).as_deref(), Some("Grüße"));
        assert_eq!(decode(b"Gr\xfc"), None);
    }
}

#[test]
fn fault_53_octets_that_shift_are_not_text() {
    let is_text = |label: &str, octets: &[u8]| {
        let texts = [1, octets.len()].map(|piece| {
            let mut to_utf8 = ToUtf8::unknown(label);
            for octets in octets.chunks(piece) {
                to_utf8.decode(octets, false, &mut Vec::new());
            }
            to_utf8.decode(b"", true, &mut Vec::new());
            to_utf8.is_text()
        });
        assert_eq!(texts[0], texts[1], "{label}");
        texts[0]
    };
    for (label, octets) in [
        ("iso-2022-jp", &b"\x1b$BF|K\\8l\x1b(B"[..]),
        ("iso-2022-kr", b"\x0e>H3g\x0f"),
        ("ISO-2022-INT-1", b"a \x1b$(GGc"),
        ("x-unknown", b"back \x0f"),
        ("hz-gb-2312", b"~{VPND~}"),
        ("HZ; x", b"a~~"),
        ("utf-16", b"a\0b\0"),
        ("x-unknown", b"a\0b\0"),
        ("UTF-16LE", b"-N"),
        ("ucs-2", b"-N"),
        ("utf-32", b"H\0i\0\0\0"),
        ("\"UTF-32BE\"", b"plain"),
        ("cp12000", b"plain"),
        ("iso-10646-ucs-4", b"plain"),
    ] {
        assert!(!is_text(label, octets), "{label}");
    }
    for label in ["iso-2022-jp", "iso-2022-kr", "hz", "x-unknown"] {
        assert!(is_text(label, "plain Grüße\t{\r\n".as_bytes()), "{label}");
    }
    for (label, octets) in [("utf-32", &b"plain"[..]), ("iso-2022-int-1", b"\x1b$BF|")] {
        assert_eq!(decode(label.as_bytes(), octets), None, "{label}");
    }
}

#[cfg(feature = "charsets")]
#[test]
fn fault_52_japanese_text_that_names_no_charset() {
    let check = |octets: &[u8], text: &str| check("us-ascii", octets, text);
    check(
        b"old \x1b$BF|K\\\x1b(B mail\r\n\x1b$@F|\x1b(J ~",
        "old 日本 mail\r\n日 ‾",
    );
    check(b"\x1b$)C\x0e>H3g\x0f hi", "안녕 hi");
    // The rest is what it is without such parts.
    let mixed = [
        &b"\x1b$BF|\x1b(B "[..],
        "Grüße ".as_bytes(),
        b"\xfc\xc3\x1b$BF|\x1b(B\xc3",
    ];
    check(&mixed.concat(), "日 Grüße üÃ日Ã");
    check(
        b"\x1b[1mbold\x1b(B\x1b\x1b$\x1b",
        "\u{1b}[1mbold\u{1b}(B\u{1b}\u{1b}$\u{1b}",
    );
    check(b"\x1b$BF|K", "日\u{fffd}");
}

#[test]
fn fault_54_latin_1_is_windows_1252() {
    for label in [
        "iso-8859-1",
        "Latin1",
        "ISO_8859-1:1987",
        "cp1252",
        "l1",
        "8859_1",
    ] {
        check(label, b"\x80 \x93x\x94 \xfc\x81", "€ “x” ü\u{81}");
    }
    // Nothing is said of octets that US-ASCII does not have.
    for label in ["us-ascii", "ANSI_X3.4-1968", "ascii", "ISO646-US"] {
        check(label, b"Gr\xfc\xdfe \x93", "Grüße “");
        check(label, "Grüße 😀".as_bytes(), "Grüße 😀");
        check(label, b"\xc3\xbc \xfc\xc3", "ü üÃ");
    }
    check("utf8", b"\xff\xc3x\xe2\x82", "\u{fffd}\u{fffd}x\u{fffd}");
}

#[cfg(feature = "charsets")]
#[test]
fn fault_50_shifts_of_seven_bits() {
    check(
        "iso-2022-kr",
        b"\x1b$)C\x0e>H3g\x0f hi\r\n\x0e<<0h\x0f",
        "안녕 hi\r\n세계",
    );
    // What names the set stands in the first word of a header only.
    check("ISO-2022-KR", b"\x0e>H3g\x0f", "안녕");
    check("iso-2022-kr", b"\x1b$)C\x0e>H3g\nplain", "안녕\nplain");
    check("iso-2022-kr", b"\xbe\xc8\xb3\xe7", "안녕");
    check(
        "hz-gb-2312",
        b"~{VPND~} hi ~~ ~\nx~{VP\nplain ~a",
        "中文 hi ~ x中\nplain ~a",
    );
    check("HZ", b"a~\r\nb~\rc~", "ab~\rc~");
    check("iso-2022-cn", b"\x1b$)A\x0eVPND\x0f hi", "中文 hi");
    // A plane without a table.
    check(
        "iso-2022-cn-ext",
        b"\x1b$)G\x0eGc\x0f \x1b$*H\x1bNGcx",
        "\u{fffd} \u{fffd}x",
    );
    check("iso-2022-kr", b"\x0e>", "\u{fffd}");
    check("iso-2022-kr", b"\x0e>\n", "\u{fffd}\n");
}

#[cfg(feature = "charsets")]
#[test]
fn fault_52_labels_of_windows_and_old_mailers() {
    let japanese = "日本語カナ";
    for label in [
        "iso-2022-jp",
        "ISO-2022-JP-MS",
        "csISO2022JP",
        "cp50221",
        "iso-2022-jp-3",
    ] {
        check(label, b"\x1b$BF|K\\8l%+%J\x1b(B", japanese);
    }
    check("iso-2022-jp", b"\x1b(IC=D\x1b$BF|K\\\x1b(B", "ﾃｽﾄ日本");
    check("iso-2022-jp-1", b"\x1b$BF|K\\\x1b$(D0!\x1b(B", "日本丂");
    let mixed = b"\x1b$(A::\x1b$B;z\x1b(B \x1b$(CGQ\x1b(B \x1b.A\x1bNi \x1b.F\x1bNa";
    check("iso-2022-jp-2", mixed, "汉字 한 é α");
    // Escapes behind each other, which the Encoding Standard takes for an error.
    check(
        "iso-2022-jp",
        b"\x1b$BF|\x1b(B\x1b$BK\\\x1b(B\x1b(B",
        "日本",
    );
    check("iso-2022-jp", b"\x1b(J\\~\x1b(Ba\x1b", "¥‾a\x1b");
    check(
        "iso-2022-jp",
        b"\x1b$BF|\n\x1b(Xx\xc3\x80",
        "日\n\x1b\u{fffd}\u{fffd}ﾃ\u{fffd}",
    );
    for label in [
        "cp932",
        "windows-31j",
        "MS932",
        "shift-jis",
        "x-sjis",
        "Shift_JIS",
        "sjis",
    ] {
        check(label, b"\x87@\xee\xe0", "①髙");
    }
    for label in [
        "cp936",
        "ms936",
        "gbk",
        "gb2312",
        "GB_2312-80",
        "x-gbk",
        "EUC-CN",
        "936",
    ] {
        check(label, b"\xd6\xd0\xce\xc4\x80", "中文€");
    }
    for label in [
        "cp949",
        "ks_c_5601-1987",
        "euc-kr",
        "KS_C_5601",
        "uhc",
        "windows-949",
    ] {
        check(label, b"\x8cc\xb9\xe6", "똠방");
    }
}

#[cfg(feature = "charsets")]
#[test]
fn fault_52_labels_in_all_their_forms() {
    let name = |label: &str| match Charset::of(label).map(|charset| charset.0) {
        Some(Known::Other(encoding)) => encoding.name().to_ascii_lowercase(),
        Some(other) => format!("{other:?}").to_ascii_lowercase(),
        None => "-".to_owned(),
    };
    for (labels, expected) in [
        (
            "utf-8|UTF8|\"utf8\"|utf-8;|'utf-8'| utf-8 |utf-8*de|utf-8; format=flowed|utf_8|<utf-8>|\
          charset=utf-8|3D\"utf-8\"\"|utf-8\"|cp65001|unicode-1-1-utf-8|utf 8",
            "utf8",
        ),
        (
            "cp1251|windows1251|win-1251|windows-1251|WIN1251|x-cp1251|\"windows-1251\"|1251|\
          3D\"Windows-1251\"\"|microsoft-cp1251",
            "windows-1251",
        ),
        (
            "iso-8859-9|latin5|iso8859-9|windows-1254|cp1254",
            "windows-1254",
        ),
        (
            "iso-8859-11|tis-620|TIS620|windows-874|cp874",
            "windows-874",
        ),
        ("iso-8859-8-i|iso8859-8i|logical", "iso-8859-8-i"),
        ("iso-8859-8|iso-8859-8-e|hebrew", "iso-8859-8"),
        (
            "iso-8859-2|latin2|iso8859_2|8859-2|ISO_8859-2:1987|cp28592",
            "iso-8859-2",
        ),
        ("iso-8859-15|latin9|ISO8859-15|l9", "iso-8859-15"),
        ("macintosh|mac|x-mac-roman|MacRoman", "macintosh"),
        ("x-mac-cyrillic|x-mac-ukrainian", "x-mac-cyrillic"),
        ("koi8-r|koi8r|KOI8|koi", "koi8-r"),
        ("koi8-u|koi8-ru", "koi8-u"),
        ("big5|big5-hkscs|cp950|ms950|x-x-big5|cn-big5", "big5"),
        ("gb18030|GB18030-2000", "gb18030"),
        ("euc-jp|x-euc-jp|eucJP-ms|ujis|cp51932", "euc-jp"),
        ("utf-16be", "utf-16be"),
        ("utf-16le", "utf-16le"),
        ("us-ascii|ansi_x3.4-1968|ascii|us", "ascii"),
        ("iso-2022-kr|csiso2022kr|cp50225", "shifted(korean)"),
        ("hz-gb-2312|hz|cp52936", "shifted(hz)"),
        (
            "x-unknown|unknown-8bit|default|x-user-defined|replacement|x-mac-ce|utf-32|cp437|none|\
          \"\"|;|iso-8859-12|iso-8859-99|cp|8bit",
            "-",
        ),
    ] {
        for label in labels.split('|') {
            assert_eq!(name(label), expected, "{label}");
        }
    }
}

#[cfg(feature = "charsets")]
#[test]
fn utf_16_tells_its_order_by_a_mark_or_a_zero() {
    check("utf-16", b"\xfe\xff\0a\0\xe4", "aä");
    check("utf-16", b"\xff\xfea\0\xe4\0", "aä");
    check("utf-16", b"\0a\0\xe4", "aä");
    check("utf-16", b"a\0\xe4\0", "aä");
    check("utf-16", b"a", "\u{fffd}");
    check("utf-16", b"", "");
}

#[cfg(feature = "charsets")]
const LABELS: &[&str] = &[
    "utf-8",
    "us-ascii",
    "latin1",
    "utf-7",
    "utf-16",
    "iso-2022-jp",
    "iso-2022-kr",
    "iso-2022-cn",
    "hz",
    "shift_jis",
    "gbk",
    "big5",
    "euc-kr",
    "euc-jp",
    "gb18030",
    "koi8-r",
];
#[cfg(not(feature = "charsets"))]
const LABELS: &[&str] = &["utf-8", "us-ascii", "latin1", "utf-7"];

const SHIFTS: &[&[u8]] = &[
    b"\x1b$B",
    b"\x1b(B",
    b"\x1b$(D",
    b"\x1b$)C",
    b"\x1b$)A",
    b"\x1bN",
    b"\x1b.A",
    b"\x0e",
    b"\x0f",
    b"~{",
    b"~}",
    b"~\r\n",
    b"+",
    b"-",
    b"+2D3eAA-",
    b"\xfe\xff",
    b"\x1b",
];

/// Octets that mean something in these charsets, more often than chance would have them.
fn octets() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        "[ -~\n]{0,6}".prop_map(String::into_bytes),
        any::<char>().prop_map(|c| c.to_string().into_bytes()),
        proptest::collection::vec(any::<u8>(), 0..4),
        proptest::sample::select(SHIFTS).prop_map(<[u8]>::to_vec),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_text_is_the_same_in_any_pieces(
        at in 0..LABELS.len(),
        octets in octets(),
        piece in 1usize..20,
    ) {
        let charset = Charset::of(LABELS[at]).unwrap();
        let whole = charset.decode(&octets);
        prop_assert!(whole.len() <= 3 * octets.len() + 3);
        prop_assert_eq!(decoded(charset.to_utf8(), &octets, piece), whole, "{}", LABELS[at]);
    }
}
