//! A connection's socket on the server's side. A shutdown by another thread ends its reads and writes,
//! also on Windows, where the system need not do that: there they poll the socket and a waker.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
#[cfg(not(unix))]
use std::sync::Arc;
use std::time::Duration;

use crate::waker::Waker;

/// A connected socket; its copies are one connection.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    #[cfg(not(unix))]
    waits: Arc<Waits>,
}

/// How reads and writes wait, of all copies.
#[cfg(not(unix))]
#[derive(Debug)]
struct Waits {
    /// Woken by a shutdown; not reset.
    end: Waker,
    within: Option<Duration>,
    is_nonblocking: std::sync::atomic::AtomicBool,
}

impl Socket {
    /// Makes it a blocking socket without Nagle's algorithm, each of whose reads and writes ends
    /// within that time.
    pub(crate) fn new(stream: TcpStream, within: Option<Duration>) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_nonblocking(cfg!(not(unix)))?;
        #[cfg(unix)]
        stream.set_read_timeout(within)?;
        #[cfg(unix)]
        stream.set_write_timeout(within)?;
        Ok(Self {
            stream,
            #[cfg(not(unix))]
            waits: Arc::new(Waits {
                end: Waker::new()?,
                within,
                is_nonblocking: false.into(),
            }),
        })
    }

    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self {
            stream: self.stream.try_clone()?,
            #[cfg(not(unix))]
            waits: Arc::clone(&self.waits),
        })
    }

    /// The system's socket, to poll and for its options.
    pub(crate) fn system(&self) -> &TcpStream {
        &self.stream
    }

    /// Ends one side or both, also for a thread that reads or writes.
    pub(crate) fn shutdown(&self, side: Shutdown) -> io::Result<()> {
        let shut = self.stream.shutdown(side);
        #[cfg(not(unix))]
        if side != Shutdown::Write {
            self.waits.end.wake();
        }
        shut
    }
}

#[cfg(unix)]
impl Socket {
    /// Whether reads of all copies return at once.
    pub(crate) fn set_nonblocking(&self, is_nonblocking: bool) -> io::Result<()> {
        self.stream.set_nonblocking(is_nonblocking)
    }

    /// Waits until there is something to read or another thread woke; says whether there is.
    pub(crate) fn wait(&self, waker: &Waker) -> io::Result<bool> {
        waker.wait(&self.stream)
    }
}

#[cfg(unix)]
impl Read for &Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&self.stream).read(buffer)
    }
}

#[cfg(unix)]
impl Write for &Socket {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        (&self.stream).write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(not(unix))]
impl Socket {
    /// Whether reads of all copies return at once.
    pub(crate) fn set_nonblocking(&self, is_nonblocking: bool) -> io::Result<()> {
        let flag = &self.waits.is_nonblocking;
        flag.store(is_nonblocking, std::sync::atomic::Ordering::SeqCst);
        Ok(())
    }

    /// Waits until there is something to read or another thread woke; says whether there is.
    pub(crate) fn wait(&self, waker: &Waker) -> io::Result<bool> {
        waker.wait_unless(&self.stream, &self.waits.end)
    }

    /// Waits until the socket can be read or written; `false` after a shutdown.
    fn wait_to(&self, wanted: rustix::event::PollFlags) -> io::Result<bool> {
        let is_nonblocking = &self.waits.is_nonblocking;
        if is_nonblocking.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let Waits { end, within, .. } = &*self.waits;
        end.is_quiet_until(&self.stream, wanted, *within)
    }
}

#[cfg(not(unix))]
impl Read for &Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match (&self.stream).read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read,
            }
            if !self.wait_to(rustix::event::PollFlags::IN)? {
                return Ok(0);
            }
        }
    }
}

#[cfg(not(unix))]
impl Write for &Socket {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        loop {
            match (&self.stream).write(octets) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return written,
            }
            if !self.wait_to(rustix::event::PollFlags::OUT)? {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&*self).read(buffer)
    }
}

impl Write for Socket {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        (&*self).write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self).flush()
    }
}
