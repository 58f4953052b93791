use latchbox::Session;
use latchbox::types::{SequenceSet, UidSet};

pub fn case(session: &Session) -> latchbox::Result<()> {
    let (_numbers, _uids) = (SequenceSet::all(), UidSet::all());
    session.lock_mailbox("INBOX")?.delete(&_numbers)?;
    Ok(())
}

fn main() {}
