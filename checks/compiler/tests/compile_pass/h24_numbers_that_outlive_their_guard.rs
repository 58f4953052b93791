use latchbox::Session;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let last_50 = session.lock_mailbox("INBOX")?.name().to_string();
    println!("{last_50}");
    Ok(())
}

fn main() {}
