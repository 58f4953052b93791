//! Streams that are not read to their end, and what may be done while one is.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use latchbox::types::{FetchItem, SearchKey, Section, StatusItem, UidSet};
use latchbox::{Error, MailboxGuard, Session};

use super::{InProcess, Place, fill, on_both_servers};

on_both_servers!(
    a_session_command_during_ones_own_stream_is_an_error,
    another_threads_command_waits_for_the_end_of_the_stream_and_the_guard,
    a_loop_that_is_left_early_needs_no_drop_before_the_next_command,
    after_an_early_drop_of_a_stream_the_next_command_hears_its_own_answer,
    after_a_leaked_stream_the_next_command_hears_its_own_answer,
    after_a_panic_of_the_consumer_the_next_command_hears_its_own_answer,
    after_an_early_drop_the_next_thread_hears_its_own_answer,
    a_stream_that_nobody_reads_sends_nothing,
);

const COUNT: usize = 30;

fn filled(place: &dyn Place) -> Session {
    let session = place.session();
    fill(&session, "INBOX", COUNT);
    session
}

fn items() -> [FetchItem; 2] {
    [FetchItem::Flags, FetchItem::BodyPeek(Section::whole())]
}

/// Several commands with known answers.
#[track_caller]
fn assert_in_step(inbox: &mut MailboxGuard<'_>) {
    let all = inbox.search(SearchKey::All).unwrap();
    assert_eq!(all.len(), COUNT as u64);
    let last = UidSet::unbound([all.last().unwrap()]);
    let fetched: Vec<_> = inbox.fetch(&last, items()).unwrap().into_iter().collect();
    assert_eq!(fetched.len(), 1);
    assert_eq!(Some(fetched[0].as_ref().unwrap().uid()), all.last());
    assert_eq!(inbox.exists(), COUNT as u32);
}

fn a_session_command_during_ones_own_stream_is_an_error(place: &dyn Place) {
    let session = filled(place);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut messages = inbox.fetch(&UidSet::all(), items()).unwrap();
    let mut read = 0;
    while messages.next().unwrap().is_some() {
        read += 1;
        if read == 2 {
            for refused in [
                session.noop(),
                session.create("Made"),
                session.delete("INBOX"),
                session.append("Trash", b"x: y\r\n\r\n").map(drop),
            ] {
                assert!(matches!(refused, Err(Error::StreamOpen)), "{refused:?}");
            }
            let second = session.lock_mailbox("INBOX");
            assert!(matches!(second, Err(Error::Lock(_))), "{second:?}");
        }
    }
    assert_eq!(read, COUNT);
    session.noop().unwrap();
    drop(messages);
    session.noop().unwrap();
    assert!(session.list("Made").unwrap().is_empty());
    assert_in_step(&mut inbox);
}

fn another_threads_command_waits_for_the_end_of_the_stream_and_the_guard(place: &dyn Place) {
    let session = filled(place);
    thread::scope(|scope| {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let mut messages = inbox.fetch(&UidSet::all(), items()).unwrap();
        messages.next().unwrap().unwrap();
        let status = scope.spawn(|| session.status("INBOX", [StatusItem::Messages]));
        super::wait_until_waiting(&session, 1);
        let mut read = 1;
        while messages.next().unwrap().is_some() {
            read += 1;
        }
        assert_eq!(read, COUNT);
        drop(messages);
        drop(inbox);
        let status = status.join().unwrap().unwrap();
        assert_eq!(status.messages(), Some(COUNT as u32));
    });
}

fn a_loop_that_is_left_early_needs_no_drop_before_the_next_command(place: &dyn Place) {
    let session = filled(place);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut messages = inbox.fetch(&UidSet::all(), items()).unwrap();
    while let Some(message) = messages.next().unwrap() {
        if message.seq().is_some_and(|place| place.value() == 2) {
            break;
        }
    }
    assert_in_step(&mut inbox);
    session.noop().unwrap();
}

