//! The program while its server changes between two steps.

use latchbox_testkit::{PASSWORD, Refusal, Server, USER, message};

#[test]
fn mail_that_arrives_and_a_server_that_restarts() {
    let server = Server::builder().in_process().start().unwrap();
    let mut session = program::log_in(server.port(), USER, PASSWORD).unwrap();
    assert!(program::unread(&mut session).unwrap().is_empty());

    server.deliver(USER, "INBOX", message("New", "ann@example.com", "Now!"));
    assert_eq!(program::unread(&mut session).unwrap(), ["New"]);

    server.restart().unwrap();
    assert!(program::unread(&mut session).is_err());
    let mut session = program::log_in(server.port(), USER, PASSWORD).unwrap();
    assert_eq!(program::unread(&mut session).unwrap(), ["New"]);

    server.refuse_logins(Refusal::Unavailable);
    let refused = program::log_in(server.port(), USER, PASSWORD).unwrap_err();
    assert!(refused.to_string().contains("[UNAVAILABLE]"), "{refused}");
}
