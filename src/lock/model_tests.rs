//! The lock under a model checker, which tries many orders of every step that threads can take, with
//! one slot, two and three.
//!
//! Run it with `RUSTFLAGS="--cfg shuttle" cargo test --lib lock::model_tests`. A failure prints a
//! schedule, which `shuttle::replay` plays again. `LATCHBOX_SCHEDULES` says how many schedules
//! each test tries under each scheduler and with each number of slots.

mod scene;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use shuttle::Config;
use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler, UrwRandomScheduler};

use super::model::{advance, restart_clock};
use super::*;
use scene::{Name, Scene, TICK, Value, any_key, write};

/// How many schedules each test tries, unless `LATCHBOX_SCHEDULES` says.
const SCHEDULES: usize = 2_000;

/// Plays a scenario under many schedules: random ones, ones that keep to priorities but for a few
/// changes, and ones that are spread evenly.
fn check(scenario: impl Fn(usize) + Copy + Send + Sync + 'static) {
    let schedules = std::env::var("LATCHBOX_SCHEDULES").ok();
    let schedules = schedules.map_or(SCHEDULES, |number| number.parse().unwrap());
    for slots in 1..=3 {
        let scenario = move || scenario(slots);
        check_under(RandomScheduler::new(schedules), scenario);
        check_under(PctScheduler::new(2, schedules), scenario);
        check_under(PctScheduler::new(5, schedules), scenario);
        check_under(UrwRandomScheduler::new(schedules), scenario);
    }
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

fn join(threads: Vec<thread::JoinHandle<()>>) {
    for thread in threads {
        thread.join().unwrap();
    }
}

/// Four threads take two turns each. One that is never woken is a deadlock, which the checker
/// reports.
fn take_turns(scene: &Scene) {
    let threads = (0..4).map(|_| {
        scene.spawn(|scene| {
            scene.take_turn(any_key());
            scene.take_turn(any_key());
        })
    });
    join(threads.collect());
    assert_eq!(scene.check_end(), 8);
}

#[test]
fn everybody_is_served_alone_and_in_order_of_arrival() {
    check(|slots| take_turns(&Scene::new(slots, 0)));
}

#[test]
fn nobody_is_overtaken_more_often_than_the_bound() {
    check(|slots| take_turns(&Scene::new(slots, 1)));
    check(|slots| take_turns(&Scene::new(slots, 2)));
}

/// One slot is opened at a time; a turn that cannot open its slot waits again from its place, and a
/// value that becomes unusable frees a slot to be opened.
#[test]
fn slots_are_opened_one_at_a_time_and_everybody_is_served() {
    for max_overtakes in [0, 2] {
        check(move |slots| {
            let scene = Scene::unopened(slots, max_overtakes);
            let threads = (0..4).map(|_| {
                scene.spawn(|scene| {
                    scene.take_turn_opening(any_key());
                    scene.take_turn_opening(any_key());
                })
            });
            join(threads.collect());
            assert_eq!(scene.check_end(), 8);
        });
    }
}

#[test]
fn several_writers_of_one_key_are_served_if_allowed() {
    check(|slots| {
        let policy = LockPolicy {
            max_overtakes: 1,
            warn_after: TICK,
            several_writers: true,
        };
        take_turns(&Scene::with(slots, policy));
    });
}

#[test]
fn deadlines_race_with_turns() {
    check(|slots| {
        let scene = Scene::new(slots, 1);
        let mut threads = vec![scene.spawn(|_| (0..4).for_each(|_| advance(TICK)))];
        threads.extend((0..3).map(|_| {
            scene.spawn(|scene| {
                for _ in 0..2 {
                    let deadline = now() + TICK * thread_rng().gen_range(0..3);
                    let wanted = any_key();
                    match scene.acquire(wanted, Wait::Until(deadline)) {
                        Ok(turn) => scene.work(&turn, wanted),
                        Err(NoTurn::Timeout { .. }) => assert!(now() >= deadline),
                        Err(other) => panic!("{other:?}"),
                    }
                }
            })
        }));
        threads.push(scene.spawn(|scene| scene.take_turn(write('A'))));
        join(threads);
        scene.check_end();
    });
}

/// The holders let go when the others have given up, and not before.
#[test]
fn a_wait_ends_at_its_deadline_though_nobody_lets_go() {
    check(|slots| {
        let scene = Scene::new(slots, 1);
        let turns = scene.fill();
        let deadline = now() + TICK * 3;
        let waiters = (0..2).map(|_| {
            scene.spawn(move |scene| {
                let refused = scene.acquire(any_key(), Wait::Until(deadline)).err();
                let Some(NoTurn::Timeout { holders, .. }) = refused else {
                    panic!("{refused:?}");
                };
                assert_eq!(holders.len(), scene.slots);
            })
        });
        let waiters = waiters.collect();
        (0..4).for_each(|_| advance(TICK));
        join(waiters);
        drop(turns);
        scene.check_end();
    });
}

/// A writer that may not be overtaken bars a reader, until it gives up; the other reader stays.
#[test]
fn a_waiter_that_gives_up_bars_nobody() {
    check(|slots| {
        let scene = Scene::new(slots.max(2), 0);
        let reads = Some(Name('A', true));
        let first = scene.acquire(reads, Wait::No).unwrap();
        let deadline = now() + TICK;
        let writer = scene.spawn(move |scene| {
            let refused = scene.acquire(write('A'), Wait::Until(deadline)).err();
            assert!(matches!(refused, Some(NoTurn::Timeout { .. })));
        });
        let second = scene.spawn(move |scene| scene.take_turn(reads));
        advance(TICK);
        join(vec![writer, second]);
        drop(first);
        assert_eq!(scene.check_end(), 1);
    });
}

#[test]
fn a_holder_that_panics_passes_the_turn_on() {
    check(|slots| {
        let scene = Scene::new(slots, 1);
        let mut threads = vec![scene.spawn(|scene| {
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                let turn = scene.acquire(write('A'), Wait::Forever).unwrap();
                scene.work(&turn, write('A'));
                let _in_use = turn.value();
                // Not `panic!`, which would write a message for each schedule.
                resume_unwind(Box::new("on purpose"));
            }));
            assert!(panicked.is_err());
        })];
        threads.extend((0..3).map(|_| scene.spawn(|scene| scene.take_turn(any_key()))));
        join(threads);
        assert_eq!(scene.check_end(), 4);
    });
}

