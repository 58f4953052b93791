//! Events of the session over a reconnection: none is lost, and NOTIFY is in force again.

use latchbox::command::IdleOptions;
use latchbox::notify::{NotifyEvent, NotifyRequest};
use latchbox::types::MailboxScope;
use latchbox::{Backoff, Session, SessionEvent};

use crate::sessions::{LONG, account, builder, played, until_hung_up};
use crate::support::script::Script;

fn reconnecting(server: &Script) -> Session {
    let (account, _) = account(builder(server.port()));
    let backoff = Backoff::new().initial_delay(std::time::Duration::ZERO);
    account.reconnecting(backoff).open().unwrap()
}

fn texts(session: &Session) -> Vec<String> {
    let text = |event| match event {
        SessionEvent::Alert(text) => text,
        other => panic!("{other:?}"),
    };
    session.events().into_iter().map(text).collect()
}

#[test]
fn fault_66_the_events_of_a_session_go_on_after_a_reconnection() {
    for by_lock in [true, false] {
        let server = played(&format!(
            "
            hello
            noop
            S: * OK [ALERT] before the end
            S: * BYE bye
            cut
            accept
            S: * OK [ALERT] in the greeting
            S: * OK [CAPABILITY IMAP4rev1] more
            C: {{c}} CAPABILITY
            S: * CAPABILITY IMAP4rev1
            S: {{c}} OK done
            C: {{l}} LOGIN \"jane\" \"pass2\"
            S: {{l}} OK [CAPABILITY IMAP4rev1] done
            {}
            C: {{n}} NOOP
            S: * OK [ALERT] with a command
            S: {{n}} OK done
            S: * OK [ALERT] after it
            S: * BYE bye
            cut
            accept
            hello: pass3
            C: {{n}} NOOP
            S: * OK [ALERT] the last
            S: {{n}} OK done
            ",
            if by_lock { "select: INBOX" } else { "noop" }
        ));
        let session = reconnecting(&server);
        session.noop().unwrap();
        until_hung_up(server.port());
        match by_lock {
            true => drop(session.lock_mailbox("INBOX").unwrap()),
            false => session.noop().unwrap(),
        }
        session.noop().unwrap();
        let expected = ["before the end", "in the greeting", "with a command"];
        assert_eq!(texts(&session), expected);
        until_hung_up(server.port());
        session.noop().unwrap();
        assert_eq!(texts(&session), ["after it", "the last"]);
        server.finish();
    }
}

const PERSONAL: &str = "
    C: {n} NOTIFY SET (selected-delayed (MessageNew MessageExpunge FlagChange)) (personal (MessageNew MessageExpunge FlagChange))
    S: {n} OK done
";

const HELLO: &str = "
    S: * OK [CAPABILITY IMAP4rev1 NOTIFY IDLE] ready
    C-start: {l} LOGIN
    S: {l} OK [CAPABILITY IMAP4rev1 NOTIFY IDLE] done
";

#[test]
fn fault_66_what_notify_asked_for_is_asked_for_again_after_a_reconnection() {
    for by_lock in [true, false] {
        let server = played(&format!(
            "
            {HELLO}
            {PERSONAL}
            cut
            accept
            {HELLO}
            {PERSONAL}
            {}
            S: * STATUS \"Lists\" (MESSAGES 3)
            ",
            if by_lock { "select: INBOX" } else { "noop" }
        ));
        let session = reconnecting(&server);
        let request =
            NotifyRequest::new().mailboxes(MailboxScope::Personal, NotifyEvent::messages());
        session.notify().set(&request).unwrap();
        until_hung_up(server.port());
        match by_lock {
            true => drop(session.lock_mailbox("INBOX").unwrap()),
            false => session.noop().unwrap(),
        }
        let mut notifications = session.notifications(&IdleOptions::new()).unwrap();
        let event = notifications.next_timeout(LONG).unwrap();
        assert!(
            matches!(&event, Some(SessionEvent::Status(status)) if *status.name() == "Lists"),
            "{event:?}"
        );
        drop(notifications);
        server.finish();
    }
}

/// What was ended is not asked for again.
#[test]
fn fault_66_what_notify_no_longer_asks_for_stays_so() {
    let server = played(&format!(
        "
        {HELLO}
        {PERSONAL}
        C: {{s}} NOTIFY SET (selected-delayed (MessageNew MessageExpunge FlagChange))
        S: {{s}} OK done
        cut
        accept
        {HELLO}
        noop
        "
    ));
    let session = reconnecting(&server);
    let request = NotifyRequest::new().mailboxes(MailboxScope::Personal, NotifyEvent::messages());
    session.notify().set(&request).unwrap();
    session.notify().stop().unwrap();
    until_hung_up(server.port());
    session.noop().unwrap();
    server.finish();
}
