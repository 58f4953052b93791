use latchbox::Session;

pub fn case(session: &Session) -> latchbox::Result<()> {
    session.lock_mailbox(7)?;
    Ok(())
}

fn main() {}
