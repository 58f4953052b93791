//! Changes in the selected mailbox, and who is told of them.

use latchbox_testkit::{Server, USER, message};

use crate::client::Client;

fn filled(count: usize) -> Server {
    let messages = (0..count).map(|n| message(&format!("m{n}"), "ann@example.com", "x"));
    Server::builder()
        .mailbox("INBOX", messages)
        .mailbox("Trash", [] as [Vec<u8>; 0])
        .start()
        .unwrap()
}

fn uids(server: &Server, mailbox: &str) -> Vec<u32> {
    server
        .messages(mailbox)
        .iter()
        .map(|message| message.uid)
        .collect()
}

#[test]
fn select_says_what_there_is() {
    let server = filled(2);
    let mut client = Client::login(&server);
    assert_eq!(
        client.ask("SELECT INBOX"),
        [
            "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)",
            "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] What can be set",
            "* 2 EXISTS",
            "* 2 RECENT",
            "* OK [UIDVALIDITY 1] UIDs are valid",
            "* OK [UIDNEXT 3] The next UID",
            "* OK [UNSEEN 1] The first unseen message",
            "* OK [HIGHESTMODSEQ 3] The last change",
        ]
    );
    assert_eq!(client.tagged("EXAMINE INBOX"), "a OK [READ-ONLY] Selected");
    assert_eq!(
        client.tagged("UID STORE 1 FLAGS ()"),
        "a NO The mailbox was selected read-only"
    );
    let lines = client.try_ask("SELECT x");
    assert_eq!(lines[0], "* OK [CLOSED] The previous mailbox is closed");
    assert_eq!(lines[1], "a NO [NONEXISTENT] There is no such mailbox");
    assert_eq!(client.tagged("FETCH 1 UID"), "a BAD Select a mailbox first");
}

#[test]
fn store_answers_the_one_and_tells_the_other() {
    let server = filled(2);
    let mut one = Client::select(&server, "INBOX");
    let mut other = Client::select(&server, "INBOX");
    assert_eq!(
        one.ask("UID STORE 1:* +FLAGS (\\Seen $x)"),
        [
            "* 1 FETCH (UID 1 FLAGS (\\Seen $x \\Recent))",
            "* 2 FETCH (UID 2 FLAGS (\\Seen $x \\Recent))"
        ]
    );
    assert_eq!(one.ask("STORE 1 -FLAGS.SILENT (\\Seen)"), [] as [&str; 0]);
    assert_eq!(
        one.ask("STORE 2 FLAGS ()"),
        ["* 2 FETCH (FLAGS (\\Recent))"]
    );
    assert_eq!(
        other.ask("NOOP"),
        ["* 1 FETCH (UID 1 FLAGS ($x))", "* 2 FETCH (UID 2 FLAGS ())"]
    );
    assert_eq!(one.ask("NOOP"), [] as [&str; 0]);
}

#[test]
fn expunges_wait_for_a_command_that_may_bring_them() {
    let server = filled(3);
    let mut one = Client::select(&server, "INBOX");
    let mut other = Client::select(&server, "INBOX");
    one.ask("STORE 1,2 +FLAGS.SILENT (\\Deleted)");
    assert_eq!(one.ask("UID EXPUNGE 2:3"), ["* 2 EXPUNGE"]);
    assert_eq!(one.ask("EXPUNGE"), ["* 1 EXPUNGE"]);
    assert_eq!(other.ask("FETCH 3 UID"), ["* 3 FETCH (UID 3)"]);
    assert_eq!(other.ask("SEARCH ALL"), ["* SEARCH 3"]);
    assert_eq!(other.ask("NOOP"), ["* 1 EXPUNGE", "* 1 EXPUNGE"]);
    assert_eq!(uids(&server, "INBOX"), [3]);
}

#[test]
fn close_expunges_and_unselect_does_not() {
    let server = filled(2);
    let mut client = Client::select(&server, "INBOX");
    client.ask("STORE 1 +FLAGS.SILENT (\\Deleted)");
    client.ask("UNSELECT");
    assert_eq!(uids(&server, "INBOX"), [1, 2]);
    client.ask("SELECT INBOX");
    assert_eq!(client.ask("CLOSE"), [] as [&str; 0]);
    assert_eq!(uids(&server, "INBOX"), [2]);
}

#[test]
fn copy_and_move() {
    let server = filled(3);
    let mut client = Client::select(&server, "INBOX");
    assert_eq!(
        client.tagged("UID COPY 1,3 Trash"),
        "a OK [COPYUID 2 1,3 1:2] Copied"
    );
    assert_eq!(
        client.try_ask("MOVE 2:3 Trash"),
        [
            "* OK [COPYUID 2 2:3 3:4] Moved",
            "* 2 EXPUNGE",
            "* 2 EXPUNGE",
            "a OK Moved"
        ]
    );
    assert_eq!(
        client.tagged("COPY 1 x"),
        "a NO [TRYCREATE] There is no such mailbox"
    );
    assert_eq!(uids(&server, "INBOX"), [1]);
    assert_eq!(uids(&server, "Trash"), [1, 2, 3, 4]);
}

