//! The lock by itself: order, bounds, refusals, and what several slots add.

use std::sync::Mutex as StdMutex;
use std::sync::atomic::Ordering::SeqCst;

use super::*;

/// A name, and whether a turn for it only reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name(&'static str, bool);

impl Key for Name {
    fn excludes(&self, other: &Self) -> bool {
        self.0 == other.0 && !(self.1 && other.1)
    }

    fn covers(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

#[derive(Default)]
pub(super) struct Value {
    pub(super) opened: Option<Name>,
    pub(super) is_unusable: bool,
}

impl Keyed for Value {
    type Key = Name;
    type Holder = String;

    fn update_key(&self, known: &mut Option<Name>) {
        *known = self.opened;
    }

    fn is_usable(&self) -> bool {
        !self.is_unusable
    }

    fn holder(turn: Holding<'_, Name>) -> String {
        format!("{:?}", turn.key)
    }
}

pub(super) type Lock = Arc<FairLock<Value>>;
pub(super) type Outcome = Result<Turn<Value>, NoTurn<String>>;

fn lock_with(slots: usize, policy: LockPolicy) -> Lock {
    let others = (1..slots).map(|_| Value::default());
    Arc::new(FairLock::new(Value::default(), others, policy))
}

pub(super) fn lock(slots: usize, max_overtakes: u32) -> Lock {
    let policy = LockPolicy {
        max_overtakes,
        ..LockPolicy::default()
    };
    lock_with(slots, policy)
}

pub(super) fn write(name: &'static str) -> Option<Name> {
    Some(Name(name, false))
}

pub(super) fn read(name: &'static str) -> Option<Name> {
    Some(Name(name, true))
}

pub(super) fn acquire(lock: &Lock, wanted: Option<Name>, wait: Wait) -> Outcome {
    let label = None;
    lock.acquire(Request {
        wanted,
        label,
        wait,
        at: now(),
        stop: None,
    })
}

/// A turn of no thread, with its key open.
pub(super) fn taken(lock: &Lock, wanted: Option<Name>) -> Turn<Value> {
    let turn = acquire(lock, wanted, Wait::No).unwrap();
    turn.hand_over();
    turn.value().unwrap().opened = wanted;
    turn
}

fn wait_until_waiting(lock: &Lock, count: usize) {
    while lock.queue.lock().waiting.len() < count {
        thread::yield_now();
    }
}

/// Lets a turn for each key be waited for, one after the other; then calls `go`; returns the order in
/// which they were served.
pub(super) fn order_after(lock: &Lock, wanted: &[Option<Name>], go: impl FnOnce()) -> Vec<usize> {
    let served = StdMutex::new(Vec::new());
    let before = lock.queue.lock().waiting.len();
    thread::scope(|scope| {
        for (number, wanted) in wanted.iter().copied().enumerate() {
            let served = &served;
            scope.spawn(move || {
                let turn = acquire(lock, wanted, Wait::Forever).unwrap();
                turn.value().unwrap().opened = wanted;
                served.lock().unwrap().push(number);
            });
            wait_until_waiting(lock, before + number + 1);
        }
        go();
    });
    served.into_inner().unwrap()
}

/// The order in which waiters for these names are served by one slot, which has the first open.
fn order_served(max_overtakes: u32, names: &[&'static str]) -> Vec<usize> {
    let lock = lock(1, max_overtakes);
    let wanted: Vec<_> = names.iter().copied().map(write).collect();
    let first = taken(&lock, wanted[0]);
    order_after(&lock, &wanted, || drop(first))
}

#[test]
fn turns_come_in_order_of_arrival() {
    assert_eq!(order_served(0, &["A", "B", "A", "B", "A"]), [0, 1, 2, 3, 4]);
}

#[test]
fn waiters_for_what_is_open_go_first_within_the_bound() {
    assert_eq!(
        order_served(16, &["A", "B", "A", "B", "A"]),
        [0, 2, 4, 1, 3]
    );
    assert_eq!(order_served(1, &["A", "B", "A", "B", "A"]), [0, 2, 1, 3, 4]);
}

#[test]
fn a_turn_that_is_granted_at_once_is_held_since_its_request() {
    let lock = lock(1, 0);
    let at = now();
    let turn = lock.acquire(Request {
        wanted: write("A"),
        label: None,
        wait: Wait::Forever,
        at,
        stop: None,
    });
    let since = |lock: &Lock| {
        let queue = lock.queue.lock();
        queue.owners().map(|(_, owner)| owner.since).next()
    };
    assert_eq!(since(&lock), Some(at));
    turn.unwrap().hand_over();
    assert!(since(&lock).is_none(), "it has ended");
    let turn = taken(&lock, write("A"));
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let at = now();
            let turn = acquire(&lock, write("A"), Wait::Forever).unwrap();
            (at, since(&lock), turn.hand_over())
        });
        wait_until_waiting(&lock, 1);
        let granted = now();
        drop(turn);
        let (at, since, ()) = waiting.join().unwrap();
        assert!(at < granted && since.unwrap() >= granted, "since its grant");
    });
}

