//! The client async-imap on the same server: what arrives reaches its IDLE.

use std::time::Duration;

use async_imap::Client;
use async_imap::extensions::idle::IdleResponse;
use latchbox_testkit::{PASSWORD, Server, USER, message};
use tokio::net::TcpStream;
use tokio::runtime;

/// Idles until there is news, or for a minute; returns whether there was any.
async fn is_woken(port: u16) -> async_imap::error::Result<bool> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let mut client = Client::new(stream);
    client.read_response().await?;
    let login = client.login(USER, PASSWORD).await;
    let mut session = login.map_err(|(error, _)| error)?;
    session.select("INBOX").await?;
    let mut idle = session.idle();
    idle.init().await?;
    let (news, _stop) = idle.wait_with_timeout(Duration::from_secs(60));
    let news = news.await?;
    idle.done().await?.logout().await?;
    Ok(matches!(news, IdleResponse::NewData(_)))
}

#[test]
fn mail_that_arrives_ends_an_idle_of_async_imap() {
    let server = Server::start().unwrap();
    let mut runtime = runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().unwrap();
    let is_woken = std::thread::scope(|scope| {
        scope.spawn(|| {
            server.wait_for(Duration::from_secs(30), |event| {
                event.line.ends_with("IDLE")
            });
            server.deliver(USER, "INBOX", message("New", "ann@example.com", "Now!"));
        });
        runtime.block_on(is_woken(server.port()))
    });
    assert!(is_woken.unwrap(), "{}", server.timeline_text());
    server.assert_sent_in_order(&["IDLE", "DONE", "LOGOUT"]);
}
