//! Readiness: waits, by polling, until a stream can be read or another thread rings the waker.

use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;

use crate::stop_handle::Bell as Rings;
use crate::transport::Descriptor;

/// Ends a wait when another thread calls [`ring`](Rings::ring).
///
/// A call is remembered until the next wait, so an early one is not lost. Several calls end one
/// wait.
#[derive(Debug)]
pub(crate) struct Waker {
    bell: Bell,
    /// Readable after a call of `ring`.
    ear: Bell,
    /// Whether an octet was sent that has not been read. There is never more than one: over TCP,
    /// those after the first could arrive after the wait that they were sent for, and end another.
    is_rung: AtomicBool,
}

#[cfg(unix)]
type Bell = std::os::unix::net::UnixStream;

#[cfg(not(unix))]
type Bell = std::net::TcpStream;

impl Waker {
    pub(crate) fn new() -> io::Result<Self> {
        let (bell, ear) = pair()?;
        bell.set_nonblocking(true)?;
        ear.set_nonblocking(true)?;
        Ok(Self {
            bell,
            ear,
            is_rung: AtomicBool::new(false),
        })
    }

    /// What is readable after a call of `ring`.
    #[cfg(unix)]
    pub(super) fn descriptor(&self) -> Descriptor<'_> {
        rustix::fd::AsFd::as_fd(&self.ear)
    }

    /// What is readable after a call of `ring`.
    #[cfg(windows)]
    pub(super) fn descriptor(&self) -> Descriptor<'_> {
        std::os::windows::io::AsSocket::as_socket(&self.ear)
    }

    /// Resets it after a call of `ring`, for a wait that is about to return.
    pub(super) fn silence(&self) {
        if (&self.ear).read(&mut [0]).is_ok_and(|count| count > 0) {
            // What was changed before a call that has sent nothing is seen after the wait.
            self.is_rung.swap(false, Ordering::AcqRel);
        }
    }
}

impl Rings for Waker {
    /// Ends the current wait, or else the next one; never blocks.
    fn ring(&self) {
        let is_rung = self.is_rung.swap(true, Ordering::AcqRel);
        if !is_rung && (&self.bell).write(&[1]).is_err() {
            // The next call tries again.
            self.is_rung.store(false, Ordering::Release);
        }
    }
}

#[cfg(unix)]
fn pair() -> io::Result<(Bell, Bell)> {
    Bell::pair()
}

/// Two ends of a connection of this process to itself; any other peer that connects first is
/// dropped.
#[cfg(not(unix))]
fn pair() -> io::Result<(Bell, Bell)> {
    let listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?;
    let bell = Bell::connect(listener.local_addr()?)?;
    let own = bell.local_addr()?;
    loop {
        let (ear, from) = listener.accept()?;
        if from == own {
            // Only a tuning option.
            let _ = bell.set_nodelay(true);
            return Ok((bell, ear));
        }
    }
}

/// The event after which there may be more to read from a stream.
#[derive(Debug)]
pub(crate) enum Awaited<'d> {
    /// None: there may be more already.
    Nothing,
    /// The descriptor is readable, or has ended.
    Readable(Descriptor<'d>),
    /// An event that a poll does not report.
    Unknown,
}

impl Awaited<'_> {
    /// Waits until the event, a call of `ring` on `waker`, or `until`.
    pub(crate) fn wait(self, waker: &Waker, until: Option<Instant>) -> io::Result<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::Readable(stream) => wait(&mut [Polled::new(stream)], waker, until),
            Self::Unknown => wait(&mut [], waker, until),
        }
    }
}

/// A stream to wait for, and the result of the last wait.
#[derive(Debug)]
pub(crate) struct Polled<'d> {
    stream: Descriptor<'d>,
    is_ready: bool,
}

impl<'d> Polled<'d> {
    pub(crate) fn new(stream: Descriptor<'d>) -> Self {
        Self {
            stream,
            is_ready: false,
        }
    }

    /// Whether the last wait ended because the stream was readable, or had ended.
    #[cfg_attr(
        all(not(test), any(target_os = "linux", target_os = "android")),
        expect(dead_code, reason = "one stream is read in any case")
    )]
    pub(crate) fn is_ready(&self) -> bool {
        self.is_ready
    }

    /// The entry for the system's poll.
    fn entry(&self) -> PollFd<'d> {
        PollFd::from_borrowed_fd(self.stream, PollFlags::IN)
    }
}

