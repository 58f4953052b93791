//! A connected socket as a transport, with deadlines for reads and writes.

#[cfg(unix)]
mod bounded;
#[cfg(any(test, not(unix)))]
#[cfg_attr(unix, allow(dead_code, reason = "tested where it is not used"))]
mod polled;
mod stream;

use std::io::{self, IoSlice, Read, Write};
use std::net::TcpStream;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::transport::socket::stream::Stream;
#[cfg(any(target_os = "linux", target_os = "android"))]
use crate::transport::socket::stream::finite;
use crate::transport::{Descriptor, Shutdown, Transport};

#[cfg(unix)]
use self::bounded::Waits;
#[cfg(not(unix))]
use self::polled::Waits;

/// The number of checks for room of a write that waits, within its time.
const LOOKS: u32 = 16;

/// A connected socket that supports deadlines and polling.
///
/// It is made from a `TcpStream`, or on Unix from a `UnixStream`, for
/// [`ClientBuilder::connect_transport`](crate::ClientBuilder::connect_transport). The socket has to
/// be blocking; on Windows it becomes nonblocking. Its options (Nagle's algorithm, keepalive) stay as
/// they were set.
///
/// ```
/// # let server = latchbox_testkit::Server::start()?;
/// # let port = server.port();
/// use std::net::TcpStream;
/// use latchbox::Client;
/// use latchbox::transport::Socket;
///
/// let stream = TcpStream::connect(("127.0.0.1", port))?; // bound or routed as you like
/// stream.set_nodelay(true)?;
/// # let _ = stringify! {
/// let builder = Client::builder("imap.example.com"); // whom the certificate must name
/// # };
/// # let builder = Client::builder("127.0.0.1").danger_plaintext();
/// let client = builder.connect_transport(Socket::from(stream))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Socket {
    stream: Stream,
    read: Duration,
    write: Duration,
    end: Option<Instant>,
    /// The time until which the deadline is farther off than the timeout of a read or a write.
    ///
    /// Before it, the remaining time need not be computed for each call.
    ample_until: Option<Instant>,
    nonblocking: bool,
    waits: Waits,
}

impl From<TcpStream> for Socket {
    fn from(stream: TcpStream) -> Self {
        Self::new(Stream::Tcp(Arc::new(stream)))
    }
}

#[cfg(unix)]
impl From<UnixStream> for Socket {
    fn from(stream: UnixStream) -> Self {
        Self::new(Stream::Unix(Arc::new(stream)))
    }
}

impl Socket {
    fn new(stream: Stream) -> Self {
        Self {
            stream,
            read: Duration::MAX,
            write: Duration::MAX,
            end: None,
            ample_until: None,
            nonblocking: false,
            waits: Waits::default(),
        }
    }

    /// Connects to a Unix socket within that time.
    ///
    /// The kernel answers at once, except that Linux waits if the server's queue is full.
    #[cfg(unix)]
    pub(crate) fn connect_unix(path: &std::path::Path, within: Duration) -> io::Result<Self> {
        connected_unix(path, within).map(Self::from)
    }

