//! Fewer messages at a time: MESSAGELIMIT, SAVELIMIT, PARTIAL, UIDBATCHES; and UIDONLY.

use latchbox_testkit::{NewMessage, Server, USER, message};

use crate::client::Client;

fn hello() -> NewMessage {
    NewMessage::new(message("Hello", "ann@example.com", "Hi!"))
}

fn selected(capability: &str, count: u32) -> (Server, Client<std::net::TcpStream>) {
    let server = Server::builder()
        .with(capability)
        .fill("Box", count, hello())
        .start()
        .unwrap();
    let client = Client::select(&server, "Box");
    (server, client)
}

/// The number of a message, and the UID.
fn uids(rows: &[String]) -> Vec<&str> {
    let uid = |row: &str| row.find("UID ").map(|at| at + 4);
    let uids = rows.iter().filter_map(|row| row.get(uid(row)?..));
    uids.filter_map(|rest| rest.split([' ', ')']).next())
        .collect()
}

#[test]
fn a_limit_takes_the_highest_first_and_says_where_it_stopped() {
    let (server, mut client) = selected("MESSAGELIMIT=2", 5);
    let rows = client.try_ask("UID FETCH 1:* (FLAGS)");
    assert_eq!(uids(&rows), ["5", "4"]);
    assert_eq!(rows[2], "a OK [MESSAGELIMIT 2 4] Fetched");
    let rows = client.try_ask("UID FETCH 1:3 (FLAGS)");
    assert_eq!(uids(&rows), ["3", "2"]);
    assert_eq!(rows[2], "a OK [MESSAGELIMIT 2 2] Fetched");
    assert_eq!(client.tagged("UID FETCH 1:1 (FLAGS)"), "a OK Fetched");
    assert_eq!(
        client.try_ask("UID SEARCH UID 1:4"),
        ["* SEARCH 3 4", "a OK [MESSAGELIMIT 2 3] Done"]
    );
    let stored = client.try_ask("UID STORE 1:* +FLAGS.SILENT (\\Deleted)");
    assert_eq!(stored, ["a OK [MESSAGELIMIT 2 4] Stored"]);
    let conditional = "UID STORE 1:* (UNCHANGEDSINCE 1) FLAGS ()";
    assert_eq!(
        client.try_ask(conditional),
        [
            "* NO [MESSAGELIMIT 2 4] The others were not looked at",
            "a OK [MODIFIED 4:5] Some have changed meanwhile"
        ]
    );
    assert_eq!(
        client.tagged("UID COPY 1:3 INBOX"),
        "a NO [MESSAGELIMIT 2 2] There are too many messages"
    );
    assert_eq!(client.tagged("UID EXPUNGE 1:*"), "a OK Expunged");
    assert_eq!(
        client.try_ask("UID MOVE 1:* INBOX"),
        [
            "* OK [COPYUID 1 2:3 1:2] Moved",
            "* 2 EXPUNGE",
            "* 2 EXPUNGE",
            "a OK [MESSAGELIMIT 2 2] Moved"
        ]
    );
    assert_eq!(server.messages("Box").len(), 1);
}

#[test]
fn what_is_saved_has_its_own_limit() {
    let (server, mut client) = selected("SAVELIMIT=2", 4);
    let refused = "a NO [MESSAGELIMIT 2 3] There are too many messages";
    assert_eq!(client.tagged("UID COPY 1:4 INBOX"), refused);
    assert_eq!(uids(&client.ask("UID FETCH 1:* (FLAGS)")).len(), 4);
    let append = "APPEND INBOX {1+}\r\nx {1+}\r\nx {1+}\r\nx";
    assert_eq!(
        client.tagged(append),
        "a NO [MESSAGELIMIT 2] These are too many messages"
    );
    assert_eq!(server.messages("INBOX").len(), 0);
}

#[test]
fn pages_of_a_fetch() {
    let (server, mut client) = selected("X", 9);
    server.expunge(USER, "Box", [8]);
    client.ask("NOOP");
    for (page, expected) in [
        ("1:2", vec!["1", "2"]),
        ("2:1", vec!["1", "2"]),
        ("-1:-3", vec!["6", "7", "9"]),
        ("-7:-100", vec!["1", "2"]),
        ("8:100", vec!["9"]),
        ("9:100", vec![]),
    ] {
        let rows = client.ask(&format!("UID FETCH 1:* (FLAGS) (PARTIAL {page})"));
        assert_eq!(uids(&rows), expected, "{page}");
    }
    server.set_flags(USER, "Box", 3, &["x"]);
    server.set_flags(USER, "Box", 5, &["x"]);
    client.ask("NOOP");
    let rows = client.ask("UID FETCH 1:* FLAGS (PARTIAL -1:-1 CHANGEDSINCE 2)");
    assert_eq!(rows, ["* 5 FETCH (UID 5 FLAGS (x \\Recent) MODSEQ (5))"]);
}

#[test]
fn batches_of_uids() {
    let (server, mut client) = selected("UIDBATCHES", 1200);
    server.expunge(USER, "Box", [1, 200, 1150]);
    client.ask("NOOP");
    let all = ["* UIDBATCHES (TAG \"a\") 1200:700,699:199,198:1"];
    assert_eq!(client.ask("UIDBATCHES 500 1:4"), all);
    assert_eq!(client.ask("UIDBATCHES 500"), all);
    let second = ["* UIDBATCHES (TAG \"a\") 699:199"];
    assert_eq!(client.ask("UIDBATCHES 500 2:2"), second);
    assert_eq!(
        client.ask("UIDBATCHES 500 4:9"),
        ["* UIDBATCHES (TAG \"a\")"]
    );
    for wrong in [
        "UIDBATCHES 499 1:4",
        "UIDBATCHES 2000 1:51",
        "UIDBATCHES 500 1:*",
    ] {
        assert!(client.tagged(wrong).starts_with("a BAD "), "{wrong}");
    }
    assert_eq!(client.ask("UIDBATCHES 2000 1:50").len(), 1);
}

#[test]
fn without_sequence_numbers() {
    let (server, mut client) = selected("UIDONLY", 3);
    assert_eq!(client.ask("ENABLE UIDONLY"), ["* ENABLED UIDONLY"]);
    for command in [
        "FETCH 1 (FLAGS)",
        "STORE 1 FLAGS ()",
        "COPY 1 INBOX",
        "SEARCH ALL",
        "UID SEARCH NOT 1:2",
        "THREAD REFERENCES UTF-8 ALL",
    ] {
        let tagged = client.tagged(command);
        assert!(
            tagged.starts_with("a BAD [UIDREQUIRED] "),
            "{command}: {tagged}"
        );
    }
    assert_eq!(
        client.ask("UID FETCH 2 (FLAGS)"),
        ["* 2 UIDFETCH (FLAGS (\\Recent))"]
    );
    assert_eq!(
        client.ask("UID STORE 3 FLAGS (x)"),
        ["* 3 UIDFETCH (FLAGS (x \\Recent))"]
    );
    server.set_flags(USER, "Box", 3, &[]);
    server.expunge(USER, "Box", [1]);
    assert_eq!(
        client.ask("NOOP"),
        ["* 3 UIDFETCH (FLAGS (\\Recent))", "* VANISHED 1"]
    );
    let lines = client.ask("SELECT Box");
    assert!(!lines.iter().any(|line| line.contains("[UNSEEN")));
}
