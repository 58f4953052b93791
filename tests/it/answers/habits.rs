//! What is remembered of a refusal, and what not.

use latchbox::command::{FetchMessages, List, Search, Sort};
use latchbox::types::{
    Capability, FetchItem, ModSeq, PartialRange, SearchKey, SearchReturn, SortKey, StatusItem,
    UidSet,
};
use latchbox::{ClientBuilder, Error};

use crate::scripted::{logged_in_with, selecting_with};

#[test]
fn fault_32_a_session_without_a_mailbox_has_no_namespaces_to_remember() {
    for with_login in [false, true] {
        let (server, session) = logged_in_with(
            "IMAP4rev1 NAMESPACE",
            r#"
            C: {a} NAMESPACE
            S: {a} BAD Error in IMAP command received by server.
            C: {b} LIST "" ""
            S: {b} OK done
            "#,
            |builder| match with_login {
                true => ClientBuilder::namespace(builder),
                false => builder,
            },
        );
        let error = session.namespace().unwrap_err();
        match with_login {
            false => assert!(matches!(error, Error::Refused(_)), "{error}"),
            true => assert!(matches!(error, Error::MissingData("LIST")), "{error}"),
        }
        drop(session);
        server.finish();
    }
}

#[test]
fn fault_32_authenticated_but_not_connected_is_the_error() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 NAMESPACE",
        r#"
        C: {a} NAMESPACE
        S: {a} BAD User is authenticated but not connected.
        C: {b} NAMESPACE
        S: * NAMESPACE (("" "/")) NIL NIL
        S: {b} NO [UNAVAILABLE] not now
        C: {c} NAMESPACE
        S: * NAMESPACE (("x." ".")) NIL NIL
        S: {c} OK done
        "#,
        |builder| builder,
    );
    let error = session.namespace().unwrap_err();
    assert!(error.is_authenticated_but_not_connected() && error.is_auth());
    assert!(matches!(session.namespace(), Err(Error::Refused(_))));
    assert_eq!(session.namespace().unwrap().personal()[0].prefix(), "x.");
    drop(session);
    server.finish();
}

/// It was told, and then refused: with the login as well.
#[test]
fn fault_32_namespaces_of_a_refused_command_are_not_remembered() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 NAMESPACE",
        r#"
        C: {a} NAMESPACE
        S: * NAMESPACE (("evil." ".")) NIL NIL
        S: {a} NO not now
        S: * NAMESPACE (("evil." ".")) NIL NIL
        C: {b} NOOP
        S: {b} OK done
        C: {c} NAMESPACE
        S: * NAMESPACE (("x." ".")) NIL NIL
        S: {c} OK done
        "#,
        ClientBuilder::namespace,
    );
    session.noop().unwrap();
    assert_eq!(session.namespace().unwrap().personal()[0].prefix(), "x.");
    drop(session);
    server.finish();
}

/// The rights and counts that a server leaves out of an extended LIST are asked for.
#[test]
fn fault_32_counts_that_no_mailbox_has_are_asked_for() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 LIST-EXTENDED LIST-STATUS",
        r#"
        C: {a} LIST "" "*" RETURN (STATUS (MESSAGES))
        S: * LIST () "/" Box
        S: {a} OK done
        C: {b} STATUS "Box" (MESSAGES)
        S: * STATUS Box (MESSAGES 4)
        S: {b} OK done
        "#,
        |builder| builder,
    );
    let listed = session
        .run(
            List::new("*")
                .unwrap()
                .return_status([StatusItem::Messages]),
        )
        .unwrap();
    assert_eq!(listed[0].status().unwrap().messages(), Some(4));
    drop(session);
    server.finish();
}

