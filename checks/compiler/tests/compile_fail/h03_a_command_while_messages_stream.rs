use latchbox::Session;
use latchbox::types::{FetchItem, SearchKey, UidSet};

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox("INBOX")?;
    let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags])?;
    while let Some(_message) = messages.next()? {
        inbox.search(SearchKey::All)?;
    }
    drop(messages);
    Ok(())
}

fn main() {}
