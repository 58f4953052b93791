//! One deadline for opening a session, whatever each stage of it may take.

use std::net::TcpListener;
use std::time::Duration;

use latchbox::error::{CloseReason, ConnectErrorKind, Stage};
use latchbox::{Client, ClientBuilder, Error};

use crate::scripted::{SHORT, plain, problem};
use crate::support::script::script;

/// Accepts connections, by its queue, and never sends anything.
fn silent() -> (TcpListener, ClientBuilder) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let builder = Client::builder("127.0.0.1").port(listener.local_addr().unwrap().port());
    (listener, builder.open_timeout(SHORT))
}

#[track_caller]
fn assert_not_connected(builder: ClientBuilder) {
    let error = builder.connect().unwrap_err();
    let problem = problem(&error);
    let is_it = matches!(problem, ConnectErrorKind::Timeout(Stage::Open));
    assert!(is_it && error.is_timeout(), "{error:?}");
}

#[track_caller]
fn assert_closed(error: &Error) {
    match error {
        Error::Closed(closed) => assert!(
            matches!(closed.reason(), CloseReason::Timeout(Stage::Open, SHORT)),
            "{closed:?}"
        ),
        other => panic!("{other:?}"),
    }
    assert!(error.is_timeout());
}

#[test]
fn a_stage_that_does_not_end_ends_with_all_of_them() {
    let (listener, builder) = silent();
    assert_not_connected(builder.clone().danger_plaintext());
    assert_not_connected(builder.clone().start_tls());
    #[cfg(any(feature = "native-tls", feature = "rustls"))]
    assert_not_connected(builder.clone());
    #[cfg(feature = "proxy")]
    {
        let proxy =
            latchbox::transport::Proxy::http("127.0.0.1", listener.local_addr().unwrap().port());
        assert_not_connected(builder.proxy(proxy));
    }
    drop(listener);
}

#[test]
fn a_login_that_is_not_answered_ends_with_all_of_it() {
    let server = script(
        r#"
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: {a} LOGIN "ann" "secret"
        C-close
        "#,
    );
    let client = plain(&server).danger_cleartext_login().open_timeout(SHORT);
    let client = client.connect().unwrap();
    let (error, client) = client.login("ann", "secret").unwrap_err().into_parts();
    assert_closed(&error);
    drop(client);
    server.finish();
}

#[test]
fn what_follows_a_login_is_part_of_it() {
    let server = script(
        r#"
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: {a} LOGIN "ann" "secret"
        S: {a} OK done
        C: {b} CAPABILITY
        C-close
        "#,
    );
    let client = plain(&server).danger_cleartext_login().open_timeout(SHORT);
    let client = client.connect().unwrap();
    let (error, client) = client.login("ann", "secret").unwrap_err().into_parts();
    assert_closed(&error);
    drop(client);
    server.finish();
}

#[test]
fn the_time_of_a_program_before_the_login_and_that_of_a_session_are_not_part_of_it() {
    let server = script(
        r#"
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: {a} LOGIN "ann" "secret"
        S: {a} OK [CAPABILITY IMAP4rev1] done
        C: {n} NOOP
        S: {n} OK done
        "#,
    );
    let open = SHORT * 10;
    let builder = plain(&server).danger_cleartext_login().open_timeout(open);
    let client = builder.connect().unwrap();
    std::thread::sleep(open + Duration::from_millis(50));
    let session = client.login("ann", "secret").map_err(latchbox::Error::from);
    let session = session.unwrap();
    std::thread::sleep(open + Duration::from_millis(50));
    session.noop().unwrap();
    drop(session);
    server.finish();
}
