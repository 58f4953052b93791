use latchbox::Session;
use latchbox::command::RawCommand;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    inbox.raw(&RawCommand::new("XFOO")?)?;
    Ok(())
}

fn main() {}
