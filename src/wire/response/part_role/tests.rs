//! Roles by structure, each as a mail program shows the part.

use super::*;
use crate::wire::testing::fetch;

const TEXT: &str = r#"("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 9 1)"#;
const HTML: &str = r#"("TEXT" "HTML" NIL NIL NIL "7BIT" 9 1)"#;
const P7S: &str = r#"("APPLICATION" "PKCS7-SIGNATURE" ("NAME" "smime.p7s") NIL NIL "BASE64" 9 NIL ("ATTACHMENT" ("FILENAME" "smime.p7s")))"#;
const MESSAGE: &str = r#"("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 (NIL "s" NIL NIL NIL NIL NIL NIL NIL NIL) (("TEXT" "PLAIN" NIL NIL NIL "7BIT" 9 1)("IMAGE" "PNG" ("NAME" "a.png") NIL NIL "BASE64" 7) "MIXED") 8)"#;

/// A part that is neither text nor a message, with what makes a difference.
fn file(kind: &str, id: &str, disposition: &str) -> String {
    let (media_type, subtype) = kind.split_once('/').unwrap();
    let lines = if media_type == "text" { " 1" } else { "" };
    format!(
        r#"("{media_type}" "{subtype}" NIL {id} NIL "BASE64" 9{lines} NIL {disposition} NIL NIL)"#
    )
}

