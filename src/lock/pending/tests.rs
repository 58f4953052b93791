//! Places in the queue in which no thread waits.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use super::*;
use crate::lock::tests::{
    Lock, Name, Value, acquire, counted, lock, order_after, read, taken, write,
};

/// A request of no thread, and how often its alarm was called.
pub(in crate::lock) fn request(
    lock: &Lock,
    wanted: Option<Name>,
    wait: Wait,
) -> (Pending<Value>, Arc<AtomicUsize>) {
    request_with(lock, wanted, wait, None).unwrap()
}

fn request_with(
    lock: &Lock,
    wanted: Option<Name>,
    wait: Wait,
    stop: Option<StopHandle>,
) -> Result<(Pending<Value>, Arc<AtomicUsize>), NoTurn<String>> {
    let (alarm, rung) = counted();
    let request = Request {
        wanted,
        label: None,
        wait,
        at: now(),
        stop,
    };
    Ok((lock.request(request, alarm)?, rung))
}

pub(in crate::lock) fn granted(pending: Pending<Value>) -> Turn<Value> {
    match pending.try_take().unwrap() {
        Polled::Granted(turn) => turn,
        Polled::Waiting(_) => panic!("it waits"),
    }
}

fn waiting(pending: Pending<Value>) -> Pending<Value> {
    match pending.try_take().unwrap() {
        Polled::Waiting(pending) => pending,
        Polled::Granted(_) => panic!("it was granted"),
    }
}

#[test]
fn a_request_is_granted_at_once_or_when_a_turn_ends() {
    let lock = lock(1, 0);
    let (first, rung) = request(&lock, write("A"), Wait::Forever);
    assert_eq!(rung.load(SeqCst), 0, "it is granted already");
    // A thread that has a turn may request another.
    let turn = granted(first);
    let (second, rung) = request(&lock, write("B"), Wait::Forever);
    let second = waiting(second);
    assert_eq!(rung.load(SeqCst), 0);
    drop(turn);
    assert_eq!(rung.load(SeqCst), 1);
    let turn = granted(second);
    let mine = acquire(&lock, None, Wait::No).err();
    assert!(matches!(mine, Some(NoTurn::WouldBlock { .. })), "{mine:?}");
    turn.take_over();
    let mine = acquire(&lock, None, Wait::Forever).err();
    assert!(matches!(mine, Some(NoTurn::HeldByThisThread { .. })));
}

#[test]
fn a_thread_with_a_turn_may_request_another() {
    let lock = lock(1, 0);
    let turn = acquire(&lock, write("A"), Wait::Forever).unwrap();
    let (pending, rung) = request(&lock, write("B"), Wait::Forever);
    drop(turn);
    assert_eq!(rung.load(SeqCst), 1);
    drop(granted(pending));
}

#[test]
fn a_dropped_request_leaves_the_queue_or_ends_its_turn() {
    let lock = lock(1, 0);
    let turn = taken(&lock, write("A"));
    let (pending, _) = request(&lock, write("B"), Wait::Forever);
    drop(pending);
    assert!(lock.queue.lock().waiting.is_empty());
    let (pending, _) = request(&lock, write("B"), Wait::Forever);
    let order = order_after(&lock, &[write("C")], || {
        drop(turn);
        assert_eq!(lock.report().holders, [format!("{:?}", write("B"))]);
        drop(pending);
    });
    assert_eq!(order, [0]);
}

#[test]
fn requests_and_threads_wait_in_one_order_of_arrival() {
    let lock = lock(1, 0);
    let turn = taken(&lock, write("A"));
    let (pending, _) = request(&lock, write("B"), Wait::Forever);
    let order = order_after(&lock, &[write("A"), write("A")], || {
        drop(turn);
        let turn = granted(pending);
        assert_eq!(lock.report().waiting, 2, "they came later");
        drop(turn);
    });
    assert_eq!(order, [0, 1]);
}

#[test]
fn a_waiter_rings_the_alarm_of_a_turn_that_was_requested() {
    let lock = lock(1, 16);
    let (pending, rung) = request(&lock, read("A"), Wait::Forever);
    let (other, _) = request(&lock, read("B"), Wait::Forever);
    assert_eq!(rung.load(SeqCst), 1, "it is counted on");
    let turn = granted(pending);
    assert!(turn.is_wanted());
    turn.set_alarm(None);
    drop(other);
    let (_third, _) = request(&lock, read("B"), Wait::Forever);
    assert_eq!(rung.load(SeqCst), 1, "it has no alarm any more");
}

#[test]
fn a_request_that_gets_no_turn_says_why() {
    let lock = lock(1, 0);
    let turn = taken(&lock, write("A"));
    let (pending, rung) = request(&lock, write("B"), Wait::No);
    assert!(matches!(
        pending.try_take(),
        Err(NoTurn::WouldBlock { holders }) if holders.len() == 1
    ));
    assert_eq!(rung.load(SeqCst), 0);
    let (pending, _) = request(&lock, write("B"), Wait::Until(now()));
    let late = pending.try_take().err();
    assert!(matches!(late, Some(NoTurn::Timeout { waiting: 0, .. })));

    let stop = StopHandle::new();
    let (pending, rung) = request_with(&lock, None, Wait::Forever, Some(stop.clone())).unwrap();
    let pending = waiting(pending);
    stop.stop();
    assert_eq!(rung.load(SeqCst), 1);
    assert!(matches!(pending.try_take(), Err(NoTurn::Stopped)));
    let stopped = request_with(&lock, None, Wait::Forever, Some(stop));
    assert!(matches!(stopped, Err(NoTurn::Stopped)));
    assert!(lock.queue.lock().waiting.is_empty());

    let (pending, rung) = request(&lock, None, Wait::Forever);
    lock.close();
    assert_eq!(rung.load(SeqCst), 1);
    assert!(matches!(pending.try_take(), Err(NoTurn::Closed)));
    drop(turn);
    let late = request_with(&lock, None, Wait::Forever, None);
    assert!(matches!(late, Err(NoTurn::Closed)));
}

#[test]
fn a_turn_that_is_requested_again_keeps_its_place() {
    let lock = lock(1, 0);
    let turn = taken(&lock, write("A"));
    let (first, _) = request(&lock, write("B"), Wait::Forever);
    let (second, _) = request(&lock, write("C"), Wait::Forever);
    drop(turn);
    let turn = granted(first);
    let (alarm, rung) = counted();
    turn.take_over();
    let again = turn.request_again(Wait::Forever, None, alarm).unwrap();
    // It came first, so it is served first.
    assert_eq!(rung.load(SeqCst), 2, "granted, and counted on");
    let second = waiting(second);
    drop(granted(again));
    drop(granted(second));
}
