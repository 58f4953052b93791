//! A set of descriptors as a list, which is given to the system with each wait.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::stop_handle::Bell;
use crate::transport::Descriptor;
use crate::transport::descriptors::{Descriptors, Owned, descriptor_of};
use crate::transport::readiness::{Polled, Waker, wait};

#[derive(Debug)]
pub(super) struct Set(Mutex<List>);

#[derive(Debug, Default)]
struct List {
    /// Copies of the descriptors, by number: those that were given may be closed during a wait.
    copies: BTreeMap<u64, Arc<Owned>>,
    /// The waits that are in progress. What changes is no part of them.
    waits: u32,
}

impl Set {
    pub(super) fn new(_waker: &Waker) -> io::Result<Self> {
        Ok(Self(Mutex::default()))
    }

    pub(super) fn add(
        &self,
        number: u64,
        descriptor: Descriptor<'_>,
        waker: &Waker,
    ) -> io::Result<()> {
        let copy = Arc::new(descriptor.try_clone_to_owned()?);
        let mut list = self.list();
        list.copies.insert(number, copy);
        list.end_wait(waker);
        Ok(())
    }

    pub(super) fn forget(&self, number: u64, waker: &Waker) {
        let mut list = self.list();
        if list.copies.remove(&number).is_some() {
            // The wait has the copy too, which keeps the connection open.
            list.end_wait(waker);
        }
    }

    pub(super) fn wait(
        &self,
        waker: &Waker,
        until: Option<Instant>,
        ready: &mut Vec<u64>,
    ) -> io::Result<()> {
        let list: Vec<_> = {
            let mut list = self.list();
            list.waits += 1;
            let copies = list.copies.iter();
            let copies = copies.map(|(number, copy)| (*number, Arc::clone(copy)));
            copies.collect()
        };
        let polled = list
            .iter()
            .map(|(_, copy)| Polled::new(descriptor_of(copy)));
        let mut polled: Vec<_> = polled.collect();
        let waited = wait(&mut polled, waker, until);
        let mut left = self.list();
        left.waits -= 1;
        waited?;
        for ((number, copy), polled) in list.iter().zip(&polled) {
            if polled.is_ready() {
                ready.push(*number);
                let kept = left.copies.get(number);
                if kept.is_some_and(|kept| Arc::ptr_eq(kept, copy)) {
                    left.copies.remove(number);
                }
            }
        }
        Ok(())
    }

    /// All of them, and that of the waker.
    pub(super) fn descriptors<'w>(&'w self, waker: &'w Waker) -> Descriptors<'w> {
        Descriptors {
            first: waker.descriptor(),
            others: self.list().copies.values().map(Arc::clone).collect(),
        }
    }

    /// A panic of another thread leaves the list consistent.
    fn list(&self) -> MutexGuard<'_, List> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl List {
    /// The thread that waits is to wait for what there is now.
    fn end_wait(&self, waker: &Waker) {
        if self.waits > 0 {
            waker.ring();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::transport::poller::tests::{connected, descriptor};

    /// Far beyond what a busy machine needs.
    const LONG: Duration = Duration::from_secs(60);

    /// Runs `change` during a wait; the numbers that are ready after it.
    fn ready_after(set: &Set, waker: &Waker, change: impl FnOnce()) -> Vec<u64> {
        thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                let mut ready = Vec::new();
                let long = Instant::now() + LONG;
                set.wait(waker, Some(long), &mut ready).unwrap();
                assert!(Instant::now() < long, "the wait did not end");
                // With what there was during the first.
                set.wait(waker, Some(Instant::now()), &mut ready).unwrap();
                ready
            });
            while set.list().waits == 0 {
                thread::yield_now();
            }
            change();
            waiting.join().unwrap()
        })
    }

    #[test]
    fn what_is_added_during_a_wait_is_waited_for() {
        let waker = Waker::new().unwrap();
        let set = Set::new(&waker).unwrap();
        let (one, mut other) = connected();
        other.write_all(b"x").unwrap();
        assert_eq!(one.peek(&mut [0]).unwrap(), 1);
        let ready = ready_after(&set, &waker, || {
            set.add(7, descriptor(&one), &waker).unwrap();
        });
        assert_eq!(ready, [7]);
    }

    #[test]
    fn what_is_forgotten_during_a_wait_is_closed() {
        let waker = Waker::new().unwrap();
        let set = Set::new(&waker).unwrap();
        let (one, mut other) = connected();
        set.add(7, descriptor(&one), &waker).unwrap();
        let forget = || set.forget(7, &waker);
        assert!(ready_after(&set, &waker, forget).is_empty());
        drop(one);
        other.set_read_timeout(Some(LONG)).unwrap();
        assert_eq!(other.read(&mut [0]).unwrap(), 0);
    }
}
