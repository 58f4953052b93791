use latchbox::Session;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox("INBOX")?;
    let mut numbered = inbox.numbered();
    let last_50 = numbered.last(50);
    numbered.fetch(&last_50, [])?;
    numbered.copy(&last_50, "Archive")?;
    numbered.fetch(&last_50, [])?;
    Ok(())
}

fn main() {}
