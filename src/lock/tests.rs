//! The queue by itself: order, bounds, refusals.

use super::*;
use crate::types::mailbox_name::MailboxName;

/// What was served, and what is open since.
#[derive(Default)]
struct Value {
    served: Vec<usize>,
    opened: Option<Opened>,
}

impl Keyed for Value {
    fn note_opened(&self, known: &mut Option<Opened>) {
        known.clone_from(&self.opened);
    }
}

fn latch(overtaking: u32) -> Arc<Latch<Value>> {
    let long_hold = Duration::from_secs(60);
    Arc::new(Latch::new(
        Value::default(),
        Manners {
            overtaking,
            long_hold,
        },
    ))
}

fn request(wish: Option<Opened>, patience: Patience) -> Request {
    Request {
        wish,
        label: None,
        patience,
    }
}

fn wish(name: &str) -> Option<Opened> {
    Some(Opened {
        name: MailboxName::new(name).unwrap(),
        read_only: false,
    })
}

fn wait_until_waiting<T: Keyed>(latch: &Latch<T>, count: usize) {
    while latch.queue.lock().waiting.len() < count {
        thread::yield_now();
    }
}

/// Starts a waiter for each wish, in order, and returns the order in which they were served.
fn order_served(latch: &Arc<Latch<Value>>, wishes: &[&str]) -> Vec<usize> {
    let first = latch
        .acquire(request(wish(wishes[0]), Patience::Unlimited))
        .unwrap();
    first.value().unwrap().opened = wish(wishes[0]);
    thread::scope(|scope| {
        for (number, name) in wishes.iter().enumerate() {
            scope.spawn(move || {
                let turn = latch
                    .acquire(request(wish(name), Patience::Unlimited))
                    .unwrap();
                let mut value = turn.value().unwrap();
                value.opened = wish(name);
                value.served.push(number);
            });
            wait_until_waiting(latch, number + 1);
        }
        drop(first);
    });
    latch.value().unwrap().served.clone()
}

#[test]
fn turns_come_in_order_of_arrival() {
    assert_eq!(
        order_served(&latch(0), &["A", "B", "A", "B", "A"]),
        [0, 1, 2, 3, 4]
    );
}

#[test]
fn waiters_for_what_is_open_go_first_within_the_bound() {
    assert_eq!(
        order_served(&latch(16), &["A", "B", "A", "B", "A"]),
        [0, 2, 4, 1, 3]
    );
    assert_eq!(
        order_served(&latch(1), &["A", "B", "A", "B", "A"]),
        [0, 2, 1, 3, 4]
    );
}

#[test]
fn a_second_turn_of_the_same_thread_is_refused() {
    let latch = latch(0);
    let _turn = latch
        .acquire(request(wish("A"), Patience::Unlimited))
        .unwrap();
    let error = latch
        .acquire(request(wish("B"), Patience::Unlimited))
        .err()
        .unwrap();
    assert!(
        matches!(error, NoTurn::Busy(LockError::HeldByThisThread { .. })),
        "{error:?}"
    );
}

#[test]
fn impatience_names_the_holder() {
    let latch = latch(0);
    let _turn = latch
        .acquire(request(wish("A"), Patience::Unlimited))
        .unwrap();
    let soon = Patience::for_at_most(Some(Duration::from_millis(1)));
    let other = thread::scope(|scope| {
        let impatient = scope.spawn(|| latch.acquire(request(None, Patience::None)).err().unwrap());
        let patient = scope.spawn(|| latch.acquire(request(None, soon)).err().unwrap());
        (impatient.join().unwrap(), patient.join().unwrap())
    });
    assert!(
        matches!(
            other.0,
            NoTurn::Busy(LockError::WouldBlock { holder: Some(_) })
        ),
        "{:?}",
        other.0
    );
    assert!(
        matches!(
            other.1,
            NoTurn::Busy(LockError::Timeout {
                holder: Some(_),
                ..
            })
        ),
        "{:?}",
        other.1
    );
    assert!(latch.queue.lock().waiting.is_empty());
}

#[test]
fn a_panic_of_the_holder_passes_the_turn_on() {
    let latch = latch(0);
    let inner = Arc::clone(&latch);
    let panicked = thread::spawn(move || {
        let _turn = inner
            .acquire(request(wish("A"), Patience::Unlimited))
            .unwrap();
        panic!("on purpose");
    });
    assert!(panicked.join().is_err());
    assert!(latch.acquire(request(None, Patience::None)).is_ok());
}
