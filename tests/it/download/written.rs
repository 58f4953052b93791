//! Parts in encodings and charsets that people's programs write, without RFC or beside it.

use std::io::Read;

use latchbox::message::Decoded;
use latchbox::types::{FetchItem, UidSet};

use super::canned::Canned;
use super::uid;

/// What a text part with this charset, encoding and content is, in all pieces; and what is named as
/// undecoded.
#[track_caller]
fn text(charset: &str, encoding: &str, raw: &[u8]) -> (Vec<u8>, Option<String>, Option<String>) {
    let mut all = Vec::new();
    for piece in [1, 2, 7, usize::MAX] {
        let mut answer = format!(
            "* 1 FETCH (UID 5 BODYSTRUCTURE (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"{charset}\") NIL NIL \
             \"{encoding}\" 20 1) BODY[1] {{{}}}\r\n",
            raw.len()
        )
        .into_bytes();
        answer.extend_from_slice(raw);
        answer.extend_from_slice(b")\r\n{tag} OK done\r\n");
        let session = Canned::new(answer).in_pieces_of(piece).session();
        let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
        let uids = UidSet::unbound([uid(5)]);
        let mut messages = inbox
            .fetch(&uids, [FetchItem::BodyStructure])
            .unwrap()
            .into_iter();
        let message = messages.next().unwrap().unwrap();
        assert!(messages.next().is_none());
        let part = message.body_structure().unwrap().root();
        let mut download: Decoded<_> = inbox.download_text(uid(5), &part).unwrap();
        let mut content = Vec::new();
        download.read_to_end(&mut content).unwrap();
        let named = |name: Option<&str>| name.map(str::to_owned);
        all.push((
            content,
            named(download.undecoded_encoding()),
            named(download.undecoded_charset()),
        ));
    }
    assert!(all.windows(2).all(|two| two[0] == two[1]), "{all:?}");
    all.remove(0)
}

#[track_caller]
fn check(charset: &str, encoding: &str, raw: &[u8], expected: &str) {
    let (content, encoding, charset) = text(charset, encoding, raw);
    assert_eq!(String::from_utf8(content).as_deref(), Ok(expected));
    assert_eq!((encoding, charset), (None, None));
}

#[test]
fn fault_56_what_is_behind_the_padding_is_no_content() {
    check(
        "utf-8",
        "BASE64",
        b"ecO2dMOkIHZhYW4uCg== ignored",
        "yötä vaan.\n",
    );
    check("utf-8", "base64", b"QQ==\r\nQkM=\r\nRA==\r\n", "ABCD");
}

#[test]
fn fault_56_the_footer_of_a_list_is_no_content() {
    let footer = "_______________________________________________\r\nlist mailing list\r\n\
                  list@example.org\r\n";
    for (base64, text) in [("SGVsbG8h", "Hello!"), ("SGVsbG8=", "Hello")] {
        let raw = format!("{base64}\r\n{footer}");
        check("utf-8", "BASE64", raw.as_bytes(), text);
    }
}

#[test]
fn fault_59_uuencode_is_decoded_and_others_are_named() {
    let file = b"begin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n";
    for encoding in ["X-UUENCODE", "uuencode", "x-uue"] {
        check("us-ascii", encoding, file, "Cat");
    }
    let two = [&file[..], b"\r\nbegin-base64 644 b.txt\r\nQ2F0\r\n====\r\n"].concat();
    check("us-ascii", "x-uuencode", &two, "CatCat");
    let (content, encoding, _) = text("us-ascii", "x-uuencode", b"no file");
    assert_eq!(
        (&*content, encoding.as_deref()),
        (&b"no file"[..], Some("x-uuencode"))
    );
    let (content, encoding, charset) = text("latin1", "x-yencode", b"=ybegin \xe4");
    assert_eq!(content, b"=ybegin \xe4");
    assert_eq!(encoding.as_deref(), Some("x-yencode"));
    assert_eq!(charset.as_deref(), Some("latin1"));
}

#[test]
fn fault_59_what_follows_the_encoding_does_not_hide_it() {
    for encoding in [
        "8bit; charset=iso-8859-1",
        "16bit",
        "iso-8859-1",
        "8bit (x)",
    ] {
        check("iso-8859-1", encoding, b"Gr\xfc\xdfe", "Grüße");
    }
    check(
        "utf-8",
        "quoted-printable; charset=utf-8",
        b"Gr=C3=BC",
        "Grü",
    );
    check("utf-8", "base64 base64", b"R3LDvA==", "Grü");
}

#[test]
fn fault_53_fault_54_charsets_by_what_the_octets_are() {
    check("X-IAS-German", "8bit", "Grüße".as_bytes(), "Grüße");
    check("unknown-8bit", "7bit", b"plain", "plain");
    check("iso-8859-1", "8bit", b"\x93a\x94 \x80", "“a” €");
    check("us-ascii", "8bit", b"Gr\xfc\xdfe", "Grüße");
    check("", "8bit", "Grüße".as_bytes(), "Grüße");
    check("unicode-1-1-utf-7", "7bit", b"Gr+APwA3w-e", "Grüße");
    let (content, _, charset) = text("x-unknown", "8bit", b"Gr\xfc\xdfe");
    assert_eq!(content, b"Gr\xfc\xdfe");
    assert_eq!(charset.as_deref(), Some("x-unknown"));
}

#[cfg(feature = "charsets")]
#[test]
fn fault_50_fault_52_charsets_of_asia() {
    check(
        "iso-2022-kr",
        "7bit",
        b"\x1b$)C\x0e>H3g\x0f hi\r\n",
        "안녕 hi\r\n",
    );
    check("hz-gb-2312", "7bit", b"~{VPND~} hi", "中文 hi");
    check("iso-2022-cn", "7bit", b"\x1b$)A\x0eVPND\x0f", "中文");
    check("cp932", "8bit", b"\x87@\xee\xe0", "①髙");
    check("windows-31j", "8bit", b"\x93\xfa\x96\x7b", "日本");
    check("cp936", "8bit", b"\xd6\xd0\xce\xc4", "中文");
    check("cp949", "8bit", b"\x8cc\xb9\xe6", "똠방");
    check("iso-2022-jp-ms", "7bit", b"\x1b$BF|K\\\x1b(B", "日本");
}
