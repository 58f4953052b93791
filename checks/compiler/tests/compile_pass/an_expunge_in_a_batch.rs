use latchbox::Session;
use latchbox::command::{DeleteMessages, Noop};
use latchbox::types::UidSet;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut trash = session.lock_mailbox("Trash")?;
    let (_news,) = trash.pipeline((Noop,))?;
    trash.run(DeleteMessages::new(&UidSet::all()))?;
    Ok(())
}

fn main() {}
