//! CONDSTORE and QRESYNC (RFC 7162).

use std::time::{Duration, Instant};

use latchbox_testkit::{NewMessage, Server, USER, message};

use crate::client::Client;

type Raw = Client<std::net::TcpStream>;

fn hello() -> NewMessage {
    NewMessage::new(message("Hello", "ann@example.com", "Hi!"))
}

fn filled(count: u32) -> Server {
    Server::builder()
        .with("QRESYNC")
        .fill("Q2", count, hello())
        .start()
        .unwrap()
}

fn enabled(server: &Server) -> Raw {
    let mut client = Client::login(server);
    assert_eq!(client.ask("ENABLE QRESYNC"), ["* ENABLED QRESYNC"]);
    client
}

/// UIDs 1 to 30, then 5, 12, 13 and 30 go, 7 changes, 31 and 32 arrive, 31 goes.
fn with_a_history() -> Server {
    let server = filled(30);
    server.expunge(USER, "Q2", [5]);
    server.expunge(USER, "Q2", [13, 12]);
    server.expunge(USER, "Q2", [30]);
    server.set_flags(USER, "Q2", 7, &["\\Seen", "kw"]);
    server.deliver(USER, "Q2", hello());
    server.deliver(USER, "Q2", hello());
    server.expunge(USER, "Q2", [31]);
    server
}

/// What a SELECT answers after HIGHESTMODSEQ.
fn news(client: &mut Raw, arguments: &str) -> Vec<String> {
    let mut lines = client.try_ask(&format!("EXAMINE Q2 (QRESYNC ({arguments}))"));
    assert_eq!(lines.pop().unwrap(), "a OK [READ-ONLY] Selected");
    let at = lines
        .iter()
        .position(|line| line.starts_with("* OK [HIGHESTMODSEQ "));
    lines.split_off(at.unwrap() + 1)
}

#[test]
fn select_tells_what_dovecot_tells() {
    let server = with_a_history();
    let mut client = enabled(&server);
    let lines = client.ask("EXAMINE Q2 (QRESYNC (2 2))");
    assert!(lines.contains(&"* 27 EXISTS".to_owned()));
    assert!(lines.contains(&"* OK [UIDNEXT 33] The next UID".to_owned()));
    assert!(lines.contains(&"* OK [HIGHESTMODSEQ 9] The last change".to_owned()));
    let seven = "* 6 FETCH (UID 7 FLAGS (\\Seen kw \\Recent) MODSEQ (6))";
    let new = "* 27 FETCH (UID 32 FLAGS (\\Recent) MODSEQ (8))";
    assert_eq!(
        news(&mut client, "2 2"),
        ["* VANISHED (EARLIER) 5,12:13,30:31", seven, new]
    );
    assert_eq!(
        news(&mut client, "2 2 1:30"),
        ["* VANISHED (EARLIER) 5,12:13,30", seven]
    );
    assert_eq!(
        news(&mut client, "2 2 1:12"),
        ["* VANISHED (EARLIER) 5,12", seven]
    );
    assert_eq!(
        news(&mut client, "2 4 1:30"),
        ["* VANISHED (EARLIER) 30", seven]
    );
    assert_eq!(news(&mut client, "2 9"), [] as [&str; 0]);
    assert_eq!(news(&mut client, "2 999999"), [] as [&str; 0]);
    assert_eq!(news(&mut client, "7 2"), [] as [&str; 0]);
    assert_eq!(news(&mut client, "2 1").len(), 28);
}

