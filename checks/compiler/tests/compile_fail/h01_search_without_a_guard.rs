use latchbox::Session;
use latchbox::types::SearchKey;

pub fn case(session: &Session) -> latchbox::Result<()> {
    session.search(SearchKey::Unseen)?;
    Ok(())
}

fn main() {}
