//! What a session holds while nothing is under way.

use std::fs;
use std::process::Command;

use latchbox::transport::TlsBackend;
use latchbox::types::{FetchItem, SearchKey, Section};
use latchbox::{Account, Client, ClientBuilder, Credentials, Session};
use latchbox_counting::cost;
use latchbox_testkit::{Builder, PASSWORD, Server, USER, message};

use crate::certificates::certificates;
use crate::{alone, builder};

/// What a session may hold without TLS.
const PLAINTEXT: i64 = 16 << 10;

/// What it may hold with rustls, all of which the allocator counts. 57 KiB were counted after a long
/// literal, 29 KiB after a login.
const RUSTLS: i64 = 75 << 10;

/// What it may hold with native-tls, as the system counts it: 40 KiB were.
const NATIVE_TLS: i64 = 75 << 10;

/// Where the process that is measured finds the server, and what it is to do.
const PORT: &str = "LATCHBOX_TEST_PORT";
const WORK: &str = "LATCHBOX_TEST_WORK";
const AUTHORITY: &str = "LATCHBOX_TEST_AUTHORITY";

/// What a session has done before it rests.
type Work = fn(&Session);

const WORKS: [(&str, Work); 5] = [
    ("a login", |_| {}),
    ("a lock", |session| {
        drop(session.lock_mailbox("INBOX").unwrap());
    }),
    ("a long answer", |session| {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let all = inbox.search(SearchKey::All).unwrap();
        let items = [FetchItem::Envelope, FetchItem::BodyStructure];
        let mut messages = inbox.fetch(&all, items).unwrap();
        while messages.next().unwrap().is_some() {}
    }),
    ("a long literal", |session| {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let all = inbox.search(SearchKey::Larger(50_000)).unwrap();
        let items = [FetchItem::BodyPeek(Section::whole())];
        let mut messages = inbox.fetch(&all, items).unwrap();
        let body = messages.next().unwrap().unwrap();
        assert!(body.body(&Section::whole()).unwrap().len() > 50_000);
        assert!(messages.next().unwrap().is_none());
    }),
    ("a long list", |session| {
        assert!(session.list("*").unwrap().len() > 100);
    }),
];

fn served() -> Builder {
    let short = (0..200).map(|_| message("Lunch?", "ann@example.com", "At one?"));
    let long = message("Long", "ann@example.com", &"x".repeat(60_000));
    let mut server = Server::builder().mailbox("INBOX", short.chain([long]).collect::<Vec<_>>());
    for number in 0..200 {
        server = server.mailbox(&format!("Archive{number}"), Vec::<Vec<u8>>::new());
    }
    server
}

fn account(builder: ClientBuilder) -> Account {
    Account::new(builder, |_| Ok(Credentials::login(USER, PASSWORD)))
}

fn over_tls(port: u16, authority: &[u8]) -> ClientBuilder {
    Client::builder("127.0.0.1")
        .port(port)
        .root_certificates_pem(authority)
        .only_given_roots()
}

/// The sessions that have worked, one more than was asked for: the first makes what all share.
fn sessions(account: &Account, work: Work, count: usize) -> (i64, Vec<Session>) {
    let open = || {
        let session = account.open().unwrap();
        work(&session);
        session
    };
    let first = open();
    let (cost, mut sessions) = cost(|| (0..count).map(|_| open()).collect::<Vec<_>>());
    sessions.push(first);
    (cost.kept / count as i64, sessions)
}

#[track_caller]
fn all_hold_at_most(account: &Account, most: i64) {
    for (what, work) in WORKS {
        let (each, sessions) = sessions(account, work, 20);
        eprintln!("{each} octets a session that rests after {what}");
        assert!(each <= most, "{each} octets a session after {what}");
        sessions.iter().for_each(|session| session.noop().unwrap());
    }
}

#[test]
fn a_session_that_rests_holds_little() {
    let _alone = alone();
    let server = served().start().unwrap();
    all_hold_at_most(&account(builder(&server)), PLAINTEXT);
}

#[test]
fn a_session_that_rests_holds_little_with_rustls() {
    let _alone = alone();
    let leaf = &certificates().server;
    let server = served().tls(&leaf.certificate, &leaf.key);
    let server = server.start().unwrap();
    let builder = over_tls(server.port(), &certificates().authority);
    all_hold_at_most(&account(builder.tls_backend(TlsBackend::Rustls)), RUSTLS);
}

/// OpenSSL has its memory from the system. The server is in another process than what is measured.
#[test]
fn a_session_that_rests_holds_little_with_native_tls() {
    let _alone = alone();
    let leaf = &certificates().server;
    let server = served().tls(&leaf.certificate, &leaf.key);
    let server = server.start().unwrap();
    for (what, _) in WORKS {
        let measured = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "resting::measured", "--ignored", "--nocapture"])
            .env(PORT, server.port().to_string())
            .env(
                AUTHORITY,
                String::from_utf8_lossy(&certificates().authority).as_ref(),
            )
            .env(WORK, what)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&measured.stdout);
        let each = said.lines().find_map(|line| line.strip_prefix("each: "));
        let each = each.unwrap_or_else(|| panic!("{measured:?}"));
        let each: i64 = each.parse().unwrap();
        eprintln!("{each} octets a session that rests after {what}");
        assert!(each <= NATIVE_TLS, "{each} octets a session after {what}");
    }
}

/// Prints how much the memory of this process grows with a session.
#[test]
#[ignore = "runs in a process of its own"]
fn measured() {
    const COUNT: usize = 100;
    let variable = |name| std::env::var(name).unwrap();
    let port = variable(PORT).parse().unwrap();
    let account = account(over_tls(port, variable(AUTHORITY).as_bytes()));
    let (_, work) = WORKS
        .into_iter()
        .find(|(what, _)| *what == variable(WORK))
        .unwrap();
    let (_, _few) = sessions(&account, work, 20);
    let before = resident();
    let (_, _many) = sessions(&account, work, COUNT - 1);
    println!("\neach: {}", (resident() - before) / COUNT as i64);
}

/// The memory of this process, in octets.
fn resident() -> i64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let size: i64 = line
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    size * 1024
}
