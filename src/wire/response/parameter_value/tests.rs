//! The product of the forms in which mailers write a file's name: the name comes back from each.

use base64::prelude::{BASE64_STANDARD, Engine};
use proptest::prelude::*;

use super::*;

const NAMES: &[&str] = &[
    "plain.txt",
    "Übersicht über Öfen.pdf",
    "Prüfung (2).xlsx",
    "it's a dog's life.txt",
    "'tis the season's.txt",
    "mac'n'cheese.txt",
    "rock'n'röll.mp3",
    "don''t.txt",
    "100% sure.txt",
    "a=b?c&d_e+f;g,h.txt",
    "日本語のファイル名 その１.pdf",
    "Прайс-лист №5 (новый).xlsx",
    "한국어 문서.hwp",
    "😀.png",
    "a \"quoted\" name.txt",
    "back\\slash.txt",
    "ends with a blank and more  .txt",
];

type Pairs = Vec<(String, Vec<u8>)>;

fn value(pairs: &Pairs) -> Option<String> {
    let mut forms = Forms::default();
    for (key, value) in pairs {
        if let Some(form) = form_of("filename", key.as_bytes()) {
            forms.add(form, Cow::Borrowed(value));
        }
    }
    forms.found("").map(|found| found.text.into_owned())
}

/// The octets of a name in a charset, if it has all of its characters.
fn in_charset(name: &str, charset: &str) -> Option<Vec<u8>> {
    match charset {
        "utf-8" | "UTF8" | "" => Some(name.as_bytes().to_vec()),
        "iso-8859-1" => name.chars().map(|c| u8::try_from(c).ok()).collect(),
        #[cfg(feature = "charsets")]
        other => {
            let encoding = encoding_rs::Encoding::for_label(other.as_bytes())?;
            let (octets, _, has_errors) = encoding.encode(name);
            (!has_errors).then(|| octets.into_owned())
        }
        #[cfg(not(feature = "charsets"))]
        _ => None,
    }
}

const CHARSETS: &[&str] = &[
    "utf-8",
    "UTF8",
    "iso-8859-1",
    "windows-1251",
    "shift_jis",
    "iso-2022-jp",
    "euc-kr",
    "gb18030",
];

