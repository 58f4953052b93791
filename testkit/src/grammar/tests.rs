//! Whole commands: what is taken, what is refused and at which octet, and what has to be advertised.

use super::{Body, Enabled, decode};

fn decoded(text: &str) -> Result<Body, String> {
    let command = decode(text.as_bytes(), Enabled::default()).map_err(|wrong| wrong.text())?;
    Ok(command.body)
}

#[test]
fn commands_of_all_groups_are_taken() {
    for command in [
        "CAPABILITY",
        "noop",
        "ID NIL",
        "LOGIN jane \"p w\"",
        "AUTHENTICATE PLAIN =",
        "ENABLE CONDSTORE QRESYNC",
        "COMPRESS DEFLATE",
        "SELECT INBOX (CONDSTORE)",
        "EXAMINE \"a b\"",
        "CREATE Sent (USE (\\Sent))",
        "RENAME a b",
        "LIST \"\" \"*\"",
        "LSUB \"\" %",
        "STATUS INBOX (MESSAGES UIDNEXT)",
        "APPEND INBOX (\\Seen) \" 1-Feb-2026 00:00:00 +0000\" {1+}\r\nx",
        "APPEND INBOX {1}\r\nx ~{1}\r\n\0",
        "APPEND INBOX CATENATE (URL \"/INBOX/;UID=1\" TEXT {1}\r\nx)",
        "GETQUOTA \"\"",
        "SETQUOTA \"\" (STORAGE 512)",
        "SETACL INBOX bob +lr",
        "GETMETADATA \"\" /shared/comment",
        "SETMETADATA INBOX (/shared/comment NIL)",
        "NOTIFY SET (personal (MessageNew MessageExpunge))",
        "UID FETCH 1:*,3 FLAGS",
        "UID FETCH $ FLAGS",
        "FETCH 1 (FLAGS BODY[])",
        "STORE 1 (UNCHANGEDSINCE 0) +FLAGS.SILENT \\Seen a",
        "UID STORE 1 -X-GM-LABELS (\\Inbox)",
        "UID MOVE 1 Trash",
        "UID EXPUNGE $",
        "UID SEARCH RETURN (SAVE) CHARSET UTF-8 SUBJECT {2}\r\n\u{fc}",
        "UID SORT RETURN (MIN) (REVERSE DATE) UTF-8 ALL",
        "THREAD REFERENCES UTF-8 ALL",
        "ESEARCH IN (mailboxes (a b) subtree-one c) RETURN () SEEN",
        "UID REPLACE 4 Drafts {1}\r\nx",
        "UIDBATCHES 500 4:2",
    ] {
        let found = decoded(&format!("a {command}\r\n"));
        assert!(found.is_ok(), "{command}: {found:?}");
    }
}

#[test]
fn refusals_name_the_octet() {
    let mut different = Vec::new();
    for (command, wrong) in [
        ("", "Octet 1: a tag expected, not the end of the command"),
        ("\r\n", "Octet 1: a tag expected, not the end of the line"),
        (
            "a\r\n",
            "Octet 2: a space expected, not the end of the line",
        ),
        ("a+ NOOP\r\n", "Octet 2: a space expected, not \"+\""),
        ("a  NOOP\r\n", "Octet 3: one space expected, not two"),
        ("a NOOP", "Octet 7: the line has no end"),
        ("a NOOP\n", "Octet 7: CR expected before LF"),
        ("a NOOP \r\n", "Octet 7: nothing follows the space"),
        (
            "a NOOP x\r\n",
            "Octet 7: the end of the command expected, not a space",
        ),
        ("a XYZZY 1\r\n", "Octet 3: there is no command XYZZY"),
        (
            "a UID NOOP\r\n",
            "Octet 3: there is no such command after UID",
        ),
        (
            "a UID FETCH 1,$ FLAGS\r\n",
            "Octet 15: a message number expected, not \"$\"",
        ),
        (
            "a UID EXPUNGE\r\n",
            "Octet 14: a space expected, not the end of the line",
        ),
        (
            "a UID LIST \"\" *\r\n",
            "Octet 3: there is no such command after UID",
        ),
        (
            "a SELECT\r\n",
            "Octet 9: a space expected, not the end of the line",
        ),
        (
            "a SELECT %\r\n",
            "Octet 10: a mailbox name expected, not \"%\"",
        ),
        (
            "a LOGIN jane\r\n",
            "Octet 13: a space expected, not the end of the line",
        ),
        (
            "a STORE 1 FLAGS \\Recent\r\n",
            "Octet 17: \\Recent is set by the server alone",
        ),
        (
            "a STORE 1 FLAGSX ()\r\n",
            "Octet 11: FLAGS, +FLAGS or -FLAGS expected, not \"FLAGSX\"",
        ),
        (
            "a APPEND INBOX x\r\n",
            "Octet 16: a literal expected, not \"x\"",
        ),
        (
            "a FETCH 1 FLAGS BODY\r\n",
            "Octet 17: a list expected, not \"BODY\"",
        ),
        (
            "a CREATE a (USE \\Sent)\r\n",
            "Octet 17: a list expected, not \"\\\\Sent)\"",
        ),
        (
            "a THREAD OTHER UTF-8 ALL\r\n",
            "Octet 10: a threading algorithm that is advertised expected, not \"OTHER\"",
        ),
        (
            "a ESEARCH IN (personal) UID 1\r\n",
            "Octet 25: message numbers are those of one mailbox",
        ),
        (
            "a UIDBATCHES 500 1:*\r\n",
            "Octet 20: the number of a batch expected, not \"*\"",
        ),
    ] {
        let found = decoded(command).map(|_| ());
        if found != Err(wrong.to_owned()) {
            different.push((command, found, wrong));
        }
    }
    assert!(different.is_empty(), "{different:#?}");
}

