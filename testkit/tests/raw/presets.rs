//! Presets: each habit that the docs list, and that each server can be used at all.

use latchbox_testkit::{PASSWORD, Preset, Server, TOKEN, USER, message};
use std::io::BufReader;
use std::net::TcpStream;

use crate::client::Client;

fn start(preset: Preset) -> Server {
    Server::builder()
        .preset(preset)
        .mailbox("INBOX", ["1", "2", "3"].map(|n| message(n, "a@b.c", n)))
        .mailbox("Box", [message("x", "a@b.c", "x")])
        .start()
        .unwrap()
}

fn greeted(server: &Server) -> (Client<TcpStream>, String) {
    let socket = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let mut client = Client {
        stream: BufReader::new(socket),
    };
    let greeting = client.line();
    (client, greeting)
}

fn login(server: &Server) -> Client<TcpStream> {
    let mut client = greeted(server).0;
    client.ask(&format!("LOGIN {USER} {PASSWORD}"));
    client
}

fn selected(server: &Server) -> Client<TcpStream> {
    let mut client = login(server);
    client.ask("SELECT INBOX");
    client
}

#[test]
fn each_can_be_used() {
    for preset in Preset::ALL {
        let server = start(preset);
        let mut client = selected(&server);
        let fetched = client.ask("UID FETCH 2 (FLAGS BODY.PEEK[TEXT])");
        assert!(fetched[0].starts_with("* 2 FETCH (UID 2 "), "{preset:?}");
        client.ask("UID STORE 2 +FLAGS (\\Seen)");
        client.ask("UID COPY 1 Box");
        assert_eq!(server.messages("Box").len(), 2, "{preset:?}");
        let seen = client.ask("SEARCH SEEN");
        assert_eq!(seen, ["* SEARCH 2"], "{preset:?}");
        client.send("a IDLE\r\n");
        assert!(client.line().starts_with('+'));
        server.deliver(USER, "INBOX", message("4", "a@b.c", "4"));
        assert_eq!(client.line(), "* 4 EXISTS", "{preset:?}");
        client.send("DONE\r\n");
        client.answer();
        client.ask("LIST \"\" *");
        client.ask("CAPABILITY");
        client.ask("NOOP");
    }
}

#[test]
fn gmail() {
    let server = start(Preset::Gmail);
    let (mut client, greeting) = greeted(&server);
    assert!(greeting.starts_with("* OK Gimap ready for requests"));
    client.ask(&format!("LOGIN {USER} {PASSWORD}"));
    let capabilities = client.ask("CAPABILITY").remove(0);
    assert!(capabilities.contains(" X-GM-EXT-1 ") && capabilities.contains(" CONDSTORE "));
    assert!(!capabilities.contains("QRESYNC") && capabilities.ends_with("LITERAL-"));
    let lines = client.ask("SELECT INBOX");
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("* OK [HIGHESTMODSEQ ") && line.ends_with(']'))
    );
    assert!(client.tagged("CREATE New/").starts_with("a NO [CANNOT]"));
    client.ask("CREATE New");
    let list = client.ask("LIST \"\" [Gmail]/%");
    assert!(
        list.iter()
            .any(|line| line.contains("\\All") && line.contains("All Mail"))
    );

    client.send("a IDLE\r\n");
    client.line();
    server.set_flags(USER, "INBOX", 1, &["\\Seen"]);
    server.expunge(USER, "INBOX", [3]);
    assert_eq!(client.line(), "* 3 EXPUNGE");
    client.send("DONE\r\n");
    client.answer();

    let gone = client.ask("UID STORE 2 +FLAGS (\\Deleted)");
    assert!(gone.contains(&"* 2 EXPUNGE".to_owned()), "{gone:?}");
    assert_eq!(server.messages("INBOX").len(), 1);

    let long = format!("SEARCH SUBJECT {}", "x".repeat(16 << 10));
    assert!(client.tagged(&long).starts_with("a BAD"));
    let _open: Vec<_> = (1..15).map(|_| login(&server)).collect();
    let (mut last, _) = greeted(&server);
    let refused = last.tagged(&format!("LOGIN {USER} {PASSWORD}"));
    assert_eq!(
        refused,
        "a NO [ALERT] Too many simultaneous connections. (Failure)"
    );
}

#[test]
fn microsoft_365() {
    let server = start(Preset::Microsoft365);
    let (mut client, greeting) = greeted(&server);
    assert!(greeting.ends_with(" service is ready. [TABPADIAUAAyADYANQBDAEEAMAAzADcANwA=]"));
    let token = format!("user={USER}\u{1}auth=Bearer {TOKEN}\u{1}\u{1}");
    let token = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, token);
    client.ask(&format!("AUTHENTICATE XOAUTH2 {token}"));
    assert!(client.tagged("ENABLE CONDSTORE").starts_with("a BAD"));
    client.ask("SELECT INBOX");
    assert!(client.ask("UID COPY 1 Box")[0].starts_with("[COPYUID "));
    client.send("a STATUS Box (MESSAGES)\r\n");
    let mut line = String::new();
    std::io::BufRead::read_line(&mut client.stream, &mut line).unwrap();
    assert!(line.ends_with(") \r\n"), "{line:?}");
    client.answer();
    assert!(client.tagged("ID ()").starts_with("a BAD"));
    assert!(client.ask("ID NIL")[0].contains("Microsoft.Exchange"));
    assert!(
        client
            .tagged("UID SEARCH CHARSET UTF-8 ALL")
            .starts_with("a BAD")
    );
    let other = client.tagged("UID SEARCH CHARSET KOI8-R ALL");
    assert!(other.starts_with("a NO [BADCHARSET (US-ASCII)]"));
    client.ask("UID SEARCH ALL");
    client.send("a APPEND Box {3}\r\n");
    assert_eq!(client.line(), "+");
    client.send("abc\r\n");
    client.answer();
    let _open: Vec<_> = (1..16).map(|_| login(&server)).collect();
    let refused = login(&server).tagged("NOOP");
    assert_eq!(refused, "a BAD User is authenticated but not connected.");
}

