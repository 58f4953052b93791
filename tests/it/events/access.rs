//! Who is logged in, where else the mail is, and in which language texts are: UNAUTHENTICATE,
//! GETJMAPACCESS and LANGUAGE.

use latchbox::Error;
use latchbox::types::Capability;

use crate::scripted::{logged_in, logged_in_with};
use crate::sessions::log_in_as;

#[test]
fn the_url_of_the_same_mail_by_jmap() {
    let (server, session) = logged_in("");
    assert!(matches!(session.jmap_access(), Err(Error::Unsupported(_))));
    drop(session);
    server.finish();
    let (server, session) = logged_in_with(
        "IMAP4rev1 JMAPACCESS",
        r#"
        C: {a} GETJMAPACCESS
        S: * JMAPACCESS "https://example.com/.s/[jmap]"
        S: {a} OK done
        C: {b} GETJMAPACCESS
        S: {b} OK done
        "#,
        |builder| builder,
    );
    let url = session.jmap_access().unwrap();
    assert_eq!(url, "https://example.com/.s/[jmap]");
    assert!(matches!(session.jmap_access(), Err(Error::MissingData(_))));
    drop(session);
    server.finish();
}

#[test]
fn another_user_on_the_same_connection() {
    let (server, session) = logged_in_with(
        "IMAP4rev1 UNAUTHENTICATE ENABLE CONDSTORE",
        r#"
        C: {e} ENABLE CONDSTORE
        S: * ENABLED CONDSTORE
        S: {e} OK done
        C: {s} SELECT "INBOX"
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 7] since
        S: {s} OK [READ-WRITE] selected
        C: {u} UNAUTHENTICATE
        S: {u} OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] nobody
        C: {l} LOGIN "joe" "other"
        S: {l} OK [CAPABILITY IMAP4rev1] welcome
        C: {s} SELECT "INBOX"
        S: * 5 EXISTS
        S: * OK [UIDVALIDITY 9] since
        S: {s} OK [READ-WRITE] selected
        "#,
        |builder| builder,
    );
    session.enable(&[Capability::CondStore]).unwrap();
    let held = session.mailbox("INBOX").lock_owned();
    // Whoever holds a guard of their own is waited for.
    let holder = std::thread::spawn(move || drop(held.unwrap()));
    let mut client = session
        .unauthenticate()
        .map_err(|(error, _)| error)
        .unwrap();
    holder.join().unwrap();
    assert!(client.capabilities().unwrap().offers_mechanism("PLAIN"));
    let session = log_in_as(client, "joe", "other");
    assert_eq!(session.lock_mailbox("INBOX").unwrap().exists(), 5);
    drop(session);
    server.finish();
}

#[test]
fn a_refusal_gives_the_session_back() {
    let (server, session) = logged_in("");
    let (error, session) = session.unauthenticate().unwrap_err();
    assert!(matches!(error, Error::Unsupported(_)), "{error}");
    drop(session);
    server.finish();
    let (server, session) = logged_in_with(
        "IMAP4rev1 UNAUTHENTICATE",
        "
        C: {u} UNAUTHENTICATE
        S: {u} NO not now
        C: {n} NOOP
        S: {n} OK done
        ",
        |builder| builder,
    );
    let (error, session) = session.unauthenticate().unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
    session.noop().unwrap();
    drop(session);
    server.finish();
}

#[test]
fn the_language_of_texts_is_asked_for_and_chosen() {
    let (server, session) = logged_in("");
    assert!(matches!(session.languages(), Err(Error::Unsupported(_))));
    let chosen = session.set_language(&["de"]);
    assert!(matches!(chosen, Err(Error::Unsupported(_))));
    drop(session);
    server.finish();
    let (server, session) = logged_in_with(
        "IMAP4rev1 LANGUAGE",
        r#"
        C: {a} LANGUAGE
        S: * LANGUAGE (EN DE "i-default")
        S: {a} OK done
        C: {b} LANGUAGE "de-AT" "*"
        S: * LANGUAGE (de)
        S: {b} OK Sprachwechsel durch LANGUAGE-Befehl ausgeführt
        C: {c} LANGUAGE "default"
        S: {c} OK done
        C: {d} LANGUAGE "tlh"
        S: {d} NO keine Sprache dieses Namens
        "#,
        |builder| builder,
    );
    assert_eq!(session.languages().unwrap(), ["EN", "DE", "i-default"]);
    assert_eq!(session.set_language(&["de-AT", "*"]).unwrap(), "de");
    let untold = session.set_language(&["default"]);
    assert!(matches!(untold, Err(Error::MissingData(_))), "{untold:?}");
    assert!(matches!(
        session.set_language(&["tlh"]),
        Err(Error::Refused(_))
    ));
    let long = "x".repeat(256);
    for bad in [
        &[][..],
        &[""],
        &["de", "e n"],
        &["de\r\nx"],
        &["ü"],
        &[&long],
    ] {
        assert!(matches!(session.set_language(bad), Err(Error::Argument(_))));
    }
    drop(session);
    server.finish();
}
