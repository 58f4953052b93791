//! A set of descriptors that the kernel keeps (epoll).

use std::io;
use std::time::Instant;

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::fd::{AsFd, OwnedFd};

use crate::transport::Descriptor;
use crate::transport::descriptors::Descriptors;
use crate::transport::readiness::Waker;

/// The number of the waker.
const WAKER: u64 = u64::MAX;

/// The most descriptors that the kernel reports in one call.
const AT_ONCE: usize = 64;

#[derive(Debug)]
pub(super) struct Set(OwnedFd);

impl Set {
    pub(super) fn new(waker: &Waker) -> io::Result<Self> {
        let set = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let data = epoll::EventData::new_u64(WAKER);
        epoll::add(&set, waker.descriptor(), data, epoll::EventFlags::IN)?;
        Ok(Self(set))
    }

    /// A wait that is in progress reports it too.
    pub(super) fn add(
        &self,
        number: u64,
        descriptor: Descriptor<'_>,
        _waker: &Waker,
    ) -> io::Result<()> {
        let data = epoll::EventData::new_u64(number);
        let once = epoll::EventFlags::IN | epoll::EventFlags::ONESHOT;
        match epoll::modify(&self.0, descriptor, data, once) {
            Err(rustix::io::Errno::NOENT) => Ok(epoll::add(&self.0, descriptor, data, once)?),
            modified => Ok(modified?),
        }
    }

    /// The kernel removes a descriptor when it is closed.
    #[allow(clippy::unused_self)]
    pub(super) fn forget(&self, _number: u64, _waker: &Waker) {}

    pub(super) fn wait(
        &self,
        waker: &Waker,
        until: Option<Instant>,
        ready: &mut Vec<u64>,
    ) -> io::Result<()> {
        let mut until = until;
        loop {
            let events = self.wait_once(until)?;
            let count = events.len();
            for event in events {
                match event.data.u64() {
                    WAKER => waker.silence(),
                    number => ready.push(number),
                }
            }
            if count < AT_ONCE {
                return Ok(());
            }
            // There may be more. A poll of the descriptor by edges would not report them again.
            until = Some(Instant::now());
        }
    }

    fn wait_once(&self, until: Option<Instant>) -> io::Result<Vec<epoll::Event>> {
        let mut events = Vec::with_capacity(AT_ONCE);
        loop {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            // A time that is too long for the system is no limit.
            let left = left.and_then(|left| Timespec::try_from(left).ok());
            match epoll::wait(&self.0, spare_capacity(&mut events), left.as_ref()) {
                Ok(_) => return Ok(events),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    pub(super) fn descriptor(&self) -> Descriptor<'_> {
        self.0.as_fd()
    }

    /// The set itself, which has the waker too.
    pub(super) fn descriptors(&self, _waker: &Waker) -> Descriptors<'_> {
        Descriptors {
            first: self.descriptor(),
            others: Vec::new(),
        }
    }
}
