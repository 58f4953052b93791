//! A `literal8` goes to a server that knows it, and is never sent at once to one that may not.

use latchbox::Error;
use latchbox::command::RawCommand;

use crate::scripted::logged_in_with;

/// The content would be a command.
const CONTENT: &[u8] = b"\r\nz9 DELETE INBOX\r\n";

fn commands() -> [RawCommand; 2] {
    let raw = || RawCommand::new("XFOO").unwrap();
    [
        raw().literal8(CONTENT),
        raw().list(|list| Ok(list.literal8(CONTENT))).unwrap(),
    ]
}

#[test]
fn fault_08_a_literal8_is_refused_where_it_is_not_known() {
    for capabilities in [
        "IMAP4rev1",
        "IMAP4rev1 LITERAL+",
        "IMAP4rev1 LITERAL-",
        "IMAP4rev2",
        "IMAP4rev1 LITERAL+ UTF8=ACCEPT ENABLE",
    ] {
        for command in commands() {
            let (server, session) = logged_in_with(capabilities, "", |builder| builder);
            let error = session.raw(&command).unwrap_err();
            assert!(
                matches!(error, Error::Argument(_)),
                "{capabilities}: {error:?}"
            );
            assert!(error.to_string().contains("BINARY"), "{error}");
            drop(session);
            server.finish();
        }
    }
}

#[test]
fn fault_08_a_literal8_that_may_be_unknown_waits() {
    for capabilities in [
        "IMAP4rev1 LITERAL+ METADATA",
        "IMAP4rev1 LITERAL- METADATA-SERVER",
    ] {
        let (server, session) = logged_in_with(
            capabilities,
            "
            C: {a} XFOO ~{19}
            S: {a} BAD no such thing
            C: {b} NOOP
            S: {b} OK done
            ",
            |builder| builder,
        );
        let [command, _] = commands();
        let error = session.raw(&command).unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{error:?}");
        session.noop().unwrap();
        drop(session);
        server.finish();
    }
}

#[test]
fn fault_08_a_literal8_goes_at_once_to_a_server_with_binary() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 LITERAL+ BINARY",
        r"
        C: {a} XFOO ~{19+}
        C-raw: \r\nz9 DELETE INBOX\r\n\r\n
        S: {a} OK done
        ",
        |builder| builder,
    );
    let [command, _] = commands();
    session.raw(&command).unwrap();
    drop(session);
    server.finish();
}
