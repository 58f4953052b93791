//! Header text as mailers write it.

use super::*;

fn text(raw: &str) -> String {
    decode(Cow::Borrowed(raw.as_bytes())).into_owned()
}

#[test]
fn examples_of_rfc_2047() {
    for (raw, expected) in [
        ("=?ISO-8859-1?Q?a?=", "a"),
        ("=?ISO-8859-1?Q?a?= b", "a b"),
        ("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"),
        ("=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", "ab"),
        ("=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=", "ab"),
        ("=?ISO-8859-1?Q?a_b?=", "a b"),
        ("=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b"),
        (
            "=?US-ASCII*EN?Q?Keith_Moore?= <moore@cs.utk.edu>",
            "Keith Moore <moore@cs.utk.edu>",
        ),
        ("=?ISO-8859-1?Q?Patrik_F=E4ltstr=F6m?=", "Patrik Fältström"),
        (
            "=?iso-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=",
            "If you can read this yo",
        ),
    ] {
        assert_eq!(text(raw), expected, "{raw}");
    }
}

#[test]
fn characters_split_over_words_are_joined() {
    assert_eq!(text("=?utf-8?Q?=C3?= =?UTF-8?Q?=A4?="), "ä");
    assert_eq!(
        text("=?utf-8?B?8J+Y?=\r\n =?utf-8?Q?=80_ok?= end"),
        "😀 ok end"
    );
}

#[test]
fn what_is_not_an_encoded_word_stays() {
    for raw in [
        "a = b",
        "=?",
        "=??=",
        "=?utf-8?",
        "=?utf-8?Q?",
        "=?utf-8?Q?a",
        "=?utf-8?X?a?=",
        "=?x-unknown?Q?=E4?=",
        "=?utf-8?B?@@@?=",
        "=?=?=?=",
        "=????=",
    ] {
        assert_eq!(text(raw), raw);
    }
    assert_eq!(text("1 =?utf-8?Q?=?= 2 =?utf-8?Q?=4?= 3"), "1 = 2 =4 3");
    assert_eq!(text("=?=?utf-8?Q?x?="), "=?x");
}

#[test]
fn raw_utf_8_and_raw_rubbish() {
    assert_eq!(text("Grüße =?utf-8?Q?=C3=BC?="), "Grüße ü");
    assert_eq!(decode(Cow::Borrowed(b"a\xffb")), "aÿb");
    assert_eq!(decode(Cow::Owned(b"a\xffb".to_vec())), "aÿb");
    assert_eq!(decode(Cow::Borrowed(b"=\xff=?utf-8?q?=ff?=")), "=ÿ\u{fffd}");
}

#[test]
fn fault_58_base64_is_cut_anywhere() {
    use base64::prelude::{BASE64_STANDARD, Engine};
    for content in [
        "Grüße aus Köln – 😀!",
        "ä",
        "Übersicht über Öfen.pdf",
        "日本語の件名です",
    ] {
        let whole = BASE64_STANDARD.encode(content);
        for one in 0..=whole.len() {
            for two in [one, one + 1, one + 3, one + 7] {
                let Some((start, rest)) = whole.split_at_checked(one) else {
                    continue;
                };
                let Some((middle, end)) = rest.split_at_checked(two - one) else {
                    continue;
                };
                for gap in [" ", "", "\r\n ", "\r\n\t"] {
                    let raw = format!(
                        "a =?utf-8?B?{start}?={gap}=?UTF8?b?{middle}?={gap}=?utf-8*de?B?{end}?= b"
                    );
                    assert_eq!(text(&raw), format!("a {content} b"), "{raw}");
                }
            }
        }
    }
    // Words that are whole without padding.
    assert_eq!(text("=?utf-8?B?YWI?= =?utf-8?B?Y2Q?="), "abcd");
    assert_eq!(
        text("=?utf-8?B?w6Q?= =?utf-8?B?w7Y?= =?utf-8?B?w7w=?="),
        "äöü"
    );
    // An escape that is cut.
    assert_eq!(
        text("=?utf-8?Q?=C3=?= =?utf-8?Q?A4=B?= =?utf-8?q?_=4?="),
        "ä=B =4"
    );
}