/// Waits until one of `streams` is readable or has ended, a call of `ring` on `waker`, or `until`.
///
/// Records which of the streams are ready. Allocates only for two streams or more.
pub(crate) fn wait(
    streams: &mut [Polled<'_>],
    waker: &Waker,
    until: Option<Instant>,
) -> io::Result<()> {
    let ear = PollFd::new(&waker.ear, PollFlags::IN);
    let (mut alone, mut pair, mut list);
    let polled = match &*streams {
        [] => {
            alone = [ear];
            alone.as_mut_slice()
        }
        [stream] => {
            pair = [ear, stream.entry()];
            pair.as_mut_slice()
        }
        _ => {
            list = Vec::with_capacity(streams.len() + 1);
            list.push(ear);
            list.extend(streams.iter().map(Polled::entry));
            list.as_mut_slice()
        }
    };
    poll_until(polled, until)?;
    let mut found = polled.iter().map(|entry| !entry.revents().is_empty());
    if found.next().unwrap_or_default() {
        waker.silence();
    }
    for (stream, is_ready) in streams.iter_mut().zip(found) {
        stream.is_ready = is_ready;
    }
    Ok(())
}

/// Waits until `stream` has room for many octets, has ended, or `until` has passed.
#[cfg(unix)]
pub(crate) fn wait_to_write(stream: Descriptor<'_>, until: Option<Instant>) -> io::Result<()> {
    poll_until(
        &mut [PollFd::from_borrowed_fd(stream, PollFlags::OUT)],
        until,
    )
}

/// Waits until `stream` is ready as `wanted`, has ended, a call of `ring` on `end`, or `until`.
///
/// Returns whether there was such a call. It is not reset: all later waits return at once.
#[cfg(any(test, not(unix)))]
pub(crate) fn wait_unless_rung(
    stream: Descriptor<'_>,
    wanted: PollFlags,
    end: Option<&Waker>,
    until: Option<Instant>,
) -> io::Result<bool> {
    let stream = PollFd::from_borrowed_fd(stream, wanted);
    let Some(end) = end else {
        return poll_until(&mut [stream], until).map(|()| false);
    };
    let mut both = [stream, PollFd::new(&end.ear, PollFlags::IN)];
    poll_until(&mut both, until)?;
    let [_, end] = both;
    Ok(!end.revents().is_empty())
}

/// Waits until one of `sockets` is writable or has failed, or `until` has passed.
pub(crate) fn wait_for_any_to_write<'s>(
    sockets: impl Iterator<Item = &'s OwnedFd>,
    until: Instant,
) -> io::Result<()> {
    let mut polled: Vec<_> = sockets
        .map(|socket| PollFd::new(socket, PollFlags::OUT))
        .collect();
    poll_until(&mut polled, Some(until))
}

