//! No password, no token and no proof of one in the log, in an error, in an event or in what `Debug`
//! shows: every way to log in, every way to fail, at every step, in a process of its own whose log is
//! kept at the finest level.

mod failures;
mod server;
mod ways;

use std::error::Error as StdError;
use std::fmt::Debug;
use std::process::Command;
use std::sync::Mutex;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use latchbox::sasl::{LoginChoice, Plain, Secret};
use latchbox::{Account, Backoff, Client, Credentials, Error, Session};
use log::{LevelFilter, Log, Metadata, Record};

use crate::pieces::Connect;
use crate::scripted::plain;
use crate::support::certificates::certificates;
use crate::support::script::script;
use crate::support::sources::sources;
use failures::FAILURES;
use server::{Heard, Hostile};
use ways::{SECOND, TOKEN, USER, Way, ways};

const CHILD: &str = "LATCHBOX_KEEPS_ITS_LOG";

struct Kept(Mutex<Vec<String>>);

static KEPT: Kept = Kept(Mutex::new(Vec::new()));

impl Log for Kept {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = format!("{} {}", record.level(), record.args());
        self.0.lock().unwrap().push(line);
    }

    fn flush(&self) {}
}

/// Shows what a person may come to see.
fn note(shown: impl Debug) {
    let mut kept = KEPT.0.lock().unwrap();
    kept.push(format!("{shown:?}"));
    kept.push(format!("{shown:#?}"));
}

fn note_error(error: &Error) {
    note(error);
    let mut next = Some(error as &dyn StdError);
    while let Some(error) = next {
        note(error.to_string());
        note(error);
        next = error.source();
    }
}

/// Runs itself again as a process of its own.
fn alone(name: &str, test: impl FnOnce()) {
    if std::env::var_os(CHILD).is_none() {
        let child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                &format!("logging_in::secrets::{name}"),
                "--nocapture",
            ])
            .env(CHILD, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stderr);
        let told = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success(), "{told}{said}");
        assert!(told.contains("1 passed"), "the child ran nothing: {told}");
        return;
    }
    log::set_logger(&KEPT).unwrap();
    log::set_max_level(LevelFilter::Trace);
    test();
}

/// None of the secrets, in whatever case, in what was shown since this was asked last.
#[track_caller]
fn check(secrets: &[String], what: &str) -> usize {
    check_beside(&[], secrets, what)
}

/// Likewise, where these random texts, which are no secrets, may be shown: by chance one contains
/// the four letters of a secret.
#[track_caller]
fn check_beside(random: &[String], secrets: &[String], what: &str) -> usize {
    let lines = std::mem::take(&mut *KEPT.0.lock().unwrap());
    let secrets: Vec<String> = secrets.iter().map(|s| s.to_ascii_lowercase()).collect();
    for line in &lines {
        let small = random
            .iter()
            .fold(line.to_ascii_lowercase(), |line, random| {
                line.replace(&random.to_ascii_lowercase(), "")
            });
        for secret in &secrets {
            let is_there = small.contains(secret);
            assert!(!is_there, "{what}: {secret} in: {line}\n{lines:#?}");
        }
    }
    lines.len()
}

/// The client logs in once by `way`, and once more if it can.
fn play(way: &Way, hostile: Hostile) -> bool {
    let heard = hostile.heard();
    let mut builder = Client::builder("imap.example.com")
        .danger_plaintext()
        .danger_cleartext_login()
        .identify([("name", "test")])
        .line_limit(200_000);
    if way.utf8_is_off {
        builder = builder.without_utf8();
    }
    let mut client = match builder.connect_transport(hostile) {
        Ok(client) => client,
        Err(error) => {
            note_error(&error);
            return heard.has_failed();
        }
    };
    note(&client);
    match (way.log_in)(client) {
        Ok(session) => note_session(session),
        Err(error) => {
            note(&error);
            note_error(error.error());
            client = error.into_client();
            note(&client);
            note(client.events());
            match client.login(USER, SECOND) {
                Ok(session) => note_session(session),
                Err(error) => {
                    note(&error);
                    note_error(error.error());
                    note(error.into_client().events());
                }
            }
        }
    }
    heard.has_failed()
}

fn note_session(session: Session) {
    note(&session);
    note(session.events());
    note(session.lock_state());
    drop(session);
}

#[test]
fn attack_045_no_secret_in_the_log_or_in_what_is_shown() {
    alone(
        "attack_045_no_secret_in_the_log_or_in_what_is_shown",
        || {
            let mut runs = 0;
            for way in ways() {
                for failure in FAILURES {
                    for step in 0.. {
                        let heard = Heard::default();
                        let hostile = Hostile::new(&way, failure, step, heard.clone());
                        let has_failed = play(&way, hostile);
                        let what = format!("{} by {failure:?} at {step}", way.name);
                        let lines =
                            check_beside(&heard.nonces(), &heard.secrets(way.secret), &what);
                        assert!(lines > 0, "{what}: nothing was shown");
                        runs += 1;
                        if !has_failed {
                            assert!(step >= 2, "{what}: it never happened");
                            break;
                        }
                    }
                }
            }
            assert!(runs > 7_000, "{runs}");
        },
    );
}

