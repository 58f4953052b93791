//! Content read in pieces of every length is the same content.

use std::io::Read;

use super::*;

/// Gives at most so many octets a read.
struct Feed<'a>(&'a [u8], usize);

impl Read for Feed<'_> {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let most = self.1.min(place.len());
        self.0.read(&mut place[..most])
    }
}

#[track_caller]
fn check(encoding: &TransferEncoding, charset: Option<&str>, raw: &[u8], content: &[u8]) {
    for piece in (1..=raw.len().min(100)).chain([usize::MAX]) {
        let mut decoded = Decoded::new(Feed(raw, piece), encoding.clone());
        if let Some(charset) = charset {
            decoded = decoded.charset(charset);
            assert_eq!(decoded.undecoded_charset(), None);
        }
        let mut read = Vec::new();
        let count = decoded.copy_to(&mut read).unwrap();
        assert_eq!(count, read.len() as u64);
        let shown = |octets: &[u8]| octets.escape_ascii().to_string();
        assert_eq!(shown(&read), shown(content), "in pieces of {piece}");
    }
}

#[test]
fn base64_of_all_lengths() {
    use ::base64::prelude::{BASE64_STANDARD, Engine};
    let octets: Vec<u8> = (0..=255).cycle().take(300).collect();
    for len in (0..60).chain([299, 300]) {
        let content = &octets[..len];
        let text = BASE64_STANDARD.encode(content);
        let lines: Vec<&[u8]> = text.as_bytes().chunks(76).collect();
        for line_end in ["\r\n", "\n", "\r\n\t ", ""] {
            check(
                &TransferEncoding::Base64,
                None,
                &lines.join(line_end.as_bytes()),
                content,
            );
        }
    }
}

#[test]
fn base64_as_mailers_write_it() {
    for (raw, content) in [
        ("QUJD\r\n", "ABC"),
        // No padding, and a single letter of which nothing can be made.
        ("QUI", "AB"),
        ("QUJDR", "ABC"),
        // Two pieces, each with its end.
        ("QQ==QkM=\r\nRA==", "ABCD"),
        ("Q=Q==", "A"),
        // What is no letter.
        ("!Q-U:J\0D\u{fc}", "ABC"),
        // Signs of padding where nothing is padded, as where lines were quoted-printable too.
        ("QUJD=\r\nREVG=\r\nRw==", "ABCDEFG"),
        ("====", ""),
        ("", ""),
    ] {
        let content = if raw == "Q=Q==" { "" } else { content };
        check(
            &TransferEncoding::Base64,
            None,
            raw.as_bytes(),
            content.as_bytes(),
        );
    }
}

#[test]
fn fault_56_base64_ends_at_its_padding() {
    let long = "QUJD".repeat(1000);
    for (raw, content) in [
        ("ecO2dMOkIHZhYW4uCg== ignored", "yötä vaan.\n"),
        ("QQ== ignored!", "A"),
        ("QQ== eight123", "A"),
        ("QQ==\r\n--\r\nSent from my phone", "A"),
        ("QQ==\r\n\r\nThis list is read only\r\n", "A"),
        ("QQ==\r\n_______\r\nlist mailing", "A"),
        ("QUI=\r\nfive5", "AB"),
        ("QUI=x=", "AB"),
        ("QQ=\r\n=\r\n", "A"),
        ("QQ==========", "A"),
        // Whole further pieces, also of another length.
        ("QQ==QUJD", "AABC"),
        ("QQ==\r\nQkM=\r\n RA==\r\n", "ABCD"),
        ("QQ==\r\nQkM", "A"),
        ("QQ==\r\nQk M=", "A"),
        ("QQ==\r\nQkM=QQ==.QQ==", "ABCA"),
    ] {
        check(
            &TransferEncoding::Base64,
            None,
            raw.as_bytes(),
            content.as_bytes(),
        );
    }
    let raw = format!("QQ==\r\n{long}!{long}");
    let content = format!("A{}", "ABC".repeat(2000));
    check(
        &TransferEncoding::Base64,
        None,
        raw.as_bytes(),
        content.as_bytes(),
    );
}

