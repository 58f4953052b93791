use latchbox::Session;

pub fn case(session: &Session) -> latchbox::Result<()> {
    session.lock_mailbox("INBOX")?.expunge_all_deleted()?;
    Ok(())
}

fn main() {}
