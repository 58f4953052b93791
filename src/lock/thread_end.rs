//! What a thread still has locked when it ends: a guard that was leaked, and that no thread can use
//! any more, because it cannot leave its thread.

use std::cell::RefCell;
use std::sync::{Arc, Weak};
use std::thread::ThreadId;

use crate::lock::{Keyed, Latch};

/// A latch, whatever it guards.
trait Lockable: Send + Sync {
    fn thread_ended(&self, thread: ThreadId);
}

/// What this thread has had a turn of.
struct Known {
    thread: ThreadId,
    latch: Weak<dyn Lockable>,
}

#[derive(Default)]
struct Here(RefCell<Vec<Known>>);

thread_local!(static HERE: Here = Here::default());

impl<T: Keyed + Send> Lockable for Latch<T> {
    fn thread_ended(&self, thread: ThreadId) {
        Latch::thread_ended(self, thread);
    }
}

/// The latch is told when this thread ends.
pub(super) fn remember<T: Keyed + Send + 'static>(latch: &Arc<Latch<T>>, thread: ThreadId) {
    // In the last moments of a thread there is no place to remember it, and no need to.
    let _ = HERE.try_with(|here| {
        let mut known = here.0.borrow_mut();
        let latch_at = Arc::as_ptr(latch);
        if known
            .iter()
            .any(|known| std::ptr::addr_eq(known.latch.as_ptr(), latch_at))
        {
            return;
        }
        known.retain(|known| known.latch.strong_count() > 0);
        let latch: Weak<Latch<T>> = Arc::downgrade(latch);
        known.push(Known { thread, latch });
    });
}

impl Drop for Here {
    fn drop(&mut self) {
        for Known { thread, latch } in self.0.take() {
            if let Some(latch) = latch.upgrade() {
                latch.thread_ended(thread);
            }
        }
    }
}