fn after_an_early_drop_of_a_stream_the_next_command_hears_its_own_answer(place: &dyn Place) {
    let session = filled(place);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    for read in [0, 1, 7, COUNT] {
        let mut messages = inbox.fetch(&UidSet::all(), items()).unwrap();
        for _ in 0..read {
            messages.next().unwrap().unwrap();
        }
        drop(messages);
        assert_in_step(&mut inbox);
        let taken: Vec<_> = inbox
            .fetch(&UidSet::all(), items())
            .unwrap()
            .into_iter()
            .take(read)
            .collect();
        assert_eq!(taken.len(), read);
        session.noop().unwrap();
        assert_in_step(&mut inbox);
    }
}

fn after_a_leaked_stream_the_next_command_hears_its_own_answer(place: &dyn Place) {
    let session = filled(place);
    {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let mut messages = inbox.fetch(&UidSet::all(), items()).unwrap();
        messages.next().unwrap().unwrap();
        std::mem::forget(messages);
        assert_in_step(&mut inbox);
        let mut messages = inbox.fetch(&UidSet::all(), items()).unwrap();
        messages.next().unwrap().unwrap();
        std::mem::forget(messages);
    }
    let status = session.status("INBOX", [StatusItem::Messages]).unwrap();
    assert_eq!(status.messages(), Some(COUNT as u32));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut messages = inbox.fetch(&UidSet::all(), items()).unwrap();
    messages.next().unwrap().unwrap();
    std::mem::forget(messages);
    inbox.release().unwrap();
    assert_in_step(&mut session.lock_mailbox("INBOX").unwrap());
}

fn after_a_panic_of_the_consumer_the_next_command_hears_its_own_answer(place: &dyn Place) {
    let session = filled(place);
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let mut messages = inbox.fetch(&UidSet::all(), items()).unwrap();
        let uid = messages.next().unwrap().unwrap().uid();
        panic!("on purpose with {uid:?}");
    }));
    assert!(caught.is_err());
    assert_in_step(&mut session.try_lock_mailbox("INBOX").unwrap());
    let panicked = thread::scope(|scope| {
        let consumer = scope.spawn(|| {
            let mut inbox = session.lock_mailbox("INBOX").unwrap();
            let messages = inbox.fetch(&UidSet::all(), items()).unwrap();
            let first = messages.into_iter().next();
            panic!("on purpose with {:?}", first.unwrap().unwrap().uid());
        });
        consumer.join()
    });
    assert!(panicked.is_err());
    assert_eq!(session.list("INBOX").unwrap().len(), 1);
    assert_in_step(&mut session.lock_mailbox("INBOX").unwrap());
}

fn after_an_early_drop_the_next_thread_hears_its_own_answer(place: &dyn Place) {
    let session = filled(place);
    fill(&session, "Trash", 2);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut messages = inbox.fetch(&UidSet::all(), items()).unwrap();
    messages.next().unwrap().unwrap();
    drop(messages);
    drop(inbox);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut trash = session.lock_mailbox("Trash").unwrap();
            assert_eq!(trash.exists(), 2);
            assert_eq!(trash.search(SearchKey::All).unwrap().len(), 2);
        });
    });
}

fn a_stream_that_nobody_reads_sends_nothing(place: &dyn Place) {
    let (session, sent) = place.tapped();
    fill(&session, "INBOX", 1);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    sent.take();
    drop(inbox.fetch(&UidSet::all(), items()).unwrap());
    assert_eq!(sent.take(), "");
    session.noop().unwrap();
}

/// What is left of an answer is read within bounds; beyond them the connection is closed rather
/// than kept busy, and says so.
#[test]
fn too_much_left_of_a_stream_closes_the_connection() {
    let place = InProcess::new();
    let session = place.session();
    let large = vec![b'x'; 6 << 20];
    for _ in 0..3 {
        session.append("INBOX", &large).unwrap();
    }
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut messages = inbox.fetch(&UidSet::all(), items()).unwrap();
    messages.next().unwrap().unwrap();
    drop(messages);
    let error = inbox.search(SearchKey::All).unwrap_err();
    assert!(error.is_closed(), "{error}");
    assert!(!error.may_have_taken_effect(), "the search was never sent");
    drop(inbox);
    assert!(session.noop().unwrap_err().is_closed());
    assert!(session.lock_mailbox("INBOX").unwrap_err().is_closed());
}
