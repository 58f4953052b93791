//! One watch on a connection of its own: each change comes once, and none is lost.

use std::thread;

use latchbox::StopHandle;
use latchbox::sync::{History, Way};
use latchbox::watch::{Activity, Others};
use latchbox_testkit::{Direction, Event};

use super::*;
use crate::sessions::until;
use crate::support::script::script;

/// What each server in these tests reports by.
const KINDS: [&[&str]; 3] = [&[], &["CONDSTORE"], &["CONDSTORE", "QRESYNC"]];

fn server(without: &[&str]) -> Server {
    let mut builder = Server::builder();
    for capability in ["CONDSTORE", "QRESYNC", "NOTIFY"] {
        builder = match without.contains(&capability) {
            true => builder.without(capability),
            false => builder.with(capability),
        };
    }
    let messages = [
        message("one", "a@example.com", "x"),
        message("two", "a@example.com", "x"),
    ];
    let builder = builder
        .mailbox("INBOX", messages)
        .mailbox("Work", Vec::<Vec<u8>>::new());
    builder.start().unwrap()
}

fn sent(server: &Server, word: &str) -> usize {
    let is_it = |event: &&Event| {
        event.direction == Direction::Client && event.line.split(' ').any(|part| part == word)
    };
    server.timeline().iter().filter(is_it).count()
}

#[test]
fn what_was_there_is_history_and_what_comes_arrives_once() {
    for kind in KINDS {
        let missing: Vec<_> = ["CONDSTORE", "QRESYNC"]
            .into_iter()
            .filter(|it| !kind.contains(it))
            .collect();
        let server = server(&missing);
        let mut watch = request(&account(&server))
            .mailbox("INBOX", None)
            .begin()
            .unwrap();
        let mut copies = Copies::default();
        copies.follow(&mut watch, |copies| copies.up_to_date == 1);
        copies.mirrors[&name("INBOX")].assert_is(&server, "INBOX");
        assert!(copies.mirrors[&name("INBOX")].arrived.is_empty());
        let state = watch.state();
        assert_eq!(state.others(), Others::None);
        assert_eq!(state.to_string(), "listens to INBOX by IDLE");
        deliver(&server, "INBOX", "three");
        copies.catch_up(&mut watch, &server, &["INBOX"]);
        assert_eq!(copies.mirrors[&name("INBOX")].arrived.len(), 1);
        assert!(server.set_flags(USER, "INBOX", 1, &["\\Seen"]));
        copies.catch_up(&mut watch, &server, &["INBOX"]);
        assert_eq!(server.expunge(USER, "INBOX", [2]), 1);
        copies.catch_up(&mut watch, &server, &["INBOX"]);
        assert!(server.set_flags(USER, "INBOX", 1, &[]));
        copies.catch_up(&mut watch, &server, &["INBOX"]);
        assert_eq!((copies.up_to_date, copies.disconnected), (1, 0));
        let way = match kind.len() {
            0 => Way::Comparison,
            1 => Way::CondStore,
            _ => Way::Qresync,
        };
        assert_eq!(watch.state().way(), Some(way));
        assert_eq!(watch.state().connections(), 1);
        watch.end();
        assert_eq!(sent(&server, "LOGOUT"), 1);
    }
}

/// A message that arrives after the sync has selected the mailbox, and before IDLE has begun.
#[test]
fn what_comes_between_the_sync_and_idle_is_not_missed() {
    let server = Server::builder()
        .with("CONDSTORE")
        .with("QRESYNC")
        .mailbox("INBOX", Vec::<Vec<u8>>::new())
        .on_command(|server, command| {
            if command.ends_with("IDLE") && server.messages("INBOX").is_empty() {
                deliver(server, "INBOX", "between");
            }
        })
        .start()
        .unwrap();
    let mut watch = request(&account(&server))
        .mailbox("INBOX", None)
        .begin()
        .unwrap();
    let mut copies = Copies::default();
    copies.follow(&mut watch, |copies| {
        copies
            .mirrors
            .get(&name("INBOX"))
            .is_some_and(|mirror| mirror.arrived.len() == 1)
    });
    copies.mirrors[&name("INBOX")].assert_is(&server, "INBOX");
}

