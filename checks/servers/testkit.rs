//! The test kit on a Dovecot that it starts by itself: the same accounts, messages, changes, faults and
//! timeline as in this process.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;

use latchbox_testkit::{
    Direction, Fault, FaultPlan, MessageBuilder, NewMessage, PASSWORD, Preset, Server, Trigger,
    USER, message,
};

/// What the test does to both servers.
fn both() -> [Server; 2] {
    [false, true].map(|real| {
        let builder = Server::builder()
            .user(USER, PASSWORD)
            .mailbox(
                "INBOX",
                [NewMessage::new(message("1", "a@b.c", "one")).flag("\\Seen")],
            )
            .mailbox(
                "INBOX",
                [MessageBuilder::new("Grüße").attachment("a", "x/y", b"z")],
            )
            .mailbox("Work.2026/Käse", [message("2", "a@b.c", "two")])
            .special_use("Everything", "\\All")
            .user("bob", "b\"ob");
        let started = match real {
            true => builder.start_dovecot(),
            false => builder.in_process().start(),
        };
        started.unwrap()
    })
}

/// What one exchange returns, up to the tagged line.
fn ask(stream: &mut BufReader<TcpStream>, command: &str) -> Vec<String> {
    write!(stream.get_mut(), "a {command}\r\n").unwrap();
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).unwrap() == 0 {
            return lines;
        }
        lines.push(line.trim_end().to_owned());
        if line.starts_with("a ") {
            return lines;
        }
    }
}

fn login(server: &Server) -> BufReader<TcpStream> {
    let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", server.port())).unwrap());
    stream.read_line(&mut String::new()).unwrap();
    let answer = ask(&mut stream, &format!("LOGIN {USER} {PASSWORD}"));
    assert!(answer.last().unwrap().starts_with("a OK"), "{answer:?}");
    stream
}

#[test]
fn testkit_has_the_same_accounts_and_messages_on_dovecot() {
    let [own, dovecot] = both();
    let names = ["Everything", "INBOX", "Work.2026", "Work.2026/Käse"];
    for server in [&own, &dovecot] {
        assert_eq!(server.mailboxes(), names);
        assert!(server.messages_of("bob", "INBOX").is_empty());
        let list = "LIST \"\" Everything RETURN (SPECIAL-USE)";
        assert!(ask(&mut login(server), list)[0].contains("\\All"));
    }
    for name in ["INBOX", "Work.2026/Käse"] {
        let [own, dovecot] = [own.messages(name), dovecot.messages(name)];
        assert_eq!(own.len(), dovecot.len());
        for (own, dovecot) in own.iter().zip(&dovecot) {
            assert_eq!((own.uid, &own.flags), (dovecot.uid, &dovecot.flags));
            assert_eq!(own.internal_date, dovecot.internal_date);
            assert_eq!(own.bytes, dovecot.bytes);
        }
    }
}

#[test]
fn testkit_changes_from_outside_are_made_on_dovecot() {
    for server in both() {
        let mut client = login(&server);
        ask(&mut client, "SELECT INBOX");
        assert_eq!(
            server.deliver(USER, "INBOX", message("3", "a@b.c", "3")),
            Some(3)
        );
        assert!(server.set_flags(USER, "INBOX", 1, &["\\Flagged", "$Work"]));
        assert_eq!(server.expunge(USER, "INBOX", [2]), 1);
        assert_eq!(server.move_message(USER, "INBOX", 3, "Done"), Some(1));
        assert!(server.create_mailbox(USER, "New"));
        assert!(!server.create_mailbox(USER, "New"));
        assert!(server.rename_mailbox(USER, "New", "Newer"));
        assert!(server.delete_mailbox(USER, "Newer"));
        assert_eq!(
            server.deliver("nobody", "INBOX", message("3", "a@b.c", "3")),
            None
        );
        let state = server.state(USER, "INBOX").unwrap();
        assert_eq!((state.uid_next, state.messages.len()), (4, 1));
        assert_eq!(state.messages[0].flags.len(), 2);
        let before = server.state(USER, "Done").unwrap().uid_validity;
        let after = server.reset_uid_validity(USER, "Done", [message("4", "a@b.c", "4")]);
        assert!(after.unwrap() > before);
        // The client, which has INBOX selected, is told.
        let news = ask(&mut client, "NOOP");
        assert!(news.iter().any(|line| line == "* 2 EXPUNGE"), "{news:?}");
    }
}

