//! TLS from the first byte and by STARTTLS.

use std::io::BufReader;
use std::net::TcpStream;
use std::time::Duration;

use latchbox_testkit::{PASSWORD, Server, USER, message};
use native_tls::{TlsConnector, TlsStream};

use crate::client::Client;

/// A certificate and its key.
fn certificate() -> (Vec<u8>, Vec<u8>) {
    let leaf = latchbox_testkit::certificates().server;
    (leaf.certificate.into(), leaf.key.into())
}

fn handshake(socket: TcpStream) -> Client<TlsStream<TcpStream>> {
    socket
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let connector = TlsConnector::builder()
        .danger_accept_invalid_certs(true)
        .build()
        .unwrap();
    Client {
        stream: BufReader::new(connector.connect("localhost", socket).unwrap()),
    }
}

#[test]
fn implicit_tls_and_idle_in_it() {
    let (certificate, key) = certificate();
    let server = Server::builder().tls(&certificate, &key).start().unwrap();
    let socket = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let mut client = handshake(socket);
    assert!(!client.line().contains("STARTTLS"));
    client.ask(&format!("LOGIN {USER} {PASSWORD}"));
    client.ask("SELECT INBOX");
    // Both lines come at once: the second must not wait until there is more.
    client.send("a IDLE\r\nDONE\r\n");
    assert_eq!(client.answer(), ["+ idling", "a OK Idled"]);
    client.send("a IDLE\r\n");
    assert_eq!(client.line(), "+ idling");
    server.deliver(USER, "INBOX", message("new", "x@example.com", "y"));
    assert_eq!(client.line(), "* 1 EXISTS");
    assert_eq!(client.line(), "* 1 RECENT");
    client.send("DONE\r\n");
    assert_eq!(client.line(), "a OK Idled");
}

#[test]
fn start_tls() {
    let (certificate, key) = certificate();
    let server = Server::builder()
        .start_tls(&certificate, &key)
        .with("LOGINDISABLED")
        .start()
        .unwrap();
    let mut client = Client::connect(&server);
    assert!(
        client
            .tagged("LOGIN a b")
            .starts_with("a NO [PRIVACYREQUIRED]")
    );
    client.ask("STARTTLS");
    let mut client = handshake(client.stream.into_inner());
    let capabilities = client.ask("CAPABILITY").remove(0);
    assert!(!capabilities.contains("STARTTLS") && !capabilities.contains("LOGINDISABLED"));
    client.ask(&format!("LOGIN {USER} {PASSWORD}"));
}

#[test]
fn what_follows_starttls_in_the_clear_is_refused() {
    let (certificate, key) = certificate();
    let server = Server::builder()
        .start_tls(&certificate, &key)
        .start()
        .unwrap();
    let mut client = Client::connect(&server);
    client.send("a STARTTLS\r\nb NOOP\r\n");
    assert_eq!(
        client.line(),
        "a BAD Nothing may follow STARTTLS in the clear"
    );
    assert_eq!(client.line(), "");
}

#[test]
fn a_bad_key_is_an_error() {
    assert!(Server::builder().tls(b"x", b"y").start().is_err());
}

#[test]
fn drop_does_not_wait_for_a_handshake() {
    let (certificate, key) = certificate();
    let server = Server::builder().tls(&certificate, &key).start().unwrap();
    let silent = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    while server.connections() == 0 {
        std::thread::yield_now();
    }
    drop(server);
    drop(silent);
}