#[test]
fn a_lost_connection_is_an_item_and_what_happened_meanwhile_comes() {
    let server = server(&[]);
    let mut watch = request(&account(&server))
        .mailbox("INBOX", None)
        .begin()
        .unwrap();
    let mut copies = Copies::default();
    copies.follow(&mut watch, |copies| copies.up_to_date == 1);
    for round in 1..4 {
        server.kick();
        deliver(&server, "INBOX", "while away");
        server.expunge(USER, "INBOX", [round]);
        copies.follow(&mut watch, |copies| copies.up_to_date == round as usize + 1);
        copies.mirrors[&name("INBOX")].assert_is(&server, "INBOX");
        assert_eq!(copies.disconnected, round as usize);
        assert_eq!(copies.mirrors[&name("INBOX")].arrived.len(), round as usize);
        assert_eq!(watch.state().connections(), u64::from(round) + 1);
    }
}

#[test]
fn another_watch_continues_from_the_stored_checkpoint() {
    let server = server(&[]);
    let mut copies = Copies::default();
    for round in 0..3 {
        let stored = copies.checkpoint("INBOX");
        let mut watch = request(&account(&server))
            .mailbox("INBOX", stored.as_ref())
            .begin()
            .unwrap();
        copies.follow(&mut watch, |copies| copies.up_to_date == round + 1);
        copies.mirrors[&name("INBOX")].assert_is(&server, "INBOX");
        assert_eq!(copies.mirrors[&name("INBOX")].arrived.len(), round);
        drop(watch);
        deliver(&server, "INBOX", "between two runs");
    }
}

#[test]
fn no_history_is_given_if_none_is_wanted() {
    let server = server(&[]);
    let watch = request(&account(&server))
        .mailbox("INBOX", None)
        .history(History::Newest(0));
    let mut watch = watch.begin().unwrap();
    let mut copies = Copies::default();
    copies.follow(&mut watch, |copies| copies.up_to_date == 1);
    assert!(copies.mirrors[&name("INBOX")].messages.is_empty());
    deliver(&server, "INBOX", "new");
    copies.follow(&mut watch, |copies| {
        copies.mirrors[&name("INBOX")].messages.len() == 1
    });
}

#[test]
fn other_mailboxes_are_reported_by_notify() {
    let server = server(&[]);
    let mut watch = request(&account(&server))
        .mailbox("INBOX", None)
        .mailbox("Work", None)
        .begin()
        .unwrap();
    let mut copies = Copies::default();
    copies.follow(&mut watch, |copies| copies.up_to_date == 1);
    assert_eq!(
        watch.state().to_string(),
        "listens to INBOX by IDLE; 1 other by NOTIFY"
    );
    for _ in 0..2 {
        deliver(&server, "Work", "news");
        copies.catch_up(&mut watch, &server, &["INBOX", "Work"]);
        deliver(&server, "INBOX", "news");
        copies.catch_up(&mut watch, &server, &["INBOX", "Work"]);
        assert!(server.set_flags(USER, "Work", 1, &["\\Answered"]));
        copies.catch_up(&mut watch, &server, &["INBOX", "Work"]);
        assert!(server.set_flags(USER, "Work", 1, &[]));
        copies.catch_up(&mut watch, &server, &["INBOX", "Work"]);
    }
    assert_eq!(copies.mirrors[&name("Work")].arrived.len(), 2);
}

#[test]
fn after_an_overflow_of_notify_all_are_looked_at_and_it_is_requested_again() {
    let server = server(&[]);
    let mut watch = request(&account(&server))
        .mailbox("INBOX", None)
        .mailbox("Work", None)
        .begin()
        .unwrap();
    let mut copies = Copies::default();
    copies.follow(&mut watch, |copies| copies.up_to_date == 1);
    assert!(server.overflow_notifications(USER));
    deliver(&server, "Work", "not reported");
    copies.catch_up(&mut watch, &server, &["INBOX", "Work"]);
    deliver(&server, "Work", "reported");
    copies.catch_up(&mut watch, &server, &["INBOX", "Work"]);
}