#[test]
fn fault_56_text_behind_base64_that_needs_no_padding() {
    let line = "QUJD".repeat(19);
    let content = "ABC".repeat(19);
    let footer = "____________\r\nlist mailing list\r\nlist@example.org\r\n";
    for text in [
        footer,
        "\r\n-- \r\nYou received this message because\r\n",
        "\r\n--\r\nVirus-free. www.example.com\r\n",
        "--boundary--\r\n",
        "Mailing list footer\r\nhttp://example.org/\r\n",
        "\r\nMailing list footer\r\nhttp://example.org/\r\n",
        "\r\nBest\r\nJohn\r\n",
        "\r\nregards\r\n",
        "\r\nthankyou",
        "www.example.org\r\n",
        "*****\r\nQUJD",
        "> quoted text\r\n",
    ] {
        for (start, content) in [
            ("SGVsbG8h\r\n", "Hello!"),
            (&format!("{line}\r\n{line}\r\n"), &content.repeat(2)),
            (
                &format!("{line}\r\nSGVsbG8h\r\n"),
                &format!("{content}Hello!"),
            ),
            // Without the padding that was due.
            (
                &format!("{line}\r\nSGVsbG8\r\n"),
                &format!("{content}Hello"),
            ),
        ] {
            let raw = format!("{start}{text}");
            let encoding = TransferEncoding::Base64;
            check(&encoding, None, raw.as_bytes(), content.as_bytes());
        }
    }
}

#[test]
fn fault_56_a_word_behind_the_padding_is_no_further_piece() {
    for (raw, content) in [
        ("QUI=\r\n\r\nBest\r\n", "AB"),
        ("QUI=\r\nthankyou", "AB"),
        ("QUI=\r\nBest\r\nJohn\r\n", "AB"),
        ("QUI=\r\n\r\nJohnathan\r\n", "AB"),
        ("QUI=\r\nBEST\r\n2025\r\n", "AB"),
        // Also before text.
        ("QUI=\r\nBest\r\nJohn Smith", "AB"),
        // Pieces are no words, or padded, or follow at once.
        ("QUI=\r\n\r\ndW5kIG1laHIh", "ABund mehr!"),
        ("QUI=\r\nTWU=\r\n", "ABMe"),
        ("QUI=QUJD\r\n", "ABABC"),
        ("QUI=\r\nQUJDREVG\r\nSGVsbG8h", "ABABCDEFHello!"),
    ] {
        let encoding = TransferEncoding::Base64;
        check(&encoding, None, raw.as_bytes(), content.as_bytes());
    }
}

/// Damage within the content is no footer: what follows it is read on.
#[test]
fn base64_with_damage_is_read_up_to_its_end() {
    let line = "SGVsbG8h".repeat(9);
    let lines = |count: usize, separator: &str| vec![&*line; count].join(separator);
    let long = line.repeat(13);
    let tail = &long[1..];
    for (raw, lost) in [
        // A server broke long lines.
        (format!("{long}!\r\n {tail}!\r\n {tail}!\r\n SGkh"), 0),
        // An octet was replaced.
        (format!("{line}\r\n*{}\r\n{line}\r\nSGkh", &line[1..]), 0),
        (format!("{line}\r\n\0\0{}\r\nSGkh", &line[2..]), 0),
        // Empty lines, lines of other lengths, quoted lines.
        (format!("{}\r\n\r\nSGkh", lines(40, "\r\n\r\n")), 0),
        (format!("{line}\r\nSGVsbG8h\r\n{}", lines(30, "\r\n")), 0),
        (format!("{line}\r\nSGVs\r\n{line}\r\nSGVs\r\n"), 0),
        (format!("> {}\r\n> SGVs\r\n", lines(3, "\r\n> ")), 0),
        (format!("| {}\r\n", lines(3, "\r\n| ")), 0),
        // And a footer behind it.
        (format!("{long}!\r\n {tail}!\r\n SGkh\r\n-- \r\nlist"), 4),
    ] {
        let mut read = Vec::new();
        let mut decoded = Decoded::new(raw.as_bytes(), TransferEncoding::Base64);
        decoded.copy_to(&mut read).unwrap();
        let letters = raw.bytes().filter(u8::is_ascii_alphanumeric).count() - lost;
        assert_eq!(
            read.len(),
            letters / 4 * 3 + (letters % 4).saturating_sub(1),
            "{raw}"
        );
        check(&TransferEncoding::Base64, None, raw.as_bytes(), &read);
    }
}

