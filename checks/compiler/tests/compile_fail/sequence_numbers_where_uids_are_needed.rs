use latchbox::Session;
use latchbox::types::{SequenceSet, UidSet};

pub fn case(session: &Session, _numbers: &SequenceSet<'_>, _uids: &UidSet) -> latchbox::Result<()> {
    session.lock_mailbox("INBOX")?.delete(_numbers)?;
    Ok(())
}

fn main() {}
