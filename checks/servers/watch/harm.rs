//! A Dovecot whose connections are cut, reset and stalled at random, which is restarted, and which
//! kicks its users, while three clients change three mailboxes and the program that keeps the copies is
//! started again and again: nothing is lost, and nothing arrives twice.
//!
//! `LATCHBOX_LONG=1` makes it ten minutes, `LATCHBOX_SEED` says which chances are taken. What came of
//! it is printed (`--nocapture`).

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use latchbox::{Account, Backoff};
use latchbox_testkit::{Fault, FaultPlan, Trigger, Way};

use super::client::OtherClient;
use super::copies::Copies;
use super::*;
use crate::support::chance::Chance;
use crate::support::dovecot::Dovecot;
use crate::support::fault_proxy::FaultProxy;
use crate::sync::place::Place;

const MAILBOXES: [&str; 3] = ["INBOX", "Lists", "Work"];

/// How long the copies may take to become equal after the last change.
const BOUND: Duration = Duration::from_secs(30);

/// How many octets pass before a connection is harmed, at most: a login and a few syncs.
const FARTHEST: u64 = 4_000;

/// The rounds at least, and the connections that have to be harmed in them.
const ROUNDS: u64 = 2;
const ENOUGH: usize = 10;

/// How many changes there are in a round, and how many between two harms to the server.
const ROUND: u64 = 90;
const BETWEEN_HARMS: u64 = 15;

/// The connections that are harmed at most, each at one place.
const HARMED: u64 = 3_000;

/// What each connection meets that the proxy passes on.
fn faults(mut chance: Chance) -> FaultPlan {
    (1..=HARMED).fold(FaultPlan::new(), |plan, connection| {
        let way = match chance.one_in(4) {
            true => Way::ToServer,
            false => Way::ToClient,
        };
        let place = Trigger::octet(way, chance.below(FARTHEST)).connection(connection);
        let fault = match chance.below(3) {
            0 => Fault::Cut,
            1 => Fault::Reset,
            _ => Fault::Stall,
        };
        plan.once(place, fault)
    })
}

/// The program, which has nothing but what it has stored.
struct Program {
    account: Account,
    copies: Copies,
    chance: Chance,
    starts: u32,
    lost_items: u32,
}

impl Program {
    /// It begins, takes a few items, and ends; half of the times with the last of them not stored.
    fn run(&mut self) {
        self.starts += 1;
        let mailboxes = MAILBOXES.map(ToOwned::to_owned);
        let soon = Duration::from_millis(700);
        let request = WatchRequest::new(&self.account)
            // Each stalled connection is noticed, and a look shows what was reported to a lost one.
            .probe_after(soon)
            .look_interval(soon * 3)
            .status_interval(soon)
            .batch_size(3)
            .backoff(backoff());
        let mut watch = self.copies.watching(request, &mailboxes).begin().unwrap();
        let last = self.chance.below(25);
        let ends_before = Instant::now() + Duration::from_secs(3);
        for number in 0..=last {
            let Some(item) = watch.next_until(ends_before) else {
                return;
            };
            if number == last && self.chance.one_in(2) {
                self.lost_items += 1;
                return;
            }
            self.copies.take(&item);
        }
    }
}

fn backoff() -> Backoff {
    Backoff::new()
        .initial_delay(Duration::from_millis(10))
        .max_delay(Duration::from_millis(200))
}

/// Three clients, and how much they have done.
struct Writers<'w> {
    access: &'w Access,
    tried: AtomicU64,
    done: AtomicU64,
    has_ended: AtomicBool,
}

