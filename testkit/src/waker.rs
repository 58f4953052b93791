//! Waiting for a socket and for a wake-up from another thread at the same time.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, UdpSocket};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::AsFd;
use rustix::io::retry_on_intr;

/// A datagram socket that is connected to itself: what is sent to it ends a poll.
#[derive(Debug)]
pub(crate) struct Waker(UdpSocket);

impl Waker {
    pub(crate) fn new() -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.connect(socket.local_addr()?)?;
        socket.set_nonblocking(true)?;
        Ok(Self(socket))
    }

    /// Ends the running or the next wait. A full buffer means that a wake-up is on its way.
    pub(crate) fn wake(&self) {
        let _ = self.0.send(&[1]);
    }

    /// Waits until `socket` can be read or somebody woke; says whether the socket is ready.
    pub(crate) fn wait(&self, socket: &impl AsFd) -> io::Result<bool> {
        let mut both = [
            PollFd::new(socket, PollFlags::IN),
            PollFd::new(&self.0, PollFlags::IN),
        ];
        retry_on_intr(|| poll(&mut both, None))?;
        let [socket, waker] = both;
        if !waker.revents().is_empty() {
            self.drain()?;
        }
        Ok(!socket.revents().is_empty())
    }

    /// Like [`wait`](Self::wait); a call of `wake` on `end` makes the socket ready for good.
    #[cfg(not(unix))]
    pub(crate) fn wait_unless(&self, socket: &impl AsFd, end: &Self) -> io::Result<bool> {
        let mut all = [
            PollFd::new(socket, PollFlags::IN),
            PollFd::new(&end.0, PollFlags::IN),
            PollFd::new(&self.0, PollFlags::IN),
        ];
        retry_on_intr(|| poll(&mut all, None))?;
        let [socket, end, waker] = all;
        if !waker.revents().is_empty() {
            self.drain()?;
        }
        Ok(!socket.revents().is_empty() || !end.revents().is_empty())
    }

    /// Waits until `socket` is ready as `wanted`; `false` if there was a call of `wake`, which ends all
    /// later waits too.
    #[cfg(not(unix))]
    pub(crate) fn is_quiet_until(
        &self,
        socket: &impl AsFd,
        wanted: PollFlags,
        within: Option<std::time::Duration>,
    ) -> io::Result<bool> {
        let mut both = [
            PollFd::new(socket, wanted),
            PollFd::new(&self.0, PollFlags::IN),
        ];
        let within = within.and_then(|within| rustix::event::Timespec::try_from(within).ok());
        if retry_on_intr(|| poll(&mut both, within.as_ref()))? == 0 {
            return Err(ErrorKind::TimedOut.into());
        }
        Ok(both[1].revents().is_empty())
    }

    fn drain(&self) -> io::Result<()> {
        loop {
            match self.0.recv(&mut [0; 8]) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