#[test]
fn fault_51_a_seam_is_no_place_in_the_text() {
    let words = |charset: &str, octets: &[u8]| {
        use base64::prelude::{BASE64_STANDARD, Engine};
        (1..octets.len())
            .map(move |at| {
                let (one, two) = octets.split_at(at);
                let (one, two) = (BASE64_STANDARD.encode(one), BASE64_STANDARD.encode(two));
                format!("=?{charset}?B?{one}?=\r\n =?{charset}?B?{two}?=")
            })
            .collect::<Vec<_>>()
    };
    let mut cases = vec![("utf-7", &b"Hi +Jjo! +2D3eAA-"[..], "Hi ☺! 😀")];
    if cfg!(feature = "charsets") {
        cases.extend([
            (
                "ISO-2022-JP",
                &b"\x1b$BF|K\\8l\x1b(B ok \x1b$BF|\x1b(B"[..],
                "日本語 ok 日",
            ),
            ("iso-2022-jp", b"\x1b$BF|K\\\x1b(B\x1b$B8l\x1b(B", "日本語"),
            ("iso-2022-kr", b"\x1b$)C\x0e>H3g\x0f hi", "안녕 hi"),
            ("hz-gb-2312", b"~{VPND~} hi", "中文 hi"),
            ("gb2312", b"\xd6\xd0\xce\xc4", "中文"),
            ("shift_jis", b"\x93\xfa\x96\x7b\x8c\xea", "日本語"),
        ]);
    }
    for (charset, octets, expected) in cases {
        for raw in words(charset, octets) {
            assert_eq!(text(&raw), expected, "{raw}");
        }
    }
}

/// The octets in an encoded word in base64.
fn word(charset: &str, octets: &[u8]) -> String {
    use base64::prelude::{BASE64_STANDARD, Engine};
    format!("=?{charset}?B?{}?=", BASE64_STANDARD.encode(octets))
}

#[test]
fn fault_51_a_word_does_not_shift_back() {
    let check = |charset: &str, octets: &[u8], next: &[&str], shown: &str| {
        for next in next {
            let raw = format!("{} {next}", word(charset, octets));
            assert_eq!(text(&raw), shown, "{raw}");
        }
    };
    let utf_7 = ["=?utf-7?Q?abc?=", "=?UTF-7?B?YWJj?="];
    check("utf-7", b"+AOQ", &utf_7, "äabc");
    check("utf-7", b"+AOQ", &["=?utf-7?B?K0FPVS0=?="], "äå");
    if !cfg!(feature = "charsets") {
        return;
    }
    let japanese = b"\x1b$BF|K\\8l";
    // Three letters are no pairs; four are.
    check(
        "iso-2022-jp",
        japanese,
        &["=?iso-2022-jp?B?YWJj?="],
        "日本語abc",
    );
    check(
        "iso-2022-jp",
        japanese,
        &["=?ISO-2022-JP?Q?abcd?="],
        "日本語abcd",
    );
    let again = [&*word("iso-2022-jp", b"\x1b$BF|\x1b(B abc")];
    check("iso-2022-jp", japanese, &again, "日本語日 abc");
    check(
        "iso-2022-kr",
        b"\x1b$)C\x0e>H3g",
        &["=?iso-2022-kr?Q?abc?="],
        "안녕abc",
    );
    check("hz-gb-2312", b"~{VPND", &["=?hz?Q?abcd?="], "中文abcd");
    check("us-ascii", japanese, &["=?us-ascii?Q?abc?="], "日本語abc");
    // One text that was cut, in words of different forms.
    check(
        "iso-2022-jp",
        b"\x1b$BF|K",
        &["=?ISO-2022-JP?Q?=5C8l=1B(B_x?="],
        "日本語 x",
    );
    // It was cut, and its end is lost.
    check(
        "iso-2022-jp",
        b"\x1b$BF|",
        &["=?iso-2022-jp?B?S1w4bA==?="],
        "日本語",
    );
}

#[test]
fn fault_53_words_that_shift_are_not_text() {
    let japanese = "=?iso-2022-jp?B?GyRCRnxLXDhsGyhC?=";
    for raw in [
        "a =?iso-2022-int-1?B?GyRCRnxLXDhsGyhC?= b",
        "=?utf-32?B?SABpAAAA?=",
        "=?utf-32be?Q?plain?=",
        "=?x-unknown?Q?a=00b?=",
        "=?x-unknown?Q?a=0Eb=0F?=",
    ] {
        assert_eq!(text(raw), raw);
    }
    assert_eq!(text("=?x-unknown?Q?a~{b=7F?="), "a~{b\u{7f}");
    if cfg!(not(feature = "charsets")) {
        for raw in [
            japanese,
            "=?iso-2022-kr?Q?=0E>H3g=0F?=",
            "=?hz-gb-2312?Q?~{VPND~}?=",
            "=?utf-16?B?AGEAYg==?=",
            "=?utf-16le?Q?-N?=",
        ] {
            assert_eq!(text(raw), raw);
        }
    }
    // Without shifts, they are ASCII.
    for charset in ["iso-2022-jp", "iso-2022-kr", "hz", "iso-2022-int-1"] {
        assert_eq!(text(&format!("=?{charset}?Q?abc?=")), "abc");
    }
}

