//! What a server enables that nobody asked for.

use std::time::{Duration, Instant};

use latchbox::types::Capability;

use crate::scripted::logged_in;

#[test]
fn fault_05_only_what_was_asked_for_is_enabled() {
    let (server, session) = logged_in(
        "
        C: {a} NOOP
        S: * ENABLED UTF8=ACCEPT QRESYNC UIDONLY
        S: {a} OK done
        C: {e} ENABLE CONDSTORE
        S: * ENABLED QRESYNC CONDSTORE UTF8=ACCEPT
        S: * ENABLED CONDSTORE
        S: {e} OK done
        C: {b} CREATE \"Entw&APw-rfe\"
        S: * ENABLED UTF8=ACCEPT
        S: {b} OK done
        C: {c} CREATE \"Entw&APw-rfe\"
        S: {c} OK done
        ",
    );
    session.noop().unwrap();
    let enabled = session.enable(&[Capability::CondStore]).unwrap();
    assert_eq!(enabled, [Capability::CondStore]);
    // UTF-8 is not on: names are sent as they were.
    session.create("Entwürfe").unwrap();
    session.create("Entwürfe").unwrap();
    server.finish();
}

#[test]
fn fault_05_what_is_asked_for_later_is_enabled_then() {
    let (server, session) = logged_in(
        "
        C: {a} ENABLE CONDSTORE
        S: {a} NO not now
        C: {b} ENABLE QRESYNC UTF8=ACCEPT
        S: * ENABLED CONDSTORE
        S: * ENABLED UTF8=ACCEPT
        S: * ENABLED qresync
        S: {b} OK done
        C: {c} CREATE \"Entw\u{fc}rfe\"
        S: {c} OK done
        ",
    );
    session.enable(&[Capability::CondStore]).unwrap_err();
    let both = [Capability::Qresync, Capability::Utf8Accept];
    let enabled = session.enable(&both).unwrap();
    assert_eq!(enabled, [Capability::Utf8Accept, Capability::Qresync]);
    session.create("Entwürfe").unwrap();
    server.finish();
}

#[test]
fn fault_05_many_words_of_enabled_are_read_at_once() {
    let words: String = (0..50_000).map(|number| format!(" X-{number}")).collect();
    let (server, session) = logged_in(&format!(
        "
        C: {{a}} NOOP
        S: * ENABLED{words}
        S: {{a}} OK done
        C: {{e}} ENABLE CONDSTORE
        S: * ENABLED{words} CONDSTORE
        S: {{e}} OK done
        "
    ));
    let began = Instant::now();
    session.noop().unwrap();
    let enabled = session.enable(&[Capability::CondStore]).unwrap();
    assert_eq!(enabled, [Capability::CondStore]);
    // Each word was compared with all before it, which took half a minute and more.
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    server.finish();
}
