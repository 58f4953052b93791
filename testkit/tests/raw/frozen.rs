//! A view that shows nothing of what others do, until it is asked for news.

use latchbox_testkit::{NewMessage, Server, USER, message};

use crate::client::Client;

fn hello() -> NewMessage {
    NewMessage::new(message("Hello", "ann@example.com", "Hi!"))
}

fn server() -> Server {
    Server::builder()
        .frozen_view()
        .mailbox("Box", [hello(), hello(), hello()])
        .start()
        .unwrap()
}

fn change(server: &Server) {
    server.expunge(USER, "Box", [1]);
    server.set_flags(USER, "Box", 2, &["\\Seen"]);
    server.deliver(USER, "Box", hello());
}

#[test]
fn only_noop_check_and_idle_bring_news() {
    let server = server();
    for way in ["NOOP", "CHECK", "IDLE"] {
        let mut client = Client::login(&server);
        client.ask("EXAMINE Box");
        let known = client.ask("UID FETCH 1:* (FLAGS)");
        assert_eq!(known.len(), 3);
        server.set_flags(USER, "Box", server.messages("Box")[1].uid, &["x"]);
        server.deliver(USER, "Box", hello());
        server.expunge(USER, "Box", [server.messages("Box")[0].uid]);
        assert_eq!(client.ask("UID FETCH 1:* (FLAGS)"), known);
        let first = client.ask("FETCH 1 (BODY.PEEK[HEADER.FIELDS (SUBJECT)])");
        assert_eq!(first[1], "Subject: Hello");
        assert_eq!(client.ask("SEARCH ALL"), ["* SEARCH 1 2 3"]);
        assert_eq!(client.ask("SEARCH KEYWORD x"), ["* SEARCH"]);
        let news = match way {
            "IDLE" => {
                client.send("a IDLE\r\n");
                assert_eq!(client.line(), "+ idling");
                let news = (0..4).map(|_| client.line()).collect();
                client.send("DONE\r\n");
                client.answer();
                news
            }
            way => client.ask(way),
        };
        let uid = server.messages("Box")[0].uid;
        let flags = format!("* 2 FETCH (UID {uid} FLAGS (x \\Recent))");
        let told = [flags.as_str(), "* 1 EXPUNGE", "* 3 EXISTS", "* 3 RECENT"];
        assert_eq!(news, told, "{way}");
        assert_eq!(client.ask("SEARCH ALL"), ["* SEARCH 1 2 3"]);
        server.set_flags(USER, "Box", uid, &[]);
    }
}

#[test]
fn own_changes_show_and_are_real() {
    let server = server();
    let mut client = Client::login(&server);
    client.ask("SELECT Box");
    change(&server);
    assert_eq!(
        client.ask("UID STORE 2:3 +FLAGS (\\Flagged)"),
        [
            "* 2 FETCH (UID 2 FLAGS (\\Seen \\Flagged \\Recent))",
            "* 3 FETCH (UID 3 FLAGS (\\Flagged \\Recent))"
        ]
    );
    assert_eq!(client.ask("UID SEARCH FLAGGED"), ["* SEARCH 2 3"]);
    assert_eq!(server.messages("Box")[1].flags, ["\\Flagged"]);
    assert_eq!(
        client.ask("NOOP"),
        ["* 1 EXPUNGE", "* 3 EXISTS", "* 3 RECENT"]
    );
}
