//! Changes that the test makes, and how clients see them.

use std::net::TcpStream;

use latchbox_testkit::{Deletion, NewMessage, Server, USER, message};

use crate::client::Client;

fn hello() -> NewMessage {
    NewMessage::new(message("Hello", "ann@example.com", "Hi!"))
}

fn server() -> Server {
    Server::builder()
        .with("QRESYNC")
        .mailbox("Box", [hello(), hello(), hello()])
        .start()
        .unwrap()
}

#[test]
fn clients_see_them_with_their_next_command() {
    let server = server();
    let mut client = Client::login(&server);
    client.ask("EXAMINE Box");
    assert!(server.set_flags(USER, "Box", 2, &["\\Seen", "$x"]));
    assert!(server.set_flags(USER, "Box", 2, &["$X", "\\seen"]));
    assert_eq!(server.state(USER, "Box").unwrap().highest_mod_seq, 5);
    assert_eq!(server.move_message(USER, "Box", 1, "Other/Box"), Some(1));
    assert_eq!(
        client.ask("NOOP"),
        [
            "* 2 FETCH (UID 2 FLAGS (\\Seen $x \\Recent))",
            "* 1 EXPUNGE"
        ]
    );
    assert_eq!(server.expunge(USER, "Box", [9, 3, 3]), 1);
    assert_eq!(client.ask("NOOP"), ["* 2 EXPUNGE"]);
    assert_eq!(server.mailboxes(), ["Box", "INBOX", "Other", "Other/Box"]);
    let state = server.state(USER, "Box").unwrap();
    assert_eq!((state.uid_validity, state.uid_next), (2, 4));
    assert_eq!(state.highest_mod_seq, 7);
    let [left] = state.messages.as_slice() else {
        panic!("{state:?}");
    };
    assert_eq!((left.uid, left.mod_seq), (2, 5));
    assert_eq!(left.flags, ["\\Seen", "$x"]);
}

#[test]
fn idle_is_told_of_both_ends_of_a_move() {
    let server = server();
    let idle = |mailbox: &str| {
        let mut client = Client::login(&server);
        client.ask(&format!("EXAMINE {mailbox}"));
        client.send("a IDLE\r\n");
        assert_eq!(client.line(), "+ idling");
        client
    };
    let (mut from, mut to) = (idle("Box"), idle("INBOX"));
    server.move_message(USER, "Box", 2, "INBOX");
    assert_eq!(from.line(), "* 2 EXPUNGE");
    assert_eq!([to.line(), to.line()], ["* 1 EXISTS", "* 1 RECENT"]);
    assert_eq!(server.fill(USER, "INBOX", 3, hello()), Some(2));
    assert_eq!([to.line(), to.line()], ["* 4 EXISTS", "* 4 RECENT"]);
}

#[test]
fn a_new_name_may_be_a_new_uid_validity() {
    let builder = Server::builder().mailbox("Box", [hello()]);
    let server = builder.rename_resets_uid_validity().start().unwrap();
    let before = server.state(USER, "Box").unwrap();
    assert!(server.rename_mailbox(USER, "Box", "New"));
    let after = server.state(USER, "New").unwrap();
    assert!(after.uid_validity > before.uid_validity);
    assert_eq!(after.messages.len(), 1);
    Client::login(&server).ask("RENAME New Newer");
    let last = server.state(USER, "Newer").unwrap();
    assert!(last.uid_validity > after.uid_validity);
}

#[test]
fn what_is_not_there_changes_nothing() {
    let server = server();
    assert!(server.state(USER, "x").is_none() && server.state("x", "Box").is_none());
    assert!(!server.set_flags(USER, "Box", 4, &[]) && !server.set_flags(USER, "x", 1, &[]));
    assert_eq!(
        server.expunge(USER, "Box", [4]) + server.expunge("x", "Box", [1]),
        0
    );
    assert_eq!(server.move_message(USER, "Box", 4, "New"), None);
    assert!(!server.create_mailbox(USER, "Box") && !server.delete_mailbox(USER, "x"));
    assert!(!server.rename_mailbox(USER, "x", "y") && !server.rename_mailbox(USER, "Box", "INBOX"));
    assert!(!server.rename_mailbox(USER, "Box", "Box/Box"));
    assert_eq!(server.reset_uid_validity(USER, "x", [hello()]), None);
    assert!(!server.forget_expunges(USER, "x") && !server.lose_mod_seqs("x", "Box"));
    assert_eq!(server.mailboxes(), ["Box", "INBOX"]);
    assert_eq!(server.state(USER, "Box").unwrap().highest_mod_seq, 4);
}

#[test]
fn names_change_under_a_client() {
    let server = server();
    let mut client = Client::select(&server, "Box");
    assert!(server.rename_mailbox(USER, "Box", "New/Box"));
    assert_eq!(client.ask("FETCH 1 UID"), ["* 1 FETCH (UID 1)"]);
    assert_eq!(server.deliver(USER, "New/Box", hello()), Some(4));
    assert_eq!(client.ask("NOOP"), ["* 4 EXISTS", "* 4 RECENT"]);
    client.send("a IDLE\r\n");
    assert_eq!(client.line(), "+ idling");
    assert!(server.delete_mailbox(USER, "New/Box"));
    assert_eq!(client.line(), "* BYE The selected mailbox has been deleted");
}

