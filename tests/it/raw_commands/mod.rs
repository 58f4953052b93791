//! Raw commands: what a caller passes on from elsewhere cannot leave its argument.

mod literal8;

use latchbox::command::{RawCommand, RawToken};
use latchbox::error::InvalidArgument;
use latchbox::types::{Flag, MailboxEvent, MailboxPattern, UidSet};
use latchbox::{Error, Result};

use crate::scripted::{logged_in, logged_in_with, selecting};

/// Texts that would end a line or a command, or look like something else.
const HOSTILE: [&str; 9] = [
    "", "a b", "a\r\nb", "a\nb", "a\0b", "a{5}", "~{5}", "x)", "\u{e4}",
];

#[track_caller]
fn assert_argument<T: std::fmt::Debug>(what: &str, result: Result<T>) {
    assert!(
        matches!(result, Err(Error::Argument(_))),
        "{what:?}: {result:?}"
    );
}

fn raw(name: &str) -> RawCommand {
    RawCommand::new(name).unwrap()
}

#[test]
fn attack_103_line_ends_in_arguments_of_raw_commands_are_literals_or_refused() {
    let (server, session) = logged_in(
        r#"
        C: {a} XFOO {14}
        S: + go on
        C-raw: a\r\nA9 DELETE x "q\\"\\\\ {5}"\r\n
        S: {a} OK done
        "#,
    );
    let command = raw("XFOO").string("a\r\nA9 DELETE x").string(r#"q"\ {5}"#);
    session.raw(&command).unwrap();
    assert_argument("NUL", session.raw(&raw("XFOO").string("a\0b")));
    for name in ["a\r\nb", "a\0b", ""] {
        assert_argument(name, raw("XFOO").mailbox(name));
    }
    drop(session);
    server.finish();
}

#[test]
fn attack_104_no_name_or_atom_ends_like_the_header_of_a_literal() {
    for text in HOSTILE.into_iter().chain(["{5}", "{5+}", "a{0}", "{"]) {
        assert_argument(text, RawCommand::new(text));
        assert_argument(text, RawCommand::uid(text));
        assert_argument(text, raw("XFOO").atom(text));
    }
    let (server, session) = logged_in(
        r#"
        C: {a} XFOO "{5}" "~{5+}" ("{0}")
        S: {a} OK done
        "#,
    );
    let command = raw("XFOO").string("{5}").string("~{5+}");
    let command = command.list(|items| Ok(items.string("{0}"))).unwrap();
    session.raw(&command).unwrap();
    drop(session);
    server.finish();
}

#[test]
fn attack_105_atoms_without_specials_and_flags_of_their_own_type() {
    for text in ["a]", "50%", "*", "\\Seen", "(", "\"a\"", "a\u{7f}"] {
        assert_argument(text, raw("XFOO").atom(text));
    }
    let (server, session) = logged_in(
        r"
        C: {a} XFOO (\Seen $Work) NIL 7 () A.B-C[+
        S: {a} OK done
        ",
    );
    let command = raw("XFOO")
        .list(|items| {
            let work = Flag::keyword("$Work")?;
            Ok(items.flag(Flag::Seen).flag(work))
        })
        .unwrap();
    let command = command.nil().number(7).list(Ok).unwrap();
    session.raw(&command.atom("A.B-C[+").unwrap()).unwrap();
    drop(session);
    server.finish();
}

#[test]
fn attack_106_the_length_of_a_raw_literal_is_in_octets() {
    let (server, session) = logged_in(
        r"
        C: {a} XFOO {4}
        S: + go on
        C-raw: \xc3\xa4\xc3\xb6\r\n
        S: {a} OK done
        ",
    );
    session.raw(&raw("XFOO").literal("\u{e4}\u{f6}")).unwrap();
    drop(session);
    server.finish();
}

#[test]
fn attack_107_a_raw_literal_waits_unless_the_server_allows_it_now() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 LITERAL-",
        r"
        C: {a} XFOO {2+}
        C-raw: hi {5000}\r\n
        S: + go on
        C-literal: 5000
        C-raw: \r\n
        S: {a} OK done
        ",
        |builder| builder,
    );
    let command = raw("XFOO").literal("hi").literal(vec![b'x'; 5000]);
    session.raw(&command).unwrap();
    drop(session);
    server.finish();
}