/// The holders let go when the others have given up, and not before.
#[test]
fn closing_wakes_everybody_though_nobody_lets_go() {
    check(|slots| {
        let scene = Scene::new(slots, 1);
        let turns = scene.fill();
        let waiters = (0..3).map(|_| {
            scene.spawn(|scene| {
                let refused = scene.acquire(any_key(), Wait::Forever).err();
                assert!(matches!(refused, Some(NoTurn::Closed)), "{refused:?}");
            })
        });
        let waiters = waiters.collect();
        scene.lock.close();
        join(waiters);
        drop(turns);
        let late = scene.acquire(None, Wait::Forever).err();
        assert!(matches!(late, Some(NoTurn::Closed)), "{late:?}");
        scene.check_end();
    });
}

/// Holds a turn until a waiter counts on its end, or until `is_over`.
fn idle(turn: Turn<Value>, is_over: &AtomicBool) {
    let me = thread::current();
    turn.set_alarm(Some(Arc::new(move || me.unpark())));
    while !turn.is_wanted() && !is_over.load(SeqCst) {
        thread::park();
    }
    turn.set_alarm(None);
}

/// Holders that end their turns as soon as a waiter counts on them serve all who wait, whichever
/// slot each of them needs.
#[test]
fn an_alarm_is_never_missed() {
    check(|slots| {
        let scene = Scene::new(slots, thread_rng().gen_range(0..3));
        let is_over = Arc::new(AtomicBool::new(false));
        let idlers: Vec<_> = scene.fill().into_iter().collect();
        let idlers = idlers.into_iter().map(|turn| {
            let is_over = Arc::clone(&is_over);
            scene.spawn(move |_| idle(turn, &is_over))
        });
        let idlers: Vec<_> = idlers.collect();
        let others = (0..3).map(|_| scene.spawn(|scene| scene.take_turn(any_key())));
        join(others.collect());
        is_over.store(true, SeqCst);
        for idler in &idlers {
            idler.thread().unpark();
        }
        join(idlers);
        assert_eq!(scene.check_end(), 3);
    });
}

/// One waiter that any slot can serve makes one holder end its turn.
#[test]
fn an_alarm_rings_one_holder() {
    check(|slots| {
        let scene = Scene::new(slots, 1);
        let rung = Arc::new(AtomicUsize::new(0));
        let turns = scene.fill();
        for turn in &turns {
            let rung = Arc::clone(&rung);
            turn.set_alarm(Some(Arc::new(move || {
                rung.fetch_add(1, SeqCst);
            })));
        }
        let waiter = scene.spawn(|scene| scene.take_turn(write('C')));
        while rung.load(SeqCst) == 0 {
            thread::yield_now();
        }
        let (wanted, others): (Vec<_>, Vec<_>) = turns.into_iter().partition(Turn::is_wanted);
        assert_eq!(wanted.len(), 1);
        drop(wanted);
        join(vec![waiter]);
        assert_eq!(rung.load(SeqCst), 1);
        drop(others);
        assert_eq!(scene.check_end(), 1);
    });
}

