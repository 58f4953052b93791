//! What a caller passes on from elsewhere: no line end, NUL or special of it ever reaches a line.

use latchbox::sasl::{Mechanism, MechanismError, Secret};
use latchbox::types::{
    Capability, FetchItem, Flag, Keyword, MailboxName, MailboxPattern, NewMessage, SearchKey,
    Section, StoreAction, UidSet,
};
use latchbox::{Client, Error};

use crate::pieces::Connect;
use crate::scripted::{logged_in, logged_in_with, selecting};

/// Texts that would end a line, or look like the beginning of a literal or of a command.
const LINE_ENDS: [&str; 4] = ["a\rb", "a\nb", "a\r\nA9 DELETE x", "\r\n"];

#[track_caller]
fn assert_argument<T: std::fmt::Debug>(what: &str, result: Result<T, impl Into<Error>>) {
    match result.map_err(Into::into) {
        Err(Error::Argument(_)) => {}
        other => panic!("{what}: {other:?}"),
    }
}

/// Every command that takes a name refuses these, and nothing is sent.
#[test]
fn attack_103_names_of_mailboxes() {
    let (server, session) = selecting("");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let one: UidSet = "1".parse().unwrap();
    for name in LINE_ENDS.into_iter().chain(["a\0b", "\0", ""]) {
        assert_argument(name, MailboxName::new(name));
        assert_argument(name, session.create(name));
        assert_argument(name, session.delete(name));
        assert_argument(name, session.rename(name, "x"));
        assert_argument(name, session.rename("x", name));
        assert_argument(name, session.subscribe(name));
        assert_argument(name, session.unsubscribe(name));
        assert_argument(
            name,
            session.status(name, [latchbox::types::StatusItem::Messages]),
        );
        assert_argument(name, session.append(name, b"x: y"));
        assert_argument(name, inbox.copy(&one, name));
        assert_argument(name, inbox.move_to(&one, name));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                assert_argument(name, session.lock_mailbox(name));
                assert_argument(name, session.lock_mailbox_read_only(name));
            });
        });
    }
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn attack_103_patterns() {
    let (server, session) = selecting("");
    for pattern in LINE_ENDS.into_iter().chain(["a\0b"]) {
        assert_argument(pattern, MailboxPattern::new(pattern));
        assert_argument(pattern, session.list(pattern));
        assert_argument(pattern, session.lsub(pattern));
    }
    drop(session.lock_mailbox("INBOX").unwrap());
    drop(session);
    server.finish();
}

/// 8-bit in a name is modified UTF-7.
#[test]
fn attack_103_eight_bit_in_names() {
    let (server, session) = logged_in(
        r#"
        C: {a} CREATE "Entw&APw-rfe &- &2D3c7g-"
        S: {a} OK done
        C: {b} LIST "" "Entw&APw-rfe*"
        S: {b} OK done
        "#,
    );
    session.create("Entwürfe & 📮").unwrap();
    assert!(session.list("Entwürfe*").unwrap().is_empty());
    drop(session);
    server.finish();
}

