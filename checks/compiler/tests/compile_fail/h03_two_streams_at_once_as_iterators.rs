use latchbox::Session;
use latchbox::types::{FetchItem, UidSet};

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox("INBOX")?;
    let first = inbox.fetch(&UidSet::all(), [FetchItem::Flags])?.into_iter();
    let second = inbox.fetch(&UidSet::all(), [FetchItem::Flags])?.into_iter();
    for (_one, _other) in first.zip(second) {}
    Ok(())
}

fn main() {}
