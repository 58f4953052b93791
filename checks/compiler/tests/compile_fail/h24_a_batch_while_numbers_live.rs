use latchbox::Session;
use latchbox::command::Noop;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    let last_50 = inbox.numbered().last(50);
    let [_news] = inbox.pipeline([Noop])?;
    println!("{last_50}");
    Ok(())
}

fn main() {}
