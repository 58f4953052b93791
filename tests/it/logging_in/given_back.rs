//! What a failed login gives back: an error that `?` converts, and a client to try again with.

use std::error::Error as StdError;

use latchbox::error::Effect;
use latchbox::{Client, Error, Session};

use super::connected;

const REFUSING: &str = "
    S: * OK [CAPABILITY IMAP4rev1] ready
    C: {a} LOGIN \"ann\" \"wrong\"
    S: {a} NO [AUTHENTICATIONFAILED] no
    ";

fn portable<T: StdError + Send + Sync + 'static>(error: T) -> T {
    error
}

#[test]
fn a_question_mark_converts_it_into_what_programs_return() {
    fn into_latchbox(client: Client) -> latchbox::Result<Session> {
        Ok(client.login("ann", "wrong")?)
    }
    fn into_any(client: Client) -> Result<Session, Box<dyn StdError + Send + Sync>> {
        Ok(client.login("ann", "wrong")?)
    }
    let (server, client) = connected(REFUSING);
    let error = into_latchbox(client).unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
    server.finish();

    let (server, client) = connected(REFUSING);
    let any = into_any(client).unwrap_err();
    assert_eq!(any.to_string(), error.to_string());
    server.finish();
}

#[test]
fn the_client_is_still_connected_and_logs_in_with_another_password() {
    let (server, client) = connected(
        "
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: {a} LOGIN \"ann\" \"wrong\"
        S: {a} NO [AUTHENTICATIONFAILED] no
        C: {b} LOGIN \"ann\" \"secret\"
        S: {b} OK [CAPABILITY IMAP4rev1] in
        ",
    );
    let error = portable(client.login("ann", "wrong").unwrap_err());
    assert!(error.is_auth());
    assert_eq!(error.login_hint(), error.error().login_hint());
    assert!(!error.client().is_encrypted());
    drop(error.into_client().login("ann", "secret").unwrap());
    server.finish();
}

#[test]
fn a_connection_that_ended_during_the_login_stays_closed() {
    let (server, client) = connected(
        "
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: {a} LOGIN \"ann\" \"secret\"
        S: * BYE overloaded
        close
        ",
    );
    let error = client.login("ann", "secret").unwrap_err();
    assert!(error.error().is_closed(), "{error}");
    let again = error.into_client().login("ann", "secret").unwrap_err();
    let Error::Closed(closed) = again.error() else {
        panic!("{again:?}");
    };
    assert_eq!(closed.effect(), Effect::None);
    server.finish();
}

#[test]
fn a_session_that_cannot_be_unauthenticated_is_given_back() {
    let (server, client) = connected(
        "
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: {a} LOGIN \"ann\" \"secret\"
        S: {a} OK [CAPABILITY IMAP4rev1] in
        C: {b} NOOP
        S: {b} OK done
        ",
    );
    let session = client.login("ann", "secret").unwrap();
    let error = portable(session.unauthenticate().unwrap_err());
    assert!(matches!(error.error(), Error::Unsupported(_)), "{error:?}");
    error.into_session().noop().unwrap();
    server.finish();
}