#[test]
fn without_notify_the_numbers_of_other_mailboxes_are_asked_for() {
    for kind in KINDS {
        let missing: Vec<_> = ["CONDSTORE", "QRESYNC"]
            .into_iter()
            .filter(|it| !kind.contains(it))
            .chain(["NOTIFY"])
            .collect();
        let server = server(&missing);
        let soon = Duration::from_millis(20);
        let request = request(&account(&server))
            .status_interval(soon)
            .look_interval(soon * 5);
        let mut watch = request
            .mailbox("INBOX", None)
            .mailbox("Work", None)
            .begin()
            .unwrap();
        let mut copies = Copies::default();
        copies.follow(&mut watch, |copies| copies.up_to_date == 1);
        assert_eq!(watch.state().others(), Others::Status);
        deliver(&server, "Work", "news");
        copies.catch_up(&mut watch, &server, &["INBOX", "Work"]);
        deliver(&server, "INBOX", "news");
        copies.catch_up(&mut watch, &server, &["INBOX", "Work"]);
        assert!(server.set_flags(USER, "Work", 1, &["\\Answered"]));
        copies.catch_up(&mut watch, &server, &["INBOX", "Work"]);
        assert_eq!(server.expunge(USER, "Work", [1]), 1);
        copies.catch_up(&mut watch, &server, &["INBOX", "Work"]);
    }
}

/// A mailbox whose numbers are those of its checkpoint is not selected.
#[test]
fn unchanged_mailboxes_are_not_selected_after_a_restart() {
    let server = server(&["NOTIFY"]);
    let mut copies = Copies::default();
    let both = |copies: &Copies| {
        let (inbox, work) = (copies.checkpoint("INBOX"), copies.checkpoint("Work"));
        request(&account(&server))
            .mailbox("INBOX", inbox.as_ref())
            .mailbox("Work", work.as_ref())
            .begin()
            .unwrap()
    };
    let mut watch = both(&copies);
    copies.catch_up(&mut watch, &server, &["INBOX", "Work"]);
    copies.follow(&mut watch, |copies| copies.up_to_date == 1);
    drop(watch);
    server.clear_timeline();
    let mut watch = both(&copies);
    copies.follow(&mut watch, |copies| copies.up_to_date == 2);
    let lines: Vec<_> = server
        .timeline()
        .into_iter()
        .map(|event| event.line)
        .collect();
    assert!(
        !lines.iter().any(|line| line.contains("EXAMINE \"Work\"")),
        "{lines:#?}"
    );
    assert_eq!(sent(&server, "EXAMINE"), 1);
}

#[test]
fn a_server_without_idle_is_polled() {
    let server = Server::builder()
        .without("IDLE")
        .mailbox("INBOX", Vec::<Vec<u8>>::new())
        .start()
        .unwrap();
    let request = request(&account(&server)).poll_interval(Duration::from_millis(20));
    let mut watch = request.mailbox("INBOX", None).begin().unwrap();
    let mut copies = Copies::default();
    copies.follow(&mut watch, |copies| copies.up_to_date == 1);
    assert_eq!(watch.state().to_string(), "listens to INBOX by NOOP");
    deliver(&server, "INBOX", "news");
    copies.catch_up(&mut watch, &server, &["INBOX"]);
}

#[test]
fn a_mailbox_is_looked_at_even_if_nothing_is_reported() {
    // Of a mailbox whose view is frozen, nothing is reported.
    let server = Server::builder()
        .frozen_view()
        .without("CONDSTORE")
        .without("QRESYNC")
        .mailbox("INBOX", [message("one", "a@example.com", "x")])
        .start()
        .unwrap();
    let request = request(&account(&server)).look_interval(Duration::from_millis(50));
    let mut watch = request.mailbox("INBOX", None).begin().unwrap();
    let mut copies = Copies::default();
    copies.follow(&mut watch, |copies| copies.up_to_date == 1);
    server.expunge(USER, "INBOX", [1]);
    copies.catch_up(&mut watch, &server, &["INBOX"]);
}

