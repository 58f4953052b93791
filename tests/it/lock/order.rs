//! Who gets the connection when: the story of two threads, arrival order, and no wasted command.

use std::sync::{Barrier, Mutex};
use std::thread;

use latchbox::types::{FetchItem, Flag, SearchKey, StoreAction, UidSet};

use super::{Place, commands, count, fill, on_both_servers, wait_until_waiting};

on_both_servers!(
    emptying_trash_never_touches_inbox,
    turns_are_granted_in_the_order_of_arrival,
    waiters_for_the_selected_mailbox_go_first_within_the_bound,
    commands_of_the_session_wait_their_turn,
    a_lock_of_what_is_selected_sends_nothing,
    what_arrived_meanwhile_is_known_when_the_lock_is_granted,
);

/// The story that this crate began with.
fn emptying_trash_never_touches_inbox(place: &dyn Place) {
    const ROUNDS: usize = 10;
    let session = place.session();
    fill(&session, "INBOX", 12);
    for _ in 0..ROUNDS {
        fill(&session, "Trash", 3);
        let start = Barrier::new(2);
        let (listed, deleted) = thread::scope(|scope| {
            let lister = scope.spawn(|| {
                start.wait();
                let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
                let unseen = inbox.search(SearchKey::Unseen).unwrap();
                let mut subjects = Vec::new();
                let mut messages = inbox.fetch(&unseen, [FetchItem::Envelope]).unwrap();
                while let Some(message) = messages.next().unwrap() {
                    subjects.push(message.envelope().unwrap().subject().into_owned());
                }
                subjects
            });
            let deleter = scope.spawn(|| {
                start.wait();
                let mut trash = session.lock_mailbox("Trash").unwrap();
                let all = trash.search(SearchKey::All).unwrap();
                trash.delete(&all).unwrap().count()
            });
            (lister.join().unwrap(), deleter.join().unwrap())
        });
        let expected: Vec<_> = (1..=12).map(|n| format!("message {n}")).collect();
        assert_eq!(listed, expected);
        assert_eq!(deleted, 3);
    }
    assert_eq!((count(place, "INBOX"), count(place, "Trash")), (12, 0));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert!(inbox.search(SearchKey::Deleted).unwrap().is_empty());
}

fn turns_are_granted_in_the_order_of_arrival(place: &dyn Place) {
    assert_eq!(order_served(place, 0), [0, 1, 2, 3, 4]);
}

fn waiters_for_the_selected_mailbox_go_first_within_the_bound(place: &dyn Place) {
    assert_eq!(order_served(place, 1), [0, 2, 1, 4, 3]);
    assert_eq!(order_served(place, 16), [0, 2, 1, 4, 3]);
}

/// The order in which five waiters for INBOX, Trash, INBOX, Archive and Trash are served.
fn order_served(place: &dyn Place, max_overtakes: u32) -> Vec<usize> {
    let client = place
        .builder()
        .max_overtakes(max_overtakes)
        .connect()
        .unwrap();
    let session = place.log_in(client);
    let served = Mutex::new(Vec::new());
    let first = session.lock_mailbox("INBOX").unwrap();
    thread::scope(|scope| {
        let names = ["INBOX", "Trash", "INBOX", "Archive", "Trash"];
        for (number, name) in names.into_iter().enumerate() {
            let (session, served) = (&session, &served);
            scope.spawn(move || {
                let guard = session.lock_mailbox(name).unwrap();
                assert_eq!(guard.name().as_str(), name);
                served.lock().unwrap().push(number);
            });
            wait_until_waiting(session, number + 1);
        }
        assert!(served.lock().unwrap().is_empty());
        drop(first);
    });
    served.into_inner().unwrap()
}

fn commands_of_the_session_wait_their_turn(place: &dyn Place) {
    let session = place.session();
    let order = Mutex::new(Vec::new());
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    thread::scope(|scope| {
        let created = scope.spawn(|| {
            session.create("Later").unwrap();
            order.lock().unwrap().push("created");
        });
        wait_until_waiting(&session, 1);
        inbox.refresh().unwrap();
        order.lock().unwrap().push("refreshed");
        drop(inbox);
        created.join().unwrap();
    });
    assert_eq!(order.into_inner().unwrap(), ["refreshed", "created"]);
    assert_eq!(session.list("Later").unwrap().len(), 1);
}

fn a_lock_of_what_is_selected_sends_nothing(place: &dyn Place) {
    let (session, sent) = place.tapped();
    drop(session.lock_mailbox("INBOX").unwrap());
    sent.take();
    drop(session.lock_mailbox("INBOX").unwrap());
    drop(session.lock_mailbox("inbox").unwrap());
    thread::scope(|scope| {
        scope.spawn(|| drop(session.lock_mailbox("INBOX").unwrap()));
    });
    assert_eq!(sent.take(), "");
    drop(session.lock_mailbox_read_only("INBOX").unwrap());
    assert_eq!(commands(&sent), ["EXAMINE \"INBOX\""]);
    drop(session.lock_mailbox("Trash").unwrap());
    assert_eq!(commands(&sent), ["SELECT \"Trash\""]);
    // A command of the session in between changes nothing.
    session.noop().unwrap();
    sent.take();
    drop(session.try_lock_mailbox("Trash").unwrap());
    assert_eq!(sent.take(), "");
}

fn what_arrived_meanwhile_is_known_when_the_lock_is_granted(place: &dyn Place) {
    let session = place.session();
    assert_eq!(session.lock_mailbox("INBOX").unwrap().exists(), 0);
    let other = place.session();
    fill(&other, "INBOX", 2);
    // The news come with the answer to this command, and belong to the mailbox all the same.
    session.noop().unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(inbox.exists(), 2);
    let mut others = other.lock_mailbox("INBOX").unwrap();
    others
        .store(&UidSet::all(), StoreAction::Add, [Flag::Flagged])
        .unwrap();
    inbox.refresh().unwrap();
    assert_eq!(inbox.search(SearchKey::Flagged).unwrap().len(), 2);
}
