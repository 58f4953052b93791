use latchbox::Session;
use latchbox::command::CopyMessages;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    let last_50 = inbox.numbered().last(50);
    let copy = CopyMessages::new(&last_50, "Archive")?;
    println!("{copy:?}");
    Ok(())
}

fn main() {}
