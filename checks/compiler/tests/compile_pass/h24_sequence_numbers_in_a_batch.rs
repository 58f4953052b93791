use latchbox::Session;
use latchbox::command::CopyMessages;
use latchbox::types::SearchKey;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    let found = inbox.search(SearchKey::All)?;
    let copy = CopyMessages::new(&found, "Archive")?;
    println!("{copy:?}");
    Ok(())
}

fn main() {}
