use latchbox::Session;
use latchbox::types::{FetchItem, UidSet};

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox("INBOX")?;
    let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags])?;
    messages.next()?;
    drop(messages);
    inbox.release()?;
    Ok(())
}

fn main() {}