#[test]
fn names_that_are_not_encoded_are_refused_with_no() {
    let refused = |enabled| {
        let wrong = decode(b"a CREATE {2}\r\n\xc3\xbc\r\n", enabled).err()?;
        Some((wrong.text(), wrong.is_refused()))
    };
    let text = "Octet 10: this mailbox name is not modified UTF-7".to_owned();
    assert_eq!(refused(Enabled::default()), Some((text, true)));
    let wrong = decoded("a RENAME & b c\r\n").unwrap_err();
    assert!(
        wrong.starts_with("Octet 13: the end of the command"),
        "{wrong}"
    );
    let enabled = Enabled {
        utf8: true,
        rev2: false,
    };
    assert_eq!(refused(enabled), None);
}

#[test]
fn extensions_are_named_with_their_octets() {
    for (command, needs) in [
        ("NOOP", &[][..]),
        ("IDLE", &["Octet 3: IDLE is not advertised"]),
        (
            "UID FETCH 1 (FLAGS MODSEQ) (CHANGEDSINCE 5 VANISHED)",
            &[
                "Octet 22: CONDSTORE is not advertised",
                "Octet 31: CONDSTORE is not advertised",
                "Octet 46: QRESYNC is not advertised",
            ],
        ),
        (
            "UID SEARCH RETURN (PARTIAL 1:2) FUZZY SAVEDON 1-Feb-2026",
            &[
                "Octet 14: ESEARCH is not advertised",
                "Octet 22: PARTIAL or CONTEXT=SEARCH or CONTEXT=SORT is not advertised",
                "Octet 35: SEARCH=FUZZY is not advertised",
                "Octet 41: SAVEDATE is not advertised",
            ],
        ),
        (
            "STATUS INBOX (DELETED)",
            &["Octet 17: IMAP4rev2 or QUOTA=RES-MESSAGE is not advertised"],
        ),
    ] {
        let text = format!("a {command}\r\n");
        let command = decode(text.as_bytes(), Enabled::default()).unwrap();
        let found: Vec<String> = command.needs.iter().map(|need| need.text()).collect();
        assert_eq!(found, needs, "{text}");
    }
}

#[test]
fn sequence_numbers_are_seen() {
    for (command, expected) in [
        ("UID FETCH 1 FLAGS", false),
        ("FETCH 1 FLAGS", true),
        ("UID SEARCH SEEN", false),
        ("UID SEARCH OR 1 SEEN", true),
        ("SEARCH SEEN", true),
        ("UID STORE 1 FLAGS ()", false),
        ("COPY 1 a", true),
    ] {
        let text = format!("a {command}\r\n");
        let command = decode(text.as_bytes(), Enabled::default()).unwrap();
        assert_eq!(command.has_numbers, expected, "{text}");
    }
}

#[test]
fn a_charset_is_not_named_after_utf8_accept() {
    let search = |rev2| {
        let enabled = Enabled { utf8: true, rev2 };
        decode(b"a SEARCH CHARSET UTF-8 ALL\r\n", enabled).is_ok()
    };
    assert!(!search(false));
    assert!(search(true));
}