/// Turns of two threads come in turn, and each thread gives back its own.
#[test]
fn a_thread_that_ends_after_another_had_a_turn_loses_its_turn() {
    let lock = lock(1, 0);
    let inner = &lock;
    thread::scope(|scope| {
        for _ in 0..2 {
            drop(acquire(inner, write("A"), Wait::Forever).unwrap());
            let leaking = scope.spawn(move || {
                std::mem::forget(acquire(inner, write("A"), Wait::Forever).unwrap());
            });
            leaking.join().unwrap();
        }
        assert!(acquire(inner, write("A"), Wait::No).is_ok());
    });
}

#[test]
fn a_second_turn_of_the_same_thread_is_refused() {
    let lock = lock(1, 0);
    let _turn = acquire(&lock, write("A"), Wait::Forever).unwrap();
    for wait in [Wait::Forever, Wait::No] {
        let error = acquire(&lock, write("B"), wait).err().unwrap();
        let NoTurn::HeldByThisThread { holders } = error else {
            panic!("{error:?}");
        };
        assert_eq!(holders.len(), 1);
    }
}

#[test]
fn impatience_names_the_holder() {
    let lock = lock(1, 0);
    let _turn = acquire(&lock, write("A"), Wait::Forever).unwrap();
    let soon = Wait::for_at_most(Duration::from_millis(1));
    let refused = |wait| {
        let lock = Arc::clone(&lock);
        let asked = thread::spawn(move || acquire(&lock, None, wait).err());
        asked.join().unwrap().unwrap()
    };
    let at_once = refused(Wait::No);
    assert!(
        matches!(&at_once, NoTurn::WouldBlock { holders } if holders.len() == 1),
        "{at_once:?}"
    );
    let late = refused(soon);
    assert!(
        matches!(&late, NoTurn::Timeout { holders, waiting: 0, .. } if holders.len() == 1),
        "{late:?}"
    );
    assert!(lock.queue.lock().waiting.is_empty());
}

#[test]
fn a_panic_of_the_holder_passes_the_turn_on() {
    let lock = lock(1, 0);
    let inner = Arc::clone(&lock);
    let panicked = thread::spawn(move || {
        let _turn = acquire(&inner, write("A"), Wait::Forever).unwrap();
        panic!("on purpose");
    });
    assert!(panicked.join().is_err());
    assert!(acquire(&lock, None, Wait::No).is_ok());
}

#[test]
fn a_newcomer_gets_the_slot_that_costs_it_least() {
    let lock = lock(3, 16);
    let (a, b) = (taken(&lock, write("A")), taken(&lock, write("B")));
    let (slot_of_a, slot_of_b) = (a.slot(), b.slot());
    drop(b);
    drop(a);
    let again = taken(&lock, write("B"));
    assert_eq!(again.slot(), slot_of_b, "its key is open there");
    let new = taken(&lock, write("C"));
    assert_eq!(
        new.slot(),
        3 - slot_of_a - slot_of_b,
        "nothing is open there"
    );
    drop(again);
    drop(new);
    let other = taken(&lock, write("D"));
    assert_eq!(other.slot(), slot_of_a, "it was idle for longest");
    let last = taken(&lock, None);
    assert_eq!(last.slot(), slot_of_b, "it was idle for longer");
}