#[test]
fn attack_108_eight_bit_text_in_raw_strings_is_a_literal() {
    let (server, session) = logged_in(
        r"
        C: {a} XFOO {2}
        S: + go on
        C-raw: \xc3\xa4\r\n
        S: {a} OK done
        ",
    );
    session.raw(&raw("XFOO").string("\u{e4}")).unwrap();
    drop(session);
    server.finish();
}

#[test]
fn attack_109_wildcards_are_letters_in_a_mailbox_and_something_else_in_a_pattern() {
    let (server, session) = logged_in(
        r#"
        C: {a} XFOO "50% *" "50% *"
        S: {a} OK done
        "#,
    );
    let pattern = MailboxPattern::new("50% *").unwrap();
    let command = raw("XFOO").mailbox("50% *").unwrap().pattern(pattern);
    session.raw(&command).unwrap();
    drop(session);
    server.finish();
}

#[test]
fn attack_110_sets_are_typed_not_empty_and_of_the_held_mailbox() {
    let empty = UidSet::new();
    assert_argument("empty", raw("XFOO").uids(&empty));
    let (server, session) = selecting(
        "
        C: {a} UID XFOO 2:4,7
        S: * 2 FETCH (UID 4 FLAGS (\\Seen))
        S: {a} OK done
        ",
    );
    let set: UidSet = "2:4,7".parse().unwrap();
    let command = RawCommand::uid("XFOO").unwrap().uids(&set).unwrap();
    assert_argument("without a mailbox", session.raw(&command));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let answer = inbox.raw(&command).unwrap();
    // Whoever asks is told, and so is the guard.
    let response = answer.responses().next().unwrap();
    assert_eq!(&*response.bytes(), b"2 FETCH (UID 4 FLAGS (\\Seen))");
    assert!(matches!(inbox.events()[..], [MailboxEvent::Flags { .. }]));
    drop(inbox);
    server.finish();
}

#[test]
fn attack_111_a_nul_makes_a_raw_literal8_or_is_refused() {
    let command = raw("XFOO").literal(*b"a\0b");
    let (server, session) = logged_in("");
    assert_argument("without BINARY", session.raw(&command));
    drop(session);
    server.finish();
    let (server, session) = logged_in_with(
        "IMAP4rev1 BINARY LITERAL+",
        r"
        C: {a} XFOO ~{3+}
        C-raw: a\0b ~{1+}\r\nx\r\n
        S: {a} OK done
        ",
        |builder| builder,
    );
    session.raw(&command.literal8(*b"x")).unwrap();
    drop(session);
    server.finish();
}

#[test]
fn attack_112_a_raw_append_keeps_to_the_limit() {
    let (server, session) = logged_in_with("IMAP4rev1 APPENDLIMIT=4", "", |builder| builder);
    let command = raw("append").mailbox("INBOX").unwrap().literal("12345");
    let refused = session.raw(&command).unwrap_err();
    let Error::Argument(argument) = refused else {
        panic!("{refused:?}")
    };
    assert!(matches!(
        *argument,
        InvalidArgument::TooBig { size: 5, limit: 4 }
    ));
    drop(session);
    server.finish();
}

