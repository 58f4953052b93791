use latchbox::Session;
use latchbox::types::{FetchItem, UidSet};

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox("INBOX")?;
    let messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags])?.into_iter();
    for _message in messages {}
    drop(inbox);
    Ok(())
}

fn main() {}
