//! The queue under a model checker, which tries many orders of every step that threads can take.
//!
//! Run it with `RUSTFLAGS="--cfg shuttle" cargo test --lib lock::model_tests`. A failure prints a
//! schedule, which `shuttle::replay` plays again. `LATCHBOX_SCHEDULES` says how many schedules
//! each test tries under each scheduler.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use shuttle::Config;
use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler, UrwRandomScheduler};

use super::model::{advance, restart_clock};
use super::*;
use crate::types::mailbox_name::MailboxName;

/// How many schedules each test tries under each scheduler, unless `LATCHBOX_SCHEDULES` says.
const SCHEDULES: usize = 2_000;

const TICK: Duration = Duration::from_secs(1);

/// Plays a scenario under many schedules: random ones, ones that keep to priorities but for a few
/// changes, and ones that are spread evenly.
fn check(scenario: impl Fn() + Copy + Send + Sync + 'static) {
    let schedules = std::env::var("LATCHBOX_SCHEDULES").ok();
    let schedules = schedules.map_or(SCHEDULES, |number| number.parse().unwrap());
    check_under(RandomScheduler::new(schedules), scenario);
    check_under(PctScheduler::new(2, schedules), scenario);
    check_under(PctScheduler::new(5, schedules), scenario);
    check_under(UrwRandomScheduler::new(schedules), scenario);
}

fn check_under(scheduler: impl Scheduler + 'static, scenario: impl Fn() + Send + Sync + 'static) {
    let mut config = Config::new();
    config.stack_size = 256 << 10;
    let runner = shuttle::Runner::new(scheduler, config);
    runner.run(move || {
        restart_clock();
        scenario();
    });
}

/// The tickets in the order in which they were served, and what is open since.
#[derive(Default)]
struct Value {
    served: Vec<u64>,
    opened: Option<Opened>,
}

impl Keyed for Value {
    fn note_opened(&self, known: &mut Option<Opened>) {
        known.clone_from(&self.opened);
    }
}

/// A latch and those around it.
#[derive(Clone)]
struct Scene {
    latch: Arc<Latch<Value>>,
    holders: Arc<AtomicUsize>,
    bound: u32,
}

impl Scene {
    fn new(bound: u32) -> Self {
        let manners = Manners {
            overtaking: bound,
            long_hold: TICK * 2,
        };
        Self {
            latch: Arc::new(Latch::new(Value::default(), manners)),
            holders: Arc::default(),
            bound,
        }
    }

    fn spawn(&self, play: impl FnOnce(&Self) + Send + 'static) -> thread::JoinHandle<()> {
        let scene = self.clone();
        thread::spawn(move || play(&scene))
    }

    fn acquire(&self, wish: Option<Opened>, patience: Patience) -> Result<Turn<Value>, NoTurn> {
        self.latch.acquire(Request {
            wish,
            label: None,
            patience,
        })
    }

    /// What a holder does: it is alone, the value is free for it, and it says what is open.
    fn work(&self, turn: &Turn<Value>, wish: Option<Opened>) {
        assert_eq!(self.holders.fetch_add(1, SeqCst), 0, "two have the turn");
        let mut value = turn.value().expect("the value is free for its holder");
        value.served.push(turn.ticket);
        // Code of the caller's that is called meanwhile does not wait for itself.
        assert!(self.latch.is_mine());
        thread::yield_now();
        if wish.is_some() {
            value.opened = wish;
        }
        drop(value);
        assert!(turn.value().is_some());
        assert_eq!(self.holders.fetch_sub(1, SeqCst), 1, "two had the turn");
    }

    fn take_turn(&self, wish: Option<Opened>) {
        let turn = self.acquire(wish.clone(), Patience::Unlimited).unwrap();
        self.work(&turn, wish);
    }

    /// Nobody holds or waits, and nobody was overtaken too often.
    fn check_end(&self) {
        let value = self.latch.value().unwrap();
        let queue = self.latch.queue.lock();
        assert!(queue.owner.is_none(), "the turn is held by nobody's ticket");
        assert!(queue.waiting.is_empty(), "somebody waits who has gone");
        assert_eq!(queue.opened, value.opened, "what is open is known");
        drop(queue);
        let served = &value.served;
        for (place, ticket) in served.iter().enumerate() {
            // Tickets are numbered in the order of arrival.
            let overtakers = served[..place].iter().filter(|earlier| *earlier > ticket);
            let times = u32::try_from(overtakers.count()).unwrap();
            assert!(
                times <= self.bound,
                "{ticket} was overtaken {times} times: {served:?}"
            );
        }
    }
}

fn wish(name: &str) -> Option<Opened> {
    Some(Opened {
        name: MailboxName::new(name).unwrap(),
        read_only: false,
    })
}

