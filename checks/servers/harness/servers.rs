//! The other private servers: each greets, knows its users, and leaves nothing behind.

use crate::logged_in::log_in_as;
use crate::support::servers::{Server, courier, cyrus, imap4d};

fn starts_and_ends(server: Result<Server, String>) {
    let server = server.unwrap();
    for user in [server.user(), server.user()] {
        let session = log_in_as(&server, &user);
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
