//! Text that is not ASCII, on servers that do not take it as they should: what is found was looked
//! for exactly, or there is an error.

use latchbox::command::Search;
use latchbox::types::{ResponseCode, SearchKey, SearchReturn, UidSet};
use latchbox::{Error, Result};

use super::on;

fn find(capabilities: &str, text: &str, key: &SearchKey) -> Result<UidSet> {
    on(capabilities, text, |inbox| inbox.search(key))
}

fn subject(text: &str) -> SearchKey {
    SearchKey::Subject(text.into())
}

#[test]
fn q88_no_charset_is_named_for_ascii() {
    let script = "
        C: {a} UID SEARCH SUBJECT \"plain\"
        S: * SEARCH 2
        S: {a} OK done
    ";
    let found = find("IMAP4rev1", script, &subject("plain")).unwrap();
    assert_eq!(found.to_string(), "2");
}

#[test]
fn q88_a_charset_that_the_server_names_is_used_if_it_has_the_text() {
    let script = r#"
        C: {a} UID SEARCH CHARSET UTF-8 SUBJECT {3+}
        C-raw: \xC3\xBCx
        C: FROM "y"
        S: {a} NO [BADCHARSET (US-ASCII "ISO-8859-1")] no
        C: {b} UID SEARCH CHARSET ISO-8859-1 SUBJECT {2+}
        C-raw: \xFCx
        C: FROM "y"
        S: * SEARCH 3
        S: {b} OK done
    "#
    .replace("C: FROM", "C:  FROM");
    let key = subject("\u{fc}x").and(SearchKey::From("y".into()));
    let found = find("IMAP4rev1 LITERAL+", &script, &key).unwrap();
    assert_eq!(found.to_string(), "3");
}

#[test]
fn q88_a_text_that_no_charset_of_the_server_has_is_an_error() {
    for code in ["BADCHARSET (US-ASCII ISO-8859-1)", "BADCHARSET"] {
        let script = format!(
            r"
            C: {{a}} UID SEARCH CHARSET UTF-8 SUBJECT {{3+}}
            C-raw: \xE2\x82\xAC\r\n
            S: {{a}} NO [{code}] no
            "
        );
        let refused = find("IMAP4rev1 LITERAL+", &script, &subject("\u{20ac}")).unwrap_err();
        let code = refused.response_code();
        assert!(
            matches!(code, Some(ResponseCode::BadCharset(_))),
            "{refused}"
        );
    }
}

#[test]
fn q88_a_refusal_without_a_code_is_followed_by_the_charset_that_old_servers_know() {
    for status in ["NO", "BAD"] {
        let script = format!(
            r"
            C: {{a}} UID SEARCH CHARSET UTF-8 SUBJECT {{2+}}
            C-raw: \xC3\xBC\r\n
            S: {{a}} {status} what is that
            C: {{b}} UID SEARCH CHARSET ISO-8859-1 SUBJECT {{1+}}
            C-raw: \xFC\r\n
            S: * SEARCH 5
            S: {{b}} OK done
            "
        );
        let found = find("IMAP4rev1 LITERAL+", &script, &subject("\u{fc}")).unwrap();
        assert_eq!(found.to_string(), "5");
    }
}

#[test]
fn q88_the_error_is_that_of_the_first_attempt() {
    let script = r"
        C: {a} UID SEARCH CHARSET UTF-8 SUBJECT {2+}
        C-raw: \xC3\xBC\r\n
        S: {a} NO [BADCHARSET] first
        C: {b} UID SEARCH CHARSET ISO-8859-1 SUBJECT {1+}
        C-raw: \xFC\r\n
        S: {b} NO second
        C: {c} NOOP
        S: {c} OK in step
    ";
    on("IMAP4rev1 LITERAL+", script, |inbox| {
        match inbox.search(subject("\u{fc}")).unwrap_err() {
            Error::Refused(refused) => assert_eq!(refused.text(), "first"),
            other => panic!("{other:?}"),
        }
        inbox.refresh()
    })
    .unwrap();
}

