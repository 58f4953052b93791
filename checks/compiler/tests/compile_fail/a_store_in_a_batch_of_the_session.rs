use latchbox::Session;
use latchbox::command::Store;
use latchbox::types::{Flag, UidSet};

pub fn case(session: &Session, found: &UidSet) -> latchbox::Result<()> {
    let seen = Store::add(found, &[Flag::Seen]);
    let [_seen] = session.pipeline([seen])?;
    Ok(())
}

fn main() {}
