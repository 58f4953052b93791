//! Waiting until a stream can be read or another thread rings, by polling.

use std::io::{self, Read, Write};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::transport::Descriptor;

/// What other threads ring to end a wait.
///
/// A ring is remembered until the next wait sees it, so one that comes too early is not lost, and
/// many are as good as one.
#[derive(Debug)]
pub(crate) struct Waker {
    bell: Bell,
    /// Readable once it has been rung.
    ear: Bell,
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
        Ok(Self { bell, ear })
    }

    /// Ends the wait that is under way, or else the next one; never blocks.
    pub(crate) fn ring(&self) {
        // It fails when it is full, and then it has been rung already.
        let _ = (&self.bell).write(&[1]);
    }

    /// Forgets that it was rung.
    fn silence(&self) {
        let mut rings = [0; 64];
        while (&self.ear)
            .read(&mut rings)
            .is_ok_and(|count| count == rings.len())
        {}
    }
}

#[cfg(unix)]
fn pair() -> io::Result<(Bell, Bell)> {
    Bell::pair()
}

/// Two ends of a connection to ourselves, and to nobody else who happens to connect first.
#[cfg(not(unix))]
fn pair() -> io::Result<(Bell, Bell)> {
    let listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?;
    let bell = Bell::connect(listener.local_addr()?)?;
    let own = bell.local_addr()?;
    loop {
        let (ear, from) = listener.accept()?;
        if from == own {
            // Only tunes it.
            let _ = bell.set_nodelay(true);
            return Ok((bell, ear));
        }
    }
}

/// Waits until `stream` can be read or has ended, `waker` was rung, or `until` has come; which of
/// them it was is for the caller to look at.
pub(crate) fn wait(
    stream: Option<Descriptor<'_>>,
    waker: &Waker,
    until: Option<Instant>,
) -> io::Result<()> {
    let mut both = vec![PollFd::new(&waker.ear, PollFlags::IN)];
    both.extend(stream.as_ref().map(|s| PollFd::new(s, PollFlags::IN)));
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        // What is too long for the system is as good as for ever.
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        match poll(&mut both, left.as_ref()) {
            Ok(_) => break,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if both.first().is_some_and(|ear| !ear.revents().is_empty()) {
        waker.silence();
    }
    Ok(())
}

/// Waits until `stream` takes many octets, has ended, or `until` has come.
#[cfg(unix)]
pub(crate) fn wait_to_write(
    stream: &impl rustix::fd::AsFd,
    until: Option<Instant>,
) -> io::Result<()> {
    let mut one = [PollFd::new(stream, PollFlags::OUT)];
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        match poll(&mut one, left.as_ref()) {
            Ok(_) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fd::AsFd;
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
            wait(Some(one.as_fd()), &waker, soon()).unwrap();
            assert!(!is_rung(&waker));
        }
    }

    #[test]
    fn a_ring_from_another_thread_ends_the_wait() {
        let waker = Waker::new().unwrap();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| wait(None, &waker, None));
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
        wait(Some(one.as_fd()), &waker, None).unwrap();
        (&one).read_exact(&mut [0]).unwrap();
        drop(other);
        wait(Some(one.as_fd()), &waker, None).unwrap();
    }

    #[test]
    fn the_time_ends_the_wait_and_not_before() {
        let (one, _other) = connected();
        let waker = Waker::new().unwrap();
        let until = Instant::now() + Duration::from_millis(20);
        wait(Some(one.as_fd()), &waker, Some(until)).unwrap();
        assert!(Instant::now() >= until);
        wait(Some(one.as_fd()), &waker, Some(until)).unwrap();
    }
}
