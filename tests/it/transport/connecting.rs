//! Connecting to a name: its addresses, and what the error says of each.

use std::io;

use latchbox::error::ConnectErrorKind;
use latchbox::{Client, Error};
use latchbox_testkit::{PASSWORD, Server, USER};

use crate::scripted::problem;
use crate::sessions::log_in_as;
use crate::support::closed_port::ClosedPort;

#[test]
fn a_name_is_connected_to_by_whichever_address_answers() {
    // The server listens on IPv4 alone, and the name may have both.
    let server = Server::start().unwrap();
    let builder = Client::builder("localhost").port(server.port());
    let builder = builder.danger_plaintext().danger_cleartext_login();
    let session = log_in_as(builder.connect().unwrap(), USER, PASSWORD);
    session.logout().unwrap();
}

#[test]
fn the_error_lists_the_addresses_of_the_name() {
    let closed = ClosedPort::new();
    let builder = Client::builder("localhost").port(closed.address().port());
    let error = builder.connect().unwrap_err();
    let ConnectErrorKind::Tcp(tcp) = problem(&error) else {
        panic!("{error:?}");
    };
    let mut attempts = tcp.attempts();
    let (_, cause) = attempts
        .find(|(address, _)| *address == closed.address())
        .unwrap();
    assert_eq!(cause.kind(), io::ErrorKind::ConnectionRefused);
    assert!(!tcp.is_timeout() && !error.is_timeout());
    let text = error.to_string();
    assert!(text.contains(&format!("{}: ", closed.address())), "{text}");
}

#[cfg(feature = "proxy")]
#[test]
fn the_error_lists_the_addresses_of_the_proxy() {
    let closed = ClosedPort::new();
    let proxy = latchbox::transport::Proxy::socks5("localhost", closed.address().port());
    let error = Client::builder("imap.example.com").proxy(proxy).connect();
    let error = error.unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::Connect(_)), "{error:?}");
    assert!(text.contains(&format!("{}: ", closed.address())), "{text}");
}
