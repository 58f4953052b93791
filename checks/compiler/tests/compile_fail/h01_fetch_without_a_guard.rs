use latchbox::Session;
use latchbox::types::{FetchItem, UidSet};

pub fn case(session: &Session) -> latchbox::Result<()> {
    let _ = session.fetch(&UidSet::all(), [FetchItem::Flags])?;
    Ok(())
}

fn main() {}