    /// The time that the next call may block, or an error if the deadline has passed.
    fn allowed(&self, single: Duration) -> io::Result<Duration> {
        let Some(end) = self.end else {
            return Ok(single);
        };
        let now = Instant::now();
        if self.ample_until.is_some_and(|until| now < until) {
            return Ok(single);
        }
        let left = end.saturating_duration_since(now);
        if left.is_zero() {
            // TLS libraries take this as "try again", so a late answer can still be read.
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(single.min(left))
    }

    /// Writes once, as much as the kernel takes, and waits until it takes some.
    ///
    /// The timeout of a write restarts with each octet that was accepted, not with each call that
    /// took a part.
    fn write_some(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let within = self.allowed(self.write)?;
        match self.waits.send_now(&self.stream, pieces) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            sent => return sent,
        }
        let until = Instant::now().checked_add(within);
        // The system reports room only if there is much of it. Room that becomes free before that
        // is checked for, so that the timeout restarts at that moment, and not when all of it has
        // passed.
        let look = (within / LOOKS).max(Duration::from_millis(1));
        loop {
            let next = Instant::now().checked_add(look);
            let next = next.into_iter().chain(until).min();
            self.waits.wait_to_write(&self.stream, next)?;
            match self.waits.send_now(&self.stream, pieces) {
                Err(error)
                    if error.kind() == io::ErrorKind::WouldBlock
                        && until.is_none_or(|until| Instant::now() < until) => {}
                sent => return sent,
            }
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.nonblocking {
            return self.waits.receive_arrived(&self.stream, buffer);
        }
        let within = self.allowed(self.read)?;
        self.waits.receive(&self.stream, buffer, within)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_some(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.write_some(pieces)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for Socket {
    fn set_deadlines(&mut self, read: Duration, write: Duration, end: Option<Instant>) {
        (self.read, self.write, self.end) = (read, write, end);
        self.ample_until = end.and_then(|end| end.checked_sub(read.max(write)));
    }

    fn set_nonblocking(&mut self, nonblocking: bool) -> bool {
        self.nonblocking = nonblocking;
        true
    }

    fn descriptor(&self) -> Option<Descriptor<'_>> {
        Some(self.stream.descriptor())
    }

    fn shutdown(&self) -> Option<Shutdown> {
        Some(self.waits.shutdown(&self.stream))
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn connected_unix(path: &std::path::Path, within: Duration) -> io::Result<UnixStream> {
    use rustix::net::{self, AddressFamily, SocketFlags, SocketType, sockopt};
    let (family, kind) = (AddressFamily::UNIX, SocketType::STREAM);
    let socket = net::socket_with(family, kind, SocketFlags::CLOEXEC, None)?;
    // Holds for the wait for a place in the queue, too.
    sockopt::set_socket_timeout(&socket, sockopt::Timeout::Send, finite(within))?;
    match net::connect(&socket, &net::SocketAddrUnix::new(path)?) {
        Ok(()) => Ok(UnixStream::from(socket)),
        Err(rustix::io::Errno::AGAIN) => Err(io::ErrorKind::TimedOut.into()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
fn connected_unix(path: &std::path::Path, _within: Duration) -> io::Result<UnixStream> {
    UnixStream::connect(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times_out_at_the_end(mut socket: Socket) {
        let end = Instant::now() + Duration::from_millis(30);
        socket.set_deadlines(Duration::from_secs(60), Duration::from_secs(60), Some(end));
        let kind = socket.read(&mut [0; 8]).unwrap_err().kind();
        assert!(
            matches!(kind, io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut),
            "{kind}"
        );
        assert_eq!(
            socket.read(&mut [0; 8]).unwrap_err().kind(),
            io::ErrorKind::WouldBlock
        );
    }

    #[test]
    fn a_silent_line_times_out_at_the_end_not_at_the_read_timeout() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        times_out_at_the_end(Socket::from(stream));
    }

    #[cfg(unix)]
    #[test]
    fn a_unix_socket_does_what_tcp_does() {
        let (one, mut other) = UnixStream::pair().unwrap();
        let mut socket = Socket::from(one);
        assert!(socket.set_nonblocking(true));
        let nothing = socket.read(&mut [0; 8]).unwrap_err();
        assert_eq!(nothing.kind(), io::ErrorKind::WouldBlock);
        assert!(socket.set_nonblocking(false));
        other.write_all(b"* OK").unwrap();
        assert_eq!(socket.read(&mut [0; 8]).unwrap(), 4);
        let shutdown = socket.shutdown().unwrap();
        std::thread::scope(|scope| {
            let reading = scope.spawn(|| socket.read(&mut [0; 8]));
            shutdown();
            assert_eq!(reading.join().unwrap().unwrap(), 0);
        });
        let (one, _other) = UnixStream::pair().unwrap();
        times_out_at_the_end(Socket::from(one));
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[test]
    fn a_unix_server_whose_queue_is_full_is_waited_for_no_longer_than_that() {
        use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, bind, listen, socket};
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("full");
        let listener = socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
        bind(&listener, &SocketAddrUnix::new(&path).unwrap()).unwrap();
        listen(&listener, 0).unwrap();
        let _first = Socket::connect_unix(&path, Duration::from_secs(60)).unwrap();
        let error = Socket::connect_unix(&path, Duration::from_millis(30)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
