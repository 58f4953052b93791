//! The threads, locks and clock of a model checker in the place of the real ones, for
//! `--cfg shuttle`.
//!
//! Time passes only if a test advances the clock: a wait with a deadline ends when it is notified
//! or when a test has advanced the clock far enough, whichever the checker schedules first. Nothing
//! wakes without a cause, so a lost notification is a deadlock, and the checker reports it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

pub(super) use shuttle::thread::{self, Thread, ThreadId};

thread_local! {
    // A model run has one real thread; its clock is that thread's.
    static BEGINNING: Instant = Instant::now();
    static PASSED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    static TIMERS: RefCell<Vec<(Instant, Thread)>> = const { RefCell::new(Vec::new()) };
}

/// The time of the model's clock.
pub(super) fn now() -> Instant {
    BEGINNING.with(|beginning| *beginning) + PASSED.get()
}

/// A number that no other thread of the model has; never 0.
pub(super) fn here() -> usize {
    let id = format!("{:?}", thread::current().id());
    let number: String = id.chars().filter(char::is_ascii_digit).collect();
    number
        .parse::<usize>()
        .map_or(usize::MAX, |number| number + 1)
}

/// Lets time pass, and wakes those whose deadline it was.
pub(super) fn advance(time: Duration) {
    PASSED.set(PASSED.get() + time);
    let now = now();
    let due: Vec<_> = TIMERS.with_borrow_mut(|timers| {
        let (due, later) = timers.drain(..).partition(|(deadline, _)| *deadline <= now);
        *timers = later;
        due
    });
    for (_, thread) in due {
        thread.unpark();
    }
}

/// The state of the queue when a turn was granted, or went on for another key.
pub(super) struct Grant<K> {
    /// `u64::MAX` for a turn that went on.
    pub(super) ticket: u64,
    pub(super) wanted: Option<K>,
    /// The keys of the turns that were held.
    pub(super) held: Vec<Option<K>>,
    pub(super) waiting: Vec<(u64, Option<K>)>,
    /// The slot was not open; and another one was open and free.
    pub(super) opens: bool,
    pub(super) is_open_one_free: bool,
}

/// A new run: no time has passed, no thread sleeps.
pub(super) fn restart_clock() {
    PASSED.set(Duration::ZERO);
    TIMERS.with_borrow_mut(Vec::clear);
}

/// `parking_lot::Mutex`, as far as the queue needs it.
pub(crate) struct Mutex<T>(shuttle::sync::Mutex<T>);

/// `parking_lot::MutexGuard`.
pub(crate) struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    /// `None` while a condition is waited for.
    locked: Option<shuttle::sync::MutexGuard<'a, T>>,
}

impl<T> Mutex<T> {
    pub(super) fn new(value: T) -> Self {
        Self(shuttle::sync::Mutex::new(value))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, T> {
        let locked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        self.guard(locked)
    }

    pub(super) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        use std::sync::TryLockError::{Poisoned, WouldBlock};
        match self.0.try_lock() {
            Ok(locked) => Some(self.guard(locked)),
            Err(Poisoned(error)) => Some(self.guard(error.into_inner())),
            Err(WouldBlock) => None,
        }
    }

    pub(super) fn into_inner(self) -> T {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn guard<'a>(&'a self, locked: shuttle::sync::MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        MutexGuard {
            mutex: self,
            locked: Some(locked),
        }
    }
}

impl<T> MutexGuard<'_, T> {
    /// Releases the mutex while `wait` runs.
    fn unlocked(&mut self, wait: impl FnOnce()) {
        self.locked = None;
        wait();
        let locked = self.mutex.0.lock();
        self.locked = Some(locked.unwrap_or_else(PoisonError::into_inner));
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[allow(clippy::expect_used)]
    fn deref(&self) -> &T {
        self.locked.as_ref().expect("the guard's own mutex")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    #[allow(clippy::expect_used)]
    fn deref_mut(&mut self) -> &mut T {
        self.locked.as_mut().expect("the guard's own mutex")
    }
}

/// `parking_lot::Condvar`.
pub(super) struct Condvar {
    /// A real mutex, never locked across a step of the model.
    sleepers: std::sync::Mutex<VecDeque<Arc<Sleeper>>>,
}

struct Sleeper {
    thread: Thread,
    is_notified: AtomicBool,
}

impl Condvar {
    pub(super) fn new() -> Self {
        Self {
            sleepers: std::sync::Mutex::default(),
        }
    }

    pub(super) fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        self.sleep(guard, None);
    }

    /// Whether the deadline ended it.
    pub(super) fn wait_until<T>(&self, guard: &mut MutexGuard<'_, T>, deadline: Instant) -> bool {
        self.sleep(guard, Some(deadline))
    }

    pub(super) fn notify_one(&self) {
        let sleeper = self.lock().pop_front();
        if let Some(sleeper) = sleeper {
            sleeper.is_notified.store(true, Ordering::SeqCst);
            sleeper.thread.unpark();
        }
    }

    fn sleep<T>(&self, guard: &mut MutexGuard<'_, T>, deadline: Option<Instant>) -> bool {
        let sleeper = Arc::new(Sleeper {
            thread: thread::current(),
            is_notified: AtomicBool::new(false),
        });
        let is_over = || deadline.is_some_and(|deadline| now() >= deadline);
        // Nothing comes between the look at the clock and the timer, nor between this line in the
        // queue and the release of the mutex: the model has no step there.
        self.lock().push_back(Arc::clone(&sleeper));
        if let Some(deadline) = deadline {
            TIMERS.with_borrow_mut(|timers| timers.push((deadline, sleeper.thread.clone())));
        }
        guard.unlocked(|| {
            while !sleeper.is_notified.load(Ordering::SeqCst) && !is_over() {
                thread::park();
            }
        });
        self.lock().retain(|other| !Arc::ptr_eq(other, &sleeper));
        TIMERS.with_borrow_mut(|timers| timers.retain(|(_, t)| t.id() != sleeper.thread.id()));
        !sleeper.is_notified.load(Ordering::SeqCst)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Arc<Sleeper>>> {
        self.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MutexGuard").finish_non_exhaustive()
    }
}
