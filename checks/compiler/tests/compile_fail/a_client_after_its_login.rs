use latchbox::Client;

pub fn case(mut client: Client) -> latchbox::Result<()> {
    let session = client.login("ann", "secret").map_err(|(error, _client)| error)?;
    client.capabilities()?;
    session.noop()
}

fn main() {}
