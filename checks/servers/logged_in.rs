//! Sessions on the servers that are not Dovecot.

use latchbox::{Client, Session};

use crate::support::servers::{PASSWORD, Server};

/// As a new user of the server, in cleartext.
#[track_caller]
pub(crate) fn log_in(server: &Server) -> Session {
    log_in_as(server, &server.user())
}

/// As this user.
#[track_caller]
pub(crate) fn log_in_as(server: &Server, user: &str) -> Session {
    let builder = Client::builder("127.0.0.1").port(server.running.port());
    let client = builder.danger_plaintext().danger_cleartext_login();
    let client = client.connect().unwrap();
    client.login(user, PASSWORD).map_err(|(e, _)| e).unwrap()
}
