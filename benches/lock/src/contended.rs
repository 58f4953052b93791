//! Threads that share a connection, each with a mailbox in mind.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use latchbox::Session;
use latchbox::types::SearchKey;

use crate::server::Server;

/// What the threads share.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// The lock as it is by default.
    Bounded,
    /// The lock when nobody may be overtaken.
    Strict,
    /// A mutex around the session, which then selects what is not selected.
    Mutex,
}

pub(crate) struct Outcome {
    /// For each lock.
    pub(crate) selects: f64,
    /// Locks a second.
    pub(crate) rate: f64,
    /// The most locks that others were granted while somebody waited.
    pub(crate) longest_wait: usize,
}

pub(crate) fn run(
    kind: Kind,
    threads: usize,
    mailboxes: usize,
    rounds: usize,
    delay: Duration,
) -> Outcome {
    let server = Server::start(delay);
    let session = match kind {
        Kind::Strict => server.session(Some(0)),
        Kind::Bounded | Kind::Mutex => server.session(None),
    };
    let mutex = Mutex::new(());
    let (granted, longest_wait) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let began = Instant::now();
    thread::scope(|scope| {
        for number in 0..threads {
            let (session, mutex, granted, longest_wait) =
                (&session, &mutex, &granted, &longest_wait);
            scope.spawn(move || {
                for round in 0..rounds {
                    let name = format!("M{}", draw(number, round, mailboxes));
                    let before = granted.load(SeqCst);
                    let turn = matches!(kind, Kind::Mutex).then(|| mutex.lock().unwrap());
                    search(session, &name, || {
                        longest_wait.fetch_max(granted.fetch_add(1, SeqCst) - before, SeqCst);
                    });
                    drop(turn);
                }
            });
        }
    });
    let locks = (threads * rounds) as f64;
    Outcome {
        selects: server.selects() as f64 / locks,
        rate: locks / began.elapsed().as_secs_f64(),
        longest_wait: longest_wait.into_inner(),
    }
}

fn search(session: &Session, name: &str, on_grant: impl FnOnce()) {
    let mut guard = session.lock_mailbox(name).unwrap();
    on_grant();
    assert_eq!(guard.search(SearchKey::All).unwrap().len(), 3);
}

/// The mailbox that a thread wants: the draw of the scenario `lock` of all the clients that were
/// measured.
pub(crate) fn draw(thread: usize, round: usize, mailboxes: usize) -> usize {
    (thread * 7919 + round * 104_729 + round / 3) % 1_000_003 % mailboxes
}
