//! The server goes away in the middle of everything, twice.

use std::sync::atomic::Ordering;
use std::thread;

use latchbox::Error;

use super::watch::{Stopping, Watcher};
use super::{Crowd, MAILBOXES, THREADS};
use crate::support::dovecot::Dovecot;

/// All that a thread may be told while the server is away.
#[track_caller]
fn assert_is_of_the_connection(error: Error) {
    let is_expected = error.is_closed() || matches!(error, Error::Connect(_));
    assert!(is_expected, "{error}");
}

#[test]
fn a_server_killed_in_the_middle_of_everything_misplaces_nothing_and_hangs_nobody() {
    let mut server = Dovecot::start("").unwrap();
    let (crowd, watcher) = (Crowd::new(&server), Watcher::default());
    thread::scope(|scope| {
        let stopping = Stopping(&watcher);
        scope.spawn(|| watcher.watch(&crowd, assert_is_of_the_connection));
        let workers = (1..THREADS).map(|thread| {
            let crowd = &crowd;
            scope.spawn(move || crowd.work(thread, assert_is_of_the_connection))
        });
        let workers: Vec<_> = workers.collect();
        crowd.deliver_while_they_work(5);
        for _ in 0..2 {
            // Mail comes also while it is away.
            let away = scope.spawn(|| (0..20).for_each(|at| crowd.deliver(at % MAILBOXES.len())));
            server.restart();
            away.join().unwrap();
            crowd.deliver_while_they_work(5);
        }
        crowd.is_all_delivered.store(true, Ordering::SeqCst);
        for worker in workers {
            worker.join().unwrap();
        }
        watcher.until_seen(crowd.number_delivered(0));
        drop(stopping);
    });
    watcher.assert_seen_once(crowd.number_delivered(0));
    crowd.assert_all_in_its_place(&server);
    crowd.session.logout().unwrap();
    server.stop();
}