/// Where the literal has to be asked for, the refusal comes in its place.
#[test]
fn q88_a_refusal_in_place_of_the_literal_leaves_the_connection_in_step() {
    let script = r"
        C: {a} UID SEARCH CHARSET UTF-8 SUBJECT {2}
        S: {a} NO [BADCHARSET] no
        C: {b} UID SEARCH CHARSET ISO-8859-1 SUBJECT {1}
        S: + go on
        C-raw: \xFC\r\n
        S: * SEARCH 5
        S: {b} OK done
    ";
    let found = find("IMAP4rev1", script, &subject("\u{fc}")).unwrap();
    assert_eq!(found.to_string(), "5");
}

#[test]
fn q88_the_charset_that_was_taken_comes_first_from_then_on() {
    let script = r#"
        C: {a} UID SEARCH CHARSET UTF-8 SUBJECT {2+}
        C-raw: \xC3\xBC\r\n
        S: {a} NO [BADCHARSET (US-ASCII ISO-8859-1)] no
        C: {b} UID SEARCH CHARSET ISO-8859-1 SUBJECT {1+}
        C-raw: \xFC\r\n
        S: * SEARCH 5
        S: {b} OK done
        C: {c} UID SEARCH CHARSET ISO-8859-1 SUBJECT {1+}
        C-raw: \xE4\r\n
        S: * SEARCH 6
        S: {c} OK done
        # It does not have this one.
        C: {d} UID SEARCH CHARSET UTF-8 SUBJECT {3+}
        C-raw: \xE2\x82\xAC\r\n
        S: {d} NO [BADCHARSET (US-ASCII ISO-8859-1)] no
        # What it took once it can refuse another time.
        C: {e} UID SEARCH CHARSET ISO-8859-1 SUBJECT {1+}
        C-raw: \xE4\r\n
        S: {e} NO [BADCHARSET] no
        C: {f} UID SEARCH CHARSET UTF-8 SUBJECT {2+}
        C-raw: \xC3\xA4\r\n
        S: * SEARCH 7
        S: {f} OK done
        C: {g} UID SEARCH CHARSET UTF-8 SUBJECT {2+}
        C-raw: \xC3\xA4\r\n
        S: * SEARCH 7
        S: {g} OK done
        C: {h} UID SEARCH SUBJECT "a"
        S: * SEARCH 8
        S: {h} OK done
    "#;
    let found = on("IMAP4rev1 LITERAL+", script, |inbox| {
        inbox.search(subject("\u{fc}"))?;
        inbox.search(subject("\u{e4}"))?;
        inbox.search(subject("\u{20ac}")).unwrap_err();
        inbox.search(subject("\u{e4}"))?;
        inbox.search(subject("\u{e4}"))?;
        inbox.search(subject("a"))
    });
    assert_eq!(found.unwrap().to_string(), "8");
}

/// As on Microsoft 365 in September 2026, which advertised IMAP4rev2 and did not know RETURN.
#[test]
fn a_search_with_return_that_is_answered_bad_is_sent_without_from_then_on() {
    let script = "
        C: {a} UID SEARCH RETURN (COUNT) UNSEEN
        S: {a} BAD Command Argument Error. 11
        C: {b} UID SEARCH UNSEEN
        S: * SEARCH 3 5
        S: {b} OK done
        C: {c} UID SEARCH ALL
        S: * SEARCH 3 5 6
        S: {c} OK done
        C: {d} UID SEARCH SUBJECT \"x\"
        S: {d} BAD no such key
    ";
    on("IMAP4rev1 IMAP4rev2", script, |inbox| {
        let returned =
            inbox.run(Search::new(SearchKey::Unseen).returning(SearchReturn::new().count()))?;
        assert_eq!(returned.count(), Some(2));
        assert_eq!(inbox.search(SearchKey::All)?.to_string(), "3,5:6");
        inbox.search(subject("x")).unwrap_err();
        Ok(())
    })
    .unwrap();
}