#[test]
fn arguments_that_qresync_does_not_take() {
    let server = with_a_history();
    let mut client = Client::login(&server);
    let refused = |client: &mut Raw, command: &str| {
        let tagged = client.tagged(command);
        assert!(tagged.starts_with("a BAD "), "{command}: {tagged}");
    };
    refused(&mut client, "SELECT Q2 (QRESYNC (2 2))");
    client.ask("ENABLE QRESYNC");
    client.ask("SELECT Q2");
    refused(&mut client, "FETCH 1 (FLAGS) (CHANGEDSINCE 2 VANISHED)");
    refused(&mut client, "UID FETCH 1 (FLAGS) (VANISHED)");
    let lines = client.try_ask("SELECT Q2 (QRESYNC (2 2 1:*))");
    assert_eq!(lines, ["a BAD Octet 27: a set of known messages has no *"]);
    refused(&mut client, "SELECT Q2 (QRESYNC (2 2 1:30 (1:2 1)))");
    refused(&mut client, "FETCH 1 FLAGS");

    let without = Server::builder().without("CONDSTORE").start().unwrap();
    let mut client = Client::login(&without);
    assert_eq!(client.ask("ENABLE QRESYNC"), ["* ENABLED"]);
    refused(&mut client, "SELECT INBOX (CONDSTORE)");
    refused(&mut client, "STATUS INBOX (HIGHESTMODSEQ)");
    let lines = client.ask("SELECT INBOX");
    assert!(!lines.iter().any(|line| line.contains("MODSEQ")));
    refused(&mut client, "SEARCH MODSEQ 1");
    refused(&mut client, "FETCH 1:* (MODSEQ)");
}

#[test]
fn the_highest_uid_that_is_gone() {
    let server = filled(30);
    server.expunge(USER, "Q2", [5, 12, 13, 29, 30]);
    let mut client = enabled(&server);
    client.ask("EXAMINE Q2");
    for (set, vanished) in [
        ("1:30", "5,12:13,29:30"),
        ("1:*", "5,12:13,29:30"),
        ("29:*", "29:30"),
        ("1:12", "5,12"),
    ] {
        let lines = client.ask(&format!(
            "UID FETCH {set} (FLAGS) (CHANGEDSINCE 2 VANISHED)"
        ));
        assert_eq!(lines, [format!("* VANISHED (EARLIER) {vanished}")], "{set}");
    }
    let last = ["* 25 FETCH (UID 28 FLAGS (\\Recent))"];
    assert_eq!(client.ask("UID FETCH 31:* (FLAGS)"), last);
    let none = client.ask("UID FETCH 1:30 (FLAGS) (CHANGEDSINCE 3 VANISHED)");
    assert_eq!(none, [] as [&str; 0]);
}

#[test]
fn a_forgotten_log_is_complete_and_a_lost_one_is_silent() {
    let server = filled(200);
    server.expunge(USER, "Q2", [3]);
    server.expunge(USER, "Q2", [50, 199, 200]);
    let mut client = enabled(&server);
    assert_eq!(
        news(&mut client, "2 3 1:200"),
        ["* VANISHED (EARLIER) 50,199:200"]
    );
    assert!(server.forget_expunges(USER, "Q2"));
    assert_eq!(
        news(&mut client, "2 3 1:200"),
        ["* VANISHED (EARLIER) 3,50,199:200"]
    );
    assert_eq!(news(&mut client, "2 3 1:60"), ["* VANISHED (EARLIER) 3,50"]);
    // Number 100 was UID 102 a moment ago: the server believes that nothing below is gone.
    let matched = news(&mut client, "2 3 1:200 (100 102)");
    assert_eq!(matched, ["* VANISHED (EARLIER) 199:200"]);
    assert_eq!(news(&mut client, "2 4 1:200"), [] as [&str; 0]);
    server.expunge(USER, "Q2", [7]);
    assert_eq!(news(&mut client, "2 4 1:200"), ["* VANISHED (EARLIER) 7"]);

    let before = server.state(USER, "Q2").unwrap();
    assert!(server.lose_mod_seqs(USER, "Q2"));
    let after = server.state(USER, "Q2").unwrap();
    assert_eq!(after.uid_validity, before.uid_validity);
    assert_eq!((after.uid_next, after.highest_mod_seq), (201, 2));
    assert_eq!(news(&mut client, "2 3 1:200"), [] as [&str; 0]);
    assert!(
        !news(&mut client, "2 1 1:200")
            .iter()
            .any(|line| line.contains("VANISHED"))
    );
    server.expunge(USER, "Q2", [8]);
    assert_eq!(news(&mut client, "2 2 1:200"), ["* VANISHED (EARLIER) 8"]);
}

