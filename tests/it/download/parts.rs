//! Parts with their transfer encoding and charset not_done: by the server where it can, here
//! otherwise.

use std::io::Read;

use latchbox::message::Fetch;
use latchbox::types::{FetchItem, Section, UidSet};
use latchbox::{Error, Session};

use super::uid;
use crate::scripted::{logged_in_with, with_login};
use crate::support::script::Script;

/// A structure of three parts: text in quoted-printable, a file in base64, text in 8 bits.
const STRUCTURE: &str = "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"ISO-8859-1\") NIL NIL \
    \"QUOTED-PRINTABLE\" 20 1)(\"IMAGE\" \"PNG\" NIL NIL NIL \"BASE64\" 8)\
    (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"x-none\") NIL NIL \"8BIT\" 4 1) \"MIXED\")";

/// A script after EXAMINE, and the structure of its message 5.
#[track_caller]
fn examined(capabilities: &str, text: &str) -> (Script, Session, Fetch) {
    let (server, session) = logged_in_with(
        capabilities,
        &format!(
            "
            C: {{s}} EXAMINE \"INBOX\"
            S: * 9 EXISTS
            S: {{s}} OK done
            C: {{b}} UID FETCH 5 (BODYSTRUCTURE)
            S: * 3 FETCH (UID 5 BODYSTRUCTURE {STRUCTURE})
            S: {{b}} OK done
            {text}
            "
        ),
        |builder| builder,
    );
    let message = {
        let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
        let mut messages = inbox
            .fetch(&UidSet::unbound([uid(5)]), [FetchItem::BodyStructure])
            .unwrap()
            .into_iter();
        let message = messages.next().unwrap().unwrap();
        assert!(messages.next().is_none());
        message
    };
    (server, session, message)
}

/// What a part of that message is, without and with its charset.
#[track_caller]
fn part(
    session: &Session,
    message: &Fetch,
    number: &str,
    as_text: bool,
) -> latchbox::Result<Vec<u8>> {
    let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    let part = message.body_structure()?.part(number).unwrap();
    let mut download = match as_text {
        true => inbox.download_text(uid(5), &part)?,
        false => inbox.download_part(uid(5), &part)?,
    };
    let mut content = Vec::new();
    download.read_to_end(&mut content)?;
    Ok(content)
}

