use latchbox::Session;
use latchbox::command::Store;
use latchbox::types::{Flag, StoreAction, UidSet};

pub fn case(session: &Session, found: &UidSet) -> latchbox::Result<()> {
    let seen = Store::new(found, StoreAction::Add, [Flag::Seen]);
    let [_seen] = session.pipeline([seen])?;
    Ok(())
}

fn main() {}
