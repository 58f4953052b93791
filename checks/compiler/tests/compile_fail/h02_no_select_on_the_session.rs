use latchbox::Session;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let inbox = session.lock_mailbox("INBOX")?;
    session.select("Trash")?;
    inbox.release()?;
    Ok(())
}

fn main() {}
