use latchbox::{Client, MailboxGuard, Session};

fn session(client: Client) -> latchbox::Result<Session> {
    client.login("ann", "secret").map_err(|(error, _client)| error)
}

pub fn case(client: Client) -> latchbox::Result<()> {
    let inbox: MailboxGuard<'_>;
    {
        let session = session(client)?;
        inbox = session.lock_mailbox("INBOX")?;
    }
    inbox.release()
}

fn main() {}
