use latchbox::Session;
use latchbox::command::Messages;
use latchbox::types::{FetchItem, UidSet};

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut messages: Messages<'_>;
    {
        let mut inbox = session.lock_mailbox("INBOX")?;
        messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags])?;
    }
    messages.next()?;
    Ok(())
}

fn main() {}