#[test]
fn fault_59_uuencoded_files() {
    let uu = |names: &[&str]| {
        for name in names {
            assert_eq!(
                TransferEncoding::of(name),
                TransferEncoding::UuEncode,
                "{name}"
            );
        }
    };
    uu(&[
        "x-uuencode",
        "X-UUENCODE",
        "uuencode",
        "x-uue",
        "uue",
        " x-uu ",
    ]);
    let encoding = TransferEncoding::UuEncode;
    for (raw, content) in [
        ("begin 644 cat.txt\n#0V%T\n`\nend\n", "Cat"),
        ("begin 100644 a\n#0V%T\n`\nend\n", "Cat"),
        ("begin 0 a\n#0V%T\n`\nend\n", "Cat"),
        ("begin\t644 a\n#0V%T\n`\nend\n", "Cat"),
        ("begin-base64 644 a\r\nQ2F0\r\nCg==\r\n====\r\n", "Cat\n"),
        ("begin-base64 644 a\nQ2F0\nQ2F0", "CatCat"),
        // Several files, of both kinds.
        (
            "begin 644 a\n#0V%T\n`\nend\n\ntext\nbegin 644 b\n#0V%T\n`\nend\n",
            "CatCat",
        ),
        (
            "begin-base64 644 a\nQ2E=\n====\ntext\nbegin 644 b\n#0V%T\n`\nend\n",
            "CaCat",
        ),
        (
            "\r\nbegin 0755 a b.txt\r\n#0V%T\r\n#0V%T\r\n \r\nend\r\nignored",
            "CatCat",
        ),
        ("a text\nbegin 644 a\n$0V%T\"@``\n`\nend", "Cat\n"),
        // Blanks at the end are lost, a letter too many, an end too few.
        ("begin 644 a\n#0P\n%0V%T\"@``x", "C\0\0Cat\n\0"),
    ] {
        check(&encoding, None, raw.as_bytes(), content.as_bytes());
        assert_eq!(undecoded(raw), None, "{raw}");
    }
    let long = format!("begin-base64 644 a\n{}\n====\n", "Q2F0".repeat(5000));
    let content = "Cat".repeat(5000);
    check(&encoding, None, long.as_bytes(), content.as_bytes());
    check(
        &encoding,
        Some("latin1"),
        b"begin 644 a\n#1_S\\\n`\nend\n",
        "Güü".as_bytes(),
    );
}

/// The encoding that is named as not decoded, of octets in uuencode.
fn undecoded(raw: &str) -> Option<String> {
    let mut decoded = Decoded::new(raw.as_bytes(), TransferEncoding::UuEncode);
    assert_eq!(decoded.undecoded_encoding(), None, "nothing has been read");
    decoded.copy_to(&mut io::sink()).unwrap();
    decoded.undecoded_encoding().map(str::to_owned)
}