#[test]
fn without_binary_it_is_decoded_here() {
    let (server, session, message) = examined(
        "IMAP4rev1",
        "
        C: {one} UID FETCH 5 (UID BODY.PEEK[1])
        S-raw: * 3 FETCH (UID 5 BODY[1] {13}\\r\\nGr=FC=DFe=\\r\\n!)\\r\\n
        S: {one} OK done
        C: {two} UID FETCH 5 (UID BODY.PEEK[1])
        S-raw: * 3 FETCH (UID 5 BODY[1] \"Gr=FC=DFe\")\\r\\n
        S: {two} OK done
        C: {three} UID FETCH 5 (UID BODY.PEEK[2])
        bytes
        S-raw: * 3 FETCH (UID 5 BODY[2] {10}\\r\\niVBO\\r\\nRw==)\\r\\n
        whole
        S: {three} OK done
        ",
    );
    assert_eq!(
        part(&session, &message, "1", false).unwrap(),
        b"Gr\xfc\xdfe!"
    );
    assert_eq!(
        part(&session, &message, "1", true).unwrap(),
        "Grüße".as_bytes()
    );
    assert_eq!(part(&session, &message, "2", false).unwrap(), b"\x89PNG");
    drop(session);
    server.finish();
}

#[test]
fn with_binary_the_server_decodes() {
    let (server, session, message) = examined(
        "IMAP4rev1 BINARY",
        "
        C: {one} UID FETCH 5 (UID BINARY.PEEK[1])
        S-raw: * 3 FETCH (UID 5 BINARY[1] {5}\\r\\nGr\\xFC\\xDFe)\\r\\n
        S: {one} OK done
        C: {two} UID FETCH 5 (UID BINARY.PEEK[2])
        S-raw: * 3 FETCH (UID 5 BINARY[2] ~{5}\\r\\n\\x89PNG\\0)\\r\\n
        S: {two} OK done
        C: {three} UID FETCH 5 (UID BODY.PEEK[3])
        S-raw: * 3 FETCH (UID 5 BODY[3] {4}\\r\\n\\xF0=41)\\r\\n
        S: {three} OK done
        ",
    );
    assert_eq!(
        part(&session, &message, "1", true).unwrap(),
        "Grüße".as_bytes()
    );
    assert_eq!(part(&session, &message, "2", false).unwrap(), b"\x89PNG\0");
    // There is nothing to decode: it is asked for as it is. Its charset is not known here.
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let text = message.body_structure().unwrap().part("3").unwrap();
    let mut download = inbox.download_text(uid(5), &text).unwrap();
    assert_eq!(download.undecoded_charset(), Some("x-none"));
    let mut content = Vec::new();
    assert_eq!(download.copy_to(&mut content).unwrap(), 4);
    assert_eq!(content, b"\xf0=41");
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn q137_where_the_server_cannot_it_is_decoded_here() {
    for refusal in [
        "S: {one} NO [UNKNOWN-CTE] what is that",
        "S: {one} NO [PARSE] broken base64",
        "S: {one} BAD no such thing",
        "S: * 3 FETCH (UID 5 BINARY[2] NIL)\n S: {one} OK done",
    ] {
        let (server, session, message) = examined(
            "IMAP4rev1 BINARY",
            &format!(
                "
                C: {{one}} UID FETCH 5 (UID BINARY.PEEK[2])
                {refusal}
                C: {{two}} UID FETCH 5 (UID BODY.PEEK[2])
                S-raw: * 3 FETCH (UID 5 BODY[2] {{9}}\\r\\niVBO=Rw==)\\r\\n
                S: {{two}} OK done
                "
            ),
        );
        assert_eq!(part(&session, &message, "2", false).unwrap(), b"\x89PNG");
        drop(session);
        server.finish();
    }
}

#[test]
fn a_part_that_is_gone_and_one_that_has_no_content() {
    let (server, session, message) = examined(
        "IMAP4rev1 BINARY",
        "
        C: {one} UID FETCH 5 (UID BINARY.PEEK[2])
        S: {one} OK done
        C: {two} UID FETCH 5 (UID BODY.PEEK[2])
        S: {two} OK done
        ",
    );
    let error = part(&session, &message, "2", false).unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "{error:?}");
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let root = message.body_structure().unwrap().root();
    let error = inbox.download_part(uid(5), &root).unwrap_err();
    assert!(matches!(error, Error::Argument(_)), "{error:?}");
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn h16_a_decoded_download_is_never_short_in_silence() {
    let (_server, session, message) = examined(
        "IMAP4rev1",
        "
        C: {one} UID FETCH 5 (UID BODY.PEEK[2])
        S-raw: * 3 FETCH (UID 5 BODY[2] {8}\\r\\niVBO
        close
        ",
    );
    let error = part(&session, &message, "2", false).unwrap_err();
    match error {
        Error::Truncated(truncated) => assert_eq!((truncated.position(), truncated.len()), (4, 8)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn marking_seen_is_another_command_and_refused_where_it_cannot_be() {
    let text = "
        C: {s} SELECT \"INBOX\"
        S: * 9 EXISTS
        S: {s} OK [READ-WRITE] done
        C: {one} UID FETCH 5 (UID BODY[TEXT])
        S: * 3 FETCH (UID 5 FLAGS (\\Seen) BODY[TEXT] \"hi\")
        S: * OK [READ-ONLY] it is now
        S: {one} OK done
        C: {n} NOOP
        S: {n} OK done
    ";
    let server = crate::support::script::script(&with_login("IMAP4rev1", text));
    let session = crate::scripted::log_in(crate::scripted::plain(&server));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let section = Section::whole().text();
    let mut octets = Vec::new();
    let mut download = inbox.download_and_mark_seen(uid(5), &section).unwrap();
    download.copy_to(&mut octets).unwrap();
    assert_eq!(octets, b"hi");
    let error = inbox.download_and_mark_seen(uid(5), &section).unwrap_err();
    assert!(matches!(error, Error::Mailbox(_)), "{error:?}");
    session.noop().unwrap();
    drop(inbox);
    drop(session);
    server.finish();
}
