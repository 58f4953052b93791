//! NOTIFY (RFC 5465), as Dovecot does it.

use latchbox_testkit::{NewMessage, Server, USER, message};

use crate::client::Client;

type Raw = Client<std::net::TcpStream>;

fn hello() -> NewMessage {
    NewMessage::new(message("Hello", "ann@example.com", "Hi!"))
}

fn server() -> Server {
    Server::builder()
        .with("NOTIFY")
        .mailbox("N1", [hello()])
        .mailbox("N2", [hello(), hello()])
        .start()
        .unwrap()
}

const ALL: &str = "NOTIFY SET STATUS (personal (MessageNew MessageExpunge FlagChange \
                   MailboxName SubscriptionChange))";

fn notified(server: &Server) -> Raw {
    let mut client = Client::login(server);
    assert_eq!(client.ask(ALL).len(), 3);
    client
}

#[test]
fn the_state_of_each_mailbox_comes_first() {
    let server = server();
    let mut client = Client::login(&server);
    assert_eq!(
        client.ask(ALL),
        [
            "* STATUS \"INBOX\" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 1 UNSEEN 0 HIGHESTMODSEQ 1)",
            "* STATUS \"N1\" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 2 UNSEEN 1 HIGHESTMODSEQ 2)",
            "* STATUS \"N2\" (MESSAGES 2 UIDNEXT 3 UIDVALIDITY 3 UNSEEN 2 HIGHESTMODSEQ 3)",
        ]
    );
    client.ask("SELECT N1");
    assert_eq!(client.ask(ALL).len(), 2);
    assert_eq!(
        client.ask("NOTIFY SET (personal (MessageNew MessageExpunge))"),
        [] as [&str; 0]
    );
    assert_eq!(
        client
            .ask("NOTIFY SET STATUS (mailboxes N2 (MessageNew MessageExpunge FlagChange))")
            .len(),
        1
    );
    assert_eq!(
        client.tagged("NOTIFY SET (personal (MessageNew MessageExpunge AnnotationChange))"),
        "a NO [BADEVENT AnnotationChange] Unsupported NOTIFY events"
    );
    assert!(client.tagged("NOTIFY SET").starts_with("a BAD "));
    let server = Server::start().unwrap();
    assert!(Client::login(&server).tagged(ALL).starts_with("a BAD "));
}

#[test]
fn other_mailboxes_are_told_at_once() {
    let server = server();
    let mut client = notified(&server);
    server.deliver(USER, "N2", hello());
    assert_eq!(
        client.line(),
        "* STATUS \"N2\" (MESSAGES 3 UIDNEXT 4 UNSEEN 3 HIGHESTMODSEQ 4)"
    );
    server.set_flags(USER, "N2", 1, &["x"]);
    assert_eq!(client.line(), "* STATUS \"N2\" (HIGHESTMODSEQ 5)");
    server.set_flags(USER, "N2", 1, &["\\Seen"]);
    assert_eq!(client.line(), "* STATUS \"N2\" (UNSEEN 2 HIGHESTMODSEQ 6)");
    server.create_mailbox(USER, "N4");
    assert_eq!(client.line(), "* LIST () \"/\" \"N4\"");
    server.rename_mailbox(USER, "N4", "N5");
    assert_eq!(
        client.line(),
        "* LIST () \"/\" \"N5\" (\"OLDNAME\" (\"N4\"))"
    );
    Client::login(&server).ask("SUBSCRIBE N5");
    assert_eq!(client.line(), "* LIST (\\Subscribed) \"/\" \"N5\"");
    server.delete_mailbox(USER, "N5");
    assert_eq!(client.line(), "* LIST (\\NonExistent) \"/\" \"N5\"");
    server.reset_uid_validity(USER, "N1", [hello()]);
    assert_eq!(client.line(), "* LIST (\\NonExistent) \"/\" \"N1\"");
    assert_eq!(client.line(), "* LIST () \"/\" \"N1\"");
    assert_eq!(
        client.line(),
        "* STATUS \"N1\" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 5 UNSEEN 1 HIGHESTMODSEQ 2)"
    );
    assert_eq!(client.ask("NOTIFY NONE"), [] as [&str; 0]);
    server.deliver(USER, "N2", hello());
    assert_eq!(client.ask("NOOP"), [] as [&str; 0]);
}

#[test]
fn the_selected_mailbox_is_told_in_idle_with_its_items() {
    let server = server();
    let mut client = Client::login(&server);
    client.ask("ENABLE CONDSTORE");
    client.ask("EXAMINE N1");
    client.ask(
        "NOTIFY SET (selected (MessageNew (UID FLAGS) MessageExpunge FlagChange)) \
         (personal (MessageNew MessageExpunge))",
    );
    server.deliver(USER, "N1", hello().flag("x"));
    assert_eq!(
        client.ask("NOOP"),
        [
            "* 2 EXISTS",
            "* 2 RECENT",
            "* 2 FETCH (UID 2 FLAGS (x \\Recent) MODSEQ (3))"
        ]
    );
    client.send("a IDLE\r\n");
    assert_eq!(client.line(), "+ idling");
    server.expunge(USER, "N1", [1]);
    assert_eq!(client.line(), "* 1 EXPUNGE");
    server.deliver(USER, "N1", hello());
    assert_eq!(client.line(), "* 2 EXISTS");
    assert_eq!(client.line(), "* 2 RECENT");
    assert_eq!(
        client.line(),
        "* 2 FETCH (UID 3 FLAGS (\\Recent) MODSEQ (5))"
    );
    server.deliver(USER, "INBOX", hello());
    assert_eq!(
        client.line(),
        "* STATUS \"INBOX\" (MESSAGES 1 UIDNEXT 2 UNSEEN 1 HIGHESTMODSEQ 2)"
    );
    client.send("DONE\r\n");
    assert_eq!(client.answer(), ["a OK Idled"]);
    // What happened while it was selected is told when it is left.
    client.ask("UNSELECT");
    assert_eq!(
        client.line(),
        "* STATUS \"N1\" (MESSAGES 2 UIDNEXT 4 UNSEEN 2 HIGHESTMODSEQ 5)"
    );
}

#[test]
fn too_much_ends_it() {
    let server = server();
    let mut client = notified(&server);
    assert!(server.overflow_notifications(USER) && !server.overflow_notifications("x"));
    assert_eq!(
        client.line(),
        "* OK [NOTIFICATIONOVERFLOW] There is too much to tell"
    );
    server.deliver(USER, "N2", hello());
    assert_eq!(client.ask("NOOP"), [] as [&str; 0]);
    assert_eq!(client.ask(ALL).len(), 3);
    server.deliver(USER, "N2", hello());
    assert!(client.line().starts_with("* STATUS \"N2\" (MESSAGES 4 "));
}