fn percent_encoded(octets: &[u8], is_lower: bool) -> String {
    let mut text = String::new();
    for octet in octets {
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' => text.push(char::from(*octet)),
            other if is_lower => text.push_str(&format!("%{other:02x}")),
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    text
}

fn pieces_of(text: &[u8], len: usize) -> Vec<Vec<u8>> {
    text.chunks(len.max(1)).map(<[u8]>::to_vec).collect()
}

fn key(index: usize, is_extended: bool, style: usize) -> String {
    let star = if is_extended { "*" } else { "" };
    match style {
        0 => format!("filename*{index}{star}"),
        1 => format!("FileName*{index:02}{star}"),
        // Some begin at 1.
        _ => format!("FILENAME*{}{star}", index + 1),
    }
}

/// The name in encoded words of `len` octets each, joined by `gap`.
fn words(octets: &[u8], charset: &str, is_base64: bool, len: usize, gap: &str) -> String {
    let word = |octets: &[u8]| match is_base64 {
        true => format!("=?{charset}?B?{}?=", BASE64_STANDARD.encode(octets)),
        false => {
            let text = percent_encoded(octets, false)
                .replace("%20", "_")
                .replace('%', "=");
            format!("=?{charset}?Q?{text}?=")
        }
    };
    let words: Vec<String> = octets.chunks(len.max(1)).map(word).collect();
    words.join(gap)
}

/// All forms of a name.
fn forms(name: &str, charset: &str, len: usize, is_lower: bool) -> Vec<Pairs> {
    let Some(octets) = in_charset(name, charset) else {
        return Vec::new();
    };
    let escaped = percent_encoded(&octets, is_lower);
    let mut all: Vec<Pairs> = Vec::new();
    // Extended, with and without a language, quoted once more; under the plain name too.
    let with_charset = [
        format!("{charset}''{escaped}"),
        format!("{charset}'de-AT'{escaped}"),
        format!("\"{charset}''{escaped}\""),
    ];
    for text in &with_charset {
        all.push(vec![("filename*".into(), text.clone().into())]);
        all.push(vec![("filename".into(), text.clone().into())]);
    }
    // In pieces, cut anywhere, in order and not.
    for text in &with_charset[..2] {
        for style in 0..3 {
            let pieces = pieces_of(text.as_bytes(), len.max(text.len() - escaped.len()));
            let pairs = |is_extended: fn(usize) -> bool| -> Pairs {
                let pieces = pieces.iter().enumerate();
                pieces
                    .map(|(at, piece)| (key(at, is_extended(at), style), piece.clone()))
                    .collect()
            };
            all.push(pairs(|_| true));
            all.push(pairs(|_| true).into_iter().rev().collect());
            all.push(pairs(|_| false));
        }
    }
    // Encoded words: plain, quoted once more, cut over pieces, in the place of an extended value.
    for is_base64 in [true, false] {
        for gap in [" ", "", "\r\n\t"] {
            let text = words(&octets, charset, is_base64, len, gap);
            all.push(vec![("filename".into(), text.clone().into())]);
            all.push(vec![("filename".into(), format!("\"{text}\"").into())]);
            all.push(vec![("filename*".into(), text.clone().into())]);
            all.push(vec![("filename*".into(), format!("utf-8''{text}").into())]);
            for is_extended in [false, true] {
                let pieces = pieces_of(text.as_bytes(), len).into_iter().enumerate();
                all.push(
                    pieces
                        .map(|(at, piece)| (key(at, is_extended, 0), piece))
                        .collect(),
                );
            }
        }
    }
    // Several forms beside each other.
    let extended = all[0].clone();
    for plain in ["=?x-none?q?=E4?=", "fallback.txt", "", "Gr??e.txt"] {
        let plain = ("filename".to_owned(), plain.as_bytes().to_vec());
        all.push([extended.clone(), vec![plain.clone()]].concat());
        all.push([vec![plain], extended.clone()].concat());
    }
    all
}

#[test]
fn fault_57_each_name_comes_back_from_each_form() {
    let mut count = 0;
    for name in NAMES {
        for charset in CHARSETS {
            for len in [1, 3, 5, 16, 60] {
                for pairs in forms(name, charset, len, len == 5) {
                    let shown = || -> Vec<String> {
                        let shown = |(key, value): &(String, Vec<u8>)| {
                            format!("{key}={}", value.escape_ascii())
                        };
                        pairs.iter().map(shown).collect()
                    };
                    assert_eq!(value(&pairs).as_deref(), Some(*name), "{:?}", shown());
                    count += 1;
                }
            }
        }
    }
    assert!(count > 5_000, "{count}");
}

#[test]
fn fault_57_forms_without_a_charset_and_mixed_ones() {
    let check = |pairs: &[(&str, &str)], expected: &str| {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), value.as_bytes().to_vec());
        let pairs: Pairs = pairs.iter().map(owned).collect();
        assert_eq!(value(&pairs).as_deref(), Some(expected), "{pairs:?}");
    };
    for (text, expected) in [
        ("Gr%C3%BC%C3%9Fe.txt", "Grüße.txt"),
        ("''Gr%C3%BC%C3%9Fe.txt", "Grüße.txt"),
        ("'de'Gr%FC%DFe.txt", "Grüße.txt"),
        ("it's a dog's.txt", "it's a dog's.txt"),
        ("mac'n'cheese.txt", "mac'n'cheese.txt"),
        ("don''t.txt", "don''t.txt"),
        ("utf-8''it's a dog's.txt", "it's a dog's.txt"),
        ("utf-8'Gr%C3%BC.txt", "utf-8'Grü.txt"),
        ("100%.txt", "100%.txt"),
        ("us-ascii'en'%C3%BC", "ü"),
        ("x-unknown''Gr%C3%BC.txt", "Grü.txt"),
        // Octets in a charset that is not known stay as they were written.
        ("x-unknown''Gr%FC.txt", "Gr%FC.txt"),
    ] {
        check(&[("filename*", text)], expected);
        check(&[("filename*0*", text)], expected);
    }
    // Only some pieces say that they are extended.
    check(
        &[
            ("filename*0*", "utf-8''Gr%C3"),
            ("filename*1", "%BC%C3%9Fe.txt"),
        ],
        "Grüße.txt",
    );
    check(
        &[("filename*0", "utf-8''Gr%C3"), ("filename*1*", "%BC.txt")],
        "Grü.txt",
    );
    check(
        &[("filename*0*", "utf-8''Gr%C"), ("filename*1*", "3%BC.txt")],
        "Grü.txt",
    );
    check(
        &[("filename*0*", "''100"), ("filename*1", "%20.txt")],
        "100%20.txt",
    );
    check(
        &[("filename*0", "Grü"), ("filename*1*", "%C3%9Fe.txt")],
        "Grüße.txt",
    );
    // The charset stands in each piece.
    check(
        &[
            ("filename*0*", "utf-8''%C3%9Cb"),
            ("filename*1*", "utf-8''er.pdf"),
        ],
        "Über.pdf",
    );
    check(
        &[
            ("filename*0*", "utf-8'de'%C3"),
            ("filename*1*", "UTF-8'de'%9Cber"),
        ],
        "Über",
    );
    check(
        &[
            ("filename*0", "utf-8''%C3%9Cb"),
            ("filename*1", "utf-8''er.pdf"),
        ],
        "Über.pdf",
    );
    check(
        &[
            ("filename*0*", "utf-8''a"),
            ("filename*1*", "latin1''b"),
            ("filename*2*", "don''t"),
        ],
        "alatin1''bdon''t",
    );
    // Pieces are missing, or there twice.
    check(
        &[("filename*0*", "utf-8''a%20"), ("filename*2*", "c.txt")],
        "a c.txt",
    );
    check(
        &[
            ("filename*0", "x"),
            ("filename*0*", "utf-8''%C3%A4"),
            ("filename*1", "b"),
        ],
        "äb",
    );
    check(&[("filename*", "utf-8''%C3%A4"), ("filename*0", "x")], "ä");
    // A form that cannot be decoded gives way to one that can.
    check(
        &[("filename*", "x-none''%E4.txt"), ("filename", "a.txt")],
        "a.txt",
    );
    check(
        &[
            ("filename*", "utf-8''%E4.txt"),
            ("filename", "=?latin1?q?=E4?=.txt"),
        ],
        "ä.txt",
    );
    check(&[("filename*", "utf-8''"), ("filename", "a.txt")], "a.txt");
    check(&[("filename*", "utf-8''%E4.txt")], "\u{fffd}.txt");
    check(&[("filename", "=?x-none?q?=E4?=")], "=?x-none?q?=E4?=");
    // A word without its end gives way, and else is read up to where it was cut.
    for (cut, expected) in [
        ("=?UTF-8?Q?=C3=9Cb", "Üb"),
        ("\"=?UTF-8?Q?=C3=9Cb\"", "Üb"),
        ("=?UTF-8?Q?=C3=9Cb?", "Üb"),
        ("=?UTF-8?Q?=C3=9Cb=", "Üb"),
        ("=?UTF-8?Q?=C3=9Cb=2", "Üb"),
        ("=?utf-8?B?w5xi", "Üb"),
        ("=?utf-8?B?w5xiZQ==?", "Übe"),
        ("=?utf-8?Q?=C3=9C?= =?utf-8?Q?b", "Üb"),
        ("a =?utf-8?Q?=C3=9C", "a Ü"),
        // What begins no word, or in a charset that is not known.
        ("what=?", "what=?"),
        ("=?x-none?q?=E4", "=?x-none?q?=E4"),
    ] {
        check(&[("filename", cut)], expected);
        let is_sound = plain("", Cow::Borrowed(cut.as_bytes())).is_sound;
        assert_eq!(is_sound, cut == "what=?", "{cut}");
    }
    let latin = vec![("filename".to_owned(), b"Gr\xfc\xdfe.txt".to_vec())];
    assert_eq!(value(&latin).as_deref(), Some("Grüße.txt"));
}

