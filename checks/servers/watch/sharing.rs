//! Threads that lock mailboxes beside a watch, on a session and on a pool, on Dovecot: what they wait
//! for is one another, and the watch misses nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use latchbox::pool::PoolOptions;
use latchbox::types::{Flag, SearchKey, StoreAction};
use latchbox::watch::{Activity, Watch, WatchSource};
use latchbox::{MailboxGuard, Pool, ReadWrite, Session};

use super::client::OtherClient;
use super::copies::Copies;
use super::*;
use crate::sessions::until;
use crate::sync::place::Place;

/// What is locked beside a watch.
#[derive(Clone)]
enum Shared {
    Session(Arc<Session>),
    Pool(Arc<Pool>),
}

impl Shared {
    fn session(place: &Place) -> Self {
        let account = account(&place.access).reconnecting(Backoff::new());
        Self::Session(Arc::new(account.open().unwrap()))
    }

    fn pool(place: &Place, connections: usize) -> Self {
        let options = PoolOptions::new().max_connections(connections);
        let pool = Pool::with_options(account(&place.access), options);
        Self::Pool(Arc::new(pool))
    }

    fn source(&self) -> WatchSource {
        match self {
            Self::Session(session) => session.into(),
            Self::Pool(pool) => pool.into(),
        }
    }

    fn lock(&self, mailbox: &str) -> MailboxGuard<'_, ReadWrite> {
        match self {
            Self::Session(session) => session.lock_mailbox(mailbox).unwrap(),
            Self::Pool(pool) => pool.lock_mailbox(mailbox).unwrap(),
        }
    }

    fn try_lock(&self, mailbox: &str) -> latchbox::Result<MailboxGuard<'_, ReadWrite>> {
        match self {
            Self::Session(session) => session.try_lock_mailbox(mailbox),
            Self::Pool(pool) => pool.try_lock_mailbox(mailbox),
        }
    }
}

const INBOX: &str = "INBOX";

/// Mailboxes that Dovecot has by itself.
const BESIDE: [&str; 3] = ["Archive", "Junk", "Trash"];

/// How often each thread locks a mailbox where nothing else says how long it works.
const ROUNDS: usize = 40;

/// How many messages arrive meanwhile.
const ARRIVALS: usize = 8;

/// A watch of INBOX that is up to date.
fn watching(shared: &Shared, place: &Place, copies: &mut Copies) -> Watch {
    let request = WatchRequest::new(shared.source())
        .look_interval(NEVER)
        .status_interval(NEVER);
    let inbox = [INBOX.to_owned()];
    let mut watch = copies.watching(request, &inbox).begin().unwrap();
    copies.catch_up(&mut watch, place, &inbox, "at first");
    copies.follow(&mut watch, "up to date", |copies| copies.up_to_date == 1);
    watch
}

#[track_caller]
fn until_listening(watch: &mut Watch, copies: &mut Copies) {
    let deadline = Instant::now() + DEADLINE;
    while !matches!(watch.state().activity(), Activity::Listening { .. }) {
        assert!(Instant::now() < deadline, "the watch {}", watch.state());
        if let Some(item) = watch.next_timeout(SOON) {
            copies.take(&item);
        }
    }
}

/// No lock waits for a watch that listens: a lock that does not wait at all succeeds.
#[test]
fn a_lock_beside_a_listening_watch_does_not_wait() {
    let place = Place::new(Kind::Dovecot);
    for shared in [Shared::session(&place), Shared::pool(&place, 1)] {
        let mut other = OtherClient::new(&place.access);
        let mut copies = Copies::default();
        let mut watch = watching(&shared, &place, &mut copies);
        for round in 0..10 {
            let before = copies.arrived(INBOX);
            assert!(matches!(
                watch.state().activity(),
                Activity::Listening { by_idle: true, .. }
            ));
            let mut guard = shared.try_lock(BESIDE[round % 3]).unwrap();
            guard.search(SearchKey::All).unwrap();
            // It arrives while another mailbox is selected, so that no IDLE reports it.
            other.append(INBOX, 1, "");
            drop(guard);
            copies.catch_up(&mut watch, &place, &[INBOX.to_owned()], "after a lock");
            assert_eq!(copies.arrived(INBOX), before + 1);
            until_listening(&mut watch, &mut copies);
        }
        assert_eq!(copies.disconnected, 0);
        watch.end();
    }
}

