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
    assert_eq!(roles(&given), "A");
    assert_eq!(roles(&calendar), "A");
    assert_eq!(roles(&file("text/markdown", "NIL", "NIL")), "T");
    assert_eq!(roles(&file("image/png", "NIL", "NIL")), "A");
    assert_eq!(roles(r#"("MIXED" NIL NIL NIL NIL)"#), "m");
}
