use latchbox::{LockOptions, Session};
use latchbox::types::SearchKey;
use std::thread;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox_owned("INBOX", &LockOptions::new())?;
    thread::scope(|scope| {
        scope.spawn(move || inbox.search(SearchKey::All));
    });
    Ok(())
}

fn main() {}