/// Nothing that the crate has to know of can be changed behind its back.
#[test]
fn commands_with_methods_of_their_own_are_refused_by_name() {
    for (name, method) in [
        ("LOGIN", "Client::login"),
        ("authenticate", "Client::authenticate"),
        ("StartTLS", "start_tls"),
        ("COMPRESS", "compress"),
        ("SELECT", "lock_mailbox"),
        ("EXAMINE", "lock_mailbox_read_only"),
        ("CLOSE", "MailboxGuard::close"),
        ("UNSELECT", "MailboxGuard::unselect"),
        ("LOGOUT", "Session::logout"),
        ("IDLE", "MailboxGuard::idle"),
        ("DONE", "Idle::done"),
        ("ENABLE", "Session::enable"),
        ("NOTIFY", "Session::notify"),
        ("UNAUTHENTICATE", "Session::unauthenticate"),
        ("DELETE", "Session::delete"),
        ("RENAME", "Session::rename"),
        ("UID", "RawCommand::uid"),
    ] {
        for refused in [RawCommand::new(name), RawCommand::uid(name)] {
            let refused = refused.unwrap_err().to_string();
            assert!(refused.contains(method), "{refused}");
        }
    }
    let (server, session) = selecting("");
    for name in [
        "FETCH", "Store", "SEARCH", "COPY", "MOVE", "EXPUNGE", "SORT",
    ] {
        let refused = session.raw(&raw(name)).unwrap_err().to_string();
        assert!(refused.contains("MailboxGuard::raw"), "{refused}");
    }
    assert_argument("UID", session.raw(&RawCommand::uid("XFOO").unwrap()));
    drop(session.lock_mailbox("INBOX").unwrap());
    drop(session);
    server.finish();
}

#[test]
fn the_answer_is_code_text_and_all_responses() {
    let (server, session) = logged_in(
        r#"
        C: {a} XFOO
        S: * XFOO (a "b c" NIL)
        S: * LIST () "/" x
        S-raw: * XBAR {4}\r\na\r\nb tail\r\n
        S: {a} OK [APPENDUID 7 8] as you like
        C: {b} XFOO
        S: {b} NO [CANNOT] never
        "#,
    );
    let answer = session.raw(&raw("XFOO")).unwrap();
    assert_eq!(answer.response_code().unwrap().name(), "APPENDUID");
    assert_eq!(answer.text(), "as you like");
    let names: Vec<_> = answer.responses().map(|r| r.name().into_owned()).collect();
    assert_eq!(names, ["XFOO", "LIST", "XBAR"]);
    let last = answer.responses().last().unwrap();
    let tokens: Vec<_> = last.tokens().collect();
    assert_eq!(
        tokens,
        [
            RawToken::Text(b"a\r\nb"[..].into()),
            RawToken::Word(b"tail")
        ]
    );
    assert!(matches!(session.raw(&raw("XFOO")), Err(Error::Refused(_))));
    drop(session);
    server.finish();
}

#[test]
fn an_endless_answer_to_a_raw_command_ends_the_connection() {
    for settings in [
        |builder: latchbox::ClientBuilder| builder.answer_limit(10_000),
        |builder: latchbox::ClientBuilder| builder.list_limit(100),
    ] {
        let (server, session) = logged_in_with(
            "IMAP4rev1",
            r"
            C: {a} XFOO
            S-fill: 2000 * XFOO bar\r\n
            stall
            ",
            settings,
        );
        let error = session.raw(&raw("XFOO")).unwrap_err();
        assert!(
            error.is_closed() && error.to_string().contains("limit"),
            "{error}"
        );
        drop(session);
        server.finish();
    }
}

#[test]
fn a_guard_for_reading_refuses_what_changes() {
    let (server, session) = crate::scripted::logged_in(
        "
        C: {e} EXAMINE \"INBOX\"
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 7] since
        S: {e} OK [READ-ONLY] examined
        C: {a} XFOO
        S: * 4 EXISTS
        S: {a} OK done
        ",
    );
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    for name in ["STORE", "expunge", "MOVE", "COPY", "REPLACE", "APPEND"] {
        assert_argument(name, inbox.raw_read_only(&raw(name)));
    }
    let answer = inbox.raw_read_only(&raw("XFOO")).unwrap();
    assert_eq!(answer.responses().next().unwrap().number(), Some(4));
    assert_eq!(inbox.exists(), 4);
    drop(inbox);
    server.finish();
}
