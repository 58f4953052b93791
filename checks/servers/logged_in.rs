//! Sessions on the servers that are not Dovecot.

use latchbox::Session;

use crate::sessions::{self, plaintext};
use crate::support::servers::{PASSWORD, Server};

/// As a new user of the server, in cleartext.
#[track_caller]
pub(crate) fn log_in(server: &Server) -> Session {
    log_in_as(server, &server.user())
}

/// As this user.
#[track_caller]
pub(crate) fn log_in_as(server: &Server, user: &str) -> Session {
    let client = plaintext(server.running.port()).connect().unwrap();
    sessions::log_in_as(client, user, PASSWORD)
}
