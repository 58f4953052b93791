//! Each extension by itself: a command of it is refused where it is not advertised, and carried out
//! where it is.

use latchbox_testkit::{Builder, Server, USER, message};

use crate::client::Client;

/// A capability, what a client has to send before, and a command that needs it.
const COMMANDS: &[(&str, &[&str], &str)] = &[
    ("ACL", &[], "GETACL INBOX"),
    ("APPENDLIMIT", &[], "STATUS INBOX (APPENDLIMIT)"),
    ("BINARY", &[], "FETCH 1 BINARY.PEEK[1]"),
    ("CATENATE", &[], "APPEND Box CATENATE (TEXT {1+}\r\nx)"),
    ("COMPRESS=DEFLATE", &[], "COMPRESS DEFLATE"),
    ("CONDSTORE", &[], "FETCH 1 MODSEQ"),
    ("CONTEXT=SEARCH", &[], "SEARCH RETURN (PARTIAL 1:2) ALL"),
    ("CONTEXT=SEARCH", &[], "SEARCH RETURN (UPDATE) ALL"),
    ("CONTEXT=SEARCH", &[], "CANCELUPDATE \"b\""),
    (
        "CONTEXT=SORT",
        &["ESORT"],
        "SORT RETURN (UPDATE PARTIAL 1:2) (DATE) UTF-8 ALL",
    ),
    ("CREATE-SPECIAL-USE", &[], "CREATE New (USE (\\Sent))"),
    ("ENABLE", &[], "ENABLE CONDSTORE"),
    ("ESEARCH", &[], "SEARCH RETURN (COUNT) ALL"),
    ("ESORT", &[], "SORT RETURN (COUNT) (DATE) UTF-8 ALL"),
    ("FILTERS", &["METADATA"], "SEARCH FILTER mine"),
    ("ID", &[], "ID NIL"),
    ("JMAPACCESS", &[], "GETJMAPACCESS"),
    ("LANGUAGE", &[], "LANGUAGE"),
    ("LIST-EXTENDED", &[], "LIST (SUBSCRIBED) \"\" *"),
    (
        "LIST-METADATA",
        &[],
        "LIST \"\" * RETURN (METADATA (/shared/comment))",
    ),
    ("LIST-MYRIGHTS", &[], "LIST \"\" * RETURN (MYRIGHTS)"),
    ("LIST-STATUS", &[], "LIST \"\" * RETURN (STATUS (MESSAGES))"),
    ("METADATA", &[], "GETMETADATA INBOX /shared/comment"),
    ("METADATA-SERVER", &[], "GETMETADATA \"\" /shared/comment"),
    ("MOVE", &[], "MOVE 1 Box"),
    ("MULTIAPPEND", &[], "APPEND Box {1+}\r\nx {1+}\r\ny"),
    ("MULTISEARCH", &[], "ESEARCH IN (mailboxes INBOX) ALL"),
    ("NAMESPACE", &[], "NAMESPACE"),
    ("NOTIFY", &[], "NOTIFY NONE"),
    ("OBJECTID", &[], "FETCH 1 (EMAILID THREADID)"),
    ("PARTIAL", &[], "UID FETCH 1:* FLAGS (PARTIAL 1:2)"),
    ("PREVIEW", &[], "FETCH 1 PREVIEW"),
    ("QRESYNC", &[], "SELECT INBOX (QRESYNC (1 2))"),
    ("QUOTA", &[], "GETQUOTAROOT INBOX"),
    ("QUOTA=RES-MESSAGE", &[], "STATUS INBOX (DELETED)"),
    ("QUOTA=RES-STORAGE", &[], "STATUS INBOX (DELETED-STORAGE)"),
    ("QUOTASET", &["QUOTA"], "SETQUOTA \"\" (STORAGE 512)"),
    ("REPLACE", &[], "REPLACE 1 Box {1+}\r\nx"),
    ("SAVEDATE", &[], "FETCH 1 SAVEDATE"),
    ("SEARCH=FUZZY", &[], "SEARCH FUZZY SUBJECT hello"),
    ("SEARCHRES", &["ESEARCH"], "SEARCH RETURN (SAVE) ALL"),
    ("SORT", &[], "SORT (DATE) UTF-8 ALL"),
    ("SORT=DISPLAY", &["SORT"], "SORT (DISPLAYFROM) UTF-8 ALL"),
    (
        "SPECIAL-USE",
        &["LIST-EXTENDED"],
        "LIST (SPECIAL-USE) \"\" *",
    ),
    ("STATUS=SIZE", &[], "STATUS INBOX (SIZE)"),
    (
        "THREAD=ORDEREDSUBJECT",
        &[],
        "THREAD ORDEREDSUBJECT UTF-8 ALL",
    ),
    ("THREAD=REFERENCES", &[], "THREAD REFERENCES UTF-8 ALL"),
    ("THREAD=REFS", &[], "THREAD REFS UTF-8 ALL"),
    ("UIDBATCHES", &[], "UIDBATCHES 500"),
    ("UIDPLUS", &[], "UID EXPUNGE 1"),
    ("UNAUTHENTICATE", &[], "UNAUTHENTICATE"),
    ("UNSELECT", &[], "UNSELECT"),
    ("WITHIN", &[], "SEARCH YOUNGER 60"),
    (
        "X-GM-EXT-1",
        &[],
        "FETCH 1 (X-GM-MSGID X-GM-THRID X-GM-LABELS)",
    ),
    ("XLIST", &[], "XLIST \"\" *"),
];

