use latchbox::Session;
use latchbox::command::{Expunge, Noop};
use latchbox::types::UidSet;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut trash = session.lock_mailbox("Trash")?;
    let (_news, _gone) = trash.pipeline((Noop, Expunge::new(&UidSet::all())))?;
    Ok(())
}

fn main() {}