fn named(disposition: &str, name: &str) -> String {
    format!(r#"("{disposition}" ("filename" "{name}"))"#)
}

/// A letter for each part, as the parts stand in the message.
fn roles(text: &str) -> String {
    let fetch = fetch(format!("* 1 FETCH (BODYSTRUCTURE {text} UID 5)\r\n").as_bytes());
    let structure = fetch.body_structure().unwrap();
    let roles = structure.parts().map(|part| match part.role() {
        PartRole::Multipart => 'm',
        PartRole::Text => 'T',
        PartRole::Embedded => 'E',
        PartRole::Attachment => 'A',
        PartRole::Control => 'C',
    });
    roles.collect()
}

#[track_caller]
fn assert_roles(parts: &[&str], multipart: &str, expected: &str) {
    let text = format!(r#"({} "{multipart}")"#, parts.concat());
    assert_eq!(roles(&text), format!("m{expected}"), "{text}");
}

#[test]
fn fault_63_what_apple_mail_marks_inline_is_attached() {
    let pdf = file("application/pdf", "NIL", &named("inline", "a.pdf"));
    let picture = file("image/jpeg", r#""<a@b>""#, &named("inline", "a.jpg"));
    let note = file("text/plain", "NIL", &named("inline", "a.txt"));
    let unnamed = file("application/zip", "NIL", r#"("inline" NIL)"#);
    assert_roles(&[TEXT, &pdf, TEXT], "MIXED", "TAT");
    assert_roles(&[TEXT, &picture, TEXT, &note, &unnamed], "MIXED", "TATAA");
    // Between the pieces of the HTML, which is one form of the text.
    let pieces = format!(r#"({HTML}{pdf}{HTML} "MIXED")"#);
    assert_roles(&[TEXT, &pieces], "ALTERNATIVE", "TmTAT");
}

#[test]
fn fault_63_messages_are_attached_whatever_their_disposition() {
    assert_roles(&[TEXT, MESSAGE], "MIXED", "TAmTA");
    let inline = r#"("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 9 1) 8 NIL ("inline" NIL))"#;
    assert_roles(&[TEXT, inline], "MIXED", "TAT");
    assert_roles(&[MESSAGE, inline], "DIGEST", "AmTAAT");
    for kind in ["message/partial", "message/external-body"] {
        assert_eq!(roles(&file(kind, "NIL", "NIL")), "A");
    }
}

#[test]
fn fault_63_certified_mail_of_italy() {
    let xml = file("application/xml", "NIL", &named("inline", "daticert.xml"));
    let mail = MESSAGE.replace(" 8)", r#" 8 NIL ("inline" ("filename" "postacert.eml")))"#);
    let inner = format!(r#"({TEXT}{xml}{mail} "MIXED")"#);
    assert_roles(&[&inner, P7S], "SIGNED", "mTAAmTAC");
}

#[test]
fn fault_63_pictures_that_the_html_shows_are_told_apart() {
    let id = r#""<a@b>""#;
    let shown = file("image/png", id, &named("inline", "a.png"));
    let plain = file("image/png", id, "NIL");
    let given = file("image/png", id, &named("attachment", "a.png"));
    let loose = file("image/png", "NIL", &named("inline", "a.png"));
    let pdf = file("application/pdf", id, &named("inline", "a.pdf"));
    let both = format!(r#"({TEXT}{HTML} "ALTERNATIVE")"#);
    assert_roles(
        &[&both, &shown, &plain, &given, &loose, &pdf],
        "RELATED",
        "mTTEEAAA",
    );
    assert_roles(&[HTML, &shown], "RELATED", "TE");
    assert_roles(&[&shown, HTML], "RELATED", "ET"); // with `start`
    // No HTML could show it: a message of pictures, or SMIL.
    assert_roles(&[TEXT, &shown], "RELATED", "TA");
    assert_roles(
        &[&file("application/smil", "NIL", "NIL"), &shown],
        "RELATED",
        "AA",
    );
    // Or it is elsewhere, or in another message.
    assert_roles(&[HTML, &shown], "MIXED", "TA");
    let html = MESSAGE.replace("PLAIN", "HTML");
    assert_roles(&[&html, &shown], "RELATED", "AmTAA");
    let location =
        r#"("IMAGE" "GIF" NIL NIL NIL "BASE64" 9 NIL NIL NIL "http://example.org/a.gif")"#;
    assert_roles(
        &[HTML, location, &file("text/css", id, "NIL")],
        "RELATED",
        "TEE",
    );
}

#[test]
fn fault_63_what_programs_read_is_no_attachment() {
    let pgp = file(
        "application/pgp-signature",
        "NIL",
        &named("attachment", "signature.asc"),
    );
    assert_roles(&[TEXT, &pgp], "SIGNED", "TC");
    assert_roles(&[TEXT, P7S], "SIGNED", "TC");
    // Without its multipart/signed it is a file like any other.
    assert_roles(&[TEXT, P7S, &pgp], "MIXED", "TAA");
    assert_eq!(roles(&file("application/pkcs7-mime", "NIL", "NIL")), "A");
    let version = file("application/pgp-encrypted", "NIL", "NIL");
    let secret = file(
        "application/octet-stream",
        "NIL",
        &named("inline", "encrypted.asc"),
    );
    assert_roles(&[&version, &secret], "ENCRYPTED", "CA");
    let status = file("message/delivery-status", "NIL", "NIL");
    let headers = file("text/rfc822-headers", "NIL", "NIL");
    assert_roles(&[TEXT, &status, MESSAGE], "REPORT", "TCAmTA");
    assert_roles(&[TEXT, &status, &headers], "REPORT", "TCA");
    assert_roles(&[TEXT, &status], "MIXED", "TA");
    let fork = file(
        "application/applefile",
        "NIL",
        &named("attachment", "a.doc"),
    );
    let data = file("application/msword", "NIL", &named("inline", "a.doc"));
    let double = format!(r#"({fork}{data} "APPLEDOUBLE")"#);
    assert_roles(&[TEXT, &double], "MIXED", "TmCA");
}

#[test]
fn fault_63_texts_are_the_message_or_attached() {
    let calendar = file("text/calendar", "NIL", "NIL");
    let watch = file("text/x-watch-html", "NIL", "NIL");
    let card = file("text/vcard", "NIL", "NIL");
    assert_roles(&[TEXT, &watch, HTML, &calendar], "ALTERNATIVE", "TTTA");
    assert_roles(&[TEXT, &calendar, &card, TEXT], "MIXED", "TAAT");
    let note = file("text/plain", "NIL", &named("inline", "a.txt"));
    let given = file("text/plain", "NIL", &named("attachment", "a.txt"));
    assert_roles(&[&note, &note, &given], "MIXED", "TAA");
    assert_eq!(roles(&note), "T");
    // The whole message is a file, or a text of an odd type.
    let csv = file("text/csv", "NIL", &named("inline", "a.csv"));
    assert_eq!(roles(&csv), "A");
    assert_eq!(roles(&file("text/plain/x", "NIL", "NIL")), "T");
    assert_eq!(roles(&given), "A");
    assert_eq!(roles(&calendar), "A");
    assert_eq!(roles(&file("text/markdown", "NIL", "NIL")), "T");
    assert_eq!(roles(&file("image/png", "NIL", "NIL")), "A");
    assert_eq!(roles(r#"("MIXED" NIL NIL NIL NIL)"#), "m");
}

#[test]
fn fault_63_a_form_of_the_text_may_have_a_name() {
    let text = file("text/plain", "NIL", &named("inline", "mail.txt"));
    let html = file("text/html", "NIL", &named("inline", "mail.html"));
    let amp = file("text/x-amp-html", "NIL", &named("inline", "amp.html"));
    let csv = file("text/csv", "NIL", &named("inline", "a.csv"));
    assert_roles(&[TEXT, &amp, &html], "ALTERNATIVE", "TTT");
    assert_roles(&[&text, &html, &csv], "ALTERNATIVE", "TTA");
    let forms = format!(r#"({text}{html} "ALTERNATIVE")"#);
    assert_roles(&[TEXT, &forms, &html], "MIXED", "TmTTA");
    let given = file("text/html", "NIL", &named("attachment", "mail.html"));
    assert_roles(&[TEXT, &given], "ALTERNATIVE", "TA");
}

#[test]
fn fault_63_the_root_of_related_may_have_a_name() {
    let picture = file("image/png", r#""<p@b>""#, &named("inline", "a.png"));
    let html = file("text/html", r#""<h@b>""#, &named("inline", "mail.html"));
    let related = |parts: &[&str], start: &str| {
        let start = format!(r#" ("boundary" "b"{start}) NIL NIL NIL"#);
        roles(&format!(
            r#"({TEXT}({} "RELATED"{start}) "MIXED")"#,
            parts.concat()
        ))
    };
    assert_eq!(related(&[&html, &picture], ""), "mTmTE");
    for start in [r#" "start" "<h@b>""#, r#" "START" "h@b""#] {
        assert_eq!(related(&[&picture, &html], start), "mTmET");
        assert_eq!(related(&[&html, &picture], start), "mTmTE");
        assert_eq!(related(&[&html, &picture, &html], ""), "mTmTEA");
    }
    // Another is, or none.
    assert_eq!(related(&[&html, HTML], r#" "start" "<none>""#), "mTmTT");
    assert_eq!(related(&[&html, &picture], r#" "start" "<p@b>""#), "mTmAE");
}

#[test]
fn fault_63_the_first_of_a_later_multipart_is_not_the_message() {
    let log = file("text/plain", "NIL", &named("inline", "a.log"));
    let both = format!(r#"({TEXT}{HTML} "ALTERNATIVE")"#);
    let logs = format!(r#"({log}{log} "MIXED")"#);
    assert_roles(&[&both, &logs], "MIXED", "mTTmAA");
    assert_roles(&[&logs, &both], "MIXED", "mTAmTT");
    assert_roles(&[&logs, P7S], "SIGNED", "mTAC");
    // Each form of the text has its first.
    assert_roles(&[TEXT, &logs], "ALTERNATIVE", "TmTA");
    // So has each message.
    let message = MESSAGE.replace(r#""PLAIN" NIL"#, r#""PLAIN" ("NAME" "a.txt")"#);
    assert_roles(&[TEXT, &message], "MIXED", "TAmTA");
}

#[test]
fn fault_63_a_disposition_that_is_not_known() {
    let picture = |kind: &str| file("image/png", r#""<a@b>""#, &named(kind, "a.png"));
    for kind in ["attachement", "foo"] {
        let text = file("text/plain", "NIL", &format!(r#"("{kind}" NIL)"#));
        assert_roles(&[TEXT, &text], "MIXED", "TA");
        assert_roles(&[HTML, &picture(kind)], "RELATED", "TE");
    }
    let field = file("text/plain", "NIL", r#"("FORM-DATA" NIL)"#);
    assert_roles(&[&field, &field], "FORM-DATA", "TT");
}

#[test]
fn fault_63_pictures_by_their_names_and_within_other_multiparts() {
    let id = r#""<a@b>""#;
    let stream =
        |id: &str, name: &str| file("application/octet-stream", id, &named("inline", name));
    let parts = [
        HTML,
        &stream(id, "image001.PNG"),
        &stream(id, "a.pdf"),
        &stream(id, "png"),
        &stream("NIL", "b.png"),
    ];
    assert_roles(&parts, "RELATED", "TEAAA");
    assert_roles(&parts, "MIXED", "TAAAA");
    let picture = file("image/png", id, &named("inline", "a.png"));
    let fork = file("application/applefile", id, &named("inline", "a.png"));
    let double = format!(r#"({fork}{picture} "APPLEDOUBLE")"#);
    let mixed = format!(r#"({picture}{double} "MIXED")"#);
    assert_roles(&[HTML, &mixed], "RELATED", "TmEmCE");
    // Not in another message.
    let message = MESSAGE.replace(
        r#"("IMAGE" "PNG" ("NAME" "a.png") NIL"#,
        r#"("IMAGE" "PNG" NIL "<a>""#,
    );
    assert_roles(&[HTML, &message], "RELATED", "TAmTA");
}

#[test]
fn fault_63_the_second_part_of_signed_is_its_signature() {
    let stream = |name| {
        file(
            "application/octet-stream",
            "NIL",
            &named("attachment", name),
        )
    };
    let pdf = file("application/pdf", "NIL", &named("attachment", "a.pdf"));
    assert_roles(&[TEXT, &stream("smime.p7s")], "SIGNED", "TC");
    assert_roles(&[TEXT, &stream("smime.p7s"), TEXT], "SIGNED", "TCT");
    // A footer or a file was put before it.
    assert_roles(&[TEXT, TEXT, P7S], "SIGNED", "TTC");
    assert_roles(&[TEXT, &pdf, P7S], "SIGNED", "TAC");
    assert_roles(&[&pdf, &stream("a")], "SIGNED", "AC");
}

#[test]
fn fault_63_the_text_of_a_message_that_is_one() {
    let text_of = |text: &str| {
        let fetch = fetch(format!("* 1 FETCH (BODYSTRUCTURE {text} UID 5)\r\n").as_bytes());
        let structure = fetch.body_structure().unwrap();
        let number = |part: Option<Part<'_>>| part.and_then(|part| part.number());
        [structure.text_part(), structure.html_part()].map(number)
    };
    let one = || Some("1".to_owned());
    for kind in [
        "text/plain",
        "text/plain/x",
        "text/plain;x",
        "text/markdown",
        "text/enriched",
    ] {
        assert_eq!(text_of(&file(kind, "NIL", "NIL")), [one(), None], "{kind}");
    }
    let named = file("text/csv", "NIL", &named("inline", "a.csv"));
    assert_eq!(text_of(&named), [None, None]);
    assert_eq!(text_of(HTML), [None, one()]);
    let other = file("text/markdown", "NIL", "NIL");
    assert_eq!(text_of(&format!(r#"({other} "MIXED")"#)), [None, None]);
}
