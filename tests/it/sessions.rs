//! How tests connect and log in, to whatever server: clients in plaintext and sessions on them, scripts
//! in short, accounts that count how often they are asked, and what is waited for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use latchbox::command::IdleEnd;
use latchbox::command::IdleOptions;
use latchbox::error::CloseReason;
use latchbox::types::MailboxEvent;
use latchbox::{Account, Client, ClientBuilder, Credentials, Error, LoginReason, Session};

use latchbox_testkit::{PASSWORD, Server, USER};

use crate::support::certificates::certificates;
use crate::support::script::{Script, script};

/// How long something that has to happen may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// No client's deadline is the reason for anything before this is over.
pub(crate) const LONG: Duration = Duration::from_secs(900);

/// A client that connects to servers with the certificates of the test kit.
pub(crate) trait TrustTheKit {
    /// Trusts their authority beside those of the system. On Windows, instead of them:
    /// under wine the system's verifier takes no further ones.
    fn trust_the_kit(self) -> Self;
}

impl TrustTheKit for ClientBuilder {
    fn trust_the_kit(self) -> Self {
        let trusting = self.root_certificates_pem(certificates().authority.clone());
        match cfg!(windows) {
            true => trusting.only_given_roots(),
            false => trusting,
        }
    }
}

/// Plays a script that knows three more lines: `hello` greets and takes the login of `jane` with
/// the password `pass1`, or the one that is named; `select: Box` takes that SELECT and grants a
/// mailbox of three messages with the UIDVALIDITY 7, or the one that is named; `noop` takes a NOOP.
#[track_caller]
pub(crate) fn played(text: &str) -> Script {
    script(&text.lines().map(expanded).collect::<String>())
}

fn expanded(line: &str) -> String {
    let (word, argument) = line.trim().split_once(':').unwrap_or((line.trim(), ""));
    let mut words = argument.split_whitespace();
    match word {
        "hello" => {
            let password = words.next().unwrap_or("pass1");
            format!(
                "S: * OK [CAPABILITY IMAP4rev1] ready\n\
                 C: {{l}} LOGIN \"jane\" \"{password}\"\n\
                 S: {{l}} OK [CAPABILITY IMAP4rev1 LITERAL+ UIDPLUS] done\n"
            )
        }
        "select" => {
            let (name, validity) = (words.next().unwrap_or("INBOX"), words.next().unwrap_or("7"));
            format!(
                "C: {{s}} SELECT \"{name}\"\n\
                 S: * 3 EXISTS\n\
                 S: * OK [UIDVALIDITY {validity}] valid\n\
                 S: {{s}} OK [READ-WRITE] done\n"
            )
        }
        "noop" => "C: {n} NOOP\nS: {n} OK done\n".to_owned(),
        _ => format!("{line}\n"),
    }
}

/// In cleartext to this port of this machine, and the password may be sent so. All else is as it is
/// where nothing is said.
pub(crate) fn plaintext(port: u16) -> ClientBuilder {
    Client::builder("127.0.0.1")
        .port(port)
        .danger_plaintext()
        .danger_cleartext_login()
}

/// The same on a stream that a test makes itself; the host is but a name.
pub(crate) fn plaintext_stream() -> ClientBuilder {
    Client::builder("localhost")
        .danger_plaintext()
        .danger_cleartext_login()
}

/// A plaintext connection whose own deadlines are out of sight. Nothing is enabled but what a test
/// asks for.
pub(crate) fn builder(port: u16) -> ClientBuilder {
    patient(plaintext(port)).without_utf8().without_imap4rev2()
}

/// With no deadline that passes in a test.
pub(crate) fn patient(builder: ClientBuilder) -> ClientBuilder {
    builder
        .connect_timeout(LONG)
        .tls_timeout(LONG)
        .greeting_timeout(LONG)
        .read_timeout(LONG)
        .write_timeout(LONG)
        .command_timeout(LONG)
}

/// Logs in as this user, on whatever the client is connected by.
#[track_caller]
pub(crate) fn log_in_as(client: Client, user: &str, password: &str) -> Session {
    client.login(user, password).unwrap()
}

/// The session of a client that was greeted with PREAUTH.
#[track_caller]
pub(crate) fn preauthenticated(client: Client) -> Session {
    client.into_preauthenticated().unwrap()
}

