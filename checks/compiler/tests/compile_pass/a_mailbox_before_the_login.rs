use latchbox::Client;

pub fn case(client: Client) -> latchbox::Result<()> {
    let session = client.login("ann", "secret").map_err(|(error, _client)| error)?;
    let inbox = session.lock_mailbox("INBOX")?;
    inbox.release()
}

fn main() {}
