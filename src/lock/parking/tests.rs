//! What turns leave in their value, and who is told of it.

use std::sync::atomic::Ordering::SeqCst;

use super::*;
use crate::lock::pending::tests::{granted, request};
use crate::lock::tests::{Value, counted, lock, taken, write};
use crate::lock::{FairLock, LockPolicy, Wait};

#[test]
fn what_is_parked_is_taken_back_unless_another_turn_has_had_the_value() {
    let lock = lock(1, 0);
    let (alarm, rung) = counted();
    let turn = taken(&lock, write("A"));
    turn.park(Arc::clone(&alarm));
    drop(turn);
    let turn = taken(&lock, write("A"));
    assert!(turn.unpark(&alarm), "no other turn has used it");
    assert!(!turn.unpark(&alarm));
    turn.park(Arc::clone(&alarm));
    drop(turn);
    assert_eq!(rung.load(SeqCst), 0);
    let other = taken(&lock, write("A"));
    assert_eq!(rung.load(SeqCst), 0, "it is being used");
    drop(other);
    assert_eq!(rung.load(SeqCst), 1);
    let turn = taken(&lock, write("A"));
    assert!(!turn.unpark(&alarm), "another turn has used it");
    drop(turn);
    assert_eq!(rung.load(SeqCst), 1, "it is called once");
}

#[test]
fn two_that_park_in_one_value_are_told_of_each_other() {
    let lock = lock(1, 0);
    let ((one, one_rung), (other, other_rung)) = (counted(), counted());
    let turn = taken(&lock, write("A"));
    turn.park(Arc::clone(&one));
    drop(turn);
    let turn = taken(&lock, write("A"));
    assert!(!turn.unpark(&other), "it is not its own");
    turn.park(Arc::clone(&other));
    drop(turn);
    assert_eq!((one_rung.load(SeqCst), other_rung.load(SeqCst)), (1, 0));
    lock.close();
    assert_eq!((one_rung.load(SeqCst), other_rung.load(SeqCst)), (1, 1));
}

/// The waiter behind a turn that parks something is granted the slot, and its end is told.
#[test]
fn a_waiter_ends_what_is_parked_before_it() {
    let lock = lock(1, 0);
    let (alarm, rung) = counted();
    let turn = taken(&lock, write("A"));
    let (pending, _) = request(&lock, write("B"), Wait::Forever);
    turn.park(alarm);
    drop(turn);
    assert_eq!(rung.load(SeqCst), 0);
    drop(granted(pending));
    assert_eq!(rung.load(SeqCst), 1);
}

#[test]
fn other_turns_get_a_slot_in_which_nothing_is_parked_if_they_can() {
    let lock = lock(2, 0);
    let (alarm, rung) = counted();
    let first = taken(&lock, write("A"));
    let second = taken(&lock, write("B"));
    first.park(alarm);
    drop((first, second));
    drop(taken(&lock, write("C")));
    drop(taken(&lock, write("B")));
    assert_eq!(rung.load(SeqCst), 0);
    drop(taken(&lock, write("A")));
    assert_eq!(rung.load(SeqCst), 1);
}

#[test]
fn a_slot_is_opened_rather_than_taken_from_what_is_parked_in_another() {
    let unopened = || Value {
        is_unusable: true,
        ..Value::default()
    };
    let lock = Arc::new(FairLock::new(
        unopened(),
        [unopened()],
        LockPolicy::default(),
    ));
    let open_for = |name: &'static str| {
        let turn = taken(&lock, write(name));
        turn.value().unwrap().is_unusable = false;
        turn.opened();
        turn
    };
    let (alarm, rung) = counted();
    let first = open_for("A");
    first.park(alarm);
    let parked = first.slot();
    drop(first);
    let other = open_for("B");
    assert_ne!(other.slot(), parked);
    drop(open_for("A"));
    assert_eq!(
        (lock.openness().open, rung.load(SeqCst)),
        (2, 1),
        "its own key"
    );
    let (alarm, rung) = counted();
    let again = taken(&lock, write("A"));
    again.park(alarm);
    drop(again);
    drop(taken(&lock, write("C")));
    assert_eq!(rung.load(SeqCst), 1, "there are no more slots");
    drop(other);
}
