//! What a UID means: whose it is, and what a server's word about it may change.

mod accounts;
mod liar;
mod open_sets;
mod rows;
mod stored;
mod widening;

use latchbox::types::UidSet;
use latchbox::{Client, ClientBuilder, Error, Session};
use latchbox_testkit::Server;

/// To the in-process server, in cleartext.
fn builder(server: &Server) -> ClientBuilder {
    builder_of(server.port())
}

fn builder_of(port: u16) -> ClientBuilder {
    Client::builder("127.0.0.1")
        .port(port)
        .danger_plaintext()
        .danger_cleartext_login()
}

/// To a scripted server: nothing is enabled.
fn quiet(port: u16) -> ClientBuilder {
    builder_of(port).without_utf8().without_imap4rev2()
}

fn log_in(builder: ClientBuilder, user: &str) -> Session {
    let client = builder.connect().unwrap();
    client
        .login(user, "secret")
        .map_err(|(error, _)| error)
        .unwrap()
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
fn assert_stale<T>(outcome: latchbox::Result<T>) -> Box<latchbox::StaleUids> {
    match outcome {
        Err(Error::StaleUids(stale)) => stale,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("UIDs of another account were used"),
    }
}