#[test]
fn append_with_both_kinds_of_literals() {
    let server = filled(0);
    let mut client = Client::select(&server, "INBOX");
    client.send("a APPEND INBOX (\\Seen) \"01-Feb-2025 10:00:00 +0100\" {6}\r\n");
    assert_eq!(client.line(), "+ Ready for the literal");
    client.send(b"\xfc\r\n\r\nx\r\n");
    let appended = ["* 1 EXISTS", "* 1 RECENT", "a OK [APPENDUID 1 1] Appended"];
    assert_eq!(client.answer(), appended);
    let dates = "* 1 FETCH (INTERNALDATE \" 1-Feb-2025 10:00:00 +0100\" FLAGS (\\Seen \\Recent))";
    assert_eq!(client.ask("FETCH 1 (INTERNALDATE FLAGS)"), [dates]);

    let big = vec![b'x'; 5 << 20];
    client.send(format!("a APPEND Trash {{{}+}}\r\n", big.len()));
    client.send(&big);
    client.send("\r\n");
    assert_eq!(client.line(), "a OK [APPENDUID 2 1] Appended");
    assert_eq!(*server.messages("Trash")[0].bytes, *big);
    client.ask("SELECT Trash");
    client.send("a FETCH 1 BODY.PEEK[]\r\n");
    assert_eq!(
        client.line(),
        format!("* 1 FETCH (BODY[] {{{}}}", big.len())
    );
    let mut back = vec![0; big.len()];
    std::io::Read::read_exact(&mut client.stream, &mut back).unwrap();
    assert!(back == big);
}

#[test]
fn condstore() {
    let server = filled(2);
    let mut one = Client::select(&server, "INBOX (CONDSTORE)");
    let mut other = Client::select(&server, "INBOX");
    other.ask("STORE 2 +FLAGS.SILENT (\\Seen)");
    assert_eq!(
        one.try_ask("UID STORE 1:2 (UNCHANGEDSINCE 3) +FLAGS.SILENT (\\Flagged)"),
        [
            "* 2 FETCH (UID 2 FLAGS (\\Seen \\Recent) MODSEQ (4))",
            "* 1 FETCH (UID 1 MODSEQ (5))",
            "a OK [MODIFIED 2] Some have changed meanwhile"
        ]
    );
    assert_eq!(
        one.ask("UID FETCH 1:* FLAGS (CHANGEDSINCE 4)"),
        ["* 1 FETCH (UID 1 FLAGS (\\Flagged \\Recent) MODSEQ (5))"]
    );
    assert_eq!(one.ask("SEARCH MODSEQ 4"), ["* SEARCH 1 2 (MODSEQ 5)"]);
    assert_eq!(
        one.ask("STATUS INBOX (HIGHESTMODSEQ)"),
        ["* STATUS \"INBOX\" (HIGHESTMODSEQ 5)"]
    );
}

#[test]
fn idle_is_told_at_once() {
    let server = filled(1);
    let mut idler = Client::select(&server, "INBOX");
    let mut other = Client::select(&server, "INBOX");
    idler.send("a IDLE\r\n");
    assert_eq!(idler.line(), "+ idling");
    server.deliver(USER, "INBOX", message("new", "x@example.com", "y"));
    assert_eq!(idler.line(), "* 2 EXISTS");
    assert_eq!(idler.line(), "* 1 RECENT".replace('1', "2"));
    other.ask("STORE 1 +FLAGS.SILENT (\\Deleted)");
    assert_eq!(idler.line(), "* 1 FETCH (UID 1 FLAGS (\\Deleted \\Recent))");
    other.ask("EXPUNGE");
    assert_eq!(idler.line(), "* 1 EXPUNGE");
    idler.send("DONE\r\n");
    assert_eq!(idler.line(), "a OK Idled");
    idler.ask("NOOP");
}

#[test]
fn ten_thousand_messages() {
    let server = filled(10_000);
    let mut client = Client::select(&server, "INBOX");
    assert_eq!(client.ask("UID FETCH 1:* (FLAGS ENVELOPE)").len(), 10_000);
    client.ask("UID STORE 1:9999 +FLAGS.SILENT (\\Deleted)");
    assert_eq!(client.ask("EXPUNGE").len(), 9_999);
    assert_eq!(uids(&server, "INBOX"), [10_000]);
}
