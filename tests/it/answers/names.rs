//! The name of the mailbox in an answer: however it is written, and only if it is the one that was
//! asked for.

use latchbox::acl::{MyRights, Rights};
use latchbox::command::Status;
use latchbox::metadata::{GetMetadata, MetadataScope};
use latchbox::types::StatusItem;
use latchbox::{Error, Result, Session};

use crate::scripted::logged_in_with;

const CAN: &str = "IMAP4rev1 ACL QUOTA METADATA NAMESPACE";

/// The names as servers write them without quotes, and as they are sent for.
const UNQUOTED: [(&str, &str); 8] = [
    ("plain", "plain"),
    ("folderB/TESTfolder(S)C", "folderB/TESTfolder(S)C"),
    ("Deleted Items", "Deleted Items"),
    ("a (b) c", "a (b) c"),
    ("[Gmail]/All", "[Gmail]/All"),
    ("back\\slash", "back\\slash"),
    ("{7}\r\nlit (x)", "lit (x)"),
    ("Entw\u{fc}rfe & x", "Entw\u{fc}rfe & x"),
];

fn rights(letters: &str) -> Rights {
    letters.parse().unwrap()
}

/// What comes of one command that the server answers with these lines.
fn answered<T>(lines: &str, ask: impl FnOnce(&Session) -> Result<T>) -> Result<T> {
    let lines: String = lines
        .split('|')
        .filter(|line| !line.is_empty())
        .map(|line| format!("S-raw: {}\\r\\n\n", escaped(line)))
        .collect();
    let script = format!("C-start: {{a}} \n{lines}\nS: {{a}} OK done\n");
    let (server, session) = logged_in_with(CAN, &script, |builder| builder);
    let result = ask(&session);
    drop(session);
    server.finish();
    result
}

/// As the scripts write octets.
fn escaped(line: &str) -> String {
    line.bytes()
        .map(|byte| match byte {
            b'\\' => "\\\\".to_owned(),
            b' '..=b'~' => char::from(byte).to_string(),
            byte => format!("\\x{byte:02X}"),
        })
        .collect()
}

#[test]
fn fault_36_names_without_quotes_in_all_responses() {
    for (written, name) in UNQUOTED {
        let quota = answered(&format!("* QUOTAROOT {written} \"\" b"), |session| {
            session.quota().roots(name)
        });
        let quota = quota.unwrap_or_else(|error| panic!("{written}: {error}"));
        assert_eq!(quota.roots(), ["", "b"], "{written}");
        let mine = answered(&format!("* MYRIGHTS {written} lrs"), |session| {
            session.acl(name).my_rights()
        });
        assert_eq!(mine.unwrap(), rights("lrs"), "{written}");
        let acl = answered(&format!("* ACL {written} ann lr \"b c\" w"), |session| {
            session.acl(name).get()
        });
        let acl = acl.unwrap();
        assert_eq!(acl.mailbox().as_str(), name);
        assert_eq!(acl.entries().len(), 2, "{written}");
        let listed = answered(&format!("* LISTRIGHTS {written} ann lr s w"), |session| {
            session.acl(name).list_rights("ann")
        });
        let listed = listed.unwrap();
        assert_eq!(listed.identifier(), &"ann", "{written}");
        assert_eq!(listed.optional().len(), 2, "{written}");
        let metadata = answered(
            &format!("* METADATA {written} (/private/comment x)"),
            |session| session.metadata(name).get(["/private/comment"]),
        );
        assert_eq!(metadata.unwrap().entries().len(), 1, "{written}");
        let status = answered(&format!("* STATUS {written} (MESSAGES 4)"), |session| {
            session.status(name, [StatusItem::Messages])
        });
        assert_eq!(status.unwrap().messages(), Some(4), "{written}");
        for (command, listed) in [
            (
                "LIST",
                answered(&format!("* LIST () \"/\" {written}"), |s| s.list("*")),
            ),
            (
                "LSUB",
                answered(&format!("* LSUB () \"/\" {written}"), |s| s.lsub("*")),
            ),
        ] {
            let listed = listed.unwrap();
            assert_eq!(listed[0].name().as_str(), name, "{command} {written}");
        }
    }
}

