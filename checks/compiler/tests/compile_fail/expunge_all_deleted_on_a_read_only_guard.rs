use latchbox::Session;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    inbox.expunge_all_deleted()?;
    Ok(())
}

fn main() {}