#[test]
fn testkit_faults_and_the_timeline_work_on_dovecot() {
    for server in both() {
        let cut = Trigger::command("APPEND").offset(60);
        server.set_faults(FaultPlan::new().once(cut, Fault::Cut));
        let mut client = login(&server);
        let append = format!("APPEND INBOX {{100+}}\r\n{}", "x".repeat(100));
        assert!(ask(&mut client, &append).is_empty());
        assert_eq!(server.faults_happened(), 1);
        assert_eq!(server.messages("INBOX").len(), 2);
        let mut client = login(&server);
        ask(&mut client, "EXAMINE INBOX");
        server.assert_sent_in_order(&[
            "a LOGIN ***",
            "APPEND INBOX {100+}",
            "LOGIN",
            "EXAMINE INBOX",
        ]);
        server.assert_answered("* 2 EXISTS");
        server.assert_not_sent(PASSWORD);
        let timeline = server.timeline();
        assert!(
            timeline
                .iter()
                .any(|event| event.line.starts_with("fault: Cut"))
        );
        let is_second = |event: &latchbox_testkit::Event| event.connection == 2;
        assert!(
            timeline
                .iter()
                .any(|e| is_second(e) && e.direction == Direction::Client)
        );
    }
}

#[test]
fn testkit_kicks_and_restarts_dovecot_on_the_same_port() {
    let [_, server] = both();
    let mut client = login(&server);
    assert_eq!(server.connections(), 1);
    server.kick();
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
    let mut client = login(&server);
    server.restart().unwrap();
    assert_eq!(client.read(&mut [0]).unwrap_or(0), 0);
    let mut client = login(&server);
    let lines = ask(&mut client, "SELECT INBOX");
    assert!(lines.iter().any(|line| line == "* 2 EXISTS"));
}

#[test]
fn testkit_names_what_dovecot_cannot_do() {
    for (builder, setting) in [
        (Server::builder().preset(Preset::Gmail), "`preset`"),
        (Server::builder().without("MOVE"), "`without(MOVE)`"),
        (Server::builder().with("UIDONLY"), "`with(UIDONLY)`"),
        (Server::builder().read_only("Box"), "`read_only`"),
        (Server::builder().quota(1, 1), "`quota`"),
    ] {
        let error = builder.start_dovecot().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains(setting), "{error}");
    }
    let server = Server::builder().start_dovecot().unwrap();
    let full =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| server.set_full(USER, true)));
    let panic = full.unwrap_err();
    assert!(
        panic
            .downcast_ref::<String>()
            .unwrap()
            .contains("`set_full`")
    );
}

#[test]
fn testkit_starts_the_server_that_the_environment_names() {
    const NAME: &str = "testkit_starts_the_server_that_the_environment_names";
    let variable = "LATCHBOX_TESTKIT_SERVER";
    if let Ok(chosen) = std::env::var(variable) {
        let started = Server::start();
        if chosen == "courier" {
            assert_eq!(started.unwrap_err().kind(), ErrorKind::InvalidInput);
            return;
        }
        for (server, name) in [
            (started, "Dovecot"),
            (Server::builder().in_process().start(), "latchbox-testkit"),
        ] {
            let stream =
                TcpStream::connect(("127.0.0.1", server.as_ref().unwrap().port())).unwrap();
            let mut greeting = String::new();
            BufReader::new(stream).read_line(&mut greeting).unwrap();
            assert!(greeting.contains(name), "{greeting}");
        }
        return;
    }
    for chosen in ["dovecot", "courier"] {
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        let output = again.arg(NAME).env(variable, chosen).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && text.contains("1 passed"),
            "{text}"
        );
    }
}
