//! Hashing for SCRAM: the deadline and the close handle end it, however many rounds the server asks for.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use latchbox::error::CloseReason;
use latchbox::sasl::Scram;
use latchbox::{Account, Backoff, Client, Credentials, Error};

use super::refused;
use crate::scripted::closed;
use crate::sessions::plaintext;
use crate::support::scram::{PASSWORD, Say, Setup, Step};

/// They would take hours.
const ROUNDS: &str = "i=4294967295";

fn patient() -> Scram {
    Scram::sha_256("ann", PASSWORD).max_iterations(u32::MAX)
}

#[test]
fn fault_15_a_deadline_ends_the_hashing() {
    let many: fn(String) -> Say = |text| Say::Challenge(text.replace("i=4096", ROUNDS));
    let server = Setup::new("AUTH=SCRAM-SHA-256")
        .saying(Step::First, many)
        .start();
    let builder = Client::builder("127.0.0.1").port(server.port());
    let builder = builder
        .danger_plaintext()
        .command_timeout(Duration::from_secs(2));
    let (error, client) = refused(builder.connect().unwrap().authenticate(patient()));
    assert!(error.is_timeout(), "{error:?}");
    drop(client);
    assert_eq!(
        server.finish().len(),
        1,
        "nothing was sent after the first message"
    );
}

/// A user who logs in by LOGIN the first time, and then by SCRAM with many rounds.
fn server(listener: TcpListener, asked: mpsc::Sender<()>, then_closes: bool) {
    let (mut stream, _) = listener.accept().unwrap();
    stream
        .write_all(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        .unwrap();
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let login = lines.next().unwrap().unwrap();
    let tag = login.split(' ').next().unwrap();
    let welcome = format!("{tag} OK [CAPABILITY IMAP4rev1] in\r\n* BYE good night\r\n");
    stream.write_all(welcome.as_bytes()).unwrap();
    drop((stream, lines));

    let (mut stream, _) = listener.accept().unwrap();
    let greeting = b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=SCRAM-SHA-256] ready\r\n";
    stream.write_all(greeting).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let first = BASE64_STANDARD
        .decode(line.trim_end().rsplit(' ').next().unwrap())
        .unwrap();
    let first = String::from_utf8(first).unwrap();
    let nonce = first.split_once("r=").unwrap().1;
    let challenge = BASE64_STANDARD.encode(format!("r={nonce}more,s=c2FsdA==,{ROUNDS}"));
    stream
        .write_all(format!("+ {challenge}\r\n").as_bytes())
        .unwrap();
    asked.send(()).unwrap();
    if !then_closes {
        // Until the client has gone.
        let _ = reader.read_to_end(&mut Vec::new());
    }
}

fn hashing_ends(close: impl FnOnce(&latchbox::Session), then_closes: bool) -> Error {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, is_asked) = mpsc::channel();
    let server = thread::spawn(move || server(listener, asked, then_closes));
    let logins = std::sync::atomic::AtomicUsize::new(0);
    let account = Account::new(plaintext(port), move |_reason| {
        Ok(
            match logins.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
                0 => Credentials::login("ann", PASSWORD),
                _ => Credentials::sasl(patient()),
            },
        )
    });
    let session = account
        .reconnecting(Backoff::new().max_attempts(1))
        .open()
        .unwrap();
    // Its end came along with the answer to the login, and is noticed before anything is sent.
    let error = thread::scope(|scope| {
        let locking = scope.spawn(|| session.lock_mailbox("INBOX").map(drop));
        is_asked.recv().unwrap();
        close(&session);
        locking.join().unwrap().unwrap_err()
    });
    server.join().unwrap();
    error
}

#[test]
fn fault_15_the_close_handle_ends_the_hashing() {
    let error = hashing_ends(|session| session.close_handle().close(), false);
    assert!(
        matches!(closed(&error).reason(), CloseReason::Cancelled),
        "{error:?}"
    );
}

#[test]
fn fault_15_the_end_of_the_connection_ends_the_hashing() {
    let error = hashing_ends(|_| {}, true);
    assert!(error.is_closed(), "{error:?}");
}
