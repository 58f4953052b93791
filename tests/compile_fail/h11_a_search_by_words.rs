use latchbox::Session;
use latchbox::types::SearchKey;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let _typed = SearchKey::All;
    let key = "UNSEEN";
    session.lock_mailbox("INBOX")?.search(key)?;
    Ok(())
}

fn main() {}
