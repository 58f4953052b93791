//! Many threads on few connections, each with a mailbox in mind.

use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use latchbox::pool::PoolOptions;
use latchbox::types::SearchKey;
use latchbox::{MailboxGuard, Pool, Session};

use crate::contended::draw;
use crate::server::Server;

const THREADS: usize = 50;
const CONNECTIONS: usize = 4;

/// As many as there are connections, and twice as many.
const MAILBOXES: [usize; 2] = [4, 8];

/// Locks a thread.
const ROUNDS: usize = 200;

const DELAY: Duration = Duration::from_millis(1);

struct Outcome {
    /// For each lock.
    selects: f64,
    /// Locks a second.
    rate: f64,
    connections: u64,
}

/// A pool without affinity: a thread takes any session that is free, or waits for one.
struct FreeList {
    free: Mutex<Vec<Session>>,
    is_back: Condvar,
}

impl FreeList {
    fn new(sessions: Vec<Session>) -> Self {
        Self {
            free: Mutex::new(sessions),
            is_back: Condvar::new(),
        }
    }

    fn with_any(&self, work: impl FnOnce(&Session)) {
        let free = self.free.lock().unwrap();
        let mut free = self.is_back.wait_while(free, |it| it.is_empty()).unwrap();
        let session = free.pop().unwrap();
        drop(free);
        work(&session);
        self.free.lock().unwrap().push(session);
        self.is_back.notify_one();
    }
}

pub(crate) fn report() {
    println!(
        "\npool: lock, search, unlock; each thread again at once; {THREADS} threads, 1 ms a round trip, \
         {ROUNDS} locks a thread\n"
    );
    println!("| mailboxes | by | connections | SELECTs a lock | locks a second |");
    println!("|--:|---|--:|--:|--:|");
    let verdicts = MAILBOXES.map(|mailboxes| {
        let print = |by: &str, outcome: &Outcome| {
            let Outcome {
                selects,
                rate,
                connections,
            } = outcome;
            println!("| {mailboxes} | {by} | {connections} | {selects:.4} | {rate:.0} |");
        };
        let (one, pool) = (one_session(mailboxes), pool(mailboxes));
        print("one session", &one);
        print("latchbox's pool", &pool);
        let list = free_list(mailboxes);
        print("a free list of sessions", &list);
        print("a session for each thread", &session_each(mailboxes));
        let (to_one, to_list) = (pool.rate / one.rate, pool.rate / list.rate);
        format!(
            "{mailboxes} mailboxes: the pool has {to_one:.2} times the locks of one session, and \
             {to_list:.2} times those of the free list"
        )
    });
    println!("\n{}", verdicts.join("\n"));
    println!(
        "goals with 4 mailboxes: <= 0.10 SELECTs a lock, >= 3.5 times the locks of one session"
    );
}

fn one_session(mailboxes: usize) -> Outcome {
    let server = Server::start(DELAY);
    let session = server.session(None);
    run(&server, mailboxes, |_, name| {
        search(session.lock_mailbox(name).unwrap());
    })
}

fn pool(mailboxes: usize) -> Outcome {
    let server = Server::start(DELAY);
    let options = PoolOptions::new().max_connections(CONNECTIONS);
    let pool = Pool::with_options(server.account(), options);
    run(&server, mailboxes, |_, name| {
        search(pool.lock_mailbox(name).unwrap());
    })
}

fn free_list(mailboxes: usize) -> Outcome {
    let server = Server::start(DELAY);
    let list = FreeList::new((0..CONNECTIONS).map(|_| server.session(None)).collect());
    run(&server, mailboxes, |_, name| {
        list.with_any(|session| search(session.lock_mailbox(name).unwrap()));
    })
}

fn session_each(mailboxes: usize) -> Outcome {
    let server = Server::start(DELAY);
    let sessions: Vec<Session> = (0..THREADS).map(|_| server.session(None)).collect();
    run(&server, mailboxes, |number, name| {
        search(sessions[number].lock_mailbox(name).unwrap());
    })
}

/// All threads do their work, each time on the mailbox that is drawn.
fn run(server: &Server, mailboxes: usize, work: impl Fn(usize, &str) + Sync) -> Outcome {
    let began = Instant::now();
    thread::scope(|scope| {
        for number in 0..THREADS {
            let work = &work;
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    work(number, &format!("M{}", draw(number, round, mailboxes)));
                }
            });
        }
    });
    let locks = (THREADS * ROUNDS) as f64;
    Outcome {
        selects: server.selects() as f64 / locks,
        rate: locks / began.elapsed().as_secs_f64(),
        connections: server.connections(),
    }
}

fn search(mut guard: MailboxGuard<'_>) {
    assert_eq!(guard.search(SearchKey::All).unwrap().len(), 3);
}
