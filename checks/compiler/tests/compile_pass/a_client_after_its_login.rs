use latchbox::Client;

pub fn case(mut client: Client) -> latchbox::Result<()> {
    client.capabilities()?;
    let session = client.login("ann", "secret").map_err(|(error, _client)| error)?;
    session.noop()
}

fn main() {}
