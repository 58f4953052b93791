use latchbox::Session;
use latchbox::types::{Section, Uid};

pub fn case(session: &Session, uid: Uid) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    let _ = inbox.download_and_mark_seen(uid, &Section::whole())?;
    Ok(())
}

fn main() {}
