//! The other private servers: each greets, knows its users, and leaves nothing behind.

use latchbox::Client;

use crate::support::servers::{PASSWORD, Server, courier, cyrus, imap4d};

fn starts_and_ends(server: Result<Server, String>) {
    let server = server.unwrap();
    for user in [server.user(), server.user()] {
        let client = Client::builder("127.0.0.1").port(server.running.port());
        let client = client.danger_plaintext().danger_cleartext_login();
        let client = client.connect().unwrap();
        let session = client.login(&user, PASSWORD).map_err(|(e, _)| e).unwrap();
        session.lock_mailbox("INBOX").unwrap().release().unwrap();
        session.logout().unwrap();
    }
    server.running.stop();
}

#[test]
fn cyrus_starts_and_ends() {
    starts_and_ends(cyrus());
}

#[test]
fn courier_starts_and_ends() {
    starts_and_ends(courier());
}

#[test]
fn imap4d_starts_and_ends() {
    starts_and_ends(imap4d());
}
