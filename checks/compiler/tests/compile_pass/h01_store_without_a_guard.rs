use latchbox::Session;
use latchbox::types::{Flag, StoreAction, UidSet};

pub fn case(session: &Session) -> latchbox::Result<()> {
    session.lock_mailbox("INBOX")?.store(&UidSet::all(), StoreAction::Add, [Flag::Seen])?;
    Ok(())
}

fn main() {}
