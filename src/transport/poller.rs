//! A poller: waits for many descriptors in one call, each of which has a number and is reported once.

#[cfg(any(target_os = "linux", target_os = "android"))]
mod epoll;
#[cfg(any(test, not(any(target_os = "linux", target_os = "android"))))]
#[cfg_attr(
    any(target_os = "linux", target_os = "android"),
    allow(dead_code, reason = "tested where it is not used")
)]
mod list;

use std::io;
use std::time::Instant;

use crate::stop_handle::Bell;
use crate::transport::Descriptor;
use crate::transport::descriptors::Descriptors;
use crate::transport::readiness::Waker;

#[cfg(any(target_os = "linux", target_os = "android"))]
use self::epoll::Set;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
use self::list::Set;

/// Descriptors to wait for, and a waker. A wait reports those that are readable or have ended, each of
/// them once: then it has to be added again.
///
/// On Linux the kernel keeps them (epoll), so that a wait costs nothing for those that are not ready.
#[derive(Debug)]
pub(crate) struct Poller {
    set: Set,
    waker: Waker,
}

impl Poller {
    pub(crate) fn new() -> io::Result<Self> {
        let waker = Waker::new()?;
        let set = Set::new(&waker)?;
        Ok(Self { set, waker })
    }

    /// The next wait reports this descriptor, by this number, when it is ready.
    pub(crate) fn add(&self, number: u64, descriptor: Descriptor<'_>) -> io::Result<()> {
        self.set.add(number, descriptor, &self.waker)
    }

    /// This number will not be used again. A wait may still report it.
    pub(crate) fn forget(&self, number: u64) {
        self.set.forget(number, &self.waker);
    }

    /// Waits until a descriptor is ready, a call of [`ring`](Bell::ring), or `until`; adds the numbers
    /// of those that are ready to `ready`.
    pub(crate) fn wait(&self, until: Option<Instant>, ready: &mut Vec<u64>) -> io::Result<()> {
        self.set.wait(&self.waker, until, ready)
    }

    /// The descriptor that is readable whenever a wait would return before its time.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn descriptor(&self) -> Descriptor<'_> {
        self.set.descriptor()
    }

    /// Those of which one is readable if a wait would return before its time, until a descriptor is
    /// added.
    pub(crate) fn descriptors(&self) -> Descriptors<'_> {
        self.set.descriptors(&self.waker)
    }
}

impl Bell for Poller {
    /// Ends the current wait, or else the next one.
    fn ring(&self) {
        self.waker.ring();
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::thread;
    use std::time::Duration;

    use super::*;

    /// Both ways of waiting, of which a platform uses one.
    trait Waits: Sized {
        fn make(waker: &Waker) -> Self;
        fn add(&self, number: u64, descriptor: Descriptor<'_>, waker: &Waker);
        fn forget(&self, number: u64, waker: &Waker);
        fn wait(&self, waker: &Waker, until: Option<Instant>) -> Vec<u64>;
        fn descriptors<'w>(&'w self, waker: &'w Waker) -> Descriptors<'w>;
    }

    macro_rules! waits {
        ($set:ty) => {
            impl Waits for $set {
                fn make(waker: &Waker) -> Self {
                    Self::new(waker).unwrap()
                }
                fn add(&self, number: u64, descriptor: Descriptor<'_>, waker: &Waker) {
                    self.add(number, descriptor, waker).unwrap();
                }
                fn forget(&self, number: u64, waker: &Waker) {
                    self.forget(number, waker);
                }
                fn wait(&self, waker: &Waker, until: Option<Instant>) -> Vec<u64> {
                    let mut ready = Vec::new();
                    self.wait(waker, until, &mut ready).unwrap();
                    ready.sort_unstable();
                    ready
                }
                fn descriptors<'w>(&'w self, waker: &'w Waker) -> Descriptors<'w> {
                    self.descriptors(waker)
                }
            }
        };
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    waits!(epoll::Set);
    waits!(list::Set);

    pub(super) fn connected() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let one = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (one, listener.accept().unwrap().0)
    }

    #[cfg(unix)]
    pub(super) fn descriptor(stream: &TcpStream) -> Descriptor<'_> {
        rustix::fd::AsFd::as_fd(stream)
    }

    #[cfg(windows)]
    pub(super) fn descriptor(stream: &TcpStream) -> Descriptor<'_> {
        std::os::windows::io::AsSocket::as_socket(stream)
    }