#[test]
fn attack_103_specials_in_names_are_quoted() {
    let (server, session) = logged_in(
        r#"
        C: {a} CREATE "a\"b\\c {5} (x) NIL"
        S: {a} OK done
        C: {b} CREATE "{5}"
        S: {b} OK done
        "#,
    );
    session.create(r#"a"b\c {5} (x) NIL"#).unwrap();
    session.create("{5}").unwrap();
    drop(session);
    server.finish();
}

type MakeKey = fn(String) -> SearchKey;

const TEXT_KEYS: [(&str, MakeKey); 8] = [
    ("BCC", SearchKey::Bcc),
    ("BODY", SearchKey::Body),
    ("CC", SearchKey::Cc),
    ("FROM", SearchKey::From),
    ("SUBJECT", SearchKey::Subject),
    ("TEXT", SearchKey::Text),
    ("TO", SearchKey::To),
    ("HEADER \"X-Field\"", |text| {
        SearchKey::header("X-Field", text)
    }),
];

#[test]
fn attack_103_line_ends_in_search_texts_are_literals() {
    for (word, key) in TEXT_KEYS {
        let (server, session) = selecting(&format!(
            r#"
            C: {{a}} UID SEARCH {word} {{14}}
            S: + go on
            C-raw: a\r\nA9 DELETE x\r\n
            S: {{a}} OK done
            C: {{b}} UID SEARCH CHARSET UTF-8 {word} {{2}}
            S: + go on
            C-raw: \xc3\xa4\r\n
            S: {{b}} OK done
            C: {{c}} UID SEARCH {word} "\"\\ {{5}}"
            S: {{c}} OK done
            "#
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        for text in ["a\r\nA9 DELETE x", "ä", r#""\ {5}"#] {
            let found = inbox.search(key(text.to_owned()));
            assert!(found.unwrap_or_else(|e| panic!("{word}: {e}")).is_empty());
        }
        assert_argument(word, inbox.search(key("a\0b".to_owned())));
        drop(inbox);
        drop(session);
        server.finish();
    }
}

#[test]
fn attack_103_field_names_of_searches() {
    let (server, session) = selecting("");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    for name in LINE_ENDS.into_iter().chain(["a\0b", "", "a b", "a:", "ä"]) {
        assert_argument(name, inbox.search(SearchKey::header(name, "x")));
        let nested = !SearchKey::All.and(SearchKey::header(name, "x"));
        assert_argument(name, inbox.search(nested));
    }
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn attack_103_field_names_of_sections() {
    for name in LINE_ENDS.into_iter().chain(["a\0b", "", "a:", "ä"]) {
        assert_argument(name, Section::header_fields([name]));
        assert_argument(name, Section::header_fields_not([name]));
        assert_argument(name, Section::header_fields(["Subject", name]));
    }
    for number in [
        "1\r\n",
        "",
        "0",
        "1.",
        ".1",
        "1.0",
        "1]",
        "a",
        "1 2",
        "-1",
        "4294967296",
    ] {
        assert_argument(number, Section::part(number));
        assert_argument(number, Section::whole().in_part(number));
    }
}

#[test]
fn attack_103_field_names_with_specials_stay_in_their_section() {
    for name in ["a b", "a]", "a)", "{5}", "a\"b", "(", "a\\b", "*"] {
        let Ok(section) = Section::header_fields([name]) else {
            continue;
        };
        let shown = FetchItem::BodyPeek(section).to_string();
        let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
        assert_eq!(shown, format!("BODY.PEEK[HEADER.FIELDS (\"{escaped}\")]"));
    }
}

#[test]
fn attack_103_and_105_flags_and_keywords() {
    let specials = [
        "", " ", "a b", "a)", "(a", "a]", "a%", "a*", "a\"", "a\\", "{5}", "ä", "\x7f", "a\0",
    ];
    for flag in LINE_ENDS.into_iter().chain(specials) {
        assert_argument(flag, Flag::keyword(flag));
        assert_argument(flag, Keyword::new(flag));
        assert_argument(flag, flag.parse::<Flag>());
    }
    for flag in [
        "\\",
        "\\Seen)",
        "\\Seen \\Deleted",
        "\\a b",
        "\\\r\n",
        "\\*",
        "\\\\Seen",
    ] {
        assert_argument(flag, flag.parse::<Flag>());
    }
}

/// A server may name flags as it likes; they are not sent back as what they are not.
#[test]
fn attack_105_flags_of_the_server() {
    let (server, session) = selecting(
        r"
        C: {a} UID FETCH 1 (FLAGS)
        S-raw: * 1 FETCH (UID 1 FLAGS (a]b \\x% \xff \\ \\*))\r\n
        S: {a} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let one: UidSet = "1".parse().unwrap();
    let messages = inbox.fetch(&one, [FetchItem::Flags]).unwrap();
    let message = messages.into_iter().next().unwrap().unwrap();
    let flags: Vec<Flag> = message.flags().into_iter().flatten().collect();
    for flag in flags {
        // What is an atom all the same may be sent.
        if flag.to_string().parse::<Flag>().is_err() {
            assert_argument("flag", inbox.store(&one, StoreAction::Add, [flag.clone()]));
            assert_argument(
                "flag",
                session.append("INBOX", NewMessage::new(b"x: y").flags([flag])),
            );
        }
    }
    let none = inbox.store(&one, StoreAction::Add, []);
    assert_argument("no flags", none);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn attack_103_names_and_values_of_id() {
    let (server, session) = logged_in(
        r#"
        C: {a} ID ("name" {4}
        S: + go on
        C-raw: a\r\nb {3}\r\n
        S: + go on
        C-raw: x\ny "\\"\\\\")\r\n
        S: * ID NIL
        S: {a} OK done
        "#,
    );
    let fields = [("name", "a\r\nb"), ("x\ny", r#""\"#)];
    session.id(&fields).unwrap();
    assert_argument("value", session.id(&[("name", "a\0b")]));
    assert_argument("name", session.id(&[("na\0me", "a")]));
    drop(session);
    server.finish();
}

#[test]
fn attack_103_names_of_extensions_to_enable() {
    let (server, session) = logged_in("");
    for name in LINE_ENDS
        .into_iter()
        .chain(["", "a b", "a\0", "ä", "(", "{5}"])
    {
        assert!(
            name.parse::<Capability>().is_err() || name.is_empty(),
            "{name:?}"
        );
        let other = Capability::Other(name.into());
        assert_argument(name, session.enable(&[other]));
    }
    drop(session);
    server.finish();
}

/// A mechanism's name reaches the line as its author wrote it.
#[test]
fn attack_103_names_of_mechanisms() {
    struct Named(&'static str);

    impl Mechanism for Named {
        fn name(&self) -> &'static str {
            self.0
        }

        fn exposes_secret(&self) -> bool {
            false
        }

        fn initial(&mut self) -> Result<Option<Secret>, MechanismError> {
            Ok(None)
        }

        fn step(&mut self, _challenge: &[u8]) -> Result<Secret, MechanismError> {
            Ok(Secret::from(""))
        }
    }

    for name in ["PLAIN\r\nA9 NOOP", "PLAIN x", "", "a\0b"] {
        let server = crate::support::script::script(
            "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready\n",
        );
        let client: Client = crate::scripted::plain(&server).connect_in_pieces().unwrap();
        let (error, client) = client
            .authenticate(Named(name))
            .map(drop)
            .unwrap_err()
            .into_parts();
        assert!(
            matches!(error, Error::Login(_) | Error::Argument(_)),
            "{error:?}"
        );
        drop(client);
        assert_eq!(server.finish(), "");
    }
}

/// Long strings are literals too, whatever they hold.
#[test]
fn attack_103_long_texts() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 LITERAL+",
        "
        C: {a} CREATE {5000+}
        C-literal: 5000
        C-raw: \\r\\n
        S: {a} OK done
        ",
        |builder| builder,
    );
    session.create("x".repeat(5000).as_str()).unwrap();
    drop(session);
    server.finish();
}
