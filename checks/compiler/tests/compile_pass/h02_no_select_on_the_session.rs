use latchbox::Session;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let inbox = session.lock_mailbox("INBOX")?;
    session.noop()?;
    inbox.release()?;
    Ok(())
}

fn main() {}