/// Capabilities that ENABLE takes, and that change what follows.
const ENABLED: &[&str] = &[
    "CONDSTORE",
    "IMAP4REV2",
    "QRESYNC",
    "UIDONLY",
    "UTF8=ACCEPT",
];

/// What cannot stand beside a capability, because it brings the same.
fn others(capability: &str) -> &[&str] {
    match capability {
        "CONTEXT=SEARCH" => &["PARTIAL", "CONTEXT=SORT"],
        "CONTEXT=SORT" => &["PARTIAL", "CONTEXT=SEARCH"],
        "METADATA" => &["METADATA-SERVER"],
        "METADATA-SERVER" => &["METADATA"],
        _ => &[],
    }
}

/// A server with two messages that has what a test needs, and not more than the default beside.
fn builder(names: &[&str]) -> Builder {
    let hello = || message("Hello", "ann@example.com", "Hi!");
    let builder = Server::builder()
        .mailbox("INBOX", [hello(), hello()])
        .empty_mailbox("Box");
    names
        .iter()
        .fold(builder, |builder, name| builder.without(name).with(name))
}

/// The line that completes a command after SELECT.
fn completed(builder: Builder, command: &str) -> String {
    let server = builder.start().unwrap();
    let mut client = Client::select(&server, "INBOX");
    if command.contains("QRESYNC") {
        client.tagged("ENABLE QRESYNC");
    }
    client.tagged(command)
}

#[test]
fn each_extension_is_switched_by_itself() {
    for (capability, needs, command) in COMMANDS {
        let with = builder(needs).without(capability).with(capability);
        let answer = completed(with, command);
        let is_known = answer.starts_with("a OK") || answer.contains("[UNDEFINED-FILTER mine]");
        assert!(is_known, "with {capability}: {command}: {answer}");

        let without = builder(needs).without(capability);
        let without = others(capability)
            .iter()
            .fold(without, |builder, name| builder.without(name));
        let answer = completed(without, command);
        let reason = match *capability {
            "QRESYNC" => "QRESYNC",
            _ => "is not advertised",
        };
        let is_refused = answer.starts_with("a BAD") && answer.contains(reason);
        let is_named = answer.contains(capability);
        assert!(
            is_refused && is_named,
            "without {capability}: {command}: {answer}"
        );
    }
}

#[test]
fn what_is_enabled_is_switched_by_itself() {
    for capability in ENABLED {
        let enable = format!("ENABLE {capability}");
        let with = Server::builder()
            .without(capability)
            .with(capability)
            .start()
            .unwrap();
        let enabled = Client::login(&with).ask(&enable);
        assert_eq!(enabled, [format!("* ENABLED {capability}")]);
        let without = Server::builder().without(capability).start().unwrap();
        assert_eq!(Client::login(&without).ask(&enable), ["* ENABLED"]);
    }
}

#[test]
fn idle_and_children_are_switched_by_themselves() {
    let server = Server::builder()
        .without("IDLE")
        .without("CHILDREN")
        .start()
        .unwrap();
    let mut client = Client::select(&server, "INBOX");
    assert_eq!(
        client.tagged("IDLE"),
        "a BAD Octet 3: IDLE is not advertised"
    );
    assert_eq!(client.ask("LIST \"\" INBOX"), ["* LIST () \"/\" \"INBOX\""]);
    let initial = client.tagged("UNAUTHENTICATE");
    assert_eq!(initial, "a BAD Octet 3: UNAUTHENTICATE is not advertised");
    let server = Server::builder().without("SASL-IR").start().unwrap();
    let refused = Client::connect(&server).tagged("AUTHENTICATE PLAIN AGEAYg==");
    assert_eq!(refused, "a BAD Octet 22: SASL-IR is not advertised");
}

#[test]
fn a_search_is_not_kept_current_and_the_client_is_told() {
    let server = builder(&["CONTEXT=SEARCH"]).start().unwrap();
    let mut client = Client::select(&server, "INBOX");
    assert_eq!(
        client.ask("SEARCH RETURN (UPDATE CONTEXT COUNT) ALL"),
        [
            "* NO [NOUPDATE \"a\"] Results are not kept current",
            "* ESEARCH (TAG \"a\") COUNT 2",
        ]
    );
    let sort = "SORT RETURN (UPDATE COUNT) (DATE) UTF-8 ALL";
    assert!(client.tagged(sort).contains("ESORT is not advertised"));
}

#[test]
fn a_limit_that_is_advertised_is_enforced() {
    let server = Server::builder().with("APPENDLIMIT=5").start().unwrap();
    let mut client = Client::login(&server);
    assert_eq!(
        client.tagged("APPEND INBOX {6}"),
        "a NO [TOOBIG] That is too much"
    );
    client.ask("APPEND INBOX {5+}\r\nhello");
    let server = Server::builder()
        .with("APPENDLIMIT")
        .append_limit(7)
        .start()
        .unwrap();
    let status = Client::login(&server).ask("STATUS INBOX (APPENDLIMIT)");
    assert_eq!(status, ["* STATUS \"INBOX\" (APPENDLIMIT 7)"]);
    assert!(server.messages_of(USER, "INBOX").is_empty());
}