#[test]
fn fault_59_uuencode_without_a_file_is_left_and_named() {
    let text = "x".repeat(100_000);
    for raw in [
        "a text\r\nof two lines",
        "beginning 644\n",
        "begin 6x4 a\n#0V%T\n",
        "#0V%T\n`\nend\n",
        "\n",
        &text,
    ] {
        let encoding = TransferEncoding::UuEncode;
        check(&encoding, None, raw.as_bytes(), raw.as_bytes());
        assert_eq!(undecoded(raw).as_deref(), Some("x-uuencode"));
    }
    check(&TransferEncoding::UuEncode, None, b"", b"");
    assert_eq!(undecoded(""), None);
}

#[test]
fn fault_59_what_follows_the_name_of_an_encoding() {
    let base64 = TransferEncoding::Base64;
    let quoted = TransferEncoding::QuotedPrintable;
    for (name, encoding) in [
        ("8bit; charset=iso-8859-1", TransferEncoding::Identity),
        ("7bit (comment)", TransferEncoding::Identity),
        ("8 bit", TransferEncoding::Identity),
        ("8bit 8bit", TransferEncoding::Identity),
        ("quoted-printable; charset=utf-8", quoted.clone()),
        ("quoted printable (x)", quoted.clone()),
        ("quoted-printable, quoted-printable", quoted),
        ("base64 (as always)", base64.clone()),
        ("(comment) base64", base64.clone()),
        ("base64 base64", base64.clone()),
        ("base64,base64", base64.clone()),
        ("\"base64\"; x=y", base64),
        ("x-uuencode; name=a", TransferEncoding::UuEncode),
        // What encodes nothing.
        ("16bit", TransferEncoding::Identity),
        ("iso-8859-1", TransferEncoding::Identity),
        ("UTF-8", TransferEncoding::Identity),
        // What does, perhaps.
        (
            "x-yencode (x)",
            TransferEncoding::Unknown("x-yencode (x)".into()),
        ),
        ("bit", TransferEncoding::Unknown("bit".into())),
    ] {
        assert_eq!(TransferEncoding::of(name), encoding, "{name}");
    }
}

#[test]
fn fault_59_an_unknown_encoding_is_named_and_left() {
    for name in ["x-yencode", "X-BinHex40", "mac-binhex40", "x-gzip64"] {
        let encoding = TransferEncoding::of(name);
        assert_eq!(encoding, TransferEncoding::Unknown(name.into()));
        let mut decoded = Decoded::new(&b"=ybegin \x80"[..], encoding).charset("latin1");
        let mut read = Vec::new();
        decoded.read_to_end(&mut read).unwrap();
        assert_eq!(read, b"=ybegin \x80");
        assert_eq!(decoded.undecoded_encoding(), Some(name));
        assert_eq!(decoded.undecoded_charset(), Some("latin1"));
    }
    for name in ["7bit", "8BIT", "binary", "", "8-bit", "8bits", "none"] {
        assert_eq!(
            TransferEncoding::of(name),
            TransferEncoding::Identity,
            "{name}"
        );
    }
    for name in ["base64", "\"base64\"", "Base-64", "x-base64", "BASE64;"] {
        assert_eq!(
            TransferEncoding::of(name),
            TransferEncoding::Base64,
            "{name}"
        );
    }
    for name in [
        "quoted-printable",
        "quoted_printable",
        "QuotedPrintable",
        "quoted printable",
    ] {
        let encoding = TransferEncoding::of(name);
        assert_eq!(encoding, TransferEncoding::QuotedPrintable, "{name}");
    }
}

#[test]
fn fault_53_an_unknown_charset_of_text_is_text() {
    for text in ["plain", "Grüße 😀", ""] {
        let identity = TransferEncoding::Identity;
        let mut decoded = Decoded::new(Feed(text.as_bytes(), 1), identity).charset("X-IAS-German");
        assert_eq!(
            decoded.undecoded_charset(),
            Some("X-IAS-German"),
            "nothing is known yet"
        );
        let mut read = String::new();
        decoded.read_to_string(&mut read).unwrap();
        assert_eq!((read.as_str(), decoded.undecoded_charset()), (text, None));
    }
}