/// Neither form is taken: nothing is learned from it, and the error is that of the first.
#[test]
fn a_search_that_is_bad_in_either_form_is_refused_as_it_was_first() {
    let script = "
        C: {a} UID SEARCH RETURN (ALL) SUBJECT \"x\"
        S: {a} BAD first
        C: {b} UID SEARCH SUBJECT \"x\"
        S: {b} BAD second
        C: {c} UID SEARCH RETURN (ALL) ALL
        S: * ESEARCH (TAG \"{c}\") UID ALL 3
        S: {c} OK done
        C: {d} UID SEARCH RETURN (ALL) UNSEEN
        S: {d} NO not now
    ";
    on("IMAP4rev1 ESEARCH", script, |inbox| {
        let refused = inbox.search(subject("x")).unwrap_err();
        assert!(refused.to_string().contains("first"), "{refused}");
        assert_eq!(inbox.search(SearchKey::All)?.to_string(), "3");
        inbox.search(SearchKey::Unseen).unwrap_err();
        Ok(())
    })
    .unwrap();
}

#[test]
fn q89_return_and_a_charset_together_are_tried_apart() {
    let script = r"
        C: {a} UID SEARCH RETURN (ALL) CHARSET UTF-8 SUBJECT {2+}
        C-raw: \xC3\xBC\r\n
        S: {a} BAD Invalid Search criteria
        C: {b} UID SEARCH CHARSET UTF-8 SUBJECT {2+}
        C-raw: \xC3\xBC\r\n
        S: * SEARCH 5 6
        S: {b} OK done
    ";
    let found = find("IMAP4rev1 ESEARCH LITERAL+", script, &subject("\u{fc}")).unwrap();
    assert_eq!(found.to_string(), "5:6");
}

#[test]
fn no_charset_is_named_where_utf_8_is_on() {
    let script = r#"
        C: {e} ENABLE UTF8=ACCEPT
        S: * ENABLED UTF8=ACCEPT
        S: {e} OK done
        C: {a} UID SEARCH SUBJECT "ü"
        S: {a} NO [BADCHARSET] what charset
    "#;
    let (server, session) =
        crate::scripted::selecting_with("IMAP4rev1 ENABLE UTF8=ACCEPT", script, |builder| builder);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    session
        .enable(&[latchbox::types::Capability::Utf8Accept])
        .unwrap();
    let refused = inbox.search(subject("\u{fc}")).unwrap_err();
    assert!(
        matches!(refused, Error::Refused(_)),
        "and nothing else is tried"
    );
    drop(inbox);
    drop(session);
    server.finish();
}

/// A refusal for another reason is one.
#[test]
fn hazard_h18_a_refusal_that_is_about_something_else_is_not_asked_around() {
    let script = r"
        C: {a} UID SEARCH RETURN (ALL) CHARSET UTF-8 SUBJECT {2+}
        C-raw: \xC3\xBC\r\n
        S: {a} NO [SERVERBUG] oh
    ";
    let refused = find("IMAP4rev1 ESEARCH LITERAL+", script, &subject("\u{fc}")).unwrap_err();
    assert_eq!(refused.response_code(), Some(&ResponseCode::ServerBug));
}

/// What a server calls a charset is not trusted to be a word.
#[test]
fn attack_103_the_name_of_a_charset_reaches_no_line_unchecked() {
    let script = r#"
        C: {a} UID SEARCH CHARSET UTF-8 SUBJECT {2+}
        C-raw: \xC3\xBC\r\n
        S: {a} NO [BADCHARSET ("ISO-8859-1 ALL" "x) DELETED" "latin1")] no
        C: {b} UID SEARCH CHARSET latin1 SUBJECT {1+}
        C-raw: \xFC\r\n
        S: * SEARCH 5
        S: {b} OK done
    "#;
    let found = find("IMAP4rev1 LITERAL+", script, &subject("\u{fc}")).unwrap();
    assert_eq!(found.to_string(), "5");
}
