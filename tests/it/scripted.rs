//! A client for the scripted server: what every script begins with, and what an end looks like.

use std::time::Duration;

use latchbox::error::{CloseReason, Closed, ConnectErrorKind};
use latchbox::{Client, ClientBuilder, Error, Session};

use crate::pieces::Connect;
use crate::sessions::TrustTheKit;
use crate::sessions::{log_in_as, plaintext};
use crate::support::script::{Script, script};

/// What the server of [`logged_in`] can do.
pub(crate) const CAPABILITIES: &str =
    "IMAP4rev1 UIDPLUS MOVE CONDSTORE UNSELECT ENABLE ID NAMESPACE SASL-IR AUTH=PLAIN";

/// A deadline that passes in a test which waits for it. Only the step that is to meet it has it: see
/// [`Session::set_read_timeout`].
pub(crate) const SHORT: Duration = Duration::from_millis(150);

/// The same for several steps at once, of which only the last is not answered.
pub(crate) const SOON: Duration = Duration::from_secs(2);

/// In cleartext, and the password may be sent so. Nothing is enabled but what a test asks for.
pub(crate) fn plain(server: &Script) -> ClientBuilder {
    as_it_is(server).without_utf8().without_imap4rev2()
}

/// The same with all that is enabled where nothing is said.
pub(crate) fn as_it_is(server: &Script) -> ClientBuilder {
    plaintext(server.port())
}

/// TLS from the first byte, by the certificates of the tests.
pub(crate) fn implicit_tls(server: &Script) -> ClientBuilder {
    Client::builder("127.0.0.1")
        .port(server.port())
        .trust_the_kit()
        .only_given_roots()
}

/// STARTTLS, by the certificates of the tests.
pub(crate) fn start_tls(server: &Script) -> ClientBuilder {
    implicit_tls(server).start_tls()
}

/// What a script begins with whose client logs in: the greeting and LOGIN.
pub(crate) fn with_login(capabilities: &str, text: &str) -> String {
    format!(
        "
        S: * OK [CAPABILITY {capabilities}] ready
        C: {{login}} LOGIN \"ann\" \"secret\"
        S: {{login}} OK [CAPABILITY {capabilities}] welcome
        {text}
        "
    )
}

/// Connects, and logs in as those scripts expect it.
#[track_caller]
pub(crate) fn log_in(builder: ClientBuilder) -> Session {
    log_in_client(builder.connect_in_pieces().unwrap())
}

/// Logs in as those scripts expect it, on whatever the client is connected by.
#[track_caller]
pub(crate) fn log_in_client(client: Client) -> Session {
    log_in_as(client, "ann", "secret")
}

/// A script that goes on after the login, and a session that is logged in.
#[track_caller]
pub(crate) fn logged_in(text: &str) -> (Script, Session) {
    logged_in_with(CAPABILITIES, text, |builder| builder)
}

/// The same for a server that can do this, and a client with these settings.
#[track_caller]
pub(crate) fn logged_in_with(
    capabilities: &str,
    text: &str,
    settings: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> (Script, Session) {
    let server = script(&with_login(capabilities, text));
    let session = log_in(settings(plain(&server)));
    (server, session)
}

/// What a script goes on with when INBOX is locked: three messages, UIDVALIDITY 7.
pub(crate) const SELECT: &str = "
    C: {select} SELECT \"INBOX\"
    S: * FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft)
    S: * 3 EXISTS
    S: * OK [UIDVALIDITY 7] since
    S: * OK [UIDNEXT 10] next
    S: {select} OK [READ-WRITE] selected
";

/// What a script begins with whose client logs in and locks `INBOX`: see [`SELECT`].
pub(crate) fn with_selected(capabilities: &str, text: &str) -> String {
    with_login(capabilities, &format!("{SELECT}{text}"))
}

/// A script that goes on after `INBOX` was locked: see [`SELECT`].
#[track_caller]
pub(crate) fn selecting(text: &str) -> (Script, Session) {
    logged_in(&format!("{SELECT}{text}"))
}

/// The same for a server that can do this, and a client with these settings.
#[track_caller]
pub(crate) fn selecting_with(
    capabilities: &str,
    text: &str,
    settings: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> (Script, Session) {
    logged_in_with(capabilities, &format!("{SELECT}{text}"), settings)
}

/// Nothing can be done with the session any more, and each attempt says so without sending.
#[track_caller]
pub(crate) fn assert_unusable(session: &Session) {
    for error in [
        session.noop().unwrap_err(),
        session.create("Box").unwrap_err(),
    ] {
        assert!(error.is_closed(), "{error:?}");
        assert!(!error.may_have_taken_effect(), "{error:?}");
    }
}

/// How the connection ended, if that is what the error is.
#[track_caller]
pub(crate) fn closed(error: &Error) -> &Closed {
    match error {
        Error::Closed(closed) => closed,
        other => panic!("not the end of the connection: {other:?}"),
    }
}

/// Why the connection ended, if that is what the error is.
#[track_caller]
pub(crate) fn close_reason(error: &Error) -> &CloseReason {
    closed(error).reason()
}

/// The server broke the protocol, and that ended the connection.
#[track_caller]
pub(crate) fn assert_protocol_broken(error: &Error) {
    let reason = close_reason(error);
    assert!(matches!(reason, CloseReason::Protocol(_)), "{error:?}");
}

/// This limit was met, and that ended the connection.
#[track_caller]
pub(crate) fn assert_limit(error: &Error, expected: &str) {
    match close_reason(error) {
        CloseReason::Limit(exceeded) => {
            let (limit, option) = (exceeded.limit(), format!("ClientBuilder::{expected}"));
            assert_eq!(exceeded.option(), option);
            let text = error.to_string();
            assert!(
                text.contains(&option) && text.contains(&limit.to_string()),
                "{text}"
            );
        }
        other => panic!("no limit: {other:?}"),
    }
}

/// Why there is no connection, if that is what the error is.
#[track_caller]
pub(crate) fn problem(error: &Error) -> &ConnectErrorKind {
    match error {
        Error::Connect(connect) => connect.kind(),
        other => panic!("it connected: {other:?}"),
    }
}
