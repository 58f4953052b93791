//! A set of descriptors as a list, which is given to the system with each wait.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::transport::Descriptor;
use crate::transport::poller::{Descriptors, Owned, descriptor_of};
use crate::transport::readiness::{Polled, Waker, wait};

/// Copies of the descriptors, by number: those that were given may be closed during a wait.
#[derive(Debug)]
pub(super) struct Set(Mutex<BTreeMap<u64, Arc<Owned>>>);

impl Set {
    pub(super) fn new(_waker: &Waker) -> io::Result<Self> {
        Ok(Self(Mutex::default()))
    }

    pub(super) fn add(&self, number: u64, descriptor: Descriptor<'_>) -> io::Result<()> {
        let copy = Arc::new(descriptor.try_clone_to_owned()?);
        self.list().insert(number, copy);
        Ok(())
    }

    pub(super) fn forget(&self, number: u64) {
        self.list().remove(&number);
    }

    pub(super) fn wait(
        &self,
        waker: &Waker,
        until: Option<Instant>,
        ready: &mut Vec<u64>,
    ) -> io::Result<()> {
        let list: Vec<_> = {
            let list = self.list();
            let copies = list
                .iter()
                .map(|(number, copy)| (*number, Arc::clone(copy)));
            copies.collect()
        };
        let polled = list
            .iter()
            .map(|(_, copy)| Polled::new(descriptor_of(copy)));
        let mut polled: Vec<_> = polled.collect();
        wait(&mut polled, waker, until)?;
        let mut left = self.list();
        for ((number, copy), polled) in list.iter().zip(&polled) {
            if polled.is_ready() {
                ready.push(*number);
                if left.get(number).is_some_and(|kept| Arc::ptr_eq(kept, copy)) {
                    left.remove(number);
                }
            }
        }
        Ok(())
    }

    /// All of them, and that of the waker.
    pub(super) fn descriptors<'w>(&'w self, waker: &'w Waker) -> Descriptors<'w> {
        Descriptors {
            first: waker.descriptor(),
            others: self.list().values().map(Arc::clone).collect(),
        }
    }

    /// A panic of another thread leaves the list consistent.
    fn list(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Owned>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
