use latchbox::Session;
use latchbox::types::{SearchKey, Section, Uid};

pub fn case(session: &Session, uid: Uid) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox("INBOX")?;
    let mut download = inbox.download(uid, &Section::whole())?;
    inbox.search(SearchKey::All)?;
    download.copy_to(&mut std::io::sink())?;
    Ok(())
}

fn main() {}
