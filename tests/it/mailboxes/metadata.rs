//! METADATA: all forms of values, the response codes, and what is not sent.

use latchbox::metadata::{GetMetadata, MetadataDepth, MetadataScope};
use latchbox::types::{Capability, MailboxName, ResponseCode};
use latchbox::{Error, SessionEvent};

use super::{assert_unsupported, server};
use crate::scripted::logged_in_with;

#[test]
fn values_of_mailboxes_and_of_the_server() {
    let (server, session) = server(
        "IMAP4rev1 METADATA",
        r#"
        C: {a} GETMETADATA "INBOX" ("/shared/comment" "/private/comment")
        S: * METADATA INBOX /shared/comment
        S: * METADATA INBOX (/shared/comment {4}
        S: a
        S: b /private/comment NIL)
        S: {a} OK done
        C: {b} GETMETADATA (MAXSIZE 1024 DEPTH infinity) "" ("/shared")
        S: * METADATA "" ("/Shared/Admin" "mailto:x@y")
        S: * METADATA "" (/shared/b "")
        S: {b} OK [METADATA LONGENTRIES 2199] done
        C: {c} GETMETADATA (DEPTH 1) "INBOX" ("/private")
        S: {c} OK there is nothing
        "#,
    );
    let names = ["/shared/comment", "/private/comment"];
    let metadata = session.metadata("INBOX").get(names).unwrap();
    assert_eq!(metadata.text("/shared/comment"), Some("a\r\nb"));
    assert_eq!(metadata.entries().len(), 2);
    assert_eq!(metadata.value("/private/comment"), None);
    let metadata = session.run(
        GetMetadata::new(MetadataScope::Server, ["/shared"])
            .unwrap()
            .max_size(1024)
            .depth(MetadataDepth::Infinity),
    );
    let metadata = metadata.unwrap();
    assert_eq!(metadata.text("/shared/admin"), Some("mailto:x@y"));
    assert_eq!(metadata.text("/shared/b"), Some(""));
    assert_eq!(metadata.longest_left_out(), Some(2199));
    let none = session.run(
        GetMetadata::new("INBOX", ["/private"])
            .unwrap()
            .depth(MetadataDepth::One),
    );
    assert!(none.unwrap().entries().is_empty());
    drop(session);
    server.finish();
}

#[test]
fn values_are_set_and_removed() {
    let (server, session) = server(
        "IMAP4rev1 METADATA",
        r#"
        C: {a} SETMETADATA "INBOX" ("/shared/comment" "a \"b\"" "/private/comment" NIL "/private/x" {3}
        S: + go on
        C: äb "/private/y" "")
        S: {a} OK done
        C: {b} SETMETADATA "" ("/shared/comment" "x")
        S: {b} NO [METADATA MAXSIZE 1024] too long
        C: {c} SETMETADATA "" ("/shared/comment" "x")
        S: {c} NO [METADATA TOOMANY] too many
        C: {d} SETMETADATA "" ("/private/comment" "x")
        S: {d} NO [METADATA NOPRIVATE] not here
        "#,
    );
    let values = [
        ("/shared/comment", Some("a \"b\"")),
        ("/private/comment", None),
        ("/private/x", Some("äb")),
        ("/private/y", Some("")),
    ];
    session.metadata("INBOX").set(values).unwrap();
    for (name, code) in [
        ("/shared/comment", ResponseCode::MetadataMaxSize(1024)),
        ("/shared/comment", ResponseCode::MetadataTooMany),
        ("/private/comment", ResponseCode::MetadataNoPrivate),
    ] {
        let refused = session
            .metadata(MetadataScope::Server)
            .set([(name, Some("x"))]);
        assert_eq!(refused.unwrap_err().response_code(), Some(&code));
    }
    drop(session);
    server.finish();
}

#[test]
fn nothing_is_sent_without_the_capability() {
    let (script, session) = server("IMAP4rev1", "");
    let name = ["/shared/comment"];
    let value = [("/shared/comment", Some("x"))];
    assert_unsupported(session.metadata("INBOX").get(name), &Capability::Metadata);
    assert_unsupported(session.metadata("INBOX").set(value), &Capability::Metadata);
    let of_server = session.metadata(MetadataScope::Server).get(name);
    assert_unsupported(of_server, &Capability::MetadataServer);
    drop(session);
    script.finish();
    // That of the server is all there is.
    let (script, session) = server(
        "IMAP4rev1 METADATA-SERVER",
        r#"
        C: {a} GETMETADATA "" ("/shared/comment")
        S: * METADATA "" (/shared/comment x)
        S: {a} OK done
        "#,
    );
    assert_unsupported(session.metadata("INBOX").get(name), &Capability::Metadata);
    let told = session.metadata(MetadataScope::Server).get(name).unwrap();
    assert_eq!(told.text("/shared/comment"), Some("x"));
    drop(session);
    script.finish();
}