#[test]
fn a_freed_slot_goes_to_a_waiter_for_its_key_within_the_bound() {
    for (max_overtakes, served) in [(16, [1, 0]), (0, [0, 1])] {
        let lock = lock(2, max_overtakes);
        let (a, b) = (taken(&lock, read("A")), taken(&lock, write("B")));
        let order = order_after(&lock, &[write("C"), read("A")], || drop(a));
        assert_eq!(order, served);
        drop(b);
    }
}

#[test]
fn of_several_free_slots_a_waiter_gets_the_one_with_its_key() {
    let lock = lock(3, 16);
    drop(taken(&lock, write("B")));
    let a = taken(&lock, write("A"));
    drop(taken(&lock, write("C")));
    let slot = a.slot();
    let got = StdMutex::new(None);
    thread::scope(|scope| {
        scope.spawn(|| {
            let turn = acquire(&lock, write("A"), Wait::Forever).unwrap();
            *got.lock().unwrap() = Some(turn.slot());
        });
        wait_until_waiting(&lock, 1);
        drop(a);
    });
    assert_eq!(got.into_inner().unwrap(), Some(slot));
}

#[test]
fn a_writer_excludes_its_key_and_blocks_no_other() {
    let lock = lock(3, 16);
    let writer = taken(&lock, write("A"));
    for wanted in [write("A"), read("A")] {
        let refused = acquire(&lock, wanted, Wait::No).err();
        assert!(matches!(refused, Some(NoTurn::WouldBlock { .. })));
    }
    let order = order_after(&lock, &[write("A")], || {
        // There is a free slot, and a waiter, and they do not fit.
        let other = taken(&lock, write("B"));
        assert_eq!(lock.queue.lock().waiting.len(), 1);
        drop(writer);
        drop(other);
    });
    assert_eq!(order, [0]);
}

#[test]
fn readers_are_side_by_side_and_exclude_a_writer() {
    let lock = lock(3, 16);
    let (one, other) = (taken(&lock, read("A")), taken(&lock, read("A")));
    assert_ne!(one.slot(), other.slot());
    assert!(acquire(&lock, write("A"), Wait::No).is_err());
    drop(one);
    assert!(acquire(&lock, write("A"), Wait::No).is_err());
    drop(other);
    assert!(acquire(&lock, write("A"), Wait::No).is_ok());
}

#[test]
fn several_writers_are_an_option() {
    let policy = LockPolicy {
        several_writers: true,
        ..LockPolicy::default()
    };
    let lock = lock_with(2, policy);
    let _one = taken(&lock, write("A"));
    let _other = taken(&lock, write("A"));
}

#[test]
fn readers_overtake_a_waiting_writer_within_the_bound() {
    let lock = lock(3, 1);
    let first = taken(&lock, read("A"));
    let order = order_after(&lock, &[write("A")], || {
        let second = taken(&lock, read("A"));
        let third = acquire(&lock, read("A"), Wait::No);
        assert!(matches!(third, Err(NoTurn::WouldBlock { .. })));
        // It does not make the writer wait longer.
        drop(taken(&lock, read("B")));
        drop(first);
        drop(second);
    });
    assert_eq!(order, [0]);
    drop(taken(&lock, read("A")));
}