#[test]
fn vanished_comes_in_the_place_of_expunge_and_brings_its_mod_seq() {
    let server = filled(4);
    let mut client = enabled(&server);
    let mut other = Client::select(&server, "Q2");
    client.ask("SELECT Q2");
    other.ask("STORE 2 +FLAGS (\\Seen)");
    let seen = "* 2 FETCH (UID 2 FLAGS (\\Seen) MODSEQ (3))";
    assert_eq!(client.try_ask("NOOP"), [seen, "a OK Done"]);
    server.expunge(USER, "Q2", [1, 3]);
    assert_eq!(
        client.try_ask("UID FETCH 2 (FLAGS)"),
        [
            "* 2 FETCH (UID 2 FLAGS (\\Seen))",
            "* VANISHED 1,3",
            "a OK [HIGHESTMODSEQ 4] Fetched"
        ]
    );
    assert_eq!(other.ask("NOOP"), ["* 1 EXPUNGE", "* 2 EXPUNGE"]);
    // By sequence numbers expunges wait, and so does what would hide them.
    server.expunge(USER, "Q2", [4]);
    server.set_flags(USER, "Q2", 2, &["\\Flagged"]);
    assert_eq!(
        client.try_ask("FETCH 1 (UID MODSEQ)"),
        [
            "* 1 FETCH (UID 2 FLAGS (\\Flagged) MODSEQ (6))",
            "* 1 FETCH (UID 2 MODSEQ (6))",
            "a OK [HIGHESTMODSEQ 4] Fetched"
        ]
    );
    assert_eq!(
        client.try_ask("UID STORE 2 +FLAGS.SILENT (\\Deleted)"),
        [
            "* 1 FETCH (UID 2 MODSEQ (7))",
            "* VANISHED 4",
            "a OK Stored"
        ]
    );
    assert_eq!(
        client.try_ask("EXPUNGE"),
        ["* VANISHED 2", "a OK [HIGHESTMODSEQ 8] Expunged"]
    );
    server.deliver(USER, "Q2", hello());
    assert_eq!(client.ask("NOOP")[0], "* 1 EXISTS");
    let moved = client.try_ask("UID MOVE 5 INBOX");
    assert_eq!(
        moved,
        [
            "* OK [COPYUID 1 5 1] Moved",
            "* VANISHED 5",
            "a OK [HIGHESTMODSEQ 10] Moved"
        ]
    );
}

#[test]
fn idle_has_mod_seqs_too() {
    let server = filled(2);
    let mut client = enabled(&server);
    client.ask("EXAMINE Q2");
    client.send("a IDLE\r\n");
    assert_eq!(client.line(), "+ idling");
    server.set_flags(USER, "Q2", 1, &["$x"]);
    assert_eq!(
        client.line(),
        "* 1 FETCH (UID 1 FLAGS ($x \\Recent) MODSEQ (3))"
    );
    server.expunge(USER, "Q2", [1]);
    assert_eq!(client.line(), "* VANISHED 1");
    assert_eq!(client.line(), "* OK [HIGHESTMODSEQ 4] Highest");
    client.send("DONE\r\n");
    assert_eq!(client.line(), "a OK Idled");
    server.deliver(USER, "Q2", hello());
    server.expunge(USER, "Q2", [3]);
    assert_eq!(client.try_ask("NOOP"), ["a OK [HIGHESTMODSEQ 6] Done"]);
}

