use std::io::Read;

use latchbox::Session;
use latchbox::types::{Section, Uid};

pub fn case(session: &Session, uid: Uid) -> std::io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    let mut download;
    {
        let mut inbox = session.lock_mailbox("INBOX")?;
        download = inbox.download(uid, &Section::whole())?;
    }
    let _trash = session.lock_mailbox("Trash")?;
    download.read_to_end(&mut octets)?;
    Ok(octets)
}

fn main() {}