#[cfg(feature = "charsets")]
#[test]
fn fault_57_a_piece_does_not_shift_back() {
    for (first, second, expected) in [
        ("iso-2022-jp''%1B$BF|K%5C", ".pdf", "日本.pdf"),
        ("iso-2022-jp''%1B$BF|K%5C", "ab12.pdf", "日本ab12.pdf"),
        ("iso-2022-jp''%1B$BF|K%5C%1B(B", ".pdf", "日本.pdf"),
        // The octets of one text.
        ("iso-2022-jp''%1B$BF|", "K\\\x1b(B.pdf", "日本.pdf"),
        ("shift_jis''%93%FA%96", "{.pdf", "日本.pdf"),
    ] {
        let pairs = [("filename*0*", first), ("filename*1", second)];
        let owned = pairs.map(|(key, value)| (key.to_owned(), value.as_bytes().to_vec()));
        assert_eq!(
            value(&owned.to_vec()).as_deref(),
            Some(expected),
            "{pairs:?}"
        );
    }
}

proptest! {
    #[test]
    fn fault_57_any_name_comes_back_from_any_form(
        name in "[a-zà-ž一-乙а-яぁ-ん ()'%._-]{0,20}[a-zä一]",
        at in any::<proptest::sample::Index>(),
        len in 1usize..40,
    ) {
        let name = name.trim();
        prop_assume!(!name.contains("%") || name.is_ascii());
        let all = forms(name, "utf-8", len, false);
        let pairs = at.get(&all);
        let found = value(pairs);
        prop_assert_eq!(found.as_deref(), Some(name), "{:?}", pairs);
    }

    #[test]
    fn values_of_any_octets_are_bounded(
        pairs in proptest::collection::vec(("filename(\\*[0-9]?\\*?)?", "[%a-f0-9'=?_ \u{e4}-]{0,30}"), 0..6),
    ) {
        let pairs: Pairs = pairs.into_iter().map(|(key, text)| (key, text.into_bytes())).collect();
        let len: usize = pairs.iter().map(|(_, value)| value.len()).sum();
        prop_assert!(value(&pairs).map_or(0, |text| text.len()) <= 3 * len);
    }
}
