use latchbox::Session;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let last_50 = session.lock_mailbox("INBOX")?.numbered().last(50);
    println!("{last_50}");
    Ok(())
}

fn main() {}
