//! TCP: every address of a name within one deadline, no Nagle, keepalive, and reads that end
//! when their deadline does.

use std::io::{self, IoSlice, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::sockopt;

use crate::transport::{Descriptor, Shutdown, Transport};

/// How long a line may be silent before the kernel asks whether the other end still lives.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(120);

/// The least that an address is given to answer when many share a deadline.
const LEAST_FOR_AN_ADDRESS: Duration = Duration::from_millis(250);

/// A connected socket and the time it may take.
pub(crate) struct Tcp {
    stream: TcpStream,
    read: Duration,
    write: Duration,
    end: Option<Instant>,
    nonblocking: bool,
    /// What the kernel was last told, so that it is told only what is new.
    applied_read: Option<Duration>,
    applied_write: Option<Duration>,
}

/// Why no address could be connected to.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The name has no address, or the resolver failed.
    Resolve(io::Error),
    /// What the last address tried said.
    Connect(io::Error),
}

impl Tcp {
    /// Tries the addresses of `host` in turn, families alternating, all within `deadline`.
    pub(crate) fn connect(
        host: &str,
        port: u16,
        deadline: Option<Instant>,
    ) -> Result<Self, Refusal> {
        let addresses = alternate(resolve(host, port, deadline).map_err(Refusal::Resolve)?);
        let mut last = io::Error::from(io::ErrorKind::TimedOut);
        let mut untried = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
        for address in addresses {
            let left = left_until(deadline);
            if left.is_zero() {
                break;
            }
            let share = (left / untried.max(1)).max(LEAST_FOR_AN_ADDRESS).min(left);
            match TcpStream::connect_timeout(&address, share) {
                Ok(stream) => return Self::new(stream).map_err(Refusal::Connect),
                Err(error) => last = error,
            }
            untried -= 1;
        }
        Err(Refusal::Connect(last))
    }

    fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        keep_alive(&stream)?;
        Ok(Self {
            stream,
            read: Duration::MAX,
            write: Duration::MAX,
            end: None,
            nonblocking: false,
            applied_read: None,
            applied_write: None,
        })
    }

    /// How long the next call may block, or an error when the time is over.
    fn allowed(&self, single: Duration) -> io::Result<Duration> {
        let Some(end) = self.end else {
            return Ok(single);
        };
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            // What TLS libraries take for "try again", so that a late answer can still be read.
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(single.min(left))
    }

    /// Tells the kernel how long the next write may block.
    fn bound_write(&mut self) -> io::Result<()> {
        let allowed = self.allowed(self.write)?;
        if self.applied_write != Some(allowed) {
            self.stream.set_write_timeout(finite(allowed))?;
            self.applied_write = Some(allowed);
        }
        Ok(())
    }
}

impl Read for Tcp {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.nonblocking {
            return receive_arrived(&self.stream, buffer);
        }
        let allowed = self.allowed(self.read)?;
        if self.applied_read != Some(allowed) {
            self.stream.set_read_timeout(finite(allowed))?;
            self.applied_read = Some(allowed);
        }
        self.stream.read(buffer)
    }
}

impl Write for Tcp {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bound_write()?;
        self.stream.write(bytes)
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.bound_write()?;
        self.stream.write_vectored(pieces)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Transport for Tcp {
    fn set_deadlines(&mut self, read: Duration, write: Duration, end: Option<Instant>) {
        (self.read, self.write, self.end) = (read, write, end);
    }

    fn set_nonblocking(&mut self, nonblocking: bool) -> bool {
        self.nonblocking = nonblocking;
        true
    }

    #[cfg(unix)]
    fn descriptor(&self) -> Option<Descriptor<'_>> {
        Some(std::os::fd::AsFd::as_fd(&self.stream))
    }

    #[cfg(windows)]
    fn descriptor(&self) -> Option<Descriptor<'_>> {
        Some(std::os::windows::io::AsSocket::as_socket(&self.stream))
    }

    fn shutdown(&self) -> Option<Shutdown> {
        let stream = self.stream.try_clone().ok()?;
        Some(Box::new(move || {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }))
    }
}