#[test]
fn no_change_is_no_news() {
    let server = filled(2);
    let mut client = enabled(&server);
    client.ask("SELECT Q2");
    let flagged = "* 1 FETCH (UID 1 MODSEQ (3))";
    let command = "UID STORE 1 +FLAGS.SILENT (\\Flagged)";
    assert_eq!(client.ask(command), [flagged]);
    assert_eq!(client.ask(command), [] as [&str; 0]);
    assert_eq!(
        client.ask("UID STORE 1 +FLAGS (\\Flagged)"),
        ["* 1 FETCH (UID 1 FLAGS (\\Flagged \\Recent))"]
    );
    assert_eq!(server.state(USER, "Q2").unwrap().highest_mod_seq, 3);
    assert_eq!(
        client.tagged("UID STORE 1:2 (UNCHANGEDSINCE 1) +FLAGS.SILENT (x)"),
        "a OK [MODIFIED 1:2] Some have changed meanwhile"
    );
}

#[test]
fn a_mailbox_without_mod_seqs() {
    let server = Server::builder()
        .with("QRESYNC")
        .mailbox("Q2", [hello()])
        .no_mod_seq("Q2")
        .start()
        .unwrap();
    let mut client = enabled(&server);
    let lines = client.ask("SELECT Q2 (QRESYNC (2 1))");
    assert_eq!(
        lines.last().unwrap(),
        "* OK [NOMODSEQ] There are no mod-sequences"
    );
    let status = ["* STATUS \"Q2\" (HIGHESTMODSEQ 0)"];
    assert_eq!(client.ask("STATUS Q2 (HIGHESTMODSEQ)"), status);
    for command in [
        "FETCH 1 (MODSEQ)",
        "UID FETCH 1 (FLAGS) (CHANGEDSINCE 1)",
        "SEARCH MODSEQ 1",
        "STORE 1 (UNCHANGEDSINCE 1) FLAGS ()",
    ] {
        assert!(client.tagged(command).starts_with("a BAD "), "{command}");
    }
    let seen = ["* 1 FETCH (UID 1 FLAGS (\\Seen \\Recent))"];
    assert_eq!(client.ask("UID STORE 1 FLAGS (\\Seen)"), seen);
    server.expunge(USER, "Q2", [1]);
    assert_eq!(client.try_ask("NOOP"), ["* VANISHED 1", "a OK Done"]);
}

/// How long it takes to ask for a few messages of so many, again and again.
fn asking_for_a_few(count: u32) -> Duration {
    let server = filled(count);
    let mut client = enabled(&server);
    client.ask("SELECT Q2");
    let (changed, gone) = (count / 2, count - 1);
    server.set_flags(USER, "Q2", changed, &["\\Seen"]);
    server.expunge(USER, "Q2", [gone]);
    client.ask("NOOP");
    let begun = Instant::now();
    for _ in 0..100 {
        let command = format!("UID FETCH 1:{count} (FLAGS) (CHANGEDSINCE 2 VANISHED)");
        assert_eq!(
            client.ask(&command),
            [
                format!("* VANISHED (EARLIER) {gone}"),
                format!("* {changed} FETCH (UID {changed} FLAGS (\\Seen \\Recent) MODSEQ (3))")
            ]
        );
        let rows = client.ask(&format!("UID FETCH {}:{} (FLAGS)", count - 9, count - 7));
        assert_eq!(rows.len(), 3);
        let (near, before) = (count - 9, count - 2);
        assert_eq!(
            client.ask(&format!("UID SEARCH RETURN (ALL) UID {near}:{count}")),
            [format!(
                "* ESEARCH (TAG \"a\") UID ALL {near}:{before},{count}"
            )]
        );
        client.ask("STATUS Q2 (MESSAGES UNSEEN SIZE)");
    }
    begun.elapsed()
}

#[test]
fn a_few_of_a_million_messages_take_as_long_as_a_few_of_a_thousand() {
    let (few, many) = (asking_for_a_few(1000), asking_for_a_few(1_000_000));
    assert!(many < 20 * few + Duration::from_secs(1), "{few:?} {many:?}");
}
