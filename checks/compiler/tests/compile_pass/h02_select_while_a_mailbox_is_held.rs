use latchbox::Session;
use latchbox::types::SearchKey;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox("INBOX")?;
    let mut archive = inbox.switch_to("Archive")?;
    archive.search(SearchKey::All)?;
    archive.search(SearchKey::All)?;
    Ok(())
}

fn main() {}
