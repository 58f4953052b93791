use latchbox::Session;
use latchbox::types::SearchKey;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox("INBOX")?;
    let mut numbered = inbox.numbered();
    let last_50 = numbered.last(50);
    inbox.search(SearchKey::All)?;
    numbered.fetch(&last_50, [])?;
    Ok(())
}

fn main() {}
