//! Connecting, logging in, a list of mailboxes, logging out.

use latchbox::types::Capability;

use super::run::{Play, Run};

pub(super) struct LoggingIn;

const MAILBOXES: [&str; 6] = ["Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash"];

impl Play for LoggingIn {
    fn name(&self) -> &'static str {
        "login"
    }

    fn play(&self, run: &mut Run<'_>) {
        step_by_step(run);
        run.settle();
        run.lock_again(None, "INBOX");
    }
}

fn step_by_step(run: &mut Run<'_>) -> Option<()> {
    let client = run.builder().connect();
    let client = run.note(client).0?;
    let user = &run.stage.user;
    let session = client.login(user.name(), user.password());
    let session = run.note(session.map_err(latchbox::Error::from)).0?;
    let capabilities = session.capabilities();
    let capabilities = run.note(capabilities).0?;
    assert!(capabilities.contains(&Capability::UidPlus));
    let list = session.list("*");
    let list = run.note(list).0?;
    let mut names: Vec<_> = list.iter().map(|entry| entry.name().as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, MAILBOXES);
    let logged_out = session.logout();
    run.note(logged_out).0
}
