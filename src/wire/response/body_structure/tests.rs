//! Body structures as servers write them, and as they should not.

use super::*;
use crate::limits::Limits;
use crate::wire::response::body_tree;
use crate::wire::testing::fetch;

/// The parts of a structure, each as `number type/subtype octets`.
fn shown(text: &str) -> Vec<String> {
    with(text, |structure| {
        let line = |part: Part<'_>| {
            let number = part.number().unwrap_or("-".into());
            let octets = part
                .octets()
                .map_or("-".into(), |octets| octets.to_string());
            format!(
                "{number} {}/{} {octets}",
                part.media_type(),
                part.media_subtype()
            )
        };
        structure.parts().map(line).collect()
    })
}

fn with<R>(text: &str, look: impl FnOnce(&BodyStructure<'_>) -> R) -> R {
    let fetch = fetch(format!("* 1 FETCH (BODYSTRUCTURE {text} UID 5)\r\n").as_bytes());
    assert_eq!(
        fetch.responses().uid().map(crate::types::uid::Uid::value),
        Some(5)
    );
    look(
        &fetch
            .body_structure()
            .unwrap_or_else(|error| panic!("{error}: {text}")),
    )
}

fn is_malformed(text: &str) -> bool {
    let mut cursor = Cursor::new(Frame::inline(text.as_bytes()));
    body_tree::read(&mut cursor, &Limits::DEFAULT, &mut Vec::new()).is_err()
}

const TEXT: &str = r#"("TEXT" "PLAIN" ("CHARSET" "us-ascii") NIL NIL "7BIT" 1152 23)"#;

#[test]
fn examples_of_rfc_9051() {
    assert_eq!(shown(TEXT), ["1 TEXT/PLAIN 1152"]);
    let mixed = r#"(("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 1152 23)("TEXT" "PLAIN" ("CHARSET" "US-ASCII" "NAME" "cc.diff") "<960723163407.20117h@cac.washington.edu>" "Compiler diff" "BASE64" 4554 73) "MIXED")"#;
    assert_eq!(
        shown(mixed),
        [
            "- multipart/MIXED -",
            "1 TEXT/PLAIN 1152",
            "2 TEXT/PLAIN 4554"
        ]
    );
    with(mixed, |structure| {
        let part = structure.part("2").unwrap();
        assert_eq!(part.description().as_deref(), Some("Compiler diff"));
        assert_eq!(
            part.id().as_deref(),
            Some(&b"<960723163407.20117h@cac.washington.edu>"[..])
        );
        assert_eq!(
            (part.encoding().as_ref(), part.lines()),
            ("BASE64", Some(73))
        );
        assert_eq!(part.file_name().unwrap().as_untrusted_str(), "cc.diff");
        let attachments: Vec<_> = structure.attachments().map(|part| part.number()).collect();
        assert_eq!(attachments, [Some("2".into())]);
        assert_eq!(
            structure.text_part().unwrap().number().as_deref(),
            Some("1")
        );
        assert!(structure.html_part().is_none());
    });
}

/// Dovecot's, for `Content-Type: text` and for one that is no type at all.
#[test]
fn fault_63_a_type_that_the_server_could_not_read_is_text() {
    let empty = r#"(("text" "" NIL NIL NIL "7bit" 3 0)("" "" NIL NIL NIL "7bit" 3)("image" "" NIL NIL NIL "7bit" 3) "mixed")"#;
    assert_eq!(
        shown(empty),
        [
            "- multipart/mixed -",
            "1 text/plain 3",
            "2 text/plain 3",
            "3 image/octet-stream 3"
        ]
    );
}

#[test]
fn extension_data() {
    let text = r#"("TEXT" "HTML" NIL NIL NIL "8BIT" 5 1 "md5==" ("inline" ("filename" "a")) ("en" "de") "http://x/" "new" (1 2))"#;
    with(text, |structure| {
        let part = structure.root();
        assert_eq!(part.md5().as_deref(), Some(&b"md5=="[..]));
        assert!(part.disposition().unwrap().is_inline());
        assert_eq!(part.languages().collect::<Vec<_>>(), ["en", "de"]);
        assert_eq!(part.location().as_deref(), Some(&b"http://x/"[..]));
        assert!(!part.is_attachment() && structure.html_part().is_some());
    });
    let mixed = format!(r#"({TEXT} "mixed" ("boundary" "b") ("attachment" NIL) "fr" NIL)"#);
    with(&mixed, |structure| {
        let part = structure.root();
        assert_eq!(part.parameter("BOUNDARY").as_deref(), Some("b"));
        assert!(part.disposition().unwrap().is_attachment());
        assert_eq!(part.languages().collect::<Vec<_>>(), ["fr"]);
        assert_eq!((part.location(), part.md5()), (None, None));
    });
}

#[test]
fn numbers_as_in_rfc_9051_section_6_4_5_1() {
    let message = |body: &str| {
        format!(
            r#"("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 (NIL "s" NIL NIL NIL NIL NIL NIL NIL NIL) {body} 8)"#
        )
    };
    let image = r#"("IMAGE" "GIF" NIL NIL NIL "BASE64" 7)"#;
    let related = format!(r#"({image}({TEXT}{TEXT} "ALTERNATIVE") "RELATED")"#);
    let inner = message(&format!(r#"({TEXT}{image} "MIXED")"#));
    let all = format!(r#"({TEXT}{image}{inner}{related} "MIXED")"#);
    assert_eq!(
        shown(&all),
        [
            "- multipart/MIXED -",
            "1 TEXT/PLAIN 1152",
            "2 IMAGE/GIF 7",
            "3 MESSAGE/RFC822 9",
            "- multipart/MIXED -",
            "3.1 TEXT/PLAIN 1152",
            "3.2 IMAGE/GIF 7",
            "4 multipart/RELATED -",
            "4.1 IMAGE/GIF 7",
            "4.2 multipart/ALTERNATIVE -",
            "4.2.1 TEXT/PLAIN 1152",
            "4.2.2 TEXT/PLAIN 1152",
        ]
    );
    with(&all, |structure| {
        for number in [
            "",
            "0",
            "5",
            "1.1",
            "3.3",
            "4.2.3",
            "x",
            "1.",
            ".1",
            "4294967296",
        ] {
            assert!(structure.part(number).is_none(), "{number}");
        }
        let message = structure.part("3").unwrap();
        assert_eq!(
            (
                message.lines(),
                message.envelope().unwrap().subject().as_ref()
            ),
            (Some(8), "s")
        );
        let kinds: Vec<_> = structure
            .part("4")
            .unwrap()
            .children()
            .map(|part| part.number().unwrap())
            .collect();
        assert_eq!(kinds, ["4.1", "4.2"]);
    });
    assert_eq!(
        shown(&message(TEXT)),
        ["1 MESSAGE/RFC822 9", "1.1 TEXT/PLAIN 1152"]
    );
    assert_eq!(shown(&message(&message(TEXT)))[2], "1.1.1 TEXT/PLAIN 1152");
}

#[test]
fn more_parts_than_fit_without_allocation() {
    let many = format!(r#"({} "MIXED")"#, TEXT.repeat(100));
    let shown = shown(&many);
    assert_eq!(
        (shown.len(), shown[100].as_str()),
        (101, "100 TEXT/PLAIN 1152")
    );
}

#[test]
fn attack_56_57_58_depth_and_count() {
    assert!(is_malformed(&"(".repeat(100_000)));
    assert!(is_malformed(&format!(
        "{}{}",
        "(".repeat(100_000),
        ")".repeat(100_000)
    )));
    let message =
        r#"("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) "#;
    assert!(is_malformed(&format!(
        "{}{TEXT}{}",
        message.repeat(1000),
        " 1)".repeat(1000)
    )));
    let inside = format!("{}{TEXT}{}", message.repeat(60), " 1)".repeat(60));
    assert_eq!(shown(&inside).len(), 61);
    assert!(is_malformed(&format!(
        r#"({} "MIXED")"#,
        r#"("A" "B")"#.repeat(100_000)
    )));
}

#[test]
fn what_is_cut_is_malformed() {
    let whole = format!(
        r#"({TEXT}("MESSAGE" "RFC822" NIL NIL {{1}}{}"7BIT" 9 (NIL) {TEXT} 3) "MIXED" NIL)"#,
        "\r\na "
    );
    assert_eq!(shown(&whole).len(), 4);
    for end in 0..whole.len() {
        assert!(is_malformed(&whole[..end]), "{}", &whole[..end]);
    }
}

#[test]
fn q120_q121_q122_multiparts_without_parts() {
    for (text, subtype) in [
        (r#"("ALTERNATIVE" ("BOUNDARY" "x") NIL NIL)"#, "ALTERNATIVE"),
        (r#"("RELATED" NIL ("ATTACHMENT" NIL) NIL)"#, "RELATED"),
        (r#"("ALTERNATIVE")"#, "ALTERNATIVE"),
        (
            r#"(NIL "alternative" ("boundary" "x") NIL NIL)"#,
            "alternative",
        ),
    ] {
        assert_eq!(shown(text), [format!("- multipart/{subtype} -")]);
        let within = format!(r#"({TEXT}{text} "MIXED")"#);
        assert_eq!(shown(&within)[2], format!("2 multipart/{subtype} -"));
        with(text, |structure| {
            let root = structure.root();
            assert!(root.is_multipart() && root.children().next().is_none());
            assert_eq!(
                root.parameter("boundary").as_deref(),
                text.contains("x\"").then_some("x")
            );
            assert_eq!(root.disposition().is_some(), text.contains("ATTACHMENT"));
        });
    }
}

#[test]
fn q123_q126_types_of_nil() {
    assert_eq!(
        shown(r#"(NIL NIL NIL NIL NIL "7BIT" 0 NIL NIL NIL NIL)"#),
        ["1 application/octet-stream 0"]
    );
    assert_eq!(
        shown(r#"(NIL NIL NIL NIL NIL NIL 5)"#),
        ["1 application/octet-stream 5"]
    );
}

#[test]
fn q124_a_multipart_as_a_basic_part() {
    let text = r#"("multipart" "mixed" ("boundary" "a") NIL NIL "7bit" 1234 ("boundary" "a") NIL NIL NIL)"#;
    assert_eq!(shown(text), ["1 multipart/mixed 1234"]);
}

#[test]
fn q125_types_without_subtypes() {
    assert_eq!(
        shown(r#"("X-ZIP" ("BOUNDARY" "") NIL NIL "BASE64" 4)"#),
        ["1 application/X-ZIP 4"]
    );
    assert_eq!(
        shown(r#"("APPLICATION" NIL ("NAME" "a") NIL NIL "BASE64" 4)"#),
        ["1 APPLICATION/octet-stream 4"]
    );
    assert_eq!(
        shown(r#"("TEXT" NIL NIL NIL NIL "7BIT" 4 1)"#),
        ["1 TEXT/plain 4"]
    );
}

#[test]
fn q127_a_message_without_an_envelope() {
    let text = r#"("MESSAGE" "RFC822" NIL NIL NIL "BASE64" 4 NIL ("attachment" ("filename" "a.eml")) NIL)"#;
    assert_eq!(shown(text), ["1 MESSAGE/RFC822 4"]);
    with(text, |structure| {
        assert!(structure.root().envelope().is_none() && !structure.root().is_message());
        assert!(structure.root().is_attachment());
    });
}

#[test]
fn q128_a_message_with_an_empty_body() {
    for body in ["()", "NIL", "( )"] {
        let text = format!(
            r#"("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 4 (NIL "s") {body} 9 NIL ("inline" NIL))"#
        );
        assert_eq!(shown(&text), ["1 MESSAGE/RFC822 4"]);
        with(&text, |structure| {
            assert_eq!(structure.root().lines(), Some(9), "{body}");
            assert!(structure.root().disposition().is_some());
        });
    }
}

#[test]
fn q129_numbers_that_are_none_or_too_many() {
    let text = r#"("TEXT" "PLAIN" NIL NIL NIL "7BIT" -1 -1 NIL ("inline" NIL))"#;
    with(text, |structure| {
        let part = structure.root();
        assert_eq!((part.octets(), part.lines()), (None, None));
        assert!(part.disposition().is_some());
    });
    let text = r#"("TEXT" "PLAIN" NIL NIL NIL "7BIT" NIL NIL NIL ("inline" NIL))"#;
    assert!(with(text, |structure| structure
        .root()
        .disposition()
        .is_some()));
    let text = r#"("IMAGE" "GIF" NIL NIL NIL "BASE64" 5 77 "md5" ("attachment" NIL))"#;
    with(text, |structure| {
        assert_eq!(structure.root().md5().as_deref(), Some(&b"md5"[..]));
        assert!(structure.root().is_attachment());
    });
}

#[test]
fn q130_encodings() {
    for (encoding, expected) in [
        ("base64", "base64"),
        ("NIL", "7BIT"),
        ("\"8BIT \"", "8BIT"),
        ("\"\"", "7BIT"),
    ] {
        let text = format!(r#"("IMAGE" "GIF" NIL NIL NIL {encoding} 5)"#);
        with(&text, |structure| {
            assert_eq!(structure.root().encoding(), expected);
        });
    }
}

#[test]
fn q131_q132_q133_q135_dispositions_and_languages() {
    let part = |extension: &str| {
        let text = format!(r#"("IMAGE" "GIF" NIL NIL NIL "BASE64" 5 NIL {extension})"#);
        with(&text, |structure| {
            let root = structure.root();
            let kind = root
                .disposition()
                .map(|disposition| disposition.kind().to_owned());
            let languages: Vec<_> = root.languages().map(Cow::into_owned).collect();
            (
                kind,
                languages.join(","),
                root.location().map(|raw| raw.escape_ascii().to_string()),
            )
        })
    };
    let expected =
        |kind: Option<&str>, languages: &str| (kind.map(str::to_owned), languages.to_owned(), None);
    assert_eq!(part("\"inline\" \"en\""), expected(Some("inline"), "en"));
    assert_eq!(part("(NIL NIL) NIL"), expected(None, ""));
    assert_eq!(part("\"S/MIME Encrypted Message\" NIL"), expected(None, ""));
    assert_eq!(
        part("(\"en\" \"de\") (\"attachment\" (\"filename\" \"x\"))"),
        expected(Some("attachment"), "en,de")
    );
    assert_eq!(part("NIL (NIL \"en\" NIL) ()"), expected(None, "en"));
    assert_eq!(part("NIL () ()"), expected(None, ""));
    assert_eq!(part("NIL NIL \"x\"").2.as_deref(), Some("x"));
}

/// What a part says: type, encoding, octets, id, description, disposition.
fn told(text: &str) -> String {
    with(text, |structure| {
        let part = structure.root();
        let octets = part
            .octets()
            .map_or("-".to_owned(), |octets| octets.to_string());
        let disposition = part.disposition().map(|found| found.kind().to_owned());
        let id = part
            .id()
            .map(|id| String::from_utf8_lossy(&id).into_owned());
        format!(
            "{}/{} {} {octets} {} {} {}",
            part.media_type(),
            part.media_subtype(),
            part.encoding(),
            id.unwrap_or_default(),
            part.description().unwrap_or_default(),
            disposition.unwrap_or_default(),
        )
        .trim_end()
        .to_owned()
    })
}

#[test]
fn fault_25_a_field_that_is_missing_shifts_no_other() {
    for (text, expected) in [
        (
            r#"("APPLICATION" NIL NIL NIL "base64" 356)"#,
            "APPLICATION/octet-stream base64 356",
        ),
        (
            r#"("APPLICATION" NIL NIL "base64" 356)"#,
            "APPLICATION/octet-stream base64 356",
        ),
        (
            r#"("TEXT" ("CHARSET" "x") NIL NIL "8BIT" 5 1)"#,
            "TEXT/plain 8BIT 5",
        ),
        (
            r#"("APPLICATION" "PDF" NIL NIL "base64" 356)"#,
            "APPLICATION/PDF base64 356",
        ),
        (
            r#"("APPLICATION" "PDF" "x" NIL NIL "base64" 356)"#,
            "APPLICATION/PDF base64 356",
        ),
        (
            r#"("APPLICATION" "PDF" ("name" "a") "base64" 356)"#,
            "APPLICATION/PDF base64 356",
        ),
        (
            r#"("APPLICATION" "PDF" NIL "<i@x>" "base64" 356)"#,
            "APPLICATION/PDF base64 356 <i@x>",
        ),
        (
            r#"("APPLICATION" "PDF" NIL "A report" "base64" 356)"#,
            "APPLICATION/PDF base64 356  A report",
        ),
        (
            r#"("APPLICATION" NIL "<i@x>" "A report" "base64" 356)"#,
            "APPLICATION/octet-stream base64 356 <i@x> A report",
        ),
        (
            r#"("APPLICATION" "PDF" NIL NIL NIL NIL 356)"#,
            "APPLICATION/PDF 7BIT 356",
        ),
        (
            r#"("APPLICATION" "PDF" NIL NIL NIL 356)"#,
            "APPLICATION/PDF 7BIT 356",
        ),
        (
            r#"("APPLICATION" "PDF" NIL NIL NIL "base64")"#,
            "APPLICATION/PDF base64 -",
        ),
        (
            r#"("APPLICATION" "PDF" NIL NIL NIL "base64" ("attachment" NIL))"#,
            "APPLICATION/PDF base64 -   attachment",
        ),
        (
            r#"("APPLICATION" "PDF" NIL NIL NIL "base64" NIL NIL ("attachment" NIL) NIL)"#,
            "APPLICATION/PDF base64 -   attachment",
        ),
        (
            r#"("APPLICATION" NIL NIL NIL "base64" 356 NIL ("attachment" ("filename" "a")) NIL)"#,
            "APPLICATION/octet-stream base64 356   attachment",
        ),
        (
            r#"("APPLICATION" NIL NIL NIL NIL "base64" "356" NIL ("inline" NIL) NIL NIL NIL (1 "x"))"#,
            "APPLICATION/octet-stream base64 356   inline",
        ),
        (r#"("APPLICATION")"#, "APPLICATION/octet-stream 7BIT -"),
        (
            r#"("APPLICATION" "PDF" ("name" "a"))"#,
            "APPLICATION/PDF 7BIT -",
        ),
    ] {
        assert_eq!(told(text), expected, "{text}");
        let within = format!(r#"({text}{TEXT} "MIXED")"#);
        assert_eq!(shown(&within).len(), 3, "{within}");
    }
}

#[test]
fn fault_25_a_multipart_without_a_subtype_has_its_parts_and_no_more() {
    for rest in [
        r#"("boundary" "x") NIL NIL"#,
        r#"NIL ("boundary" "x") ("inline" NIL)"#,
        "NIL",
        "",
    ] {
        let text = format!("({TEXT}{TEXT} {rest})");
        assert_eq!(shown(&text).len(), 3, "{text}");
        with(&text, |structure| {
            let boundary = structure.root().parameter("boundary").map(Cow::into_owned);
            assert_eq!(boundary.is_some(), text.contains("boundary"));
        });
    }
}

#[test]
fn fault_26_a_message_without_an_envelope_has_its_body() {
    for (rest, parts, lines) in [
        (format!("NIL {TEXT} 9 NIL (\"inline\" NIL)"), 2, Some(9)),
        (format!("NIL {TEXT}"), 2, None),
        (format!("{TEXT} 9 NIL (\"inline\" NIL)"), 2, Some(9)),
        (format!("NIL ({TEXT}{TEXT} \"MIXED\") 9"), 4, Some(9)),
        (format!("({TEXT}{TEXT} \"MIXED\") 9"), 4, Some(9)),
        (format!("NIL {TEXT} NIL NIL (\"inline\" NIL)"), 2, None),
        ("NIL NIL 9 NIL (\"inline\" NIL)".to_owned(), 1, Some(9)),
        ("NIL 9 NIL (\"inline\" NIL)".to_owned(), 1, Some(9)),
    ] {
        let text = format!(r#"("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 400 {rest})"#);
        assert_eq!(shown(&text).len(), parts, "{text}");
        with(&text, |structure| {
            let root = structure.root();
            assert!(root.envelope().is_none() && root.is_message(), "{text}");
            assert_eq!((root.octets(), root.lines()), (Some(400), lines), "{text}");
            assert_eq!(
                root.disposition().is_some(),
                text.contains("inline"),
                "{text}"
            );
        });
    }
}

#[test]
fn fault_26_a_message_without_a_body_has_its_envelope() {
    let envelope = r#"(NIL "s" NIL NIL NIL NIL NIL NIL NIL "<i@x>")"#;
    for rest in [
        "NIL 9 NIL (\"inline\" NIL)",
        "9 NIL (\"inline\" NIL)",
        "NIL NIL NIL (\"inline\" NIL)",
        "(\"inline\" NIL)",
    ] {
        let text = format!(r#"("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 400 {envelope} {rest})"#);
        with(&text, |structure| {
            let root = structure.root();
            assert_eq!(root.envelope().unwrap().subject(), "s", "{text}");
            assert!(
                root.disposition().is_some() && root.children().count() == 0,
                "{text}"
            );
        });
    }
}
