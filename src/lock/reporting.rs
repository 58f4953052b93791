//! What the lock reports of those who hold a turn and those who wait.

use super::queue::Queue;
use super::{FairLock, Keyed, Report};

impl<T: Keyed> FairLock<T> {
    pub(crate) fn report(&self) -> Report<T::Holder> {
        let queue = self.queue.lock();
        Report {
            holders: Self::holders(&queue),
            waiting: queue.waiting.len(),
        }
    }

    /// The waiters in the order of arrival: the name of the thread, the label and the key of each.
    pub(crate) fn waiters<W>(
        &self,
        waiter: impl Fn(Option<&str>, Option<&str>, Option<&T::Key>) -> W,
    ) -> Vec<W> {
        let queue = self.queue.lock();
        let waiting = queue.waiting.iter().map(|waiting| {
            let who = &waiting.who;
            waiter(who.thread.name(), who.label.as_deref(), who.wanted.as_ref())
        });
        waiting.collect()
    }

    pub(super) fn holders(queue: &Queue<T::Key>) -> Vec<T::Holder> {
        let owners = queue.owners();
        let holdings = owners.filter_map(|(slot, _)| queue.holding(slot));
        holdings.map(T::holder).collect()
    }
}
