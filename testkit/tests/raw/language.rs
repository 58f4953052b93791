//! LANGUAGE and GETJMAPACCESS.

use latchbox_testkit::Server;

use crate::client::Client;

#[test]
fn the_server_has_english() {
    let server = Server::builder().with("LANGUAGE").start().unwrap();
    let mut client = Client::connect(&server);
    assert_eq!(client.ask("LANGUAGE"), ["* LANGUAGE (en i-default)"]);
    assert_eq!(client.ask("LANGUAGE de \"EN\""), ["* LANGUAGE (en)"]);
    assert_eq!(client.ask("LANGUAGE default"), ["* LANGUAGE (i-default)"]);
    let refused = client.tagged("LANGUAGE de fr");
    assert_eq!(refused, "a NO This server has none of these languages");
}

#[test]
fn the_same_mail_has_an_address_in_jmap() {
    let server = Server::builder().with("JMAPACCESS").start().unwrap();
    let mut client = Client::login(&server);
    assert_eq!(
        client.ask("GETJMAPACCESS"),
        ["* JMAPACCESS \"https://localhost/.well-known/jmap\""]
    );
    assert!(client.tagged("LANGUAGE").starts_with("a BAD "));
}
