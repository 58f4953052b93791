use latchbox::Session;
use latchbox::types::UidSet;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    inbox.expunge_uids(&UidSet::all())?;
    Ok(())
}

fn main() {}