/// Polls until one is ready or `until` has passed; a signal does not end it.
fn poll_until(polled: &mut [PollFd<'_>], until: Option<Instant>) -> io::Result<()> {
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        // A time that is too long for the system is no limit.
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        match poll(polled, left.as_ref()) {
            Ok(_) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};
    use std::thread;
    use std::time::Duration;

    /// Far beyond what a busy machine needs.
    const LONG: Duration = Duration::from_secs(60);

    fn connected() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let one = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (one, listener.accept().unwrap().0)
    }

    fn soon() -> Option<Instant> {
        Some(Instant::now() + LONG)
    }

    fn wait_for(stream: &TcpStream, waker: &Waker, until: Option<Instant>) -> io::Result<bool> {
        let mut polled = [Polled::new(descriptor(stream))];
        wait(&mut polled, waker, until)?;
        Ok(polled[0].is_ready())
    }

    #[cfg(unix)]
    fn descriptor(stream: &TcpStream) -> Descriptor<'_> {
        rustix::fd::AsFd::as_fd(stream)
    }

    #[cfg(windows)]
    fn descriptor(stream: &TcpStream) -> Descriptor<'_> {
        std::os::windows::io::AsSocket::as_socket(stream)
    }

    /// Whether a wait would end without anything new.
    fn is_rung(waker: &Waker) -> bool {
        let mut ear = [PollFd::new(&waker.ear, PollFlags::IN)];
        poll(&mut ear, Some(&Timespec::default())).unwrap() == 1
    }

    #[test]
    fn rings_before_the_wait_end_it_and_are_forgotten() {
        let (one, _other) = connected();
        let waker = Waker::new().unwrap();
        for rings in [1, 2, 64, 100_000] {
            (0..rings).for_each(|_| waker.ring());
            assert!(is_rung(&waker));
            let is_ready = wait_for(&one, &waker, soon()).unwrap();
            assert!(!is_ready && !is_rung(&waker));
        }
    }

    #[test]
    fn a_ring_from_another_thread_ends_the_wait() {
        let waker = Waker::new().unwrap();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| wait(&mut [], &waker, None));
            waker.ring();
            waiting.join().unwrap().unwrap();
        });
        assert!(!is_rung(&waker));
    }

    #[test]
    fn octets_and_the_end_of_the_stream_end_the_wait() {
        let (one, mut other) = connected();
        let waker = Waker::new().unwrap();
        other.write_all(b"x").unwrap();
        assert!(wait_for(&one, &waker, None).unwrap());
        (&one).read_exact(&mut [0]).unwrap();
        drop(other);
        assert!(wait_for(&one, &waker, None).unwrap());
    }

    #[test]
    fn of_many_streams_a_wait_finds_those_that_can_be_read() {
        let mut pairs: Vec<_> = (0..40).map(|_| connected()).collect();
        let waker = Waker::new().unwrap();
        for written in [vec![0], vec![39], vec![3, 17, 38]] {
            for index in &written {
                pairs[*index].1.write_all(b"x").unwrap();
            }
            // What was written on several connections need not arrive at once.
            for index in &written {
                assert_eq!(pairs[*index].0.peek(&mut [0]).unwrap(), 1);
            }
            let polled = pairs.iter().map(|(one, _)| Polled::new(descriptor(one)));
            let mut polled: Vec<_> = polled.collect();
            wait(&mut polled, &waker, None).unwrap();
            let ready = (0..pairs.len()).filter(|index| polled[*index].is_ready());
            let ready: Vec<_> = ready.collect();
            assert_eq!(ready, written);
            for index in &written {
                (&pairs[*index].0).read_exact(&mut [0]).unwrap();
            }
        }
    }

    #[test]
    fn with_many_streams_a_ring_and_the_time_end_the_wait_and_none_is_ready() {
        let pairs = [connected(), connected(), connected()];
        let waker = Waker::new().unwrap();
        let mut polled = pairs
            .each_ref()
            .map(|(one, _)| Polled::new(descriptor(one)));
        thread::scope(|scope| {
            let waiting = scope.spawn(|| wait(&mut polled, &waker, None));
            waker.ring();
            waiting.join().unwrap().unwrap();
        });
        assert!(!is_rung(&waker));
        let until = Instant::now() + Duration::from_millis(20);
        wait(&mut polled, &waker, Some(until)).unwrap();
        assert!(Instant::now() >= until);
        assert!(polled.iter().all(|polled| !polled.is_ready()));
    }

    #[test]
    fn what_an_earlier_wait_found_is_not_kept() {
        let (one, mut other) = connected();
        let waker = Waker::new().unwrap();
        let mut polled = [Polled::new(descriptor(&one))];
        other.write_all(b"x").unwrap();
        wait(&mut polled, &waker, None).unwrap();
        assert!(polled[0].is_ready());
        (&one).read_exact(&mut [0]).unwrap();
        waker.ring();
        wait(&mut polled, &waker, None).unwrap();
        assert!(!polled[0].is_ready());
    }

    #[test]
    fn the_time_ends_the_wait_and_not_before() {
        let (one, _other) = connected();
        let waker = Waker::new().unwrap();
        let until = Instant::now() + Duration::from_millis(20);
        wait_for(&one, &waker, Some(until)).unwrap();
        assert!(Instant::now() >= until);
        wait_for(&one, &waker, Some(until)).unwrap();
    }
}
