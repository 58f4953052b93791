use latchbox::Session;
use latchbox::types::{Flag, StoreAction, UidSet};

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox("INBOX")?;
    inbox.store(&UidSet::all(), StoreAction::Add, [Flag::Seen])?;
    Ok(())
}

fn main() {}