/// The log is not empty, so that what is not in it was left out.
#[test]
fn the_wire_is_in_the_log_without_the_login() {
    alone("the_wire_is_in_the_log_without_the_login", || {
        let server = script(
            "
            S: * OK [CAPABILITY IMAP4rev1] ready
            C: {a} LOGIN \"ann@example.com\" \"pa55w0rd\"
            S: {a} OK [CAPABILITY IMAP4rev1] in
            C: {b} NOOP
            S: {b} OK done
            ",
        );
        let client = plain(&server).connect_in_pieces().unwrap();
        let session = client.login(USER, "pa55w0rd").unwrap();
        session.noop().unwrap();
        drop(session);
        server.finish();
        let lines = std::mem::take(&mut *KEPT.0.lock().unwrap());
        for part in ["LOGIN ***", "S: ***", "C: A2 NOOP", "S: A2 OK"] {
            assert!(lines.iter().any(|line| line.contains(part)), "{lines:?}");
        }
        assert!(!lines.iter().any(|line| line.contains("pa55")), "{lines:?}");
    });
}

/// What is made of secrets and shows itself, and what is not sent because it cannot be.
#[test]
fn attack_045_no_debug_shows_a_secret() {
    alone("attack_045_no_debug_shows_a_secret", || {
        let secret = "pa55w0rd";
        let choice = LoginChoice::password(USER, secret);
        note(&choice);
        note(Credentials::from(choice));
        note(Credentials::login(USER, secret));
        note(Credentials::password(USER, secret));
        note(Credentials::token(USER, secret));
        note(Credentials::sasl(Plain::new(USER, secret)));
        note(Secret::from(secret));
        for way in ways() {
            note((way.shown)());
        }
        let key = "-----BEGIN PRIVATE KEY-----\npa55w0rd\n-----END PRIVATE KEY-----\n";
        let backends = [
            #[cfg(feature = "native-tls")]
            latchbox::transport::TlsBackend::NativeTls,
            #[cfg(feature = "rustls")]
            latchbox::transport::TlsBackend::Rustls,
        ];
        for backend in backends {
            let pem = certificates().authority.clone();
            let builder = Client::builder("127.0.0.1")
                .tls_backend(backend)
                .client_certificate_pem(&pem, key);
            note(&builder);
            let server = script("stall");
            let builder = builder.port(server.port());
            note_error(&builder.connect_in_pieces().map(drop).unwrap_err());
        }
        for url in [
            "imaps://ann:pa55w0rd@host",
            "imaps://ann;AUTH=pa55w0rd:x@host",
            "imaps://ann:pa55w0rd@host/INBOX",
            "https://ann:pa55w0rd@host",
            "imaps://ann:pa55w0rd@host:99999",
        ] {
            let error = url.parse::<latchbox::types::ServerUrl>().unwrap_err();
            note(error.to_string());
            note(error);
        }
        check(&["pa55".into(), BASE64_STANDARD.encode(secret)], "debug");
    });
}

#[cfg(feature = "proxy")]
#[test]
fn attack_045_no_password_of_a_proxy_is_shown() {
    use latchbox::transport::Proxy;
    alone("attack_045_no_password_of_a_proxy_is_shown", || {
        const BASIC: &str = "YW5uOnBhNTV3MHJk";
        let [mut lines, mut tried] = [0; 2];
        let http = |status: &str| {
            format!(
                "
                C: CONNECT imap.example.com:143 HTTP/1.1
                C: Host: imap.example.com:143
                C: Proxy-Authorization: Basic {BASIC}
                C-raw: \\r\\n
                S-raw: {status}\\r\\n\\r\\n
                "
            )
        };
        let socks = |rest: &str| {
            format!(
                "C-raw: \\x05\\x02\\0\\x02\nS-raw: \\x05\\x02\nC-raw: \\x01\\x03ann\\x08pa55w0rd\n{rest}"
            )
        };
        for (is_http, text) in [
            (
                true,
                http(&format!("HTTP/1.1 403 ann:pa55w0rd and {BASIC} are wrong")),
            ),
            (true, http("HTTP/1.1 500 PA55W0RD")),
            (
                true,
                http(&format!("HTTP/1.1 502 {}pa55w0rd", "x".repeat(195))),
            ),
            (true, http("HTTP/1.1 407 pa55w0rd")),
            (true, http("pa55w0rd")),
            (true, "cut".to_owned()),
            (false, socks("S-raw: \\x01\\x01\nclose")),
            (false, socks("S-raw: pa55w0rd\nclose")),
            (false, socks("cut")),
            (
                false,
                socks(
                    "S-raw: \\x01\\0\nC-raw: \\x05\\x01\\0\\x03\\x10imap.example.com\\0\\x8f\nS-raw: pa55w0rd\nclose",
                ),
            ),
        ] {
            let server = script(&text);
            let (host, port) = ("127.0.0.1", server.port());
            let proxy = match is_http {
                true => Proxy::http(host, port),
                false => Proxy::socks5(host, port),
            };
            let proxy = proxy.credentials("ann", "pa55w0rd");
            note(&proxy);
            let builder = Client::builder("imap.example.com").danger_plaintext();
            let builder = builder.proxy(proxy);
            note(&builder);
            let error = builder.connect_in_pieces().map(drop).unwrap_err();
            note_error(&error);
            drop(server);
            tried += 1;
            lines += check(&["pa55".into(), BASIC.into()], &text);
        }
        assert!(lines > tried, "{lines}");
    });
}

