//! In which order those who wait are served, and what that costs on the wire.

use std::sync::Mutex;
use std::thread;

use super::{selected, server};
use crate::sessions::{builder, log_in_user, patient_session, until_waiting};

/// The order in which those who wait for these mailboxes, having come in this order while INBOX
/// was held, were served; and the SELECTs that it took.
fn served(max_overtakes: Option<u32>, wanted: &[&'static str]) -> (Vec<String>, Vec<String>) {
    let server = server();
    let builder = builder(server.port());
    let session = log_in_user(match max_overtakes {
        Some(times) => builder.max_overtakes(times),
        None => builder,
    });
    let order = Mutex::new(Vec::new());
    let held = session.lock_mailbox("INBOX").unwrap();
    server.clear_timeline();
    thread::scope(|scope| {
        for (place, &name) in wanted.iter().enumerate() {
            let (session, order) = (&session, &order);
            scope.spawn(move || {
                let guard = session.lock_mailbox(name).unwrap();
                assert_eq!(guard.name(), name);
                order.lock().unwrap().push(format!("{name}{place}"));
            });
            until_waiting(session, place + 1);
        }
        drop(held);
    });
    let selects = selected(&server).into_iter();
    let selects = selects.map(|line| line.replace("SELECT ", "").replace('"', ""));
    (order.into_inner().unwrap(), selects.collect())
}

#[test]
fn without_overtaking_the_order_is_that_of_arrival() {
    let (order, selects) = served(Some(0), &["Trash", "INBOX", "Trash", "INBOX"]);
    assert_eq!(order, ["Trash0", "INBOX1", "Trash2", "INBOX3"]);
    assert_eq!(selects, ["Trash", "INBOX", "Trash", "INBOX"]);
}

#[test]
fn who_wants_what_is_selected_goes_first_by_default() {
    let (order, selects) = served(None, &["Trash", "INBOX", "Trash", "INBOX"]);
    assert_eq!(order, ["INBOX1", "INBOX3", "Trash0", "Trash2"]);
    assert_eq!(selects, ["Trash"]);
}

#[test]
fn nobody_is_overtaken_more_often_than_allowed() {
    let wanted = ["Trash", "INBOX", "INBOX", "INBOX"];
    let (order, selects) = served(Some(1), &wanted);
    assert_eq!(order, ["INBOX1", "Trash0", "INBOX2", "INBOX3"]);
    assert_eq!(selects, ["Trash", "INBOX"]);
    let (order, selects) = served(Some(2), &wanted);
    assert_eq!(order, ["INBOX1", "INBOX2", "Trash0", "INBOX3"]);
    assert_eq!(selects, ["Trash", "INBOX"]);
}

#[test]
fn the_same_mailbox_in_the_other_mode_is_another() {
    let server = server();
    let session = patient_session(&server);
    let order = Mutex::new(Vec::new());
    let note = |what| order.lock().unwrap().push(what);
    let held = session.lock_mailbox("INBOX").unwrap();
    server.clear_timeline();
    thread::scope(|scope| {
        let (session, note) = (&session, &note);
        scope.spawn(move || {
            let _guard = session.lock_mailbox_read_only("INBOX").unwrap();
            note("to read");
        });
        until_waiting(session, 1);
        scope.spawn(move || {
            let _guard = session.lock_mailbox("INBOX").unwrap();
            note("to write");
        });
        until_waiting(session, 2);
        drop(held);
    });
    assert_eq!(*order.lock().unwrap(), ["to write", "to read"]);
    assert_eq!(selected(&server), ["EXAMINE \"INBOX\""]);
}
