use latchbox::Session;
use latchbox::types::SearchKey;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox("INBOX")?;
    inbox.release()?;
    inbox.search(SearchKey::All)?;
    Ok(())
}

fn main() {}