#[test]
fn fault_54_a_word_begins_with_a_byte_order_mark() {
    let marked = "\u{feff}a".as_bytes();
    let one = word("utf-8", marked);
    assert_eq!(text(&one), "a");
    assert_eq!(text(&format!("x {one} {one}\r\n {one} y")), "x aaa y");
    assert_eq!(text(&word("us-ascii", marked)), "a");
    // It is a character elsewhere in a word.
    assert_eq!(text(&word("utf-8", "a\u{feff}b".as_bytes())), "a\u{feff}b");
    if cfg!(feature = "charsets") {
        let (big, little) = (b"\xfe\xff\0a", b"\xff\xfea\0");
        for orders in [[big, big], [little, little], [little, big], [big, little]] {
            let words = orders.map(|octets| word("utf-16", octets));
            assert_eq!(text(&words.join(" ")), "aa", "{words:?}");
        }
        assert_eq!(text(&word("utf-16be", big)), "a");
    }
}

#[test]
fn fault_56_base64_of_words_ends_at_its_padding() {
    for (raw, expected) in [
        ("=?utf-8?B?R3LDvA==w59l?=", "Grüße"),
        ("=?utf-8?B?YQ==YQ==?=", "aa"),
        ("=?utf-8?B?SGVsbG8= ignored?=", "Hello"),
        ("=?utf-8?B?SGVsbG8=, =?= =?utf-8?B?IQ==?=", "Hello!"),
        // The padding is that of what was cut before.
        ("=?utf-8?B?R3L?= =?utf-8?B?DvA==w59l?= x", "Grüße x"),
        ("=?utf-8?B?R3L?= =?utf-8?B??= =?utf-8?B?DvA==?=", "Grü"),
        ("=?utf-8?B?YWJj=?= =?utf-8?B?ZGVm?=", "abcdef"),
    ] {
        assert_eq!(text(raw), expected, "{raw}");
    }
}

#[test]
fn fault_58_an_equals_sign_at_the_end_of_a_word() {
    for (raw, expected) in [
        // A line end of the body's encoding.
        ("=?utf-8?Q?abc=?=\r\n =?utf-8?Q?def?=", "abc=def"),
        ("=?utf-8?Q?=C3=BC=?= =?utf-8?Q?be?=", "ü=be"),
        // An escape that is cut.
        ("=?iso-8859-1?Q?Stra=?= =?iso-8859-1?Q?DFe?=", "Straße"),
        ("=?utf-8?Q?x=3?= =?utf-8?Q?Dy?=", "x=y"),
        // Neither.
        ("=?utf-8?Q?a=?= =?utf-8?Q?_b=?=", "a= b="),
    ] {
        assert_eq!(text(raw), expected, "{raw}");
    }
}

#[test]
fn fault_58_a_question_mark_before_an_escape() {
    for (raw, expected) in [
        ("=?utf-8?Q?Really?=20Yes?= x", "Really? Yes x"),
        ("=?utf-8?Q?a?=20b?=C3=BC?=", "a? b?ü"),
        ("\"=?utf-8?Q?Who?=3F?=\" <a@b>", "\"Who??\" <a@b>"),
        // The end of the word.
        ("=?utf-8?Q?a?=20 b?=", "a20 b?="),
        ("=?utf-8?Q?a?=ab=?utf-8?Q?c?=", "aabc"),
        ("=?utf-8?Q?a?=ffb?=", "affb?="),
        ("=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"),
        ("=?utf-8?Q?a?=20", "a20"),
    ] {
        assert_eq!(text(raw), expected, "{raw}");
    }
}

