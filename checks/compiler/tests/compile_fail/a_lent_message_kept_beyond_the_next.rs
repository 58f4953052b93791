use latchbox::Session;
use latchbox::types::{FetchItem, UidSet};

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox("INBOX")?;
    let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags])?;
    let first = messages.next()?;
    messages.next()?;
    drop(first);
    Ok(())
}

fn main() {}
