//! Waiting for a socket and for a wake-up from another thread at the same time.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, UdpSocket};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
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

    /// Like [`wait`](Self::wait), for no longer than `within`, and a wake-up ends all later waits
    /// too. Nothing when the time is over.
    pub(crate) fn wait_within(
        &self,
        socket: &impl AsFd,
        within: Duration,
    ) -> io::Result<Option<bool>> {
        let mut both = [
            PollFd::new(socket, PollFlags::IN),
            PollFd::new(&self.0, PollFlags::IN),
        ];
        let within = Timespec::try_from(within).map_err(io::Error::other)?;
        let ready = retry_on_intr(|| poll(&mut both, Some(&within)))?;
        Ok((ready > 0).then(|| !both[0].revents().is_empty()))
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
