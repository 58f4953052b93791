use latchbox::Session;
use latchbox::types::SearchKey;

pub fn case(session: &Session) -> latchbox::Result<()> {
    session.lock_mailbox("INBOX")?.search(SearchKey::Unseen)?;
    Ok(())
}

fn main() {}
