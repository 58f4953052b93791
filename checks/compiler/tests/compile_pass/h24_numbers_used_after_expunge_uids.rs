use latchbox::Session;
use latchbox::types::UidSet;

pub fn case(session: &Session, gone: &UidSet) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox("INBOX")?;
    let last_50 = inbox.numbered().last(50);
    println!("{last_50}");
    inbox.expunge_uids(gone)?;
    println!("{gone}");
    Ok(())
}

fn main() {}
