use latchbox::Session;
use latchbox::command::{ExpungeOptions, Noop};

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut trash = session.lock_mailbox("Trash")?;
    let (_news, _gone) = trash.pipeline((Noop, ExpungeOptions::new()))?;
    Ok(())
}

fn main() {}
