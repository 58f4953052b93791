//! What a UID means: whose it is, and what a server's word about it may change.

mod accounts;
mod liar;
mod open_sets;
mod rows;
mod stored;
mod widening;

use latchbox::types::UidSet;
use latchbox::{Error, Session};
use latchbox_testkit::Server;

use crate::sessions::{log_in_as, plaintext};

/// Logs in to the server of [`two_users`] as one of them.
fn log_in(server: &Server, user: &str) -> Session {
    let client = plaintext(server.port()).connect().unwrap();
    log_in_as(client, user, "secret")
}

/// Three messages in the INBOX of each of two users, with the same UIDs and UIDVALIDITY.
fn two_users() -> Server {
    let messages = || (1..=3).map(|number| format!("Subject: {number}\r\n\r\n").into_bytes());
    Server::builder()
        .user("jane", "secret")
        .mailbox("INBOX", messages())
        .user("joe", "secret")
        .mailbox("INBOX", messages())
        .start()
        .unwrap()
}

fn set(text: &str) -> UidSet {
    text.parse().unwrap()
}

#[track_caller]
fn assert_stale<T>(outcome: latchbox::Result<T>) -> Box<latchbox::error::StaleUids> {
    match outcome {
        Err(Error::StaleUids(stale)) => stale,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("UIDs of another account were used"),
    }
}