#[test]
fn a_handle_ends_the_wait_at_once_and_a_deadline_only_the_wait() {
    let server = server(&[]);
    let stop = StopHandle::new();
    let request = request(&account(&server))
        .mailbox("INBOX", None)
        .stop_handle(&stop);
    let mut watch = request.begin().unwrap();
    let mut copies = Copies::default();
    copies.follow(&mut watch, |copies| copies.up_to_date == 1);
    assert!(watch.next_timeout(Duration::from_millis(10)).is_none());
    assert!(watch.try_next().is_none());
    deliver(&server, "INBOX", "news");
    copies.catch_up(&mut watch, &server, &["INBOX"]);
    thread::scope(|scope| {
        let ended = scope.spawn(|| {
            while let Some(item) = watch.next() {
                copies.take(&item);
            }
        });
        stop.stop();
        ended.join().unwrap();
    });
    assert!(watch.next().is_none() && watch.try_next().is_none());
}

#[test]
fn a_refused_login_ends_the_watch_after_one_try() {
    let server = server(&[]);
    let account = Account::new(builder(server.port()), |_| {
        Ok(Credentials::login(USER, "wrong"))
    });
    let mut watch = request(&account).mailbox("INBOX", None).begin().unwrap();
    let deadline = Instant::now() + DEADLINE;
    match watch.next_until(deadline) {
        Some(WatchItem::Ended(error)) => assert!(error.is_auth(), "{error}"),
        other => panic!("{other:?}"),
    }
    assert!(watch.next().is_none());
    assert_eq!(watch.state().activity(), &Activity::Ended);
    assert_eq!(sent(&server, "LOGIN"), 1);
}

#[test]
fn fault_09_a_login_that_is_refused_by_a_bye_ends_the_watch_after_one_try() {
    let server = script(
        "
        S: * OK [CAPABILITY IMAP4rev1] ready
        C-start: {l} LOGIN
        S: * BYE Authentication failed
        close
        ",
    );
    let account = Account::new(builder(server.port()), |_| {
        Ok(Credentials::login(USER, "wrong"))
    });
    let mut watch = request(&account).mailbox("INBOX", None).begin().unwrap();
    match watch.next_until(Instant::now() + DEADLINE) {
        Some(WatchItem::Ended(error)) => assert!(error.is_auth(), "{error}"),
        other => panic!("{other:?}"),
    }
    assert!(watch.next().is_none());
    server.finish();
}

