use latchbox::Client;

pub fn case(client: Client) -> latchbox::Result<()> {
    let session = client.login("ann", "secret")?;
    let inbox = session.lock_mailbox("INBOX")?;
    inbox.release()
}

fn main() {}