#[test]
fn a_writer_that_gives_up_lets_in_the_readers_behind_it() {
    let lock = lock(2, 0);
    let reader = taken(&lock, read("A"));
    let in_time = Wait::for_at_most(Duration::from_millis(300));
    thread::scope(|scope| {
        let writer = scope.spawn(|| acquire(&lock, write("A"), in_time).map(drop));
        wait_until_waiting(&lock, 1);
        let second = scope.spawn(|| acquire(&lock, read("A"), Wait::Forever).map(drop));
        // On a machine that is too slow for that, the reader need not wait at all.
        while lock.queue.lock().waiting.len() < 2 && !writer.is_finished() {
            thread::yield_now();
        }
        assert!(writer.join().unwrap().is_err());
        second.join().unwrap().unwrap();
    });
    drop(reader);
}

#[test]
fn a_thread_with_a_turn_may_try_for_another_and_may_not_wait() {
    let lock = lock(2, 0);
    let one = acquire(&lock, write("A"), Wait::Forever).unwrap();
    let waits = acquire(&lock, write("B"), Wait::Forever).err();
    assert!(matches!(waits, Some(NoTurn::HeldByThisThread { .. })));
    let other = acquire(&lock, write("B"), Wait::No).unwrap();
    assert_ne!(one.slot(), other.slot());
    let none = acquire(&lock, write("C"), Wait::No).err();
    let Some(NoTurn::HeldByThisThread { holders }) = none else {
        panic!("{none:?}");
    };
    assert_eq!(holders.len(), 2);
    assert_eq!(lock.report().holders.len(), 2);
}

#[test]
fn a_turn_goes_on_for_another_key_unless_that_is_excluded() {
    let lock = lock(3, 16);
    let (one, other) = (taken(&lock, write("A")), taken(&lock, write("B")));
    let refused = one.change_wanted(Name("B", true)).unwrap_err();
    assert_eq!(refused, [format!("{:?}", write("B"))]);
    one.change_wanted(Name("A", true)).unwrap();
    one.change_wanted(Name("A", false)).unwrap();
    let order = order_after(&lock, &[write("A")], || {
        // The slot that was free serves the waiter for the key that is not held any more.
        one.change_wanted(Name("C", false)).unwrap();
        while !lock.queue.lock().waiting.is_empty() {
            thread::yield_now();
        }
        drop(other);
    });
    assert_eq!(order, [0]);
}

/// An alarm, and how often it was called.
pub(super) fn counted() -> (Alarm, Arc<AtomicUsize>) {
    let rung = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&rung);
    let alarm: Alarm = Arc::new(move || {
        counted.fetch_add(1, SeqCst);
    });
    (alarm, rung)
}

/// Counts how often the alarm of a turn rings.
fn alarmed(turn: &Turn<Value>) -> Arc<AtomicUsize> {
    let (alarm, rung) = counted();
    turn.set_alarm(Some(alarm));
    rung
}

/// Waits for alarms, which ring after the waiter has entered the queue.
fn wait_until_rung(alarms: [&AtomicUsize; 2], times: [usize; 2]) {
    while alarms.map(|rung| rung.load(Ordering::SeqCst)) != times {
        thread::yield_now();
    }
}

#[test]
fn a_waiter_rings_one_alarm_and_the_next_rings_another() {
    let lock = lock(3, 16);
    let (a, b) = (taken(&lock, read("A")), taken(&lock, read("B")));
    let _busy = taken(&lock, write("D"));
    let (rung_a, rung_b) = (alarmed(&a), alarmed(&b));
    thread::scope(|scope| {
        scope.spawn(|| acquire(&lock, read("B"), Wait::Forever).map(drop));
        wait_until_waiting(&lock, 1);
        wait_until_rung([&rung_a, &rung_b], [0, 1]);
        assert!(b.is_wanted() && !a.is_wanted(), "its slot has the key open");
        scope.spawn(|| acquire(&lock, write("C"), Wait::Forever).map(drop));
        wait_until_waiting(&lock, 2);
        wait_until_rung([&rung_a, &rung_b], [1, 1]);
        assert!(a.is_wanted());
        drop(b);
        drop(a);
    });
}