impl Writers<'_> {
    /// Changes one mailbox or the other until there is enough. What the server does not do, because it is
    /// being restarted or has closed the connection, may have been done or not.
    fn write(&self, mut chance: Chance, until_tried: u64) {
        let mut client = OtherClient::new(self.access);
        while self.tried.fetch_add(1, Ordering::SeqCst) < until_tried {
            let mailbox = MAILBOXES[chance.below(3) as usize];
            let other = MAILBOXES[chance.below(3) as usize];
            let place = (1 + chance.below(40)).to_string();
            let place = match chance.one_in(4) {
                true => "-1",
                false => place.as_str(),
            };
            let flags = ["\\Seen", "\\Flagged", "kept", "later"];
            let flag = flags[chance.below(4) as usize];
            let action = ["+FLAGS", "-FLAGS", "FLAGS"][chance.below(3) as usize];
            let words: &[&str] = match chance.below(8) {
                0..3 => &["append", mailbox, "1", ""],
                3 => &["expunge", mailbox, place],
                4 if mailbox != other => &["move", mailbox, place, other],
                _ => &["store", mailbox, place, action, flag],
            };
            if client.try_to_act(words).is_ok() {
                self.done.fetch_add(1, Ordering::SeqCst);
            }
        }
    }

    #[track_caller]
    fn wait_for(&self, tried: u64) {
        let began = Instant::now();
        while self.tried.load(Ordering::SeqCst) < tried {
            assert!(began.elapsed() < DEADLINE, "the clients do not write");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// What came of it all.
#[derive(Debug, Default)]
struct Figures {
    changes: u64,
    restarts: u32,
    kicks: u32,
    slowest: Duration,
}

/// A round: the clients write, the server is harmed, the program follows; then all rests, and the
/// copies become equal.
fn round(
    server: &mut Dovecot,
    place: &Place,
    program: &mut Program,
    seed: u64,
    figures: &mut Figures,
) {
    let writers = Writers {
        access: &place.access,
        tried: AtomicU64::new(0),
        done: AtomicU64::new(0),
        has_ended: AtomicBool::new(false),
    };
    thread::scope(|scope| {
        let writers = &writers;
        let writing = [1, 2, 3].map(|number| {
            let chance = Chance::new(seed * 10 + number);
            scope.spawn(move || writers.write(chance, ROUND))
        });
        let following = scope.spawn(|| {
            while !writers.has_ended.load(Ordering::SeqCst) {
                program.run();
            }
        });
        let mut chance = Chance::new(seed * 10);
        for harm in 1..ROUND / BETWEEN_HARMS {
            writers.wait_for(harm * BETWEEN_HARMS);
            if chance.one_in(3) {
                server.restart();
                figures.restarts += 1;
            } else {
                let kicked = server.try_doveadm(&["kick", &place.access.user]);
                figures.kicks += u32::from(kicked.status.success());
            }
        }
        for writer in writing {
            writer.join().unwrap();
        }
        writers.has_ended.store(true, Ordering::SeqCst);
        following.join().unwrap();
    });
    let began = Instant::now();
    let mailboxes = MAILBOXES.map(ToOwned::to_owned);
    let seen = MAILBOXES.map(|mailbox| place.seen(mailbox));
    while !program.copies.are(&mailboxes, &seen) {
        let took = began.elapsed();
        assert!(
            took < BOUND,
            "seed {seed}: after {took:?} the server has\n{seen:?}, the copies are\n{:?}",
            program.copies.mirrors
        );
        program.run();
    }
    figures.slowest = figures.slowest.max(began.elapsed());
    figures.changes += writers.done.load(Ordering::SeqCst);
}

#[test]
fn nothing_is_lost_and_nothing_arrives_twice_whatever_is_harmed() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let seed = number("LATCHBOX_SEED").unwrap_or(1);
    let is_long = std::env::var_os("LATCHBOX_LONG").is_some();
    let mut server = Dovecot::start("").unwrap();
    let place = Place::on(&server);
    for mailbox in &MAILBOXES[1..] {
        OtherClient::new(&place.access).act(&["create", mailbox]);
    }
    let proxy = FaultProxy::start(server.port(), faults(Chance::new(seed)));
    let by_proxy = Access {
        port: proxy.port(),
        ..place.access.clone()
    };
    // A stalled connection is given up before long.
    let stalled = Duration::from_secs(1);
    let builder = plaintext(by_proxy.port)
        .greeting_timeout(stalled)
        .read_timeout(stalled)
        .write_timeout(stalled);
    let mut program = Program {
        account: account_by(builder, &by_proxy),
        copies: Copies::default(),
        chance: Chance::new(seed + 1),
        starts: 0,
        lost_items: 0,
    };
    let harmed = || -> usize {
        let passages = proxy.passages();
        let harmed = passages.iter().filter(|passage| passage.has_happened());
        harmed.count()
    };
    let mut figures = Figures::default();
    let began = Instant::now();
    let goes_on = |rounds: u64| match is_long {
        true => began.elapsed() < Duration::from_secs(600),
        false => rounds < ROUNDS || harmed() < ENOUGH,
    };
    for number in (0..).take_while(|rounds| goes_on(*rounds)) {
        let seed = seed * 1_000 + number;
        round(&mut server, &place, &mut program, seed, &mut figures);
    }
    let Program {
        copies,
        starts,
        lost_items,
        ..
    } = program;
    eprintln!(
        "{figures:?}; {starts} starts of the program, {lost_items} items lost; {} connections, {} harmed, \
         {} told as lost; {:.1?}",
        proxy.passages().len(),
        harmed(),
        copies.disconnected,
        began.elapsed()
    );
    for (mailbox, mirror) in &copies.mirrors {
        eprintln!("{mailbox}: {:?}", mirror.figures);
        assert_eq!(mirror.figures.restarts, 0, "{mailbox}");
    }
    assert!(starts > 2 && copies.disconnected > 5);
    drop(proxy);
    server.stop();
}