/// What the name is decides what stands behind it.
#[test]
fn fault_36_what_can_be_read_in_two_ways_is_read_as_what_was_asked_for() {
    let roots = answered("* QUOTAROOT Deleted Items root", |session| {
        session.quota().roots("Deleted Items")
    });
    assert_eq!(roots.unwrap().roots(), ["root"]);
    let roots = answered("* QUOTAROOT Deleted Items root", |session| {
        session.quota().roots("Deleted")
    });
    assert_eq!(roots.unwrap().roots(), ["Items", "root"]);
    let acl = answered("* ACL a b c ann lr", |session| session.acl("a b c").get());
    assert_eq!(acl.unwrap().entries().len(), 1);
    let acl = answered("* ACL a b c ann lr", |session| session.acl("a").get());
    assert_eq!(acl.unwrap().entries().len(), 2);
    let listed = answered("* LISTRIGHTS a s ann lr s", |session| {
        session.acl("a s").list_rights("ann")
    });
    assert_eq!(listed.unwrap().identifier(), &"ann");
}

#[test]
fn fault_36_prefixes_of_namespaces_without_quotes() {
    let told = answered(
        "* NAMESPACE ((\"\" \"/\")) NIL ((Public Folders/ \"/\")([s]/a(b)/ \"/\" X (y)))",
        latchbox::Session::namespace,
    );
    let told = told.unwrap();
    let prefixes: Vec<&str> = told
        .shared()
        .iter()
        .map(latchbox::types::Namespace::prefix)
        .collect();
    assert_eq!(prefixes, ["Public Folders/", "[s]/a(b)/"]);
}

/// What STATUS told of another mailbox is not what was asked for, in whatever command.
#[test]
fn fault_11_answers_for_another_mailbox_are_none() {
    let other = |result: Result<()>, line: &str| {
        assert!(
            matches!(result, Err(Error::MissingData(_))),
            "{line}: {result:?}"
        );
        assert!(
            !result.unwrap_err().may_have_taken_effect(),
            "it only reads"
        );
    };
    for name in ["\"B\"", "B", "\"A/B\"", "INBOX", "{1}\r\nB"] {
        let line = format!("* STATUS {name} (MESSAGES 99)");
        let told = answered(&line, |s| s.status("A", [StatusItem::Messages]).map(drop));
        other(told, &line);
        let line = format!("* MYRIGHTS {name} lr");
        other(answered(&line, |s| s.acl("A").my_rights().map(drop)), &line);
        let line = format!("* ACL {name} ann lr");
        other(answered(&line, |s| s.acl("A").get().map(drop)), &line);
        let line = format!("* LISTRIGHTS {name} ann lr");
        let told = answered(&line, |s| s.acl("A").list_rights("ann").map(drop));
        other(told, &line);
        let line = format!("* QUOTAROOT {name} \"\"");
        other(answered(&line, |s| s.quota().roots("A").map(drop)), &line);
        let line = format!("* METADATA {name} (/private/comment x)");
        let told = answered(&line, |s| s.metadata("A").get(["/private/comment"]));
        assert!(told.unwrap().entries().is_empty(), "{line}");
    }
    let server = answered("* METADATA \"\" (/private/comment x)", |session| {
        session.metadata("A").get(["/private/comment"])
    });
    assert!(server.unwrap().entries().is_empty());
    let mailbox = answered("* METADATA A (/private/comment x)", |session| {
        session
            .metadata(MetadataScope::Server)
            .get(["/private/comment"])
    });
    assert!(mailbox.unwrap().entries().is_empty());
}

#[test]
fn fault_11_other_spellings_of_the_name_are_the_name() {
    for (asked, told) in [
        ("INBOX", "\"inbox\""),
        ("INBOX/a", "Inbox/a"),
        ("Entw\u{fc}rfe", "\"Entw&APw-rfe\""),
        ("Entw\u{fc}rfe", "\"Entw\u{fc}rfe\""),
        ("Entw\u{fc}rfe/\u{65e5}", "\"Entw&APw-rfe/\u{65e5}\""),
        // These are forms that servers are known for.
        ("Entwuerfe", "\"ENTWUERFE\""),
        ("Public Folders", "\"Public Folders/\""),
        ("a.b", "a/b"),
        ("Trash", "INBOX.Trash"),
    ] {
        let status = answered(&format!("* STATUS {told} (MESSAGES 4)"), |session| {
            session.status(asked, [StatusItem::Messages])
        });
        assert_eq!(status.unwrap().messages(), Some(4), "{asked} {told}");
        let mine = answered(&format!("* MYRIGHTS {told} lr"), |session| {
            session.acl(asked).my_rights()
        });
        assert_eq!(mine.unwrap(), rights("lr"), "{asked} {told}");
    }
}

