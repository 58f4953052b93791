use latchbox::Client;

pub fn case(mut client: Client) -> latchbox::Result<()> {
    let session = client.login("ann", "secret")?;
    client.capabilities()?;
    session.noop()
}

fn main() {}
