//! The client latchbox on the same server.

use latchbox::types::SearchKey;
use latchbox::{Client, Session};
use latchbox_testkit::{PASSWORD, Server, USER, message};

/// Connects and logs in without TLS, which latchbox does only if it is told to.
fn log_in(server: &Server) -> latchbox::Result<Session> {
    let client = Client::builder("127.0.0.1")
        .port(server.port())
        .danger_plaintext()
        .danger_cleartext_login()
        .connect()?;
    Ok(client.login(USER, PASSWORD)?)
}

#[test]
fn a_session_of_latchbox() {
    let hello = message("Hello", "ann@example.com", "Hi!");
    let server = Server::builder().mailbox("INBOX", [hello]).start().unwrap();
    let session = log_in(&server).unwrap();
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    assert_eq!(inbox.search(SearchKey::Unseen).unwrap().len(), 1);
    server.assert_sent_in_order(&["EXAMINE \"INBOX\"", "UID SEARCH"]);
}