/// Two mailboxes may differ by no more than what a server is known to change.
#[test]
fn fault_11_several_near_names_are_none_and_the_right_one_wins() {
    let several = answered(
        "* STATUS BOX (MESSAGES 1)|* STATUS Box/ (MESSAGES 2)",
        |s| s.status("box", [StatusItem::Messages]),
    );
    assert!(matches!(several, Err(Error::MissingData(_))), "{several:?}");
    let right = answered("* STATUS BOX (MESSAGES 1)|* STATUS box (MESSAGES 2)", |s| {
        s.status("box", [StatusItem::Messages])
    });
    assert_eq!(right.unwrap().messages(), Some(2));
}

#[test]
fn fault_11_what_comes_in_several_responses_is_one_answer() {
    let items = [StatusItem::Messages, StatusItem::Unseen];
    let status = answered("* STATUS a (MESSAGES 1)|* STATUS a (UNSEEN 2)", |session| {
        session.status("a", items)
    });
    let status = status.unwrap();
    assert_eq!((status.messages(), status.unseen()), (Some(1), Some(2)));
    let acl = answered("* ACL a ann l|* ACL a bob r", |session| {
        session.acl("a").get()
    });
    assert_eq!(acl.unwrap().entries().len(), 2);
}

#[test]
fn fault_36_what_cannot_be_read_is_an_error_that_keeps_the_octets() {
    let unreadable = |result: Result<()>, line: &str| match result {
        Err(Error::Unparsable(error)) => {
            let octets = error.octets().escape_ascii().to_string();
            assert!(octets.starts_with(line), "{octets}");
        }
        other => panic!("{line}: {other:?}"),
    };
    let line = "* STATUS A (MESSAGES";
    let told = answered(line, |s| s.status("A", [StatusItem::Messages]).map(drop));
    unreadable(told, line);
    let line = "* MYRIGHTS (";
    unreadable(answered(line, |s| s.acl("A").my_rights().map(drop)), line);
    let line = "* ACL";
    unreadable(answered(line, |s| s.acl("A").get().map(drop)), line);
    let line = "* QUOTAROOT";
    unreadable(answered(line, |s| s.quota().roots("A").map(drop)), line);
    let line = "* NAMESPACE x";
    unreadable(answered(line, |s| s.namespace().map(drop)), line);
    let line = "* METADATA A (/private/comment";
    let told = answered(line, |s| {
        s.metadata("A").get(["/private/comment"]).map(drop)
    });
    unreadable(told, line);
    // A part of the quotas is not all of them.
    let lines = "* QUOTAROOT A r|* QUOTA r (STORAGE";
    match answered(lines, |s| s.quota().roots("A")) {
        Err(Error::Unparsable(error)) => assert!(error.octets().starts_with(b"* QUOTA r")),
        other => panic!("{other:?}"),
    }
}

/// The same in batches, where others are asked for too.
#[test]
fn fault_11_in_batches() {
    let (server, session) = logged_in_with(
        CAN,
        r#"
        C: {a} STATUS "A" (MESSAGES)
        C: {b} STATUS "c" (MESSAGES)
        S: * STATUS "B" (MESSAGES 99)
        S: * STATUS "C" (MESSAGES 3)
        S: {a} OK done
        S: {b} OK done
        C: {d} MYRIGHTS "Deleted Items"
        C: {e} GETMETADATA "A" ("/private/comment")
        S: * MYRIGHTS B lr
        S: * METADATA "A" (/private/comment x)
        S: * MYRIGHTS Deleted Items lrs
        S: {d} OK done
        S: {e} OK done
        "#,
        |builder| builder,
    );
    let status = |name: &str| Status::new(name, [StatusItem::Messages]).unwrap();
    let (a, c) = session.pipeline((status("A"), status("c"))).unwrap();
    assert!(matches!(a, Err(Error::MissingData("STATUS"))), "{a:?}");
    assert_eq!(c.unwrap().messages(), Some(3));
    let mine = MyRights::new("Deleted Items").unwrap();
    let names = ["/private/comment"];
    let metadata = GetMetadata::new("A", names).unwrap();
    let (mine, metadata) = session.pipeline((mine, metadata)).unwrap();
    assert_eq!(mine.unwrap(), rights("lrs"));
    assert_eq!(metadata.unwrap().entries().len(), 1);
    drop(session);
    server.finish();
}