    fn reports_those_that_are_ready<W: Waits>() {
        let waker = Waker::new().unwrap();
        let set = W::make(&waker);
        let mut pairs: Vec<_> = (0..300).map(|_| connected()).collect();
        for (number, (one, _)) in (7..).zip(&pairs) {
            set.add(number, descriptor(one), &waker);
        }
        let ready = [0, 3, 299];
        for index in ready {
            pairs[index].1.write_all(b"x").unwrap();
            assert_eq!(pairs[index].0.peek(&mut [0]).unwrap(), 1);
        }
        assert_eq!(set.wait(&waker, None), [7, 10, 306]);
        let until = Instant::now() + Duration::from_millis(20);
        assert!(set.wait(&waker, Some(until)).is_empty());
        assert!(Instant::now() >= until);
        (&pairs[0].0).read_exact(&mut [0]).unwrap();
        for index in ready {
            set.add(7 + index as u64, descriptor(&pairs[index].0), &waker);
        }
        assert_eq!(set.wait(&waker, None), [10, 306]);
        set.forget(10, &waker);
        pairs[5].1.shutdown(std::net::Shutdown::Both).unwrap();
        assert_eq!(set.wait(&waker, None), [12]);
    }

    fn a_ring_ends_one_wait<W: Waits + Sync>() {
        let waker = Waker::new().unwrap();
        let set = W::make(&waker);
        waker.ring();
        waker.ring();
        assert!(set.wait(&waker, None).is_empty());
        let until = Instant::now() + Duration::from_millis(20);
        assert!(set.wait(&waker, Some(until)).is_empty() && Instant::now() >= until);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| set.wait(&waker, None));
            waker.ring();
            assert!(waiting.join().unwrap().is_empty());
        });
    }

    #[test]
    fn those_that_are_ready_are_reported_once_until_they_are_added_again() {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        reports_those_that_are_ready::<epoll::Set>();
        reports_those_that_are_ready::<list::Set>();
    }

    #[test]
    fn a_ring_ends_a_wait_also_if_it_came_before() {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        a_ring_ends_one_wait::<epoll::Set>();
        a_ring_ends_one_wait::<list::Set>();
    }

    /// A program that polls the descriptors sees what a wait would see.
    fn descriptors_are_readable_when_a_wait_would_return<W: Waits>() {
        let waker = Waker::new().unwrap();
        let set = W::make(&waker);
        let mut pairs = [connected(), connected()];
        for (number, (one, _)) in (1..).zip(&pairs) {
            set.add(number, descriptor(one), &waker);
        }
        let is_readable = || is_any_readable(&set.descriptors(&waker));
        assert!(!is_readable());
        for (number, (one, other)) in (1..).zip(&mut pairs) {
            other.write_all(b"x").unwrap();
            assert_eq!(one.peek(&mut [0]).unwrap(), 1);
            assert!(is_readable());
            assert_eq!(set.wait(&waker, None), [number]);
            assert!(!is_readable());
        }
        waker.ring();
        assert!(is_readable());
        set.wait(&waker, None);
        assert!(!is_readable());
    }

    fn is_any_readable(descriptors: &Descriptors<'_>) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};

        let polled = descriptors.iter();
        let polled = polled.map(|each| PollFd::from_borrowed_fd(each, PollFlags::IN));
        poll(&mut polled.collect::<Vec<_>>(), Some(&Timespec::default())).unwrap() > 0
    }

    #[test]
    fn the_descriptors_are_readable_when_a_wait_would_return() {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        descriptors_are_readable_when_a_wait_would_return::<epoll::Set>();
        descriptors_are_readable_when_a_wait_would_return::<list::Set>();
    }

    /// A loop that polls the descriptor by edges is not told of them a second time.
    #[test]
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn one_wait_reports_all_that_are_ready() {
        let poller = Poller::new().unwrap();
        let pairs: Vec<_> = (0..200).map(|_| connected()).collect();
        for (number, (one, other)) in (0..).zip(&pairs) {
            (&*other).write_all(b"x").unwrap();
            assert_eq!(one.peek(&mut [0]).unwrap(), 1);
            poller.add(number, descriptor(one)).unwrap();
        }
        let mut ready = Vec::new();
        poller.wait(None, &mut ready).unwrap();
        ready.sort_unstable();
        assert!(ready.into_iter().eq(0..200));
    }
}
