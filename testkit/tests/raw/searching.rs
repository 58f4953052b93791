//! Searches and sorts with the results of extensions, and results that are saved.

use latchbox_testkit::{NewMessage, Server, message};

use crate::client::Client;

fn server(capabilities: &[&str]) -> Server {
    let mail = |subject: &str| NewMessage::new(message(subject, "ann@example.com", "Hi!"));
    let builder = Server::builder()
        .mailbox("INBOX", [mail("b"), mail("c").flag("\\Seen"), mail("a")])
        .mailbox("Work", [mail("d")])
        .mailbox("Work/Old", [mail("e").flag("\\Seen")])
        .mailbox("Work/Old/Older", [mail("f")]);
    let all = capabilities.iter();
    all.fold(builder, |builder, name| builder.with(name))
        .start()
        .unwrap()
}

#[test]
fn a_saved_result_stands_for_its_messages() {
    let server = server(&[]);
    let mut client = Client::select(&server, "INBOX");
    assert_eq!(client.ask("UID FETCH $ UID"), [] as [&str; 0]);
    assert_eq!(client.ask("SEARCH RETURN (SAVE) UNSEEN"), [] as [&str; 0]);
    assert_eq!(
        client.ask("FETCH $ UID"),
        ["* 1 FETCH (UID 1)", "* 3 FETCH (UID 3)"]
    );
    assert_eq!(client.ask("SEARCH NOT $"), ["* SEARCH 2"]);
    let counted = client.ask("UID SEARCH RETURN (SAVE MAX) $");
    assert_eq!(counted, ["* ESEARCH (TAG \"a\") UID MAX 3"]);
    assert_eq!(client.ask("FETCH $ UID"), ["* 3 FETCH (UID 3)"]);
    client.ask("STORE $ +FLAGS.SILENT (\\Deleted)");
    assert_eq!(client.ask("UID EXPUNGE $"), ["* 3 EXPUNGE"]);
    assert_eq!(client.ask("FETCH $ UID"), [] as [&str; 0]);
    let refused = client.tagged("SEARCH RETURN (SAVE) CHARSET X ALL");
    assert!(refused.starts_with("a NO [BADCHARSET "), "{refused}");
    client.ask("SELECT INBOX");
    assert_eq!(client.ask("UID FETCH $ UID"), [] as [&str; 0]);
}

#[test]
fn a_sort_returns_what_is_asked_for_in_its_order() {
    let server = server(&["ESORT", "THREAD=REFS"]);
    let mut client = Client::select(&server, "INBOX");
    assert_eq!(client.ask("SORT (SUBJECT) UTF-8 ALL"), ["* SORT 3 1 2"]);
    assert_eq!(
        client.ask("UID SORT RETURN (MIN MAX COUNT ALL) (SUBJECT) UTF-8 ALL"),
        ["* ESEARCH (TAG \"a\") UID MIN 3 MAX 2 COUNT 3 ALL 3,1,2"]
    );
    assert_eq!(
        client.ask("SORT RETURN (PARTIAL -1:-2) (SUBJECT) UTF-8 ALL"),
        ["* ESEARCH (TAG \"a\") PARTIAL (-1:-2 1,2)"]
    );
    client.ask("UID SORT RETURN (SAVE) (SUBJECT) UTF-8 SEEN");
    assert_eq!(client.ask("UID FETCH $ UID"), ["* 2 FETCH (UID 2)"]);
    assert_eq!(client.ask("THREAD REFS UTF-8 ALL"), ["* THREAD (1)(2)(3)"]);
    let without = Server::start().unwrap();
    let mut other = Client::select(&without, "INBOX");
    assert_eq!(
        other.tagged("SORT RETURN (MIN) (DATE) UTF-8 ALL"),
        "a BAD Octet 8: ESORT is not advertised"
    );
}

