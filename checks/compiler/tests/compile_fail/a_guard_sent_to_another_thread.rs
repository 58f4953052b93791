use latchbox::Session;
use latchbox::types::SearchKey;

pub fn case(session: &Session) -> latchbox::Result<()> {
    let mut inbox = session.mailbox("INBOX").lock()?;
    on_another_thread(move || inbox.search(SearchKey::All));
    Ok(())
}

/// With the bound of `thread::spawn`, but in this file: the message then shows no source of `std`.
fn on_another_thread<T: Send>(_: impl FnOnce() -> T + Send) {}

fn main() {}