#[test]
fn a_server_that_cannot_be_reached_is_tried_again_with_growing_delays() {
    let closed = crate::support::closed_port::ClosedPort::new();
    let account = Account::new(builder(closed.address().port()), |_| {
        Ok(Credentials::login(USER, PASSWORD))
    });
    let backoff = Backoff::new().initial_delay(Duration::from_millis(40));
    let mut watch = request(&account)
        .backoff(backoff)
        .mailbox("INBOX", None)
        .begin()
        .unwrap();
    let mut delays = Vec::new();
    for _ in 0..4 {
        let now = Instant::now();
        match watch.next() {
            Some(WatchItem::Disconnected { retry_at, error }) => {
                assert!(matches!(error, latchbox::Error::Connect(_)), "{error}");
                delays.push(retry_at.duration_since(now));
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(delays[3] >= delays[0] * 2, "{delays:?}");
}

#[test]
fn a_mailbox_that_cannot_be_selected_is_told_once_and_does_not_stop_the_others() {
    let server = server(&["NOTIFY"]);
    let soon = Duration::from_millis(30);
    let request = request(&account(&server))
        .status_interval(soon)
        .look_interval(soon);
    let mut watch = request
        .mailbox("Missing", None)
        .mailbox("Work", None)
        .begin()
        .unwrap();
    let mut copies = Copies::default();
    deliver(&server, "Work", "news");
    copies.catch_up(&mut watch, &server, &["Work"]);
    assert_eq!(copies.failed, [name("Missing")]);
    deliver(&server, "Work", "news");
    copies.catch_up(&mut watch, &server, &["Work"]);
    assert_eq!(copies.failed, [name("Missing")]);
    assert!(server.create_mailbox(USER, "Missing"));
    deliver(&server, "Missing", "news");
    copies.catch_up(&mut watch, &server, &["Missing", "Work"]);
    let arrived = &copies.mirrors[&name("Missing")].arrived;
    assert_eq!(
        arrived.len(),
        1,
        "nothing in a mailbox that was not there is history"
    );
}

#[test]
fn a_checkpoint_of_another_mailbox_fails_that_mailbox_alone() {
    let server = server(&["NOTIFY"]);
    let mut copies = Copies::default();
    let mut watch = request(&account(&server))
        .mailbox("INBOX", None)
        .begin()
        .unwrap();
    copies.follow(&mut watch, |copies| copies.up_to_date == 1);
    let foreign = copies.checkpoint("INBOX");
    let mut watch = request(&account(&server))
        .mailbox("Work", foreign.as_ref())
        .mailbox("INBOX", foreign.as_ref())
        .begin()
        .unwrap();
    copies.follow(&mut watch, |copies| copies.failed == [name("Work")]);
    deliver(&server, "INBOX", "news");
    copies.catch_up(&mut watch, &server, &["INBOX"]);
}

#[test]
fn a_request_that_makes_no_sense_is_an_error_before_anything_is_sent() {
    let server = server(&[]);
    let account = account(&server);
    for (request, about) in [
        (request(&account), "there is none"),
        (
            request(&account)
                .mailbox("INBOX", None)
                .mailbox("inbox", None),
            "named twice",
        ),
        (request(&account).mailbox("a\0b", None), "NUL"),
        (
            request(&account).mailbox("INBOX", None).batch_size(0),
            "batch size",
        ),
    ] {
        let error = request.begin().unwrap_err().to_string();
        assert!(error.contains(about), "{error}");
    }
    assert!(server.timeline().is_empty());
}

#[test]
fn a_foreign_event_loop_can_wait_for_a_watch() {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let server = server(&[]);
    let mut watch = request(&account(&server))
        .mailbox("INBOX", None)
        .begin()
        .unwrap();
    let mut copies = Copies::default();
    let mut run = |is_reached: &dyn Fn(&Copies) -> bool| {
        let deadline = Instant::now() + DEADLINE;
        loop {
            while let Some(item) = watch.try_next() {
                copies.take(&item);
            }
            if is_reached(&copies) {
                return;
            }
            let due = watch.next_due().map_or(deadline, |due| due.min(deadline));
            assert!(Instant::now() < deadline, "the watch {}", watch.state());
            let left = due.saturating_duration_since(Instant::now());
            let left = Timespec::try_from(left).unwrap();
            let descriptors = watch.descriptors();
            let polled = descriptors.iter();
            let polled = polled.map(|each| PollFd::from_borrowed_fd(each, PollFlags::IN));
            poll(&mut polled.collect::<Vec<_>>(), Some(&left)).unwrap();
        }
    };
    run(&|copies| copies.up_to_date == 1);
    deliver(&server, "INBOX", "news");
    run(&|copies| copies.mirrors[&name("INBOX")].arrived.len() == 1);
    server.kick();
    run(&|copies| copies.up_to_date == 2);
}

#[test]
fn an_idle_is_renewed_and_a_silent_server_is_probed() {
    let server = server(&[]);
    let request = request(&account(&server)).renew_after(Duration::from_millis(30));
    let mut watch = request.mailbox("INBOX", None).begin().unwrap();
    let mut copies = Copies::default();
    copies.follow(&mut watch, |copies| copies.up_to_date == 1);
    thread::scope(|scope| {
        let stop = watch.stop_handle();
        let watching = scope.spawn(|| assert!(watch.next().is_none()));
        until("no IDLE is renewed", || sent(&server, "IDLE") > 3);
        stop.stop();
        watching.join().unwrap();
    });
    assert_eq!(sent(&server, "EXAMINE"), 1, "nothing has changed");
}
