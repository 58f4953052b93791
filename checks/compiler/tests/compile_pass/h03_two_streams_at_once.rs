use latchbox::Session;
use latchbox::types::{FetchItem, UidSet};

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox("INBOX")?;
    let mut first = inbox.fetch(&UidSet::all(), [FetchItem::Flags])?;
    first.next()?;
    drop(first);
    let mut second = inbox.fetch(&UidSet::all(), [FetchItem::Flags])?;
    second.next()?;
    Ok(())
}

fn main() {}