/// A session that loses its connection, logs in anew, and fails at that.
#[test]
fn attack_045_no_secret_is_shown_when_an_account_reconnects() {
    alone(
        "attack_045_no_secret_is_shown_when_an_account_reconnects",
        || {
            let greeting = "S: * OK [CAPABILITY IMAP4rev1] ready\nC-start: {a} LOGIN\n";
            for answer in [
                "S: {a} NO [AUTHENTICATIONFAILED] pa55w0rd is wrong",
                "S: {a} BAD LOGIN ann@example.com pa55w0rd",
                "S: * BYE not with pa55w0rd",
                "S: + pa55w0rd\ncut",
                "cut",
            ] {
                let server = script(&format!(
                    "{greeting}S: {{a}} OK [CAPABILITY IMAP4rev1] in\nC-start: {{b}} NOOP\nS: * BYE good night\nclose\n\
                 accept\n{greeting}{answer}\n"
                ));
                let account =
                    Account::new(plain(&server), |_| Ok(Credentials::login(USER, "pa55w0rd")));
                let account = account.reconnecting(Backoff::new().max_attempts(1));
                note(&account);
                let session = account.open().unwrap();
                note_error(&session.noop().unwrap_err());
                note_error(&session.lock_mailbox("INBOX").map(drop).unwrap_err());
                note(&session);
                note(session.events());
                drop(session);
                drop(server);
                check(&["pa55".into(), TOKEN.into()], answer);
            }
        },
    );
}

/// A response that cannot be read is an error with its octets, and a step that is skipped is logged
/// with its error.
#[test]
fn fault_13_an_unreadable_answer_before_a_login_shows_no_secret() {
    let name = "fault_13_an_unreadable_answer_before_a_login_shows_no_secret";
    alone(name, || {
        let server = script(
            r#"
            S: * OK [CAPABILITY IMAP4rev1 ID] ready
            C: {i} ID ("name" "test")
            S: {i} OK done
            C: {a} LOGIN "ann@example.com" "pa55w0rd"
            S: {a} NO no
            C: {j} ID ("name" "test")
            S: * ID ("name" "pa55w0rd"
            S: {j} OK done
            C: {b} LOGIN "ann@example.com" "pa55w0rd"
            S: {b} NO no
            "#,
        );
        let builder = plain(&server).identify([("name", "test")]);
        let mut client = builder.identify_before_login().connect_in_pieces().unwrap();
        for _ in 0..2 {
            let error = client.login(USER, "pa55w0rd").unwrap_err();
            note_error(error.error());
            client = error.into_client();
        }
        server.finish();
        let lines = KEPT.0.lock().unwrap().clone();
        let is_skipped = |line: &String| line.contains("step before login skipped: ID");
        assert!(lines.iter().any(is_skipped), "{lines:#?}");
        check(&["pa55".into()], name);
    });
}

/// A derived `Debug` would show it, or would when somebody adds a field.
#[test]
fn nothing_that_holds_what_is_wiped_derives_debug() {
    let mut seen = 0;
    for (path, text) in sources() {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let is_type = line
                .trim_start()
                .trim_start_matches("pub")
                .contains("struct ");
            if !is_type || line.ends_with(';') && !line.contains("Zeroizing") {
                continue;
            }
            let end = lines[at..].iter().position(|line| line.starts_with('}'));
            let body = match line.contains('{') {
                true => lines[at..at + end.unwrap_or(0)].join("\n"),
                false => (*line).to_owned(),
            };
            if !body.contains("Zeroizing<") {
                continue;
            }
            seen += 1;
            let above = lines[..at]
                .iter()
                .rev()
                .take_while(|line| line.starts_with("#["));
            let derives = above.copied().collect::<String>();
            assert!(!derives.contains("Debug"), "{path}:{}: {line}", at + 1);
        }
    }
    assert!(seen >= 3, "{seen}");
}
