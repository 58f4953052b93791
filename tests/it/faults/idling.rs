//! IDLE: a message that arrives is told, or an error is; nothing else is.

use std::time::Duration;

use latchbox::types::MailboxEvent;
use latchbox::{MailboxGuard, ReadWrite};

use super::run::{Play, Run};
use super::stage::{LONG, message};

pub(super) struct Idling;

/// How long an event may take that is withheld: the server itself takes half a second.
const WITHHELD: Duration = Duration::from_millis(1200);

impl Play for Idling {
    fn name(&self) -> &'static str {
        "IDLE"
    }

    fn play(&self, run: &mut Run<'_>) {
        let mailbox = run.name("Box");
        run.stage.fill(&mailbox, &[message("old", 100)]);
        let session = run.open();
        if let Some(session) = &session {
            let guard = session.lock_mailbox(mailbox.as_str());
            if let Some(mut guard) = run.note(guard).0 {
                idle(run, &mut guard, &mailbox);
            }
        }
        run.lock_again(session, &mailbox);
        run.settle();
    }
}

fn idle(run: &mut Run<'_>, guard: &mut MailboxGuard<'_, ReadWrite>, mailbox: &str) -> Option<()> {
    assert_eq!(guard.exists(), 1);
    let mut idle = run.note(guard.idle()).0?;
    let new = message("new", 100);
    run.stage.direct.append(mailbox, new.as_slice()).unwrap();
    let patience = if run.is_stalled() { WITHHELD } else { LONG };
    let event = run.note(idle.next_timeout(patience)).0?;
    match event {
        Some(MailboxEvent::Exists(2)) => {}
        None => assert!(run.is_stalled(), "the message is not told"),
        other => panic!("{other:?}"),
    }
    // What else comes: that it is recent, or nothing.
    while let Some(event) = run.note(idle.try_next()).0? {
        assert!(
            matches!(event, MailboxEvent::Recent(_)),
            "nothing else has happened: {event:?}"
        );
    }
    run.note(idle.done()).0?;
    run.note(guard.refresh()).0?;
    assert_eq!(guard.exists(), 2);
    Some(())
}
