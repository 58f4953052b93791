//! Starting, kicking and stopping.

use std::net::TcpStream;
use std::time::Duration;

use latchbox_testkit::{Direction, Event, Server, USER, message};

use crate::client::Client;

#[test]
fn the_timeline_is_in_order() {
    let server = Server::start().unwrap();
    let mut client = Client::login(&server);
    client.send("a CREATE {3}\r\n");
    client.line();
    client.send("Box\r\n");
    client.line();
    let events = server.timeline();
    let last: Vec<_> = events.iter().rev().take(4).rev().collect();
    let lines = last
        .iter()
        .map(|event| (event.direction, event.line.as_str()));
    assert_eq!(
        lines.collect::<Vec<_>>(),
        [
            (Direction::Client, "a CREATE {3}"),
            (Direction::Server, "+ Ready for the literal"),
            (Direction::Client, "…"),
            (Direction::Server, "a OK Created"),
        ]
    );
    assert!(events.is_sorted_by_key(|event| event.at));
    assert!(last.iter().all(|event| event.connection == 1));
}

#[test]
fn kick_closes_and_the_next_one_may_come() {
    let server = Server::start().unwrap();
    let mut idler = Client::select(&server, "INBOX");
    idler.send("a IDLE\r\n");
    assert_eq!(idler.line(), "+ idling");
    server.kick();
    assert_eq!(idler.line(), "");
    Client::login(&server).ask("NOOP");
}

#[test]
fn drop_ends_everything() {
    let server = Server::start().unwrap();
    let port = server.port();
    let mut busy = Client::login(&server);
    let mut idler = Client::select(&server, "INBOX");
    idler.send("a IDLE\r\n");
    assert_eq!(idler.line(), "+ idling");
    assert!(server.wait_for(Duration::from_secs(5), |event| event.line == "+ idling"));
    drop(server);
    assert_eq!(idler.line(), "");
    assert_eq!(busy.line(), "");
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn drop_does_not_wait_for_a_client_that_does_not_read() {
    let big = vec![b'x'; 5 << 20];
    let server = Server::builder()
        .mailbox("INBOX", vec![big; 10])
        .start()
        .unwrap();
    let mut client = Client::select(&server, "INBOX");
    client.send("a FETCH 1:* BODY.PEEK[]\r\n");
    let answering = |event: &Event| event.line.starts_with("* 1 FETCH");
    assert!(server.wait_for(Duration::from_secs(20), answering));
    drop(server);
}

#[test]
fn users_do_not_share_mailboxes() {
    let server = Server::builder()
        .user("ann", "a")
        .mailbox("Mine", [message("1", "x@y.z", "")])
        .user("bob", "b")
        .read_only("Shared")
        .start()
        .unwrap();
    assert_eq!(
        server.deliver("bob", "INBOX", message("2", "x@y.z", "")),
        Some(1)
    );
    assert_eq!(
        server.deliver(USER, "INBOX", message("2", "x@y.z", "")),
        None
    );
    assert_eq!(server.messages("Mine").len(), 1);
    assert_eq!(server.messages("INBOX").len(), 0);
    assert_eq!(server.messages_of("bob", "INBOX").len(), 1);
    let mut bob = Client::connect(&server);
    bob.ask("LOGIN bob b");
    assert_eq!(bob.tagged("SELECT Shared"), "a OK [READ-ONLY] Selected");
    assert!(bob.tagged("SELECT Mine").starts_with("a NO "));
}

/// On Windows the time is that of the system: under wine, each call is a message to another process.
#[cfg(unix)]
#[test]
fn starting_and_stopping_is_cheap() {
    let begun = std::time::Instant::now();
    for _ in 0..50 {
        let server = Server::start().unwrap();
        Client::login(&server);
    }
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
}
