//! Logging in: whose verdict counts, what is hidden, what follows a login, and what ends one.

mod cleartext;
#[cfg(all(feature = "scram", feature = "rustls"))]
mod exporter;
mod greeting;
#[cfg(feature = "scram")]
mod hashing;
mod given_back;
mod hidden;
mod login;
mod sasl;
#[cfg(feature = "scram")]
mod scram;
mod secrets;
mod set_up;
mod verdicts;

use latchbox::{Client, Error, LoginError, Session};

use crate::pieces::Connect;
use crate::scripted::plain;
use crate::support::script::{Script, script};

/// A server that plays this, and a client that is connected to it.
#[track_caller]
fn connected(text: &str) -> (Script, Client) {
    let server = script(text);
    let client = plain(&server).connect_in_pieces().unwrap();
    (server, client)
}

#[track_caller]
fn refused(result: Result<Session, LoginError>) -> (Error, Client) {
    result.map(drop).unwrap_err().into_parts()
}
