//! How each server describes messages.

use latchbox_testkit::{Preset, Server};

use super::selected;

const NO_PARTS: &str =
    "From: bob\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\nnothing\r\n";
const CODED: &str = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n\
                     U3ViamVjdDogeA0KDQp5\r\n";
const INLINE: &str = "Content-Type: text/plain\r\nContent-Disposition: inline\r\n\
                      Content-Transfer-Encoding: 7bit \r\n\r\nx\r\n";
const SECRET: &str = "Content-Type: application/pkcs7-mime; name=smime.p7m\r\n\
                      Content-Description: S/MIME Encrypted Message\r\n\
                      Content-Disposition: attachment; filename=smime.p7m\r\n\r\nx\r\n";
const NOTHING: &str = "Subject: x\r\n\r\n";

/// The response to a FETCH of one item of a message.
fn fetched(preset: Preset, message: &str, item: &str) -> String {
    let server = Server::builder()
        .preset(preset)
        .mailbox("INBOX", [message.as_bytes()])
        .start()
        .unwrap();
    let mut lines = selected(&server).ask(&format!("UID FETCH 1 ({item})"));
    let line = lines.remove(0);
    let before = "* 1 FETCH (UID 1 ";
    let value = line
        .strip_prefix(before)
        .and_then(|value| value.strip_suffix(')'));
    value.unwrap().to_owned()
}

#[test]
fn a_multipart_without_parts() {
    let structure = |preset| fetched(preset, NO_PARTS, "BODYSTRUCTURE");
    let nothing = "BODYSTRUCTURE (\"ALTERNATIVE\" (\"BOUNDARY\" \"x\") NIL NIL NIL)";
    assert_eq!(structure(Preset::Gmail), nothing);
    assert_eq!(structure(Preset::Yandex), nothing);
    let text = "BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 0 0 \
                NIL NIL NIL NIL) \"ALTERNATIVE\" (\"BOUNDARY\" \"x\") NIL NIL NIL)";
    assert_eq!(structure(Preset::Dovecot), text);
    let single = "BODYSTRUCTURE (\"MULTIPART\" \"ALTERNATIVE\" (\"BOUNDARY\" \"x\") NIL NIL \"7BIT\" 9 \
                  NIL NIL NIL NIL)";
    assert_eq!(structure(Preset::Cyrus), single);
}

#[test]
fn a_message_in_base64_in_gmail() {
    let hidden = "BODY (\"MESSAGE\" \"RFC822\" NIL NIL NIL \"BASE64\" 22)";
    assert_eq!(fetched(Preset::Gmail, CODED, "BODY"), hidden);
    let seven = CODED.replace("base64", "7bit");
    let shown = fetched(Preset::Gmail, &seven, "BODY");
    assert!(shown.contains(" 22 (NIL "), "{shown}");
}

#[test]
fn parts_in_microsoft_365() {
    let structure = |message| fetched(Preset::Microsoft365, message, "BODYSTRUCTURE");
    let text = "BODYSTRUCTURE (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT \" 3 1 \
                NIL \"inline\" NIL NIL)";
    assert_eq!(structure(INLINE).to_lowercase(), text.to_lowercase());
    let description = "\"S/MIME Encrypted Message\"";
    let secret = format!(
        "BODYSTRUCTURE (\"APPLICATION\" \"PKCS7-MIME\" (\"NAME\" \"smime.p7m\") NIL {description} \
         \"7BIT\" 3 NIL {description} NIL NIL)"
    );
    assert_eq!(structure(SECRET), secret);
    let nothing = "BODYSTRUCTURE (NIL NIL NIL NIL NIL \"7BIT\" 0 NIL NIL NIL NIL)";
    assert_eq!(structure(NOTHING), nothing);
    let nothing = "BODY (NIL NIL NIL NIL NIL \"7BIT\" 0)";
    assert_eq!(fetched(Preset::Microsoft365, NOTHING, "BODY"), nothing);
}

#[test]
fn what_addresses_lack() {
    let envelope = |preset| fetched(preset, NO_PARTS, "ENVELOPE");
    assert!(envelope(Preset::Dovecot).contains("((NIL NIL \"bob\" \"MISSING_DOMAIN\"))"));
    let microsoft = envelope(Preset::Microsoft365);
    assert!(microsoft.contains("((NIL NIL \"bob\" \".MISSING-HOST-NAME.\"))"));
    let yahoo = envelope(Preset::Yahoo);
    assert!(
        yahoo.ends_with("((NIL NIL \"bob\" \"\")) () () () NIL NIL)"),
        "{yahoo}"
    );
    assert!(envelope(Preset::Cyrus).ends_with(" NIL NIL NIL NIL NIL)"));
}

#[test]
fn a_section_that_yandex_does_not_have() {
    let missing = fetched(Preset::Yandex, INLINE, "BODY.PEEK[2]");
    assert_eq!(missing, "BODY[2] ");
}
