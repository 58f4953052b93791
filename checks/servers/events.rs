//! NOTIFY on Dovecot, and UNAUTHENTICATE on Cyrus.

use std::time::Duration;

use latchbox::command::IdleOptions;
use latchbox::notify::{NotifyEvent, NotifyRequest};
use latchbox::types::{Capability, MailboxScope};
use latchbox::{Error, SessionEvent};

use crate::dovecot::session as log_in_to_dovecot;
use crate::sessions::{log_in_as, plaintext};
use crate::support::dovecot::dovecot;
use crate::support::servers::{self, PASSWORD};

const LONG: Duration = Duration::from_secs(20);

#[test]
fn dovecot_tells_of_other_mailboxes_as_it_happens() {
    let user = dovecot().user();
    let (session, other) = (log_in_to_dovecot(&user), log_in_to_dovecot(&user));
    session.create("Lists").unwrap();
    let mut events = NotifyEvent::messages();
    events.push(NotifyEvent::MailboxName);
    let request = NotifyRequest::new().mailboxes(MailboxScope::Personal, events);
    match session.notify().set(&request.status()) {
        Err(Error::Unsupported(_)) => {
            let capabilities = session.capabilities().unwrap();
            assert!(!capabilities.supports(&Capability::Notify));
            return;
        }
        done => done.unwrap(),
    }
    let told = session.events();
    let of_lists = |event: &SessionEvent| matches!(event, SessionEvent::Status(status) if *status.name() == "Lists");
    assert!(told.iter().any(of_lists), "{told:?}");
    let mut notifications = session.notifications(&IdleOptions::new()).unwrap();
    other
        .append("Lists", b"Subject: new\r\n\r\nhi\r\n")
        .unwrap();
    loop {
        let event = notifications.next_timeout(LONG).unwrap().unwrap();
        if matches!(&event, SessionEvent::Status(s) if *s.name() == "Lists" && s.messages() == Some(1))
        {
            break;
        }
    }
    other.create("Made").unwrap();
    loop {
        let event = notifications.next_timeout(LONG).unwrap().unwrap();
        if matches!(&event, SessionEvent::Mailbox(entry) if *entry.name() == "Made") {
            break;
        }
    }
    drop(notifications);
    session.notify().stop().unwrap();
    // Of the mailbox that is selected it goes on to tell.
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    other
        .append("INBOX", b"Subject: new\r\n\r\nhi\r\n")
        .unwrap();
    inbox.refresh().unwrap();
    assert_eq!(inbox.exists(), 1);
}

#[test]
fn cyrus_lets_an_administrator_go_and_another_user_in() {
    let server = servers::cyrus().unwrap();
    let user = server.user();
    let client = plaintext(server.running.port()).connect().unwrap();
    let session = log_in_as(client, "admin", PASSWORD);
    let capabilities = session.capabilities().unwrap();
    assert!(
        capabilities.supports(&Capability::Unauthenticate),
        "{capabilities}"
    );
    let client = session.unauthenticate().unwrap();
    let session = client.login(&user, PASSWORD).unwrap();
    session
        .append("INBOX", b"Subject: mine\r\n\r\nhi\r\n")
        .unwrap();
    assert_eq!(session.lock_mailbox("INBOX").unwrap().exists(), 1);
}
