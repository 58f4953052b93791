//! What IDLE promises: against scripts that misbehave, on the in-process server, on Dovecot.

mod ends;
mod events;
mod leaving;
mod polling;
mod rhythm;
mod sharing;
mod yielding;

use std::time::Duration;

use latchbox::Session;
use latchbox::command::{Idle, IdleEnd};
use latchbox::notify::{NotifyEvent, NotifyRequest};
use latchbox::types::{MailboxEvent, MailboxScope};
use latchbox_testkit::{NewMessage, Server};

use crate::scripted::selecting_with;
use crate::support::script::Script;

/// Far beyond what a busy machine needs.
const LONG: Duration = Duration::from_secs(60);

/// A script that goes on after INBOX was selected, on a server that has IDLE.
#[track_caller]
fn selecting(lines: &str) -> (Script, Session) {
    selecting_on("IMAP4rev1 IDLE", lines)
}

/// The same on a server that can do this.
#[track_caller]
fn selecting_on(capabilities: &str, lines: &str) -> (Script, Session) {
    selecting_with(capabilities, lines, |builder| builder)
}

/// INBOX and Trash, both empty.
fn two_mailboxes() -> Server {
    let none = Vec::<NewMessage>::new;
    let server = Server::builder().mailbox("INBOX", none());
    server.mailbox("Trash", none()).start().unwrap()
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
