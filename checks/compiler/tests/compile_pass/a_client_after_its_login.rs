use latchbox::Client;

pub fn case(mut client: Client) -> latchbox::Result<()> {
    client.capabilities()?;
    let session = client.login("ann", "secret")?;
    session.noop()
}

fn main() {}