#[test]
fn fault_50_a_text_that_shifts_is_named_and_left() {
    let mut cases = vec![
        ("utf-32", &b"H\0i\0\0\0"[..]),
        ("iso-2022-int-1", b"\x1b$BF|\x1b(B"),
    ];
    if cfg!(not(feature = "charsets")) {
        cases.extend([
            ("iso-2022-jp", &b"\x1b$BF|\x1b(B"[..]),
            ("hz-gb-2312", b"~{VPND~}"),
            ("utf-16le", b"-N"),
        ]);
    }
    for (name, octets) in cases {
        let mut decoded = Decoded::new(Feed(octets, 1), TransferEncoding::Identity).charset(name);
        let mut read = Vec::new();
        decoded.read_to_end(&mut read).unwrap();
        assert_eq!(read, octets);
        assert_eq!(decoded.undecoded_charset(), Some(name));
    }
}

#[test]
fn quoted_printable_as_mailers_write_it() {
    for (raw, content) in [
        ("plain\r\ntext\r\n", "plain\r\ntext\r\n"),
        ("=41=4a=4A", "AJJ"),
        ("soft=\r\nbreak=\nand=\r\n", "softbreakand"),
        ("blank =\r\nkept= \t\r\n", "blank kept"),
        (
            "blanks \t \r\nat=20\r\nends  \n x  ",
            "blanks\r\nat \r\nends\n x",
        ),
        ("a \r b\r\r\n", "a \r b\r\r\n"),
        // What is no escape stands for itself.
        ("1=2 =zz =4", "1=2 =zz =4"),
        ("= x=\rx=", "= x=\rx"),
        ("==41", "=A"),
        ("no line end=", "no line end"),
        ("=\r", "=\r"),
        ("=3D=\r\n=\r\n=\r\n=3D", "=="),
    ] {
        let encoding = TransferEncoding::QuotedPrintable;
        check(&encoding, None, raw.as_bytes(), content.as_bytes());
    }
}

proptest::proptest! {
    /// Whatever is read, it is the same in any pieces.
    #[test]
    fn content_is_the_same_in_any_pieces(
        name in proptest::sample::select(&["base64", "quoted-printable", "x-uue", "8bit"][..]),
        charset in proptest::sample::select(&["utf-8", "us-ascii", "utf-7", "x-none", "hz"][..]),
        raw in "(begin 644 a\n|begin-base64 644 a\n)?([A-Za-z0-9+/]{4}|=|=\r\n|==|\r\n| |=[0-9A-F]{2}|`\n|[ -~]{0,5}|é|~\\{|end\n|====\n){0,40}",
        pieces in proptest::collection::vec(1usize..9, 1..5),
    ) {
        let read = |piece: usize| {
            let mut decoded = Decoded::new(Feed(raw.as_bytes(), piece), TransferEncoding::of(name));
            decoded = decoded.charset(charset);
            let mut read = Vec::new();
            decoded.copy_to(&mut read).unwrap();
            (read, decoded.undecoded_charset().map(str::to_owned))
        };
        let whole = read(usize::MAX);
        for piece in pieces {
            proptest::prop_assert_eq!(&read(piece), &whole, "in pieces of {}", piece);
        }
    }
}

#[test]
fn p16_blanks_without_an_end_are_not_gathered() {
    for start in ["", "x=", "x = "] {
        let raw = format!("{start}{}", " ".repeat(200_000));
        let mut decoded = Decoded::new(Feed(raw.as_bytes(), 1), TransferEncoding::QuotedPrintable);
        let count = decoded.copy_to(&mut io::sink()).unwrap();
        assert!(count > 190_000, "{count}");
    }
}

