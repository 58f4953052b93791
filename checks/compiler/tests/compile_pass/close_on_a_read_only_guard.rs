use latchbox::Session;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let inbox = session.lock_mailbox("INBOX")?;
    inbox.close_and_expunge()?;
    Ok(())
}

fn main() {}
