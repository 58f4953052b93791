//! Which mailboxes of an account have changed since a checkpoint.

mod forms;
mod outcomes;
mod story;

use latchbox::sync::{AccountChanges, AccountCheckpoint, MailboxChange, MailboxChangeKind};
use latchbox::{Result, Session};

use crate::scripted::logged_in_with;

const EXTENDED: &str = "IMAP4rev1 LIST-EXTENDED LIST-STATUS CONDSTORE";

/// What is said of each mailbox, in a word or two.
fn shown(changes: &AccountChanges) -> Vec<String> {
    changes.iter().map(shown_one).collect()
}

fn shown_one(change: &MailboxChange) -> String {
    let name = change.name();
    match change.kind() {
        MailboxChangeKind::New => format!("{name} new"),
        MailboxChangeKind::Gone => format!("{name} gone"),
        MailboxChangeKind::Recreated => format!("{name} recreated"),
        MailboxChangeKind::Changed => format!("{name} changed"),
        MailboxChangeKind::MayHaveChanged => format!("{name} may"),
        MailboxChangeKind::Failed(_) => format!("{name} failed"),
        MailboxChangeKind::Renamed { from, is_guess, .. } => {
            format!(
                "{from} to {name}{}",
                if *is_guess { " by guess" } else { "" }
            )
        }
        other => panic!("{other:?}"),
    }
}

/// The outcome of a call for all of an account on a server that plays this, and of one more call for
/// what has changed since then if the script goes on after a line `again`.
#[track_caller]
fn on_script(capabilities: &str, text: &str) -> Vec<Result<AccountChanges>> {
    let calls = 1 + text.lines().filter(|line| line.trim() == "again").count();
    let text: String = text
        .lines()
        .filter(|line| line.trim() != "again")
        .fold(String::new(), |all, line| all + line + "\n");
    let (server, session) = logged_in_with(capabilities, &text, |builder| builder);
    let mut outcomes = Vec::new();
    let mut since: Option<AccountCheckpoint> = None;
    for _ in 0..calls {
        let outcome = session.mailboxes_changed_since(since.as_ref());
        if let Ok(changes) = &outcome {
            // Every checkpoint is stored and read again.
            since = Some(changes.checkpoint().to_string().parse().unwrap());
            assert_eq!(since.as_ref(), Some(changes.checkpoint()));
        }
        outcomes.push(outcome);
    }
    drop(session);
    server.finish();
    outcomes
}

/// The changes of each call.
#[track_caller]
fn changes(capabilities: &str, text: &str) -> Vec<Vec<String>> {
    let outcomes = on_script(capabilities, text).into_iter();
    outcomes.map(|outcome| shown(&outcome.unwrap())).collect()
}

/// What has changed since a checkpoint, which then is the new one.
#[track_caller]
fn next(session: &Session, since: &mut Option<AccountCheckpoint>) -> Vec<String> {
    let changes = session.mailboxes_changed_since(since.as_ref()).unwrap();
    let all = shown(&changes);
    *since = Some(changes.checkpoint().to_string().parse().unwrap());
    all
}
