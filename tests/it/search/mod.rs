//! SEARCH, SORT, THREAD and ESEARCH on servers that do them in other ways, or not at all.

mod charsets;
mod kept;
mod keys;
mod multi;
mod returns;
mod sort;

use latchbox::{Error, MailboxGuard};

use crate::scripted::selecting_with;

/// What comes of a script that goes on after INBOX was locked.
#[track_caller]
fn on<T>(
    capabilities: &str,
    text: &str,
    work: impl FnOnce(&mut MailboxGuard<'_>) -> latchbox::Result<T>,
) -> latchbox::Result<T> {
    let (server, session) = selecting_with(capabilities, text, |builder| builder);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let result = work(&mut inbox);
    drop(inbox);
    drop(session);
    server.finish();
    result
}

#[track_caller]
fn assert_unsupported<T: std::fmt::Debug>(result: latchbox::Result<T>, capability: &str) {
    match result {
        Err(Error::Unsupported(missing)) => {
            assert_eq!(missing.capability().to_string(), capability);
        }
        other => panic!("{capability}: {other:?}"),
    }
}
