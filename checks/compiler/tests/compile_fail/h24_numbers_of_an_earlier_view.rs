use latchbox::Session;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.lock_mailbox("INBOX")?;
    let earlier = inbox.numbered().last(50);
    println!("{earlier}");
    let mut numbered = inbox.numbered();
    let _ = numbered.fetch(&earlier, [])?;
    Ok(())
}

fn main() {}