/// A or B, or nothing.
fn any_wish() -> Option<Opened> {
    match thread_rng().gen_range(0..5) {
        0 | 1 => wish("A"),
        2 | 3 => wish("B"),
        _ => None,
    }
}

fn join(threads: Vec<thread::JoinHandle<()>>) {
    for thread in threads {
        thread.join().unwrap();
    }
}

/// Four threads take two turns each. One that is never woken is a deadlock, which the checker
/// reports.
fn take_turns(bound: u32) {
    let scene = Scene::new(bound);
    let threads = (0..4).map(|_| {
        scene.spawn(|scene| {
            scene.take_turn(any_wish());
            scene.take_turn(any_wish());
        })
    });
    join(threads.collect());
    scene.check_end();
    assert_eq!(scene.latch.value().unwrap().served.len(), 8);
}

#[test]
fn everybody_is_served_alone_and_in_order_of_arrival() {
    check(|| take_turns(0));
}

#[test]
fn nobody_is_overtaken_more_often_than_the_bound() {
    check(|| take_turns(1));
    check(|| take_turns(2));
}

#[test]
fn deadlines_race_with_turns() {
    check(|| {
        let scene = Scene::new(1);
        let mut threads = vec![scene.spawn(|_| (0..4).for_each(|_| advance(TICK)))];
        threads.extend((0..3).map(|_| {
            scene.spawn(|scene| {
                for _ in 0..2 {
                    let deadline = now() + TICK * thread_rng().gen_range(0..3);
                    let wish = any_wish();
                    match scene.acquire(wish.clone(), Patience::Until(deadline)) {
                        Ok(turn) => scene.work(&turn, wish),
                        Err(NoTurn::Busy(LockError::Timeout { .. })) => assert!(now() >= deadline),
                        Err(other) => panic!("{other:?}"),
                    }
                }
            })
        }));
        threads.push(scene.spawn(|scene| scene.take_turn(wish("A"))));
        join(threads);
        scene.check_end();
    });
}

/// The holder lets go when the others have given up, and not before.
#[test]
fn a_wait_ends_at_its_deadline_though_nobody_lets_go() {
    check(|| {
        let scene = Scene::new(1);
        let turn = scene.acquire(wish("A"), Patience::Unlimited).unwrap();
        let deadline = now() + TICK * 3;
        let waiters = (0..2).map(|_| {
            scene.spawn(move |scene| {
                let refused = scene.acquire(any_wish(), Patience::Until(deadline)).err();
                let Some(NoTurn::Busy(LockError::Timeout { holder, .. })) = refused else {
                    panic!("{refused:?}");
                };
                assert!(holder.is_some());
            })
        });
        let waiters = waiters.collect();
        (0..4).for_each(|_| advance(TICK));
        join(waiters);
        drop(turn);
        scene.check_end();
    });
}

#[test]
fn a_holder_that_panics_passes_the_turn_on() {
    check(|| {
        let scene = Scene::new(1);
        let mut threads = vec![scene.spawn(|scene| {
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                let turn = scene.acquire(wish("A"), Patience::Unlimited).unwrap();
                scene.work(&turn, wish("A"));
                let _in_use = turn.value();
                // Not `panic!`, which would write a message for each schedule.
                resume_unwind(Box::new("on purpose"));
            }));
            assert!(panicked.is_err());
        })];
        threads.extend((0..3).map(|_| scene.spawn(|scene| scene.take_turn(any_wish()))));
        join(threads);
        scene.check_end();
        assert_eq!(scene.latch.value().unwrap().served.len(), 4);
    });
}

/// The holder lets go when the others have given up, and not before.
#[test]
fn closing_wakes_everybody_though_nobody_lets_go() {
    check(|| {
        let scene = Scene::new(1);
        let turn = scene.acquire(wish("A"), Patience::Unlimited).unwrap();
        let waiters = (0..3).map(|_| {
            scene.spawn(|scene| {
                let refused = scene.acquire(any_wish(), Patience::Unlimited).err();
                assert!(matches!(refused, Some(NoTurn::Closed)), "{refused:?}");
            })
        });
        let waiters = waiters.collect();
        scene.latch.close();
        join(waiters);
        drop(turn);
        let late = scene.acquire(None, Patience::Unlimited).err();
        assert!(matches!(late, Some(NoTurn::Closed)), "{late:?}");
        scene.check_end();
    });
}

