//! What a client sends against the grammar is refused with a sentence that says at which octet.

use latchbox_testkit::Server;

use crate::client::Client;

#[test]
fn a_refusal_names_the_octet() {
    let server = Server::start().unwrap();
    let mut client = Client::select(&server, "INBOX");
    for (command, text) in [
        (
            "UID FETCH 1 (FLAGS  UID)",
            "Octet 22: one space expected, not two",
        ),
        (
            "UID SEARCH CHARSET UTF-8 FROM {2+}\r\n\u{fc} SEEM",
            "Octet 42: a search key expected, not \"SEEM\"",
        ),
        (
            "STORE 1 FLAGS (\\Seen",
            "Octet 23: a space or ) expected, not the end of the line",
        ),
        (
            "IDLE now",
            "Octet 7: the end of the command expected, not a space",
        ),
    ] {
        assert_eq!(client.tagged(command), format!("a BAD {text}"), "{command}");
    }
}

#[test]
fn what_a_client_may_send_depends_on_what_it_has_enabled() {
    let server = Server::builder().with("UTF8=ACCEPT").start().unwrap();
    let mut client = Client::login(&server);
    let create = "CREATE \"Entw\u{fc}rfe\"";
    assert!(client.tagged(create).starts_with("a BAD Octet 15: "));
    assert!(
        client
            .tagged("APPEND INBOX UTF8 (~{1+}\r\nx)")
            .starts_with("a BAD ")
    );
    client.ask("ENABLE UTF8=ACCEPT");
    client.ask(create);
    client.ask("APPEND INBOX UTF8 (~{1+}\r\nx)");
    assert!(server.mailboxes().contains(&"Entw\u{fc}rfe".to_owned()));
}

#[test]
fn imap4rev2_has_extensions_in_it() {
    let server = Server::builder()
        .without("ESEARCH")
        .without("UNSELECT")
        .without("SORT")
        .with("IMAP4rev2")
        .start()
        .unwrap();
    let mut client = Client::select(&server, "INBOX");
    client.ask("SEARCH RETURN (COUNT) ALL");
    client.ask("UNSELECT");
    client.ask("SELECT INBOX");
    assert_eq!(
        client.tagged("SORT (DATE) UTF-8 ALL"),
        "a BAD Octet 3: SORT is not advertised"
    );
}

#[test]
fn a_user_can_log_out_and_another_in() {
    let server = Server::builder().with("UNAUTHENTICATE").start().unwrap();
    let mut client = Client::select(&server, "INBOX");
    client.ask("UNAUTHENTICATE");
    assert_eq!(client.tagged("SELECT INBOX"), "a BAD Log in first");
    client.ask(&format!(
        "LOGIN {} {}",
        latchbox_testkit::USER,
        latchbox_testkit::PASSWORD
    ));
    client.ask("SELECT INBOX");
}