#[test]
fn text_becomes_utf_8() {
    let identity = TransferEncoding::Identity;
    for (charset, raw, text) in [
        (
            "UTF-8",
            &b"Gr\xc3\xbc\xc3\x9fe \xf0\x9f\x8e\x81 x"[..],
            "Grüße 🎁 x",
        ),
        ("us-ascii", b"plain", "plain"),
        ("utf8", b"\xff\xc3x\xe2\x82", "\u{fffd}\u{fffd}x\u{fffd}"),
        (
            "utf-8",
            b"\xf0\x9f\xc3\xbc\xf0\x9f\x8e",
            "\u{fffd}ü\u{fffd}",
        ),
        ("utf-8", b"\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}"),
        ("ISO-8859-1", b"Gr\xfc\xdfe\x80", "Grüße€"),
    ] {
        check(&identity, Some(charset), raw, text.as_bytes());
    }
    let quoted = TransferEncoding::QuotedPrintable;
    check(
        &quoted,
        Some("latin1"),
        b"=FC =\r\n=DF\r\n",
        "ü ß\r\n".as_bytes(),
    );
}

#[cfg(feature = "charsets")]
#[test]
fn text_in_other_charsets() {
    let identity = TransferEncoding::Identity;
    for (charset, raw, text) in [
        ("koi8-r", &b"\xf0\xd2\xc9\xd7\xc5\xd4"[..], "Привет"),
        ("shift_jis", b"\x93\xfa\x96\x7b\x8c\xea", "日本語"),
        ("iso-2022-jp", b"\x1b$BF|K\\\x1b(B", "日本"),
        ("windows-1252", b"\x80\x93x", "€“x"),
    ] {
        check(&identity, Some(charset), raw, text.as_bytes());
    }
}

#[test]
fn an_unknown_charset_is_named_and_left() {
    let mut decoded = Decoded::new(&b"\x80\xff"[..], TransferEncoding::Identity).charset("x-none");
    let mut read = Vec::new();
    decoded.read_to_end(&mut read).unwrap();
    assert_eq!(read, b"\x80\xff");
    assert_eq!(decoded.undecoded_charset(), Some("x-none"));
}

#[test]
fn a_readers_error_is_given_on() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
    let reader = (&b"QUJD"[..]).chain(Broken);
    let mut decoded = Decoded::new(reader, TransferEncoding::Base64);
    let mut read = Vec::new();
    let error = decoded.copy_to(&mut read).unwrap_err();
    assert_eq!(
        (error.kind(), &*read),
        (io::ErrorKind::UnexpectedEof, &b"ABC"[..])
    );
}

#[test]
fn fault_54_the_byte_order_mark_is_not_of_the_text() {
    for charset in ["utf-8", "us-ascii"] {
        for octets in [&b"\xef\xbb\xbf"[..], b"\xef\xbb\xbfa\xef\xbb\xbf"] {
            let expected = String::from_utf8_lossy(&octets[3..]).into_owned();
            let one_by_one = io::Cursor::new(octets).bytes();
            let whole = Decoded::new(octets, TransferEncoding::Identity).charset(charset);
            assert_eq!(io::read_to_string(whole).unwrap(), expected);
            let pieces = Single(one_by_one.map(Result::unwrap).collect());
            let pieces = Decoded::new(pieces, TransferEncoding::Identity).charset(charset);
            assert_eq!(io::read_to_string(pieces).unwrap(), expected);
        }
    }
    let mut kept = Vec::new();
    let raw = Decoded::new(&b"\xef\xbb\xbfa"[..], TransferEncoding::Identity);
    raw.charset("x-unknown").read_to_end(&mut kept).unwrap();
    assert_eq!(kept, b"\xef\xbb\xbfa");
}

/// Reads an octet at a time.
struct Single(std::collections::VecDeque<u8>);

impl Read for Single {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let octet = self.0.pop_front();
        place
            .iter_mut()
            .zip(octet)
            .for_each(|(to, octet)| *to = octet);
        Ok(usize::from(octet.is_some()))
    }
}