/// One read that never waits, without switching the socket to and fro.
#[cfg(unix)]
fn receive_arrived(stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    let (read, _) = rustix::net::recv(stream, buffer, rustix::net::RecvFlags::DONTWAIT)?;
    Ok(read)
}

#[cfg(not(unix))]
fn receive_arrived(mut stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    stream.set_nonblocking(true)?;
    let read = stream.read(buffer);
    stream.set_nonblocking(false)?;
    read
}

/// `Duration::MAX` stands for "no bound", which the socket knows as none at all.
fn finite(allowed: Duration) -> Option<Duration> {
    (allowed != Duration::MAX).then(|| allowed.max(Duration::from_millis(1)))
}

/// What is left of a deadline; a day where there is none, which no resolver and no address takes.
fn left_until(deadline: Option<Instant>) -> Duration {
    let day = Duration::from_secs(86_400);
    deadline.map_or(day, |deadline| {
        deadline.saturating_duration_since(Instant::now())
    })
}

fn keep_alive(stream: &TcpStream) -> io::Result<()> {
    sockopt::set_socket_keepalive(stream, true)?;
    #[cfg(any(
        target_os = "linux",
        target_os = "android",
        target_os = "macos",
        windows
    ))]
    sockopt::set_tcp_keepidle(stream, KEEPALIVE_AFTER)?;
    Ok(())
}

/// Looks a name up on a thread of its own, because the resolver knows no deadline; the thread
/// ends when the resolver does.
fn resolve(host: &str, port: u16, deadline: Option<Instant>) -> io::Result<Vec<SocketAddr>> {
    let bare = host
        .strip_prefix('[')
        .and_then(|h| h.strip_suffix(']'))
        .unwrap_or(host);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (answer, wait) = mpsc::channel();
    let name = bare.to_owned();
    thread::Builder::new()
        .name("latchbox-resolver".into())
        .spawn(move || {
            let found = (name.as_str(), port)
                .to_socket_addrs()
                .map(Iterator::collect::<Vec<_>>);
            let _ = answer.send(found);
        })?;
    let left = left_until(deadline);
    let found = wait
        .recv_timeout(left)
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    if found.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::NotFound,
            "the name has no address",
        ));
    }
    Ok(found)
}

/// The order of RFC 8305: families in turn, beginning with the one the resolver put first.
fn alternate(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let count = addresses.len();
    let (a, b): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_v6);
    let (mut a, mut b) = (a.into_iter(), b.into_iter());
    let mut ordered = Vec::with_capacity(count);
    while ordered.len() < count {
        ordered.extend(a.next());
        ordered.extend(b.next());
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns() {
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        let given = ["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1"].map(address);
        let wanted = ["[::1]:1", "1.1.1.1:1", "[::2]:1", "[::3]:1"].map(address);
        assert_eq!(alternate(given.to_vec()), wanted);
    }

    #[test]
    fn brackets_of_an_ipv6_literal_are_no_part_of_it() {
        let soon = Instant::now() + Duration::from_secs(5);
        assert_eq!(
            resolve("[::1]", 7, Some(soon)).unwrap(),
            ["[::1]:7".parse().unwrap()]
        );
    }

    #[test]
    fn a_silent_line_times_out_at_the_end_not_at_the_read_timeout() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let now = Instant::now();
        let mut tcp = Tcp::connect("127.0.0.1", port, Some(now + Duration::from_secs(5))).unwrap();
        let end = Instant::now() + Duration::from_millis(30);
        tcp.set_deadlines(Duration::from_secs(60), Duration::from_secs(60), Some(end));
        let kind = tcp.read(&mut [0; 8]).unwrap_err().kind();
        assert!(
            matches!(kind, io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut),
            "{kind}"
        );
        assert_eq!(
            tcp.read(&mut [0; 8]).unwrap_err().kind(),
            io::ErrorKind::WouldBlock
        );
    }
}
