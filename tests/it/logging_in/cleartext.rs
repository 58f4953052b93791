//! Without TLS, and without the option that allows it, no octet of a password is sent.

use latchbox::error::LoginAborted;
use latchbox::sasl::{Login, LoginChoice, OAuthBearer, Plain, XOAuth2};
use latchbox::{Client, Error, LoginError, Session};

use super::refused;
use crate::support::script::script;

const SECRET: &str = "pa55w0rd";

type LogIn = fn(Client) -> Result<Session, LoginError>;

/// Every way that shows the secret to an eavesdropper.
const WAYS: [LogIn; 7] = [
    |client| client.login("ann", SECRET),
    |client| client.authenticate(Plain::new("ann", SECRET)),
    |client| client.authenticate(Plain::new("ann", SECRET).acting_as("joe")),
    |client| client.authenticate(Login::new("ann", SECRET)),
    |client| client.authenticate(XOAuth2::new("ann", SECRET)),
    |client| client.authenticate(OAuthBearer::new("ann", SECRET)),
    |client| client.authenticate_with(&LoginChoice::password("ann", SECRET)),
];

#[test]
fn a_password_in_clear_is_refused_and_no_octet_is_sent() {
    for advertised in [
        "IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=LOGIN AUTH=XOAUTH2 AUTH=OAUTHBEARER",
        "IMAP4rev1 LITERAL+ AUTH=PLAIN AUTH=LOGIN AUTH=XOAUTH2 AUTH=OAUTHBEARER",
        "IMAP4rev1",
    ] {
        for (at, way) in WAYS.iter().enumerate() {
            let server = script(&format!("S: * OK [CAPABILITY {advertised}] ready\n"));
            let builder = Client::builder("127.0.0.1").port(server.port());
            let client = builder.danger_plaintext().connect().unwrap();
            let (error, client) = refused(way(client));
            let is_it = matches!(error, Error::Login(LoginAborted::Cleartext));
            assert!(is_it, "way {at} of {advertised}: {error:?}");
            // A second try is no way around it.
            let (error, client) = refused(client.login("ann", SECRET));
            assert!(matches!(error, Error::Login(LoginAborted::Cleartext)));
            drop(client);
            assert_eq!(server.finish(), "", "way {at} of {advertised}");
        }
    }
}
