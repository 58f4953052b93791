//! Servers that stop reading in the middle of what is sent to them, and have said why.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use latchbox::command::Append;
use latchbox::error::{CloseReason, Stage};
use latchbox::types::{NewMessage, ResponseCode, Uid, UidSet};
use latchbox::{Client, Error, Result, Session};

use super::in_time_once;
use crate::sessions::preauthenticated;

/// How long a write may take.
const WRITE: Duration = Duration::from_secs(2);

/// A server that keeps its connection for as long as this lives.
struct Lingering {
    port: u16,
    _keep: Sender<()>,
}

/// A server that is logged in to from the start, and says `said` (with the tag for `{tag}`) to the
/// first command that begins like this; from then on it reads nothing.
fn lingering(command: &'static str, said: &'static str) -> Lingering {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (keep, kept) = channel();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        linger(&stream, command, said);
        let _ = kept.recv();
    });
    Lingering { port, _keep: keep }
}

/// Until that command has been answered.
fn linger(mut stream: &TcpStream, command: &str, said: &str) -> Option<()> {
    let greeting = b"* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+ REPLACE UIDPLUS] hello\r\n";
    stream.write_all(greeting).ok()?;
    let mut reader = BufReader::with_capacity(64, stream);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let (tag, rest) = line.trim_end().split_once(' ')?;
        if rest.starts_with(command) {
            return stream.write_all(said.replace("{tag}", tag).as_bytes()).ok();
        }
        let data = match rest.split(' ').next()? {
            "SELECT" => "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n",
            _ => "",
        };
        stream
            .write_all(format!("{data}{tag} OK done\r\n").as_bytes())
            .ok()?;
    }
}

fn session(server: &Lingering) -> Session {
    let client = Client::builder("127.0.0.1")
        .port(server.port)
        .danger_plaintext()
        .accept_preauth()
        .write_timeout(WRITE)
        .connect()
        .unwrap();
    preauthenticated(client)
}

/// More than both ends hold while nothing is read.
fn message() -> &'static [u8] {
    static MESSAGE: OnceLock<Vec<u8>> = OnceLock::new();
    MESSAGE.get_or_init(|| {
        let mut message = b"Subject: large\r\n\r\n".to_vec();
        message.resize(20 << 20, b'x');
        message
    })
}

/// Does something that needs a write which the server does not take to its end, and is checked by
/// `check`.
fn refused_by(
    command: &'static str,
    said: &'static str,
    work: impl Fn(&Session) -> Result<()>,
    check: impl Fn(&Error),
) {
    message();
    // Two deadlines would be twice the time.
    in_time_once(WRITE * 7 / 4, || {
        let server = lingering(command, said);
        let session = session(&server);
        let began = Instant::now();
        let error = work(&session).unwrap_err();
        let took = began.elapsed();
        // The command was not sent whole.
        assert!(session.noop().unwrap_err().is_closed());
        check(&error);
        took
    });
}

fn append(session: &Session) -> Result<()> {
    session.append("INBOX", message()).map(drop)
}

const BYE: &str = "* BYE [UNAVAILABLE] the disk is full\r\n";

fn assert_bye(error: &Error) {
    let Error::Closed(closed) = error else {
        panic!("{error:?}");
    };
    let CloseReason::Bye { text, .. } = closed.reason() else {
        panic!("{error:?}");
    };
    assert_eq!(text, "the disk is full");
}

#[test]
fn fault_42_a_bye_in_the_middle_of_an_append_is_the_error() {
    refused_by("APPEND", BYE, append, assert_bye);
}

#[test]
fn fault_42_a_bye_in_the_middle_of_an_upload_is_the_error() {
    let upload = |session: &Session| {
        let length = u64::try_from(message().len()).unwrap();
        let new = NewMessage::from_reader(message(), length);
        session.append("INBOX", new).map(drop)
    };
    refused_by("APPEND", BYE, upload, assert_bye);
}

#[test]
fn fault_42_a_bye_in_the_middle_of_a_replace_is_the_error() {
    let replace = |session: &Session| {
        let mut inbox = session.lock_mailbox("INBOX")?;
        let old = UidSet::unbound([Uid::MIN]);
        inbox.replace(&old, "INBOX", message()).map(drop)
    };
    refused_by("UID REPLACE", BYE, replace, assert_bye);
}

#[test]
fn fault_42_a_bye_in_the_middle_of_a_batch_is_the_error_of_what_was_not_answered() {
    let said = "{tag} OK [APPENDUID 7 5] stored\r\n* BYE the disk is full\r\n";
    let small = b"Subject: small\r\n\r\nx".as_slice();
    message();
    in_time_once(WRITE * 7 / 4, || {
        let server = lingering("APPEND", said);
        let session = session(&server);
        let batch = [small, message()].map(|message| Append::new("INBOX", message).unwrap());
        let began = Instant::now();
        let outcomes = session.pipeline(batch).unwrap();
        let took = began.elapsed();
        let [first, second] = outcomes;
        assert_eq!(first.unwrap().uid(), Uid::new(5));
        assert_bye(&second.unwrap_err());
        took
    });
}

#[test]
fn fault_42_a_refusal_in_the_middle_of_an_append_is_the_error() {
    refused_by(
        "APPEND",
        "{tag} NO [TOOBIG] at most 1 MB\r\n",
        append,
        |error| {
            let Error::Refused(refused) = error else {
                panic!("{error:?}");
            };
            assert_eq!(refused.code(), Some(&ResponseCode::TooBig));
            assert!(!error.may_have_taken_effect());
        },
    );
}

#[test]
fn fault_42_a_server_that_says_nothing_has_one_deadline() {
    refused_by(
        "APPEND",
        "* NO the disk is nearly full\r\n",
        append,
        |error| {
            let Error::Closed(closed) = error else {
                panic!("{error:?}");
            };
            let reason = closed.reason();
            assert!(
                matches!(reason, CloseReason::Timeout(Stage::Write, WRITE)),
                "{reason:?}"
            );
            assert_eq!(closed.warning(), Some("NO the disk is nearly full"));
        },
    );
}
