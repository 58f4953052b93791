use latchbox::Session;
use latchbox::types::UidSet;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    inbox.delete(&UidSet::all())?;
    Ok(())
}

fn main() {}