/// Turns that are forgotten end with their thread, and those who wait then go on.
#[test]
fn a_forgotten_turn_ends_with_its_thread() {
    check(|slots| {
        let scene = Scene::new(slots, 1);
        let mut threads = vec![scene.spawn(|scene| {
            let turn = scene.acquire(write('A'), Wait::Forever).unwrap();
            scene.work(&turn, write('A'));
            let second = scene.acquire(None, Wait::Forever).err();
            assert!(second.is_some(), "it waits for itself");
            std::mem::forget(turn);
            if let Ok(second) = scene.acquire(write('B'), Wait::No) {
                std::mem::forget(second);
            }
            scene.lock.take_back_from(thread::current().id());
        })];
        threads.extend((0..2).map(|_| scene.spawn(|scene| scene.take_turn(any_key()))));
        join(threads);
        assert_eq!(scene.check_end(), 3);
    });
}

/// An alarm is called with nothing held: it may ask the queue, and it may panic.
#[test]
fn an_alarm_may_use_the_queue_and_may_panic() {
    check(|slots| {
        let scene = Scene::new(slots, 1);
        let mut turns = scene.fill();
        let lock = Arc::clone(&scene.lock);
        let turn = turns.pop().unwrap();
        turn.set_alarm(Some(Arc::new(move || {
            assert!(!lock.report().holders.is_empty());
            // Not `panic!`, which would write a message for each schedule.
            resume_unwind(Box::new("on purpose"));
        })));
        let other = scene.spawn(|scene| scene.take_turn(write('A')));
        turn.set_alarm(None);
        drop(turn);
        drop(turns);
        join(vec![other]);
        assert_eq!(scene.check_end(), 1);
    });
}

#[test]
fn what_is_reserved_is_granted_to_no_turn_meanwhile() {
    check(|slots| {
        let scene = Scene::new(slots, thread_rng().gen_range(0..3));
        let mut threads = vec![scene.spawn(|scene| scene.take_turn_reserving('A'))];
        threads.extend((0..3).map(|_| scene.spawn(|scene| scene.take_turn(any_key()))));
        threads.push(scene.spawn(|scene| scene.take_requested(write('A'))));
        join(threads);
        assert_eq!(scene.check_end(), 5);
    });
}

/// Requests that no thread waits for are served among threads that wait, in one order of arrival.
#[test]
fn requests_are_served_among_threads_that_wait() {
    for max_overtakes in [0, 2] {
        check(move |slots| {
            let scene = Scene::new(slots, max_overtakes);
            let requesting = (0..2).map(|_| {
                scene.spawn(|scene| {
                    scene.take_requested(any_key());
                    scene.take_requested(any_key());
                })
            });
            let mut threads: Vec<_> = requesting.collect();
            threads.extend((0..2).map(|_| {
                scene.spawn(|scene| {
                    scene.take_turn(any_key());
                    scene.take_turn(any_key());
                })
            }));
            join(threads);
            assert_eq!(scene.check_end(), 8);
        });
    }
}

/// One thread has several requests at once, while it holds a turn, and drops some of them: granted or
/// not.
#[test]
fn a_thread_may_request_several_turns_and_drop_them() {
    check(|slots| {
        let scene = Scene::new(slots, 1);
        let asking = scene.spawn(|scene| {
            let turn = scene.acquire(write('A'), Wait::Forever).unwrap();
            let (first, _, _) = scene.request(write('B')).unwrap();
            let (second, _, is_rung) = scene.request(any_key()).unwrap();
            scene.work(&turn, write('A'));
            drop(turn);
            drop(first);
            drop(scene.await_request(second, &is_rung).unwrap());
        });
        let others = (0..2).map(|_| scene.spawn(|scene| scene.take_turn(any_key())));
        let mut threads: Vec<_> = others.collect();
        threads.push(asking);
        join(threads);
        assert_eq!(scene.check_end(), 3);
    });
}