/// How long the locks of some threads took: all together, and the longest.
#[derive(Debug, Default)]
struct Waits {
    locks: u32,
    all: Duration,
    longest: Duration,
}

impl Waits {
    fn add(self, other: &Self) -> Self {
        Self {
            locks: self.locks + other.locks,
            all: self.all + other.all,
            longest: self.longest.max(other.longest),
        }
    }
}

/// Locks a mailbox again and again, and changes something there.
fn work(shared: &Shared, number: usize, goes_on: &(impl Fn() -> bool + Sync)) -> Waits {
    let mut waits = Waits::default();
    for round in 0.. {
        if round >= ROUNDS && !goes_on() {
            break;
        }
        let began = Instant::now();
        let mut guard = shared.lock(BESIDE[(number + round) % 3]);
        let took = began.elapsed();
        waits = waits.add(&Waits {
            locks: 1,
            all: took,
            longest: took,
        });
        let all = guard.search(SearchKey::All).unwrap();
        guard.store(&all, StoreAction::Add, [Flag::Seen]).unwrap();
    }
    waits
}

fn all_work(shared: &Shared, goes_on: &(impl Fn() -> bool + Sync)) -> Waits {
    thread::scope(|scope| {
        let working = [0, 1, 2].map(|number| scope.spawn(move || work(shared, number, goes_on)));
        let waits = working.map(|thread| thread.join().unwrap());
        waits.iter().fold(Waits::default(), Waits::add)
    })
}

/// Threads that lock all the time, and the watch beside them.
fn beside(shared: &Shared, place: &Place, what: &str) {
    for mailbox in BESIDE {
        OtherClient::new(&place.access).append(mailbox, 2, "");
    }
    let alone = all_work(shared, &|| false);
    let (mut copies, inbox) = (Copies::default(), [INBOX.to_owned()]);
    let mut watch = watching(shared, place, &mut copies);
    let (before, access) = (copies.arrived(INBOX), &place.access);
    let (appended, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let waits = thread::scope(|scope| {
        scope.spawn(|| {
            let mut other = OtherClient::new(access);
            while appended.load(Ordering::SeqCst) < ARRIVALS {
                other.append(INBOX, 1, "");
                appended.fetch_add(1, Ordering::SeqCst);
            }
        });
        let working = scope.spawn(|| {
            let waits = all_work(shared, &|| appended.load(Ordering::SeqCst) < ARRIVALS);
            is_over.store(true, Ordering::SeqCst);
            waits
        });
        while !is_over.load(Ordering::SeqCst) {
            if let Some(item) = watch.next_timeout(SOON) {
                copies.take(&item);
            }
        }
        working.join().unwrap()
    });
    let meanwhile = copies.arrived(INBOX) - before;
    copies.catch_up(&mut watch, place, &inbox, what);
    assert_eq!(copies.arrived(INBOX), before + ARRIVALS);
    assert_eq!((copies.up_to_date, copies.disconnected), (1, 0));
    let rows = [("alone", &alone), ("beside a watch", &waits)];
    for (when, waits) in rows {
        let mean = waits.all / waits.locks;
        eprintln!("{what}, {when}: {waits:.1?}, mean {mean:.1?}");
    }
    eprintln!("{what}: {meanwhile} of {ARRIVALS} messages arrived while the threads worked");
    // A mailbox is locked by no thread, and the watch listens again.
    until("the lock is not free", || {
        shared.try_lock("Archive").is_ok()
    });
    watch.end();
}

#[test]
fn threads_that_lock_a_session_and_a_watch_of_it_both_go_on() {
    let place = Place::new(Kind::Dovecot);
    beside(&Shared::session(&place), &place, "a session");
}

#[test]
fn threads_that_lock_a_pool_and_a_watch_of_it_both_go_on() {
    for connections in [1, 2, 4] {
        let place = Place::new(Kind::Dovecot);
        let what = format!("a pool of {connections}");
        beside(&Shared::pool(&place, connections), &place, &what);
    }
}