#[test]
fn fault_58_words_as_mailers_write_them() {
    for (raw, expected) in [
        // No blanks between words, or between words and text.
        ("=?utf-8?q?a?==?utf-8?q?b?=c=?utf-8?b?ZA==?=", "abcd"),
        ("a=?utf-8?q?b?=", "ab"),
        ("\"=?utf-8?q?J=C3=BC?=\" <a@b>", "\"Jü\" <a@b>"),
        ("(=?utf-8?q?J=C3=BC?=)", "(Jü)"),
        // Blanks and question marks in words.
        ("=?utf-8?Q?hello world?=", "hello world"),
        ("=?utf-8?Q?are you there??=", "are you there?"),
        ("=?utf-8?Q?who? me?= =?utf-8?Q?_you?=", "who? me you"),
        ("=?utf-8?B?w6Q= ?=", "ä"),
        ("=?utf-8?B?w6\r\n Q=?=", "ä"),
        // Labels.
        ("=?\"utf-8\"?q?=C3=A4?=", "ä"),
        ("=?utf-8;?Q?=C3=A4?=", "ä"),
        ("=? utf-8 ?q?=C3=A4?=", "ä"),
        ("=??q?=C3=A4?=", "ä"),
        ("=?x-unknown?q?=C3=A4?= =?unknown-8bit?b?w6Q=?=", "ää"),
        ("=?UTF-8*DE-at?q?=C3=A4?=", "ä"),
        ("=?iso-8859-1?q?=80?=", "€"),
        ("=?us-ascii?q?=FC?=", "ü"),
        // What cannot be decoded stays, with what is around it.
        (
            "=?x-no?q?=E4?= =?x-no?q?=E5?= =?utf-8?q?b?= c",
            "=?x-no?q?=E4?= =?x-no?q?=E5?= b c",
        ),
        ("=?utf-8?q?a?=  =?x-no?q?=E4?=", "a  =?x-no?q?=E4?="),
        ("=?utf-8?q?one =?utf-8?q?two?=", "=?utf-8?q?one two"),
        ("=?utf-8?q?one", "=?utf-8?q?one"),
        // Folded, also where no blank follows.
        ("a\r\n b\n\tc", "a b\tc"),
        ("a\nb", "a b"),
        ("a \r\nb\r\n", "a b"),
        ("=?utf-8?q?a?=\n=?utf-8?q?b?=", "ab"),
    ] {
        assert_eq!(text(raw), expected, "{raw}");
    }
    let raw = b"Gr\xfc\xdfe =?iso-8859-1?q?=FC?= \xe4=?utf-8?q?=C3=A4?=";
    assert_eq!(decode(Cow::Borrowed(raw)), "Grüße ü ää");
    if cfg!(feature = "charsets") {
        assert_eq!(text("\x1b$BF|K\\\x1b(B ok"), "日本 ok");
    }
}

#[test]
fn text_that_is_known_is_found_in_it() {
    let known = String::from("a \u{e4} b");
    let octets = known.as_bytes();
    let whole = text_in(&known, octets);
    assert!(matches!(whole, Cow::Borrowed(text) if text == known));
    for (start, end) in [(0, 0), (0, 2), (2, 4), (3, 4), (2, 3), (5, 6), (6, 6)] {
        let part = &octets[start..end];
        assert_eq!(text_in(&known, part), String::from_utf8_lossy(part));
        assert_eq!(text_in("", part), String::from_utf8_lossy(part));
        assert_eq!(text_in(&known[..2], part), String::from_utf8_lossy(part));
    }
    assert_eq!(text_in(&known, b"other"), "other");
    assert_eq!(text_in(&known, b""), "");
}

#[test]
fn plain_text_is_borrowed() {
    assert!(matches!(
        decode(Cow::Borrowed(b"plain")),
        Cow::Borrowed("plain")
    ));
}

#[test]
fn attack_63_long_text_is_bounded_and_linear() {
    let raw = "=?utf-8?Q?=?".repeat(2 << 20);
    assert!(text(&raw).len() <= 3 * DECODED_FIELD);
    let raw = "=?iso-8859-1?Q?=E4?= ".repeat(1 << 17);
    assert!(text(&raw).len() <= 3 * DECODED_FIELD);
    for raw in [
        "=?utf-8?Q?a?=20",
        "?=20",
        "=?utf-8?B?Y?= =?utf-8?B??= ",
        "=?utf-7?Q?+AOQ?= =?utf-7?B?YWI?= ",
        "=?us-ascii?Q?a=1B$B=?= ",
        "\u{1b}$\u{1b}",
    ] {
        let raw = format!("=?utf-8?Q?{}", raw.repeat(1 << 17));
        assert!(text(&raw).len() <= 3 * DECODED_FIELD);
    }
}
