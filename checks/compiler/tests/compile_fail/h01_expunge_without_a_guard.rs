use latchbox::Session;

pub fn case(session: &Session) -> latchbox::Result<()> {
    session.expunge_all_deleted()?;
    Ok(())
}

fn main() {}
