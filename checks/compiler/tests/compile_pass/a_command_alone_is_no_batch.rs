use latchbox::Session;
use latchbox::command::Noop;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let _news = session.pipeline([Noop])?;
    Ok(())
}

fn main() {}