#[test]
fn only_alarms_that_serve_the_waiter_ring() {
    let lock = lock(3, 16);
    let (a, b) = (taken(&lock, read("A")), taken(&lock, read("B")));
    let busy = taken(&lock, read("A"));
    let (rung_a, rung_b) = (alarmed(&a), alarmed(&b));
    thread::scope(|scope| {
        scope.spawn(|| acquire(&lock, write("A"), Wait::Forever).map(drop));
        wait_until_waiting(&lock, 1);
        assert!(!a.is_wanted() && !b.is_wanted(), "another reader is left");
        drop(busy);
        wait_until_rung([&rung_a, &rung_b], [1, 0]);
        assert!(a.is_wanted() && !b.is_wanted());
        drop(a);
    });
    assert_eq!(rung_b.load(Ordering::SeqCst), 0);
}

#[test]
fn a_waiter_that_was_there_before_rings_an_alarm_when_it_is_set() {
    let lock = lock(1, 16);
    let turn = taken(&lock, read("A"));
    thread::scope(|scope| {
        scope.spawn(|| acquire(&lock, read("A"), Wait::Forever).map(drop));
        wait_until_waiting(&lock, 1);
        assert!(!turn.is_wanted());
        let _rung = alarmed(&turn);
        assert!(turn.is_wanted());
        drop(turn);
    });
}

#[test]
fn closing_rings_every_alarm() {
    let lock = lock(2, 16);
    let (a, b) = (taken(&lock, read("A")), taken(&lock, read("B")));
    let rung = [alarmed(&a), alarmed(&b)];
    lock.close();
    assert!(rung.iter().all(|rung| rung.load(Ordering::SeqCst) == 1));
    assert!(matches!(
        acquire(&lock, None, Wait::No),
        Err(NoTurn::Closed)
    ));
}

#[test]
fn a_thread_that_ends_loses_all_its_turns_and_no_other() {
    let lock = lock(3, 16);
    let kept = taken(&lock, write("A"));
    let inner = Arc::clone(&lock);
    let leaked = thread::spawn(move || {
        for name in ["B", "C"] {
            std::mem::forget(acquire(&inner, write(name), Wait::No).unwrap());
        }
        assert_eq!(inner.report().holders.len(), 3);
    });
    leaked.join().unwrap();
    assert_eq!(lock.report().holders, [format!("{:?}", write("A"))]);
    assert!(kept.value().is_some());
}

#[test]
fn what_is_in_the_hands_of_this_thread_is_its_own() {
    let lock = lock(2, 16);
    assert_eq!(lock.slot_here(), None);
    let (_first, second) = (taken(&lock, write("A")), taken(&lock, write("B")));
    let value = second.value();
    assert_eq!(lock.slot_here(), Some(second.slot()));
    let waits = acquire(&lock, None, Wait::Forever).err();
    assert!(matches!(waits, Some(NoTurn::HeldByThisThread { holders }) if holders.len() == 1));
    drop(value);
    assert_eq!(lock.slot_here(), None);
}

#[test]
fn a_slot_is_opened_if_all_are_held_or_for_a_key_that_was_closed_lately() {
    let unopened = || Value {
        is_unusable: true,
        ..Value::default()
    };
    let others = (1..3).map(|_| unopened());
    let lock = Arc::new(FairLock::new(unopened(), others, LockPolicy::default()));
    let open_for = |name: &'static str| {
        let turn = taken(&lock, write(name));
        let is_new = !turn.is_open();
        turn.value().unwrap().is_unusable = false;
        turn.opened();
        (turn, is_new)
    };
    let is_new = |name| open_for(name).1;
    assert!(is_new("A"));
    // A walk.
    assert!(
        !["B", "C", "D", "A", "B", "C", "D", "A"]
            .into_iter()
            .any(is_new)
    );
    assert!(is_new("D"), "it would still be open with three slots");
    assert!(!["A", "D", "A", "D"].into_iter().any(is_new));
    let (_one, _other) = (open_for("A"), open_for("D"));
    assert!(is_new("X"), "all were held");
    assert_eq!(lock.openness().open, 3);
}