/// The turn of a request that is granted and not taken, or held, serves all who wait, because they
/// ring its alarm.
#[test]
fn an_alarm_of_a_request_is_never_missed() {
    check(|slots| {
        let scene = Scene::new(slots, thread_rng().gen_range(0..3));
        let is_over = Arc::new(AtomicBool::new(false));
        let idlers = (0..slots).map(|_| {
            let is_over = Arc::clone(&is_over);
            scene.spawn(move |scene| {
                let (pending, _, is_rung) = scene.request(None).unwrap();
                let is_taken = thread_rng().r#gen::<bool>();
                let turn = is_taken.then(|| scene.await_request(pending, &is_rung).unwrap());
                // It ends when a waiter counts on it, or when there is none any more.
                while !turn.as_ref().is_some_and(Turn::is_wanted) && !is_over.load(SeqCst) {
                    if turn.is_none() && is_rung.load(SeqCst) {
                        break;
                    }
                    thread::park();
                }
            })
        });
        let idlers: Vec<_> = idlers.collect();
        let others = (0..3).map(|_| scene.spawn(|scene| scene.take_turn(any_key())));
        join(others.collect());
        is_over.store(true, SeqCst);
        for idler in &idlers {
            idler.thread().unpark();
        }
        join(idlers);
        assert_eq!(scene.check_end(), 3);
    });
}

#[test]
fn closing_rings_all_requests() {
    check(|slots| {
        let scene = Scene::new(slots, 1);
        let turns = scene.fill();
        let waiters = (0..2).map(|_| {
            scene.spawn(|scene| {
                let refused = match scene.request(any_key()) {
                    Ok((pending, _, is_rung)) => scene.await_request(pending, &is_rung).err(),
                    Err(refused) => Some(refused),
                };
                assert!(matches!(refused, Some(NoTurn::Closed)), "{refused:?}");
            })
        });
        let waiters = waiters.collect();
        scene.lock.close();
        join(waiters);
        drop(turns);
        scene.check_end();
    });
}

/// Turns that end on another thread or with their own, keys that change, callers that do not wait,
/// second locks, deadlines, long holds, one panic, and a close that may come at any time.
#[test]
fn everything_at_once() {
    check(|slots| {
        let scene = Scene::new(slots, thread_rng().gen_range(0..3));
        let mut threads = vec![scene.spawn(|_| (0..4).for_each(|_| advance(TICK)))];
        threads.extend((0..4).map(|number| scene.spawn(move |scene| disturb(scene, number == 0))));
        let is_closed = thread_rng().gen_bool(0.3);
        if is_closed {
            threads.push(scene.spawn(|scene| scene.lock.close()));
        }
        join(threads);
        scene.check_end();
        let after = scene.acquire(None, Wait::No);
        assert_eq!(after.is_err(), is_closed);
    });
}

fn disturb(scene: &Scene, may_panic: bool) {
    for _ in 0..2 {
        let is_owned = thread_rng().gen_bool(0.3);
        let wanted = any_key();
        if thread_rng().gen_range(0..4) == 0 {
            request_and_leave(scene, wanted);
            continue;
        }
        let wait = match thread_rng().gen_range(0..4) {
            0 => Wait::No,
            1 => Wait::Until(now() + TICK * thread_rng().gen_range(0..3)),
            _ => Wait::Forever,
        };
        let Ok(turn) = scene.acquire(wanted, wait) else {
            continue;
        };
        if is_owned {
            turn.hand_over();
        }
        scene.work(&turn, wanted);
        match thread_rng().gen_range(0..7) {
            0 if may_panic => {
                let panicked = catch_unwind(AssertUnwindSafe(|| {
                    let _turn = turn;
                    resume_unwind(Box::new("on purpose"));
                }));
                assert!(panicked.is_err());
            }
            1 if !is_owned => {
                assert_eq!(scene.lock.slot_here(), Some(turn.slot()));
                let second = scene.acquire(None, Wait::Forever).err();
                // Refused for the one reason or the other, never a wait for itself.
                assert!(second.is_some());
                drop(scene.acquire(any_key(), Wait::No));
            }
            2 if is_owned => {
                let elsewhere = scene.spawn(move |_| drop(turn));
                elsewhere.join().unwrap();
            }
            3 | 4 => {
                let name = ['A', 'C'][thread_rng().gen_range(0..2)];
                let is_changed = turn.change_wanted(Name(name, thread_rng().r#gen())).is_ok();
                assert!(is_changed || scene.slots > 1);
                scene.look();
                assert!(!scene.lock.report().holders.is_empty());
            }
            // It is forgotten, and its thread ends.
            5 if !is_owned => {
                std::mem::forget(turn);
                scene.lock.take_back_from(thread::current().id());
            }
            _ => {}
        }
    }
}

/// A request that is dropped, granted or not, or whose turn is waited for and ends.
fn request_and_leave(scene: &Scene, wanted: Option<Name>) {
    let Ok((pending, _, is_rung)) = scene.request(wanted) else {
        return;
    };
    if thread_rng().r#gen() {
        drop(pending);
        return;
    }
    if let Ok(turn) = scene.await_request(pending, &is_rung) {
        scene.work(&turn, wanted);
    }
}