/// A holder that ends its turn as soon as somebody waits sees everybody who does.
#[test]
fn an_alarm_is_never_missed() {
    check(|| {
        let scene = Scene::new(1);
        let turn = scene.acquire(wish("A"), Patience::Unlimited).unwrap();
        let others = (0..2).map(|_| scene.spawn(|scene| scene.take_turn(any_wish())));
        let others = others.collect();
        let me = thread::current();
        turn.set_alarm(Some(Arc::new(move || me.unpark())));
        while turn.waiting() == 0 {
            thread::park();
        }
        drop(turn);
        join(others);
        scene.check_end();
    });
}

/// A turn that is forgotten ends with its thread, and those who wait then go on.
#[test]
fn a_forgotten_turn_ends_with_its_thread() {
    check(|| {
        let scene = Scene::new(1);
        let mut threads = vec![scene.spawn(|scene| {
            let turn = scene.acquire(wish("A"), Patience::Unlimited).unwrap();
            scene.work(&turn, wish("A"));
            let second = scene.acquire(None, Patience::Unlimited).err();
            assert!(second.is_some(), "it waits for itself");
            std::mem::forget(turn);
            scene.latch.thread_ended(thread::current().id());
        })];
        threads.extend((0..2).map(|_| scene.spawn(|scene| scene.take_turn(any_wish()))));
        join(threads);
        scene.check_end();
        assert_eq!(scene.latch.value().unwrap().served.len(), 3);
    });
}

/// An alarm is called with nothing held: it may ask the queue, and it may panic.
#[test]
fn an_alarm_may_use_the_queue_and_may_panic() {
    check(|| {
        let scene = Scene::new(1);
        let turn = scene.acquire(wish("A"), Patience::Unlimited).unwrap();
        let latch = Arc::clone(&scene.latch);
        turn.set_alarm(Some(Arc::new(move || {
            assert!(
                latch
                    .state()
                    .holder()
                    .is_none_or(|holder| holder.mailbox().is_some())
            );
            // Not `panic!`, which would write a message for each schedule.
            resume_unwind(Box::new("on purpose"));
        })));
        let other = scene.spawn(|scene| {
            let wanted = AssertUnwindSafe(|| scene.take_turn(wish("A")));
            // It panics unless the turn had ended before.
            let _ = catch_unwind(wanted);
        });
        turn.set_alarm(None);
        drop(turn);
        join(vec![other]);
        scene.check_end();
    });
}

/// Turns that end on another thread or with their own, wishes that change, callers that do not wait,
/// second locks, deadlines, long holds, one panic, and a close that may come at any time.
#[test]
fn everything_at_once() {
    check(|| {
        let scene = Scene::new(thread_rng().gen_range(0..3));
        let mut threads = vec![scene.spawn(|_| (0..4).for_each(|_| advance(TICK)))];
        threads.extend((0..4).map(|number| scene.spawn(move |scene| disturb(scene, number == 0))));
        let is_closed = thread_rng().gen_bool(0.3);
        if is_closed {
            threads.push(scene.spawn(|scene| scene.latch.close()));
        }
        join(threads);
        scene.check_end();
        let after = scene.acquire(None, Patience::None);
        assert_eq!(after.is_err(), is_closed);
    });
}

fn disturb(scene: &Scene, may_panic: bool) {
    for _ in 0..2 {
        let is_owned = thread_rng().gen_bool(0.3);
        let wish = any_wish();
        let patience = match thread_rng().gen_range(0..4) {
            0 => Patience::None,
            1 => Patience::Until(now() + TICK * thread_rng().gen_range(0..3)),
            _ => Patience::Unlimited,
        };
        let request = Request {
            wish: wish.clone(),
            label: None,
            patience,
        };
        let Ok(turn) = scene.latch.acquire(request) else {
            continue;
        };
        if is_owned {
            turn.hand_over();
        }
        scene.work(&turn, wish);
        match thread_rng().gen_range(0..6) {
            0 if may_panic => {
                let panicked = catch_unwind(AssertUnwindSafe(|| {
                    let _turn = turn;
                    resume_unwind(Box::new("on purpose"));
                }));
                assert!(panicked.is_err());
            }
            1 if !is_owned => {
                assert!(scene.latch.is_mine());
                let second = scene.acquire(None, Patience::Unlimited).err();
                // Refused for the one reason or the other, never a wait for itself.
                assert!(second.is_some());
            }
            2 if is_owned => {
                let elsewhere = scene.spawn(move |_| drop(turn));
                elsewhere.join().unwrap();
            }
            3 => {
                turn.note_wish(Opened {
                    name: MailboxName::new("C").unwrap(),
                    read_only: true,
                });
                assert!(scene.latch.state().holder().is_some());
            }
            // It is forgotten, and its thread ends.
            4 if !is_owned => {
                std::mem::forget(turn);
                scene.latch.thread_ended(thread::current().id());
            }
            _ => {}
        }
    }
}