#[test]
fn several_mailboxes_are_one_go() {
    let (server, session) = server(
        "IMAP4rev1 METADATA",
        r#"
        C: {a} GETMETADATA "a" ("/shared/x")
        C: {b} GETMETADATA "b" ("/shared/x")
        S: * METADATA a (/shared/x 1)
        S: {a} OK done
        S: * METADATA b (/shared/x 2)
        S: {b} OK done
        "#,
    );
    let command = |name| GetMetadata::new(name, ["/shared/x"]).unwrap();
    let [a, b] = session.pipeline([command("a"), command("b")]).unwrap();
    assert_eq!(a.unwrap().text("/shared/x"), Some("1"));
    assert_eq!(b.unwrap().text("/shared/x"), Some("2"));
    drop(session);
    server.finish();
}

#[test]
fn attack_103_names_and_no_names() {
    let (server, session) = server("IMAP4rev1 METADATA", "");
    for name in ["/x", "", "/shared/*", "/private/a\r\nb", "/private/\0"] {
        let refused = session.metadata("INBOX").get([name]).unwrap_err();
        assert!(matches!(refused, Error::Argument(_)), "{name:?}");
        let refused = session.metadata("INBOX").set([(name, Some("x"))]);
        assert!(matches!(refused, Err(Error::Argument(_))), "{name:?}");
    }
    let none: [&str; 0] = [];
    let refused = session.metadata("INBOX").get(none).unwrap_err();
    assert!(matches!(refused, Error::Argument(_)));
    drop(session);
    server.finish();
}

/// RFC 5464 has binary values whether the server has BINARY or not. Without BINARY such a literal waits
/// for the server: one that does not know it must not read the value as commands.
#[test]
fn values_with_nul_are_binary_literals() {
    let (server, session) = server(
        "IMAP4rev1 METADATA LITERAL+",
        r#"
        C: {a} SETMETADATA "INBOX" ("/private/x" ~{3}
        S: + go on
        C-raw: a\0b)\r\n
        S: {a} OK done
        C: {b} GETMETADATA "INBOX" ("/private/x")
        S-raw: * METADATA INBOX (/private/x ~{3}\r\na\0b)\r\n
        S: {b} OK done
        "#,
    );
    let name = "/private/x";
    session
        .metadata("INBOX")
        .set([(name, Some(b"a\0b"))])
        .unwrap();
    let told = session.metadata("INBOX").get([name]).unwrap();
    assert_eq!(told.value(name), Some(&b"a\0b"[..]));
    drop(session);
    server.finish();
}

/// A value of any length is held to the limit of a literal.
#[test]
fn attack_102_a_value_is_as_long_as_a_literal_may_be() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 METADATA",
        r#"
        C: {a} GETMETADATA "INBOX" ("/private/x")
        S-raw: * METADATA INBOX (/private/x {5000000000}\r\n
        C-close
        "#,
        |builder| builder.literal_limit(1000),
    );
    let refused = session.metadata("INBOX").get(["/private/x"]).unwrap_err();
    assert!(refused.is_closed(), "{refused}");
    drop(session);
    server.finish();
}

#[test]
fn changes_that_are_told_unasked_are_events_and_no_answer() {
    let (server, session) = server(
        "IMAP4rev1 METADATA",
        r#"
        C: {a} GETMETADATA "INBOX" ("/shared/x")
        S: * METADATA INBOX /shared/x /private/y
        S: * METADATA "" /shared/admin
        S: * METADATA INBOX (/shared/x 1)
        S: {a} OK done
        "#,
    );
    let told = session.metadata("INBOX").get(["/shared/x"]).unwrap();
    assert_eq!(told.entries().len(), 1);
    let changed = session.events().into_iter().map(|event| match event {
        SessionEvent::Metadata { scope, names } => {
            let names: Vec<_> = names.iter().map(|name| name.as_str().to_owned()).collect();
            (scope, names.join(" "))
        }
        other => panic!("{other:?}"),
    });
    let inbox = MetadataScope::Mailbox(MailboxName::inbox());
    let server_itself = MetadataScope::Server;
    let expected = [
        (inbox, "/shared/x /private/y"),
        (server_itself, "/shared/admin"),
    ];
    let expected = expected.map(|(scope, names)| (scope, names.to_owned()));
    assert_eq!(changed.collect::<Vec<_>>(), expected);
    drop(session);
    server.finish();
}
