//! What the lock costs, counted: SELECTs a lock, and how long anybody waits, in locks of others.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

use latchbox_testkit::{Direction, Server};

use crate::sessions::plaintext_session;

/// What a run of locks came to.
struct Counted {
    locks: usize,
    selects: usize,
    /// The most locks that were granted to others while somebody waited.
    longest_wait: usize,
}

impl Counted {
    fn selects_a_lock(&self) -> f64 {
        self.selects as f64 / self.locks as f64
    }
}

/// The mailbox that a thread wants the next time.
fn draw(thread: usize, round: usize, mailboxes: usize) -> usize {
    (thread * 7919 + round * 104_729 + round / 3) % 1_000_003 % mailboxes
}

/// A thread that still locks; one that fails is none, so that nobody waits for it.
struct Alive<'a>(&'a AtomicUsize);

impl Drop for Alive<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// Threads that lock and unlock, each again at once: nobody lets go before all others wait, so
/// the order depends on the queue alone.
fn run(threads: usize, mailboxes: usize, rounds: usize) -> Counted {
    let server = server(mailboxes, threads * rounds * 16);
    let session = plaintext_session(&server);
    let (alive, granted, longest_wait) = (
        AtomicUsize::new(threads),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
    );
    thread::scope(|scope| {
        for number in 0..threads {
            let (session, alive, granted, longest_wait) =
                (&session, &alive, &granted, &longest_wait);
            scope.spawn(move || {
                let mut still = Some(Alive(alive));
                for round in 0..rounds {
                    let before = granted.load(SeqCst);
                    let name = format!("M{}", draw(number, round, mailboxes));
                    let guard = session.lock_mailbox(name).unwrap();
                    longest_wait.fetch_max(granted.fetch_add(1, SeqCst) - before, SeqCst);
                    while session.lock_state().waiting() + 1 < alive.load(SeqCst) {
                        thread::yield_now();
                    }
                    if round + 1 == rounds {
                        drop(still.take());
                    }
                    drop(guard);
                }
            });
            // The first holds, and the others queue behind it in their order.
            while alive.load(SeqCst) == threads
                && (session.lock_state().holders().is_empty()
                    || session.lock_state().waiting() < number)
            {
                thread::yield_now();
            }
        }
    });
    Counted {
        locks: threads * rounds,
        selects: commands(&server)
            .iter()
            .filter(|c| c.starts_with("SELECT"))
            .count(),
        longest_wait: longest_wait.into_inner(),
    }
}

fn server(mailboxes: usize, events: usize) -> Server {
    let mut builder = Server::builder().timeline_limit(events);
    for number in 0..mailboxes {
        builder = builder.mailbox(&format!("M{number}"), Vec::<Vec<u8>>::new());
    }
    builder.start().unwrap()
}

/// What the client sent, without tags.
fn commands(server: &Server) -> Vec<String> {
    let events = server.timeline();
    let sent = events.iter().filter(|e| e.direction == Direction::Client);
    let sent = sent.filter_map(|event| event.line.split_once(' '));
    sent.map(|(_tag, command)| command.to_owned()).collect()
}

#[test]
fn four_threads_and_four_mailboxes_select_less_than_every_second_time() {
    let counted = run(4, 4, 500);
    let selects = counted.selects_a_lock();
    assert!(selects <= 0.45, "{selects} SELECTs a lock");
    assert!(counted.longest_wait <= 9, "{} locks", counted.longest_wait);
}

#[test]
fn sixteen_threads_and_four_mailboxes_select_every_fifth_time_at_most() {
    let counted = run(16, 4, 500);
    let selects = counted.selects_a_lock();
    assert!(selects <= 0.20, "{selects} SELECTs a lock");
    assert!(counted.longest_wait <= 45, "{} locks", counted.longest_wait);
}

#[test]
fn one_mailbox_is_selected_once() {
    let counted = run(8, 1, 50);
    assert_eq!(counted.selects, 1);
    // No thread is overtaken where all want the same. A thread that was not scheduled between its
    // release and its next request counts one grant less.
    assert!(counted.longest_wait <= 7, "{} locks", counted.longest_wait);
}

#[test]
fn a_lock_of_the_selected_mailbox_sends_nothing_however_often() {
    let server = server(1, 10_000);
    let session = plaintext_session(&server);
    drop(session.lock_mailbox("M0").unwrap());
    let before = commands(&server).len();
    for _ in 0..1000 {
        drop(session.lock_mailbox("M0").unwrap());
    }
    session.noop().unwrap();
    assert_eq!(commands(&server)[before..], ["NOOP"]);
}
