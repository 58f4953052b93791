//! Connects to the addresses of a name in parallel; the first to answer wins (RFC 8305 section 5).

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rustix::fd::OwnedFd;
use rustix::io::{Errno, ioctl_fionbio};
use rustix::net::{self, AddressFamily, SocketType, sockopt};

use crate::transport::readiness::wait_for_any_to_write;
use crate::transport::tcp_error::TcpError;

/// The delay from one attempt to the next parallel one, as RFC 8305 section 5 recommends.
const DELAY: Duration = Duration::from_millis(250);

/// The longest poll on Windows.
///
/// Before Windows 10 version 2004, WSAPoll reports no failed connection, so the sockets are checked
/// in between.
#[cfg(windows)]
const LOOK: Duration = Duration::from_millis(100);

/// An attempt that has neither connected nor failed.
#[derive(Debug)]
struct Attempt {
    address: SocketAddr,
    socket: OwnedFd,
}

/// The addresses of a name: not tried, in progress, and failed.
#[derive(Debug)]
struct Race {
    /// The next one is the last element.
    untried: Vec<SocketAddr>,
    running: Vec<Attempt>,
    failed: Vec<(SocketAddr, io::Error)>,
    /// The time at which the next attempt begins in parallel to those in progress.
    next: Instant,
}

/// Connects to the first of `addresses` that answers.
///
/// They are tried in this order, each 250 ms after the one before, or at once if that one has
/// failed. All other sockets are closed.
pub(crate) fn connect_to_first(
    addresses: Vec<SocketAddr>,
    deadline: Instant,
) -> Result<TcpStream, TcpError> {
    let mut race = Race::new(addresses);
    race.run(deadline).ok_or_else(|| race.into_error())
}

impl Race {
    fn new(mut addresses: Vec<SocketAddr>) -> Self {
        addresses.reverse();
        Self {
            untried: addresses,
            running: Vec::new(),
            failed: Vec::new(),
            next: Instant::now(),
        }
    }

    /// The first connection; `None` if all attempts have failed or the deadline has passed.
    fn run(&mut self, deadline: Instant) -> Option<TcpStream> {
        loop {
            let now = Instant::now();
            if now >= deadline {
                return None;
            }
            self.begin_due(now);
            if self.running.is_empty() {
                return None;
            }
            self.wait(deadline);
            if let Some(winner) = self.take_winner() {
                return Some(winner);
            }
        }
    }

    /// Begins the next attempt if it is due, and more if it fails at once.
    fn begin_due(&mut self, now: Instant) {
        while self.running.is_empty() || now >= self.next {
            let Some(address) = self.untried.pop() else {
                return;
            };
            match begin(address) {
                Ok(socket) => {
                    self.running.push(Attempt { address, socket });
                    self.next = now + DELAY;
                }
                Err(error) => self.note(address, error),
            }
        }
    }

    /// Waits until an attempt connects or fails, or the next one is due.
    fn wait(&mut self, deadline: Instant) {
        let until = match self.untried.is_empty() {
            true => deadline,
            false => self.next.min(deadline),
        };
        #[cfg(windows)]
        let until = until.min(Instant::now() + LOOK);
        let sockets = self.running.iter().map(|attempt| &attempt.socket);
        if let Err(error) = wait_for_any_to_write(sockets, until) {
            // Without a poll, a completed connection is not detected.
            for Attempt { address, .. } in std::mem::take(&mut self.running) {
                let error = io::Error::new(error.kind(), error.to_string());
                self.failed.push((address, error));
            }
        }
    }

    /// The first attempt that has connected, as a blocking stream. Attempts that have failed are
    /// recorded.
    fn take_winner(&mut self) -> Option<TcpStream> {
        for Attempt { address, socket } in std::mem::take(&mut self.running) {
            match state(&socket) {
                Ok(State::Running) => self.running.push(Attempt { address, socket }),
                Ok(State::Connected) => match finished(socket) {
                    Ok(stream) => return Some(stream),
                    Err(error) => self.note(address, error),
                },
                Err(error) => self.note(address, error.into()),
            }
        }
        None
    }

    /// Records that an address failed, so that the next attempt begins at once.
    fn note(&mut self, address: SocketAddr, error: io::Error) {
        log::debug!("connecting to {address} failed: {error}");
        self.failed.push((address, error));
        self.next = Instant::now();
    }

    /// Each address with its error, in the order in which they failed; then those without an
    /// answer.
    fn into_error(self) -> TcpError {
        let is_timeout = !self.running.is_empty() || !self.untried.is_empty();
        let timeout = |address, text| (address, io::Error::new(io::ErrorKind::TimedOut, text));
        let silent = self.running.into_iter().map(|attempt| attempt.address);
        let silent = silent.map(|address| timeout(address, "no answer"));
        let untried = self.untried.into_iter().rev();
        let untried = untried.map(|address| timeout(address, "not tried"));
        let failed = self.failed.into_iter();
        TcpError::new(failed.chain(silent).chain(untried).collect(), is_timeout)
    }
}

/// The state of an attempt that has not failed.
enum State {
    Running,
    Connected,
}

fn state(socket: &OwnedFd) -> Result<State, Errno> {
    sockopt::socket_error(socket)??;
    match net::getpeername(socket) {
        Ok(_) => Ok(State::Connected),
        // macOS reports one of these for a connection that is in progress.
        Err(Errno::NOTCONN | Errno::INVAL) => Ok(State::Running),
        Err(error) => Err(error),
    }
}

/// Begins to connect, without waiting.
fn begin(address: SocketAddr) -> io::Result<OwnedFd> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let socket = stream_socket(family)?;
    ioctl_fionbio(&socket, true)?;
    match net::connect(&socket, &address) {
        Ok(()) | Err(Errno::INPROGRESS | Errno::INTR) => Ok(socket),
        #[cfg(windows)]
        Err(Errno::WOULDBLOCK) => Ok(socket),
        Err(error) => Err(error.into()),
    }
}

/// A socket that no child process inherits.
#[cfg(not(any(windows, target_vendor = "apple")))]
fn stream_socket(family: AddressFamily) -> io::Result<OwnedFd> {
    let flags = net::SocketFlags::CLOEXEC;
    Ok(net::socket_with(family, SocketType::STREAM, flags, None)?)
}

/// A socket that no child process inherits, and whose end is an error, not a signal.
#[cfg(target_vendor = "apple")]
fn stream_socket(family: AddressFamily) -> io::Result<OwnedFd> {
    let socket = net::socket(family, SocketType::STREAM, None)?;
    rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
    sockopt::set_socket_nosigpipe(&socket, true)?;
    Ok(socket)
}

#[cfg(windows)]
fn stream_socket(family: AddressFamily) -> io::Result<OwnedFd> {
    static STARTED: std::sync::Once = std::sync::Once::new();
    STARTED.call_once(|| {
        if let Err(error) = net::wsa_startup() {
            log::debug!("WSAStartup failed: {error}");
        }
    });
    Ok(net::socket(family, SocketType::STREAM, None)?)
}

/// A blocking stream of a connected socket.
fn finished(socket: OwnedFd) -> io::Result<TcpStream> {
    ioctl_fionbio(&socket, false)?;
    let stream = TcpStream::from(socket);
    // The standard library makes a copy that no child process inherits.
    #[cfg(windows)]
    let stream = stream.try_clone()?;
    Ok(stream)
}

#[cfg(test)]
mod tests;