#[test]
fn yahoo() {
    let server = start(Preset::Yahoo);
    let mut client = selected(&server);
    let list = client.ask("LIST \"\" *");
    assert!(list.iter().any(|line| line.ends_with(" \"Inbox\"")));
    client.send("a CAPABILITY\r\n");
    let mut line = String::new();
    std::io::BufRead::read_line(&mut client.stream, &mut line).unwrap();
    assert!(line.ends_with(" \r\n"), "{line:?}");
    client.answer();
    let refused = client.tagged("UID SEARCH CHARSET US-ASCII ALL");
    assert!(refused.starts_with("a BAD [CLIENTBUG]"));
    let long = format!("SEARCH SUBJECT {}", "x".repeat(1000));
    assert!(client.tagged(&long).starts_with("a BAD"));
}

#[test]
fn icloud() {
    let server = start(Preset::ICloud);
    let mut client = login(&server);
    assert!(client.ask("ENABLE QRESYNC").is_empty());
    assert!(
        client
            .tagged("SELECT INBOX (ANNOTATE)")
            .starts_with("a BAD")
    );
    client.ask("SELECT INBOX");
    assert!(client.ask("UID FETCH 1 (RFC822)").is_empty());
    assert!(!client.ask("UID FETCH 1 (BODY.PEEK[])").is_empty());
    server.expunge(USER, "INBOX", [2]);
    // It is in force all the same.
    assert!(client.ask("NOOP").contains(&"* VANISHED 2".to_owned()));
    assert!(client.tagged("UID MOVE 1 Box").starts_with("a BAD"));
}

#[test]
fn dovecot_and_cyrus() {
    let mod_seqs = |server: &Server| {
        let messages = server.messages("INBOX");
        messages
            .iter()
            .map(|message| message.mod_seq)
            .collect::<Vec<_>>()
    };
    let server = start(Preset::Dovecot);
    let mut client = selected(&server);
    client.ask("UID STORE 1:3 +FLAGS (\\Seen)");
    assert!(mod_seqs(&server).windows(2).all(|pair| pair[0] == pair[1]));
    let status = client.tagged("STATUS INBOX (MESSAGES)");
    assert!(status.starts_with("a OK [CLIENTBUG]"));
    assert!(
        client
            .tagged("STATUS Box (MESSAGES)")
            .starts_with("a OK Done")
    );
    server.reset_uid_validity(USER, "INBOX", [message("n", "a@b.c", "n")]);
    assert!(
        client
            .ask("UID FETCH 1 FLAGS")
            .iter()
            .any(|line| line.starts_with("* NO "))
    );

    let server = start(Preset::Cyrus);
    let mut client = login(&server);
    assert_eq!(
        client.ask("ENABLE QRESYNC"),
        ["* ENABLED CONDSTORE QRESYNC"]
    );
    client.ask("SELECT Box");
    server.delete_mailbox(USER, "Box");
    assert_eq!(client.try_ask("NOOP")[0], "* VANISHED 1");
    client.ask("SELECT INBOX");
    client.ask("UID STORE 1:3 +FLAGS (\\Seen)");
    assert!(mod_seqs(&server).windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
fn courier_and_imap4d() {
    let server = start(Preset::Courier);
    let mut client = login(&server);
    let lines = client.ask("SELECT INBOX");
    assert!(!lines.iter().any(|line| line.contains("UIDNEXT")));
    let refused = "a NO Error in IMAP command received by server.";
    assert_eq!(client.tagged("UNSELECT"), refused);
    assert_eq!(client.tagged("LIST (SUBSCRIBED) \"\" *"), refused);
    server.expunge(USER, "INBOX", [1]);
    assert_eq!(client.ask("SEARCH ALL"), ["* SEARCH 1 2 3"]);
    assert_eq!(client.ask("NOOP")[0], "* 1 EXPUNGE");

    let server = start(Preset::Imap4d);
    let mut client = selected(&server);
    server.set_flags(USER, "INBOX", 2, &["\\Flagged"]);
    let news = client.ask("NOOP");
    assert!(
        news[0].starts_with("* 2 FETCH FLAGS (\\Flagged"),
        "{news:?}"
    );
    assert!(client.ask("FETCH 2 FLAGS")[0].starts_with("* 2 FETCH (FLAGS"));
    assert!(client.tagged("UID EXPUNGE 1").starts_with("a BAD"));
}
