use latchbox::{Client, MailboxGuard, Session};

fn session(client: Client) -> latchbox::Result<Session> {
    Ok(client.login("ann", "secret")?)
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
