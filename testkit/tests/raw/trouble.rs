//! A server that is slow, full, down, or refuses logins and connections.

use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use latchbox_testkit::{PASSWORD, Refusal, Server, TooMany, USER, message};

use crate::client::Client;

fn login() -> String {
    format!("LOGIN {USER} {PASSWORD}")
}

#[test]
fn a_server_that_was_down_has_its_mailboxes_on_the_same_port() {
    let server = Server::start().unwrap();
    let mut client = Client::select(&server, "INBOX");
    client.send("a IDLE\r\n");
    client.line();
    server.shut_down();
    assert_eq!(client.line(), "");
    assert_eq!(server.connections(), 0);
    assert!(TcpStream::connect(("127.0.0.1", server.port())).is_err());
    server.deliver(USER, "INBOX", message("Hi", "a@b.c", "x"));
    server.restart().unwrap();
    let mut client = Client::login(&server);
    assert_eq!(client.ask("SELECT INBOX")[2], "* 1 EXISTS");
    server.restart().unwrap();
    assert_eq!(client.line(), "");
    Client::login(&server);
}

#[test]
fn a_server_is_shut_down_from_its_own_hook() {
    let server = Server::builder()
        .on_command(|server, line| {
            if line.ends_with("NOOP") {
                server.shut_down();
                server.restart().unwrap();
            }
        })
        .start()
        .unwrap();
    let mut client = Client::login(&server);
    client.send("a NOOP\r\n");
    assert_eq!(client.line(), "");
    let is_up = |event: &latchbox_testkit::Event| event.line == "the server is started again";
    assert!(server.wait_for(Duration::from_secs(20), is_up));
    Client::login(&server).ask("NAMESPACE");
}

#[test]
fn a_full_user_stores_nothing_more() {
    let server = Server::builder()
        .mailbox("INBOX", [message("Hi", "a@b.c", "x")])
        .mailbox("Other", [""; 0].map(str::as_bytes))
        .start()
        .unwrap();
    let mut client = Client::select(&server, "INBOX");
    assert!(server.set_full(USER, true));
    assert!(!server.set_full("nobody", true));
    let append = "APPEND INBOX {3+}\r\nabc";
    for command in [append, "COPY 1 Other", "UID MOVE 1 Other"] {
        assert!(client.tagged(command).starts_with("a NO [OVERQUOTA] "));
    }
    assert_eq!(server.messages("INBOX").len(), 1);
    server.set_full(USER, false);
    client.ask(append);
    client.ask("COPY 1 Other");
}

#[test]
fn logins_are_refused_for_each_reason_until_they_are_accepted() {
    let server = Server::start().unwrap();
    let mut logged_in = Client::login(&server);
    let mut client = Client::connect(&server);
    for (refusal, begins) in [
        (Refusal::WrongPassword, "a NO [AUTHENTICATIONFAILED] "),
        (Refusal::Unavailable, "a NO [UNAVAILABLE] "),
        (Refusal::Limit, "a NO [LIMIT] "),
        (
            Refusal::Text("Ask kefu@188.com".to_owned()),
            "a NO Ask kefu@188.com",
        ),
    ] {
        server.refuse_logins(refusal);
        assert!(client.tagged(&login()).starts_with(begins));
        let plain = client.tagged("AUTHENTICATE PLAIN AGphbmUAeA==");
        assert!(plain.starts_with(begins));
    }
    logged_in.ask("NOOP");
    server.accept_logins();
    client.ask(&login());
}

#[test]
fn a_slow_server_answers_late() {
    let server = Server::start().unwrap();
    let mut client = Client::login(&server);
    let delay = Duration::from_millis(60);
    server.set_delay(delay);
    let began = Instant::now();
    client.ask("NOOP");
    assert!(began.elapsed() >= delay);
    server.set_delay(Duration::from_secs(600));
    client.send("a NOOP\r\n");
    // It does not outlast the server.
    drop(server);
    assert_eq!(client.line(), "");
}

#[test]
fn one_connection_too_many_is_refused_in_the_words_of_each_server() {
    for (too_many, expected) in [
        (
            TooMany::Dovecot,
            "a NO [LIMIT] Maximum number of connections from user+IP exceeded \
             (mail_max_userip_connections=2)",
        ),
        (
            TooMany::Cyrus,
            "a NO Too many open connections (3 of 2 for jane@example.com)",
        ),
        (
            TooMany::Gmail,
            "a NO [ALERT] Too many simultaneous connections. (Failure)",
        ),
    ] {
        let server = Server::builder()
            .connection_limit(2, too_many)
            .start()
            .unwrap();
        let open = [Client::login(&server), Client::login(&server)];
        let mut third = Client::connect(&server);
        assert_eq!(third.tagged(&login()), expected);
        let stays = too_many != TooMany::Dovecot;
        third.send("a NOOP\r\n");
        assert_eq!(third.line().starts_with("a OK"), stays);
        drop(open);
        let deadline = Instant::now() + Duration::from_secs(20);
        while server.connections() > usize::from(stays) {
            assert!(Instant::now() < deadline);
            thread::yield_now();
        }
        Client::login(&server);
        server.remove_connection_limit();
    }
}

#[test]
fn exchange_lets_one_too_many_in_and_refuses_its_commands() {
    let server = Server::start().unwrap();
    server.set_connection_limit(1, TooMany::Exchange);
    let mut first = Client::login(&server);
    let mut second = Client::login(&server);
    let refused = "a BAD User is authenticated but not connected.";
    assert_eq!(second.tagged("SELECT INBOX"), refused);
    assert!(second.try_ask("LOGOUT").pop().unwrap().starts_with("a OK"));
    first.ask("SELECT INBOX");
}

#[test]
fn courier_and_imap4d_do_not_greet_one_too_many() {
    let server = Server::start().unwrap();
    server.set_connection_limit(1, TooMany::Courier);
    let first = Client::login(&server);
    let connect = || Client {
        stream: std::io::BufReader::new(TcpStream::connect(("127.0.0.1", server.port())).unwrap()),
    };
    assert_eq!(connect().line(), "");
    server.set_connection_limit(1, TooMany::Imap4d);
    let mut second = connect();
    let greeted = thread::spawn(move || second.line());
    assert!(!server.wait_for(Duration::from_millis(60), |event| event.connection == 3));
    drop(first);
    assert!(greeted.join().unwrap().starts_with("* OK"));
}

#[test]
fn trouble_comes_from_any_thread() {
    let server = Arc::new(Server::start().unwrap());
    let threads: Vec<_> = (0..4)
        .map(|number| {
            let server = Arc::clone(&server);
            thread::spawn(move || match number {
                0 => server.kick(),
                1 => server.restart().unwrap(),
                2 => server.set_delay(Duration::ZERO),
                _ => server.refuse_logins(Refusal::Limit),
            })
        })
        .collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    server.accept_logins();
    Client::login(&server);
}