#[test]
fn several_mailboxes_are_searched_at_once() {
    let server = server(&["MULTISEARCH"]);
    let mut client = Client::login(&server);
    let found = |mailbox: &str, uid_validity: u32, result: &str| {
        format!(
            "* ESEARCH (TAG \"a\" MAILBOX \"{mailbox}\" UIDVALIDITY {uid_validity}) UID {result}"
        )
    };
    assert_eq!(
        client.ask("ESEARCH IN (personal) RETURN (COUNT) UNSEEN"),
        [
            found("INBOX", 1, "COUNT 2"),
            found("Work", 2, "COUNT 1"),
            found("Work/Old/Older", 4, "COUNT 1")
        ]
    );
    assert_eq!(
        client.ask("ESEARCH IN (subtree-one Work mailboxes INBOX) SEEN"),
        [found("INBOX", 1, "ALL 2"), found("Work/Old", 3, "ALL 1")]
    );
    assert_eq!(client.ask("ESEARCH ALL"), [] as [&str; 0]);
    client.ask("EXAMINE Work");
    assert_eq!(client.ask("ESEARCH ALL"), [found("Work", 2, "ALL 1")]);
    assert!(
        client
            .tagged("ESEARCH IN (selected) 1")
            .starts_with("a BAD ")
    );
}

#[test]
fn keys_of_extensions_find_messages() {
    let server = server(&["SAVEDATE", "SEARCH=FUZZY", "X-GM-EXT-1"]);
    let mut client = Client::select(&server, "INBOX");
    for (keys, found) in [
        ("SAVEDATESUPPORTED", "* SEARCH 1 2 3"),
        ("SAVEDSINCE 1-Jan-2020", "* SEARCH 1 2 3"),
        ("SAVEDBEFORE 1-Jan-2020", "* SEARCH"),
        ("FUZZY SUBJECT c", "* SEARCH 2"),
        ("X-GM-RAW \"Subject: c\"", "* SEARCH 2"),
        ("X-GM-LABELS Work", "* SEARCH 3"),
        ("X-GM-MSGID 1", "* SEARCH"),
    ] {
        if keys.ends_with("Work") {
            client.ask("STORE 3 +X-GM-LABELS (Work)");
        }
        assert_eq!(client.ask(&format!("SEARCH {keys}")), [found], "{keys}");
    }
}

#[test]
fn commands_on_many_messages_report_how_far_they_are() {
    let many = || message("Hello", "ann@example.com", "Hi!");
    let builder = Server::builder().fill("INBOX", 1000, many());
    let server = builder.with("INPROGRESS").start().unwrap();
    let mut client = Client::select(&server, "INBOX");
    let half = "* OK [INPROGRESS (\"a\" 500 1000)] Half of it is done";
    assert_eq!(client.ask("SEARCH UID 1"), [half, "* SEARCH 1"]);
    assert_eq!(client.ask("UID COPY 1:* INBOX")[0], half);
    assert_eq!(client.ask("UID STORE 1 +FLAGS.SILENT x").len(), 0);
    let server = Server::builder()
        .fill("INBOX", 1000, many())
        .start()
        .unwrap();
    let mut client = Client::select(&server, "INBOX");
    assert_eq!(client.ask("SEARCH UID 1"), ["* SEARCH 1"]);
}

#[test]
fn stored_searches_stand_for_their_keys() {
    let seen = latchbox_testkit::NewMessage::new(latchbox_testkit::message(
        "Seen",
        "ann@example.com",
        "Hi!",
    ));
    let new = latchbox_testkit::message("Offer", "bob@example.com", "Buy!");
    let server = latchbox_testkit::Server::builder()
        .with("FILTERS")
        .mailbox("INBOX", [seen.flag("\\Seen")])
        .mailbox("INBOX", [new])
        .start()
        .unwrap();
    let mut client = Client::select(&server, "INBOX");
    client.ask("SETMETADATA \"\" (/private/filters/values/offers \"UNSEEN SUBJECT offer\")");
    client.ask("SETMETADATA \"\" (/private/filters/values/others \"NOT FILTER offers\")");
    client.ask("SETMETADATA \"\" (/private/filters/values/loop \"FILTER loop\")");
    assert_eq!(client.ask("SEARCH FILTER offers"), ["* SEARCH 2"]);
    assert_eq!(client.ask("UID SEARCH FILTER others"), ["* SEARCH 1"]);
    for name in ["none", "loop"] {
        let refused = client.tagged(&format!("SEARCH OR FILTER {name} ALL"));
        let expected = format!("a NO [UNDEFINED-FILTER {name}] ");
        assert!(refused.starts_with(&expected), "{refused}");
    }
}
