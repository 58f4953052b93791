use latchbox::Session;

pub fn case(session: Session) -> latchbox::Result<()> {
    let inbox = session.lock_mailbox("INBOX")?;
    session.logout()?;
    inbox.release()?;
    Ok(())
}

fn main() {}
