use latchbox::Session;
use latchbox::command::{CopyMessages, Store};
use latchbox::types::{Flag, UidSet};

pub fn case(session: &Session, found: &UidSet) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox("INBOX")?;
    let copy = CopyMessages::new(found, "Archive")?;
    let seen = Store::add(found, &[Flag::Seen]);
    let (_copied, _seen) = inbox.pipeline((copy, seen))?;
    Ok(())
}

fn main() {}
