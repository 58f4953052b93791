use latchbox::Session;
use latchbox::command::{ExpungeOptions, Noop};
use latchbox::types::UidSet;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut trash = session.lock_mailbox("Trash")?;
    let (_news,) = trash.pipeline((Noop,))?;
    trash.delete_with(&UidSet::all(), ExpungeOptions::new())?;
    Ok(())
}

fn main() {}
