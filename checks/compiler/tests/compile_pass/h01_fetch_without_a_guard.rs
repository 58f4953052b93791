use latchbox::Session;
use latchbox::types::{FetchItem, UidSet};

pub fn case(session: &Session) -> latchbox::Result<()> {
    let _ = session.lock_mailbox("INBOX")?.fetch(&UidSet::all(), [FetchItem::Flags])?;
    Ok(())
}

fn main() {}
