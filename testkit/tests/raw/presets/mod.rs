//! Presets: each habit that the docs list, and that each server can be used at all.

mod described;
mod elsewhere;

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::time::Duration;

use latchbox_testkit::{PASSWORD, Preset, Refusal, Server, TOKEN, USER, message};

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
    socket
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
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

/// A line with its end.
fn whole_line(client: &mut Client<TcpStream>) -> String {
    let mut line = String::new();
    client.stream.read_line(&mut line).unwrap();
    line
}

fn selected(server: &Server) -> Client<TcpStream> {
    let mut client = login(server);
    if client.tagged("SELECT INBOX").contains("Unsafe Login") {
        client.ask("ID NIL");
    }
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
        let idles = client.ask("CAPABILITY")[0].contains(" IDLE");
        if idles && preset != Preset::Imap4d {
            client.send("a IDLE\r\n");
            assert!(client.line().starts_with('+'));
            server.deliver(USER, "INBOX", message("4", "a@b.c", "4"));
            assert_eq!(client.line(), "* 4 EXISTS", "{preset:?}");
            client.send("DONE\r\n");
            client.answer();
        }
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
    server.refuse_logins(Refusal::WrongPassword);
    let command = format!("LOGIN {USER} {PASSWORD}");
    let refused = "a NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)";
    assert_eq!(client.tagged(&command), refused);
    server.refuse_logins(Refusal::Limit);
    let refused = client.try_ask(&command);
    assert!(refused[0].starts_with("* NO [WEBALERT https://accounts.google.com/"));
    assert!(refused[1].starts_with("a NO [ALERT] Please log in via your web browser: https://"));
    server.accept_logins();
    client.ask(&command);
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
fn gmail_with_messages_of_others() {
    let server = start(Preset::Gmail);
    let mut client = selected(&server);
    let quota = &client.ask("GETQUOTAROOT INBOX")[1];
    assert!(quota.ends_with(" 5368709120)"), "{quota}");
    let copied = client.tagged("UID COPY 1:3 Box");
    assert!(copied.contains(" 3,2,1 4,3,2] "), "{copied}");
    server.set_flags(USER, "INBOX", 1, &["OIB-Seen-[Gmail]/All Mail"]);
    let flags = &client.ask("NOOP")[0];
    assert!(flags.contains(" (OIB-Seen-[Gmail]/All Mail"), "{flags}");
    server.expunge(USER, "INBOX", [2]);
    let lines = client.try_ask("FETCH 1:3 (UID)");
    let failed = "a NO Some messages could not be FETCHed (Failure)";
    let expected = ["* 1 FETCH (UID 1)", "* 3 FETCH (UID 3)", failed];
    assert_eq!(lines, expected);
    client.ask("NOOP");
    client.ask("FETCH 1:2 (UID)");
    server.expunge(USER, "INBOX", [3]);
    let rows = client.ask("UID FETCH 1 (UID)");
    assert_eq!(rows, ["* 1 FETCH (UID 1)", "* 2 EXPUNGE"]);
    server.set_delay(Duration::from_millis(1));
    assert_eq!(client.tagged("NOOP"), "a OK Done [THROTTLED]");
    server.set_delay(Duration::ZERO);
    assert_eq!(client.tagged("NOOP"), "a OK Done");
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
    let line = whole_line(&mut client);
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
    let refused = "a BAD User is authenticated but not connected.";
    let mut client = greeted(&server).0;
    let completed = client.tagged(&format!("AUTHENTICATE XOAUTH2 {token}"));
    let error = "a OK [Error=\"Microsoft.Exchange.Data.Storage.";
    assert!(completed.starts_with(error), "{completed}");
    assert_eq!(client.tagged("NAMESPACE"), refused);
    assert_eq!(client.tagged("LIST \"\" INBOX"), refused);
    assert_eq!(client.line(), "* BYE Connection closed. 14");
    assert_eq!(client.line(), "");
}

#[test]
fn microsoft_365_with_messages() {
    let server = Server::builder()
        .preset(Preset::Microsoft365)
        .mailbox(
            "INBOX",
            ["Ann <a@b.c>", "ann@b.c"].map(|from| message("x", from, "x")),
        )
        .empty_mailbox("Tab\there")
        .start()
        .unwrap();
    let mut client = selected(&server);
    assert_eq!(client.ask("SEARCH FROM ann"), ["* SEARCH 1"]);
    assert_eq!(client.ask("SEARCH NOT FROM ann"), ["* SEARCH 2"]);
    assert_eq!(client.ask("SEARCH HEADER FROM ann"), ["* SEARCH 1 2"]);
    let list = client.ask("LIST \"\" T*");
    assert!(list[0].ends_with(" \"/\" Tab\there"), "{list:?}");
    let nothing = client.tagged("UID COPY 99 Archive");
    assert!(nothing.starts_with("a OK [COPYUID ") && nothing.contains("  ] "));
    let moved = client.ask("UID MOVE 1 Archive");
    assert_eq!(moved[1..], ["* 1 EXPUNGE", "* 1 EXISTS"]);
}

#[test]
fn yahoo() {
    let server = start(Preset::Yahoo);
    let mut client = selected(&server);
    let list = client.ask("LIST \"\" *");
    assert!(list.iter().any(|line| line.ends_with(" \"Inbox\"")));
    client.send("a CAPABILITY\r\n");
    let line = whole_line(&mut client);
    assert!(line.ends_with(" \r\n"), "{line:?}");
    client.answer();
    let refused = client.tagged("UID SEARCH CHARSET US-ASCII ALL");
    assert!(refused.starts_with("a BAD [CLIENTBUG]"));
    let long = format!("SEARCH SUBJECT {}", "x".repeat(1000));
    assert!(client.tagged(&long).starts_with("a BAD"));
    client.ask("UID STORE 2 +FLAGS (\\Seen)");
    assert_eq!(client.ask("SEARCH NOT SEEN"), ["* SEARCH 2"]);
    assert_eq!(
        client.ask("SEARCH OR (NOT SEEN) NOT NOT SEEN"),
        ["* SEARCH 2"]
    );
    assert_eq!(client.ask("SEARCH UNSEEN"), ["* SEARCH 1 3"]);
    assert_eq!(client.ask("UID FETCH 3:* (UID)"), ["* 3 FETCH (UID 3)"]);
    // The answer that comes is the one of the command after it.
    client.send("b UID FETCH 4:* (UID)\r\n");
    assert_eq!(client.try_ask("NOOP"), ["a OK Done"]);
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
    let (mut client, greeting) = greeted(&server);
    let few = "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR ID ENABLE] mail.example.org";
    assert!(greeting.starts_with(few), "{greeting}");
    client.ask(&format!("LOGIN {USER} {PASSWORD}"));
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
    server.set_full(USER, true);
    assert_eq!(client.tagged("UID COPY 1 INBOX"), "a NO Over quota");
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
    let quota = ["* QUOTAROOT \"INBOX\" \"ROOT\"", "* QUOTA \"ROOT\""];
    assert_eq!(client.ask("GETQUOTAROOT INBOX"), quota);
    let tilde = Server::builder()
        .user("ann", "pa~ss")
        .preset(Preset::Courier);
    let tilde = tilde.start().unwrap();
    let mut client = greeted(&tilde).0;
    assert_eq!(client.tagged("LOGIN ann pa~ss"), refused);
    client.ask("LOGIN ann \"pa~ss\"");
}

#[test]
fn imap4d() {
    let server = start(Preset::Imap4d);
    let mut client = greeted(&server).0;
    assert!(client.tagged("ID NIL").starts_with("a BAD"));
    let plain = format!("\0{USER}\0{PASSWORD}");
    let plain = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, plain);
    client.send("a AUTHENTICATE PLAIN\r\n");
    assert_eq!(client.line(), "+");
    client.send(format!("{plain}\r\n"));
    let completed = whole_line(&mut client);
    assert!(
        completed.ends_with('\n') && !completed.ends_with("\r\n"),
        "{completed:?}"
    );
    client.ask("ID NIL");
    client.ask("SELECT INBOX");
    assert_eq!(
        client.ask("LIST \"\" IN*"),
        ["* LIST (\\NoInferiors) NIL INBOX"]
    );
    let refused = "a BAD STORE Unrecognized flag";
    assert_eq!(client.tagged("STORE 1 +FLAGS ($Work)"), refused);
    client.send("a IDLE\r\n");
    assert_eq!(client.line(), "+ idling");
    server.deliver(USER, "INBOX", message("4", "a@b.c", "4"));
    client.send("DONE\r\n");
    assert_eq!(client.answer(), ["a OK Idled"]);
    assert_eq!(client.ask("NOOP"), ["* 4 EXISTS", "* 4 RECENT"]);

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