/// Connects, and logs in as the user of the in-process server.
#[track_caller]
pub(crate) fn log_in_user(builder: ClientBuilder) -> Session {
    log_in_as(builder.connect().unwrap(), USER, PASSWORD)
}

/// A session of the user of this server, all as it is where nothing is said.
#[track_caller]
pub(crate) fn plaintext_session(server: &Server) -> Session {
    log_in_user(plaintext(server.port()))
}

/// A session of the user of this server on a connection of [`builder`].
#[track_caller]
pub(crate) fn patient_session(server: &Server) -> Session {
    log_in_user(builder(server.port()))
}

/// Connects, and logs in as the scripts of [`played`] expect it.
#[track_caller]
pub(crate) fn log_in(builder: ClientBuilder) -> Session {
    log_in_as(builder.connect().unwrap(), "jane", "pass1")
}

#[track_caller]
pub(crate) fn session(port: u16) -> Session {
    log_in(builder(port))
}

/// How often an account's provider was asked.
#[derive(Clone, Default)]
pub(crate) struct Asked(Arc<AtomicUsize>);

impl Asked {
    pub(crate) fn times(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// Counts one more, and tells the how many-th it is.
    pub(crate) fn count(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }
}

/// An account of `jane` whose password is `pass1` at first, then `pass2`, and so on.
pub(crate) fn account(builder: ClientBuilder) -> (Account, Asked) {
    let asked = Asked::default();
    let counting = asked.clone();
    let provider = move |_: LoginReason<'_>| {
        let password = format!("pass{}", counting.count());
        Ok(Credentials::login("jane", password.as_str()))
    };
    (Account::new(builder, provider), asked)
}

/// Waits until so many threads wait for the lock.
pub(crate) fn until_waiting(session: &Session, wanted: usize) {
    until("nobody waits for the lock", || {
        session.lock_state().waiting() >= wanted
    });
}

/// Waits until every connection to this port of this machine has been told by the other side that
/// it has ended.
pub(crate) fn until_hung_up(port: u16) {
    until("the connection does not end", || !is_established(port));
}

/// Waits until it is so.
#[track_caller]
pub(crate) fn until(otherwise: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < DEADLINE, "{otherwise}");
        thread::yield_now();
    }
}

fn is_established(port: u16) -> bool {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let remote = format!(":{port:04X}");
    table.lines().skip(1).any(|line| {
        let fields: Vec<&str> = line.split_whitespace().take(4).collect();
        fields[2].ends_with(&remote) && fields[3] == "01"
    })
}

/// It is the end of the connection, with this answer to whether the command may have been done,
/// and shows no password.
#[track_caller]
pub(crate) fn assert_closed<T>(outcome: latchbox::Result<T>, may_have_taken_effect: bool) {
    let Err(error) = outcome else {
        panic!("it worked");
    };
    assert!(error.is_closed(), "{error}");
    let may_have = error.may_have_taken_effect();
    assert_eq!(may_have, may_have_taken_effect, "{error}");
    assert_shows_no_secret(&error);
}

/// It is the end of the connection because somebody closed it from elsewhere.
#[track_caller]
pub(crate) fn assert_cancelled<T>(outcome: latchbox::Result<T>) {
    match outcome {
        Err(Error::Closed(closed)) => assert!(
            matches!(closed.reason(), CloseReason::Cancelled),
            "{closed}"
        ),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it worked"),
    }
}

#[track_caller]
pub(crate) fn assert_shows_no_secret(error: &Error) {
    let shown = format!("{error} {error:?} {error:#?}");
    let is_secret = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    assert!(!shown.split("pass").skip(1).any(is_secret), "{shown}");
}

/// Watches INBOX and yields the lock to waiters, until it is stopped; sends each new count of messages.
pub(crate) fn watch(session: &Session, options: &IdleOptions, tell: &mpsc::Sender<u32>) {
    let mut seen = 0;
    loop {
        let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
        if inbox.exists() != seen {
            seen = inbox.exists();
            let _ = tell.send(seen);
        }
        let mut idle = inbox.idle_with(options).unwrap();
        while let Some(event) = idle.next().unwrap() {
            if let MailboxEvent::Exists(messages) = event {
                seen = messages;
                let _ = tell.send(seen);
            }
        }
        match idle.end_reason() {
            Some(IdleEnd::Stopped) => return,
            Some(IdleEnd::Yielded) => {}
            other => panic!("{other:?}"),
        }
    }
}
