use latchbox_testkit::{PASSWORD, Server, USER, message};

#[test]
fn unread_mail_is_listed_and_stays_unread() {
    let hello = message("Hello", "ann@example.com", "Hi!");
    let server = Server::builder().mailbox("INBOX", [hello]).start().unwrap();
    let mut session = program::log_in(server.port(), USER, PASSWORD).unwrap();
    assert_eq!(program::unread(&mut session).unwrap(), ["Hello"]);
    server.assert_not_sent("STORE"); // a failure shows all that went over the wire
    assert!(server.messages("INBOX")[0].flags.is_empty());
}
