use latchbox::Session;
use latchbox::types::{Flag, StoreAction};

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    let mut numbered = inbox.numbered();
    let last_50 = numbered.last(50);
    numbered.store(&last_50, StoreAction::Add, [Flag::Seen])?;
    Ok(())
}

fn main() {}
