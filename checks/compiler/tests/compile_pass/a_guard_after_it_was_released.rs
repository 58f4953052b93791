use latchbox::Session;
use latchbox::types::SearchKey;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox("INBOX")?;
    inbox.search(SearchKey::All)?;
    inbox.release()?;
    Ok(())
}

fn main() {}
