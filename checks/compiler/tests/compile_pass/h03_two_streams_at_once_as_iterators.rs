use latchbox::Session;
use latchbox::types::{FetchItem, UidSet};

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox("INBOX")?;
    let first = inbox.fetch(&UidSet::all(), [FetchItem::Flags])?.into_iter();
    for _one in first {}
    for _other in inbox.fetch(&UidSet::all(), [FetchItem::Flags])? {}
    Ok(())
}

fn main() {}