#[test]
fn fault_33_no_speaks_of_the_charset_and_bad_of_return() {
    let (server, session) = selecting_with(
        "IMAP4rev1 ESEARCH LITERAL+",
        r"
        C: {a} UID SEARCH RETURN (ALL) CHARSET UTF-8 SUBJECT {2+}
        C-raw: \xC3\xBC\r\n
        S: {a} NO [BADCHARSET (US-ASCII)] no
        C: {b} UID SEARCH RETURN (ALL) UNSEEN
        S: * ESEARCH (TAG {b}) UID ALL 3
        S: {b} OK done
        C: {c} UID SEARCH RETURN (ALL) CHARSET UTF-8 SUBJECT {2+}
        C-raw: \xC3\xBC\r\n
        S: {c} NO [BADCHARSET (ISO-8859-1)] no
        C: {d} UID SEARCH RETURN (ALL) CHARSET ISO-8859-1 SUBJECT {1+}
        C-raw: \xFC\r\n
        S: * ESEARCH (TAG {d}) UID ALL 4
        S: {d} OK done
        C: {e} UID SEARCH RETURN (ALL) UNSEEN
        S: {e} NO [SERVERBUG] no
        C: {f} UID SEARCH RETURN (ALL) UNSEEN
        S: {f} BAD User is authenticated but not connected.
        C: {g} UID SEARCH RETURN (ALL) UNSEEN
        S: * ESEARCH (TAG {g}) UID ALL 5
        S: {g} OK done
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let subject = SearchKey::Subject("\u{fc}".into());
    assert!(matches!(inbox.search(&subject), Err(Error::Refused(_))));
    assert_eq!(inbox.search(SearchKey::Unseen).unwrap().to_string(), "3");
    assert_eq!(inbox.search(&subject).unwrap().to_string(), "4");
    assert!(inbox.search(SearchKey::Unseen).is_err());
    let error = inbox.search(SearchKey::Unseen).unwrap_err();
    assert!(error.is_authenticated_but_not_connected());
    assert_eq!(inbox.search(SearchKey::Unseen).unwrap().to_string(), "5");
    drop(inbox);
    drop(session);
    server.finish();
}

/// One thing after the other: what the second refusal says is heard too.
#[test]
fn fault_33_return_is_refused_and_then_the_charset() {
    let (server, session) = selecting_with(
        "IMAP4rev1 ESEARCH LITERAL+",
        r"
        C: {a} UID SEARCH RETURN (ALL) CHARSET UTF-8 SUBJECT {2+}
        C-raw: \xC3\xBC\r\n
        S: {a} BAD what is RETURN
        C: {b} UID SEARCH CHARSET UTF-8 SUBJECT {2+}
        C-raw: \xC3\xBC\r\n
        S: {b} NO [BADCHARSET (ISO-8859-15)] no
        C: {c} UID SEARCH RETURN (ALL) CHARSET ISO-8859-1 SUBJECT {1+}
        C-raw: \xFC\r\n
        S: {c} BAD what is RETURN
        C: {d} UID SEARCH CHARSET ISO-8859-15 SUBJECT {1+}
        C-raw: \xFC\r\n
        S: * SEARCH 4
        S: {d} OK done
        # RETURN was refused with a charset, and that may be why.
        C: {e} UID SEARCH RETURN (ALL) UNSEEN
        S: {e} BAD what is RETURN
        C: {f} UID SEARCH UNSEEN
        S: * SEARCH 5
        S: {f} OK done
        C: {g} UID SEARCH UNSEEN
        S: * SEARCH 6
        S: {g} OK done
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let subject = SearchKey::Subject("\u{fc}".into());
    assert_eq!(inbox.search(&subject).unwrap().to_string(), "4");
    assert_eq!(inbox.search(SearchKey::Unseen).unwrap().to_string(), "5");
    assert_eq!(inbox.search(SearchKey::Unseen).unwrap().to_string(), "6");
    drop(inbox);
    drop(session);
    server.finish();
}

/// PARTIAL was refused, which says nothing of COUNT; and SORT is not SEARCH.
#[test]
fn fault_33_only_the_form_that_was_refused_is_left_out() {
    let (server, session) = selecting_with(
        "IMAP4rev1 ESEARCH PARTIAL SORT ESORT",
        "
        C: {a} UID SEARCH RETURN (PARTIAL 1:2) ALL
        S: {a} BAD what is PARTIAL
        C: {b} UID SEARCH ALL
        S: * SEARCH 4 5 6
        S: {b} OK done
        C: {c} UID SORT RETURN (COUNT) (SIZE) UTF-8 ALL
        S: {c} BAD what is RETURN
        C: {d} UID SORT (SIZE) UTF-8 ALL
        S: * SORT 6 4 5
        S: {d} OK done
        C: {e} UID SEARCH RETURN (COUNT) ALL
        S: * ESEARCH (TAG {e}) UID COUNT 3
        S: {e} OK done
        C: {f} UID SORT (SIZE) UTF-8 ALL
        S: * SORT 6 4 5
        S: {f} OK done
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let two = PartialRange::first(2.try_into().unwrap());
    let page = SearchReturn::new().partial(two);
    let found = inbox
        .run(Search::new(SearchKey::All).returning(page))
        .unwrap();
    assert_eq!(found.partial().unwrap().to_string(), "4:5");
    let sorted = inbox
        .run(Sort::new([SortKey::Size], SearchKey::All).returning(SearchReturn::new().count()));
    assert_eq!(sorted.unwrap().count(), Some(3));
    let found = inbox.run(Search::new(SearchKey::All).returning(SearchReturn::new().count()));
    assert_eq!(found.unwrap().count(), Some(3));
    let sorted = inbox
        .run(Sort::new([SortKey::Size], SearchKey::All).returning(SearchReturn::new().count()));
    assert_eq!(sorted.unwrap().count(), Some(3));
    drop(inbox);
    drop(session);
    server.finish();
}

/// iCloud answers OK and leaves out what it switched on.
#[test]
fn fault_34_ok_without_enabled_is_enabled() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 ENABLE QRESYNC CONDSTORE UTF8=ACCEPT",
        "
        C: {a} ENABLE QRESYNC UTF8=ACCEPT X-NEVER
        S: {a} OK done
        C: {s} SELECT \"INBOX\"
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 7] since
        S: {s} OK [READ-WRITE] done
        C: {f} UID FETCH 1:4294967295 (FLAGS) (CHANGEDSINCE 5 VANISHED)
        S: * VANISHED (EARLIER) 9
        S: {f} OK done
        ",
        |builder| builder,
    );
    let asked = [
        Capability::Qresync,
        Capability::Utf8Accept,
        Capability::Other("X-NEVER".into()),
    ];
    let enabled = session.enable(&asked).unwrap();
    assert_eq!(
        enabled,
        [Capability::Qresync],
        "names stay as they are written"
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut messages = inbox
        .stream(
            FetchMessages::new(&UidSet::all(), &[FetchItem::Flags])
                .changed_or_vanished_since(ModSeq::new(5).unwrap()),
        )
        .unwrap();
    assert!(messages.next().unwrap().is_none());
    assert_eq!(messages.vanished().to_string(), "9");
    drop(inbox);
    drop(session);
    server.finish();
}

/// It said what it switched on: nothing else is.
#[test]
fn fault_34_what_enabled_names_is_all_that_is_enabled() {
    for told in ["* ENABLED", "* ENABLED X-OTHER"] {
        let (server, session) = logged_in_with(
            "IMAP4rev1 ENABLE QRESYNC",
            &format!(
                "
                C: {{a}} ENABLE QRESYNC
                S: {told}
                S: {{a}} OK done
                "
            ),
            |builder| builder,
        );
        let enabled = session.enable(&[Capability::Qresync]).unwrap();
        assert!(!enabled.contains(&Capability::Qresync), "{told}");
        drop(session);
        server.finish();
    }
}