#[test]
fn a_mailbox_made_anew() {
    let server = server();
    let select = |uid_validity: u32| {
        let mut client = Client::login(&server);
        let lines = client.ask("SELECT Box");
        let code = format!("* OK [UIDVALIDITY {uid_validity}] UIDs are valid");
        assert!(lines.contains(&code), "{lines:?}");
        client
    };
    let mut client = select(2);
    assert_eq!(server.reset_uid_validity(USER, "Box", [hello()]), Some(3));
    assert_eq!(
        client.ask_or_bye("NOOP"),
        "* BYE The selected mailbox has been deleted"
    );
    let mut client = select(3);
    server.expunge(USER, "Box", [1]);
    server.deliver(USER, "Box", hello());
    assert_eq!(
        server.restart_uids(USER, "Box", [hello(), hello()]),
        Some(3)
    );
    assert_eq!(
        client.ask_or_bye("NOOP"),
        "* BYE The selected mailbox has been deleted"
    );
    select(3);
    let state = server.state(USER, "Box").unwrap();
    let uids: Vec<u32> = state.messages.iter().map(|message| message.uid).collect();
    assert_eq!((uids, state.uid_next), (vec![1, 2], 3));
}

/// The mailbox of two messages is deleted and made anew with one.
fn made_anew_under(deletion: Deletion, enable: &str) -> (Server, Client<TcpStream>) {
    let server = Server::builder()
        .with("QRESYNC")
        .deletion(deletion)
        .mailbox("Box", [hello(), hello()])
        .start()
        .unwrap();
    let mut client = Client::login(&server);
    client.ask(enable);
    client.ask("EXAMINE Box");
    server.reset_uid_validity(USER, "Box", [hello().flag("new")]);
    (server, client)
}

#[test]
fn everything_vanishes_from_a_deleted_mailbox_and_then_nothing_works() {
    let (_server, mut client) = made_anew_under(Deletion::Vanished, "ENABLE QRESYNC");
    assert_eq!(client.ask("NOOP"), ["* VANISHED 1:2"]);
    assert!(client.tagged("UID FETCH 1:* (FLAGS)").starts_with("a NO "));
    assert_eq!(client.ask("NOOP"), [] as [&str; 0]);
    assert!(client.ask("EXAMINE Box").contains(&"* 1 EXISTS".to_owned()));
    let (server, mut client) = made_anew_under(Deletion::Vanished, "NOOP");
    assert_eq!(client.ask("NOOP"), ["* 1 EXPUNGE", "* 1 EXPUNGE"]);
    client.ask("EXAMINE Box");
    server.rename_mailbox(USER, "Box", "Other");
    assert_eq!(client.ask("NOOP"), ["* 1 EXPUNGE"]);
}

#[test]
fn a_deleted_mailbox_may_stay_selected() {
    let (server, mut client) = made_anew_under(Deletion::Kept, "NOOP");
    let error = "* NO Internal error occurred";
    assert_eq!(client.ask("NOOP"), [error]);
    let rows = client.ask("UID FETCH 1:* (FLAGS)");
    let first = [
        error,
        "* 1 FETCH (UID 1 FLAGS (\\Recent))",
        "* 2 FETCH (UID 2 FLAGS (\\Recent))",
    ];
    assert_eq!(rows[..3], first);
    assert_eq!(server.messages("Box").len(), 1);
}

#[test]
fn another_mailbox_may_take_the_place_of_a_deleted_one() {
    let (server, mut client) = made_anew_under(Deletion::Replaced, "NOOP");
    assert_eq!(client.ask("NOOP"), ["* 2 EXPUNGE", "* 1 EXISTS"]);
    let row = ["* 1 FETCH (UID 1 FLAGS (new \\Recent))"];
    assert_eq!(client.ask("UID FETCH 1:* (FLAGS)"), row);
    server.reset_uid_validity(USER, "Box", [hello(), hello(), hello()]);
    assert_eq!(client.ask("NOOP"), ["* 3 EXISTS"]);
    client.send("a IDLE\r\n");
    assert_eq!(client.line(), "+ idling");
    server.reset_uid_validity(USER, "Box", [hello()]);
    let lines = [client.line(), client.line(), client.line()];
    assert_eq!(lines, ["* 3 EXPUNGE", "* 2 EXPUNGE", "* 1 EXISTS"]);
    server.deliver(USER, "Box", hello());
    assert_eq!([client.line(), client.line()], ["* 2 EXISTS", "* 2 RECENT"]);
    server.delete_mailbox(USER, "Box");
    assert!(client.line().starts_with("* BYE "));
}

#[test]
fn a_test_steps_in_before_a_command() {
    let server = Server::builder()
        .mailbox("Box", [hello()])
        .on_command(|server, line| {
            if line == "a UID SEARCH ALL" {
                server.deliver(USER, "Box", hello());
                server.raise_mod_seq(USER, "Box");
            }
        })
        .start()
        .unwrap();
    let mut client = Client::login(&server);
    client.ask("EXAMINE Box");
    assert_eq!(client.ask("UID FETCH 1:* (UID)").len(), 1);
    let found = client.ask("UID SEARCH ALL");
    assert_eq!(found, ["* SEARCH 1", "* 2 EXISTS", "* 2 RECENT"]);
    assert_eq!(server.state(USER, "Box").unwrap().highest_mod_seq, 4);
    assert_eq!(client.ask("NOOP"), [] as [&str; 0]);
}

#[test]
fn select_may_leave_out_uid_next() {
    let server = Server::builder().omit_uid_next().start().unwrap();
    let mut client = Client::login(&server);
    let lines = client.ask("SELECT INBOX");
    assert!(!lines.iter().any(|line| line.contains("UIDNEXT")));
    let status = ["* STATUS \"INBOX\" (UIDNEXT 1)"];
    assert_eq!(client.ask("STATUS INBOX (UIDNEXT)"), status);
}
