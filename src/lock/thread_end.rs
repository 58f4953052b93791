//! The locks that a thread still holds when it ends: a guard that was leaked, and that no thread
//! can use any more, because it cannot leave its thread.

use std::cell::RefCell;
use std::sync::{Arc, Weak};
use std::thread::ThreadId;

/// A lock, whatever it protects.
pub(super) trait Lockable: Send + Sync {
    fn thread_ended(&self, thread: ThreadId);
}

/// A lock from which this thread has requested a turn.
struct Known {
    thread: ThreadId,
    lock: Weak<dyn Lockable>,
}

#[derive(Default)]
struct Here(RefCell<Vec<Known>>);

thread_local!(static HERE: Here = Here::default());

/// Calls [`thread_ended`](Lockable::thread_ended) of the lock when this thread ends.
#[inline]
pub(super) fn remember<L: Lockable + 'static>(lock: &Arc<L>, thread: ThreadId) {
    // In the last moments of a thread there is no place to remember it, and no need to.
    let _ = HERE.try_with(|here| {
        let mut known = here.0.borrow_mut();
        let lock_at = Arc::as_ptr(lock);
        if known
            .iter()
            .any(|known| std::ptr::addr_eq(known.lock.as_ptr(), lock_at))
        {
            return;
        }
        known.retain(|known| known.lock.strong_count() > 0);
        let lock: Weak<L> = Arc::downgrade(lock);
        known.push(Known { thread, lock });
    });
}

impl Drop for Here {
    fn drop(&mut self) {
        for Known { thread, lock } in self.0.take() {
            if let Some(lock) = lock.upgrade() {
                lock.thread_ended(thread);
            }
        }
    }
}
