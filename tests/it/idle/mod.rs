//! What IDLE promises: against scripts that misbehave, on the in-process server, on Dovecot.

mod ends;
mod events;
mod leaving;
mod polling;
mod rhythm;
mod sharing;
mod yielding;

use std::time::Duration;

use latchbox::command::{Idle, IdleEnd};
use latchbox::types::{MailboxEvent, MailboxScope, NotifyEvent, NotifyRequest};
use latchbox::{Client, ClientBuilder, CloseReason, Error, Session};

use crate::support::script::{Script, script};

/// Far beyond what a busy machine needs.
const LONG: Duration = Duration::from_secs(60);

/// A server that has IDLE, has let the user in and has selected INBOX with three messages, and
/// goes on with these lines.
fn play(lines: &str) -> Script {
    play_with("IMAP4rev1 IDLE", lines)
}

fn play_with(capabilities: &str, lines: &str) -> Script {
    script(&format!("{}{lines}", beginning(capabilities)))
}

fn beginning(capabilities: &str) -> String {
    format!(
        "S: * OK [CAPABILITY {capabilities}] ready\n\
         C: {{login}} LOGIN \"jane\" \"secret\"\n\
         S: {{login}} OK [CAPABILITY {capabilities}] in\n\
         C: {{select}} SELECT \"INBOX\"\n\
         S: * 3 EXISTS\n\
         S: * OK [UIDVALIDITY 1] fine\n\
         S: {{select}} OK [READ-WRITE] selected\n"
    )
}

fn builder(server: &Script) -> ClientBuilder {
    Client::builder("127.0.0.1")
        .port(server.port())
        .danger_plaintext()
        .danger_cleartext_login()
}

fn session(server: &Script) -> Session {
    log_in(builder(server).connect().unwrap())
}

fn log_in(client: Client) -> Session {
    let session = client.login("jane", "secret");
    session.map_err(|(error, _)| error).unwrap()
}

/// What [`personal`] is on the wire, and what is requested after an overflow.
const NOTIFY: &str = "
    C: {n} NOTIFY SET (selected-delayed (MessageNew MessageExpunge FlagChange)) \
    (personal (MessageNew MessageExpunge FlagChange))
    S: {n} OK done
";
const NOTIFY_SELECTED: &str = "
    C: {s} NOTIFY SET (selected-delayed (MessageNew MessageExpunge FlagChange))
    S: {s} OK done
";

fn personal() -> NotifyRequest {
    NotifyRequest::new().mailboxes(MailboxScope::Personal, NotifyEvent::messages())
}

#[track_caller]
fn close_reason(error: &Error) -> &CloseReason {
    match error {
        Error::Closed(closed) => closed.reason(),
        other => panic!("{other:?}"),
    }
}

/// The next event has to be this count of messages.
#[track_caller]
fn assert_exists(idle: &mut Idle<'_>, messages: u32) {
    let event = idle.next_timeout(LONG).unwrap();
    assert_eq!(event, Some(MailboxEvent::Exists(messages)));
    assert!(
        idle.exists() >= messages,
        "the counter may be ahead, and never behind"
    );
}

/// There has to be no more event, for this reason, now and later.
#[track_caller]
fn assert_ended(idle: &mut Idle<'_>, end: IdleEnd) {
    for _ in 0..2 {
        assert_eq!(idle.next().unwrap(), None);
        assert_eq!(idle.end_reason(), Some(end));
    }
}
