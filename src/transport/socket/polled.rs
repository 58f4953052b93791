//! The waits of a nonblocking socket, which polls it and a waker: for systems on which a shutdown does
//! not end a read or write of another thread.

use std::io::{self, IoSlice, Write};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use crate::stop_handle::Bell;
use crate::transport::Shutdown;
use crate::transport::readiness::{Waker, wait_unless_rung};
use crate::transport::socket::stream::Stream;

#[derive(Debug, Default)]
pub(super) struct Waits {
    is_nonblocking: bool,
    /// Rung by a shutdown, and never reset: the end of all waits.
    end: OnceLock<Arc<Waker>>,
}

impl Waits {
    /// Reads once, and waits until something arrives. A shutdown is the end of the stream.
    pub(super) fn receive(
        &mut self,
        stream: &Stream,
        buffer: &mut [u8],
        within: Duration,
    ) -> io::Result<usize> {
        let until = Instant::now().checked_add(within);
        loop {
            match self.receive_arrived(stream, buffer) {
                Err(error)
                    if error.kind() == io::ErrorKind::WouldBlock
                        && until.is_none_or(|until| Instant::now() < until) => {}
                read => return read,
            }
            let end = self.end.get().map(Arc::as_ref);
            if wait_unless_rung(stream.descriptor(), PollFlags::IN, end, until)? {
                return Ok(0);
            }
        }
    }

    /// Reads once and never waits.
    pub(super) fn receive_arrived(
        &mut self,
        stream: &Stream,
        buffer: &mut [u8],
    ) -> io::Result<usize> {
        self.become_nonblocking(stream)?;
        stream.read(buffer)
    }

    /// Writes once and never waits.
    pub(super) fn send_now(
        &mut self,
        stream: &Stream,
        pieces: &[IoSlice<'_>],
    ) -> io::Result<usize> {
        self.become_nonblocking(stream)?;
        stream.write_vectored(pieces)
    }

    /// Waits until there is room for octets, the stream has ended, or `until` has passed. A shutdown is
    /// an error.
    pub(super) fn wait_to_write(
        &mut self,
        stream: &Stream,
        until: Option<Instant>,
    ) -> io::Result<()> {
        let end = self.end.get().map(Arc::as_ref);
        match wait_unless_rung(stream.descriptor(), PollFlags::OUT, end, until)? {
            true => Err(io::ErrorKind::BrokenPipe.into()),
            false => Ok(()),
        }
    }

    /// Without a waker, the shutdown ends what the system lets it end.
    pub(super) fn shutdown(&self, stream: &Stream) -> Shutdown {
        let stream = stream.clone();
        let end = match self.end.get() {
            Some(end) => Some(Arc::clone(end)),
            None => match Waker::new() {
                Ok(waker) => Some(Arc::clone(self.end.get_or_init(|| Arc::new(waker)))),
                Err(error) => {
                    log::debug!("a read of this connection cannot be ended: {error}");
                    None
                }
            },
        };
        Box::new(move || {
            stream.shut_down();
            if let Some(end) = end {
                end.ring();
            }
        })
    }

    fn become_nonblocking(&mut self, stream: &Stream) -> io::Result<()> {
        if !self.is_nonblocking {
            stream.set_nonblocking()?;
            self.is_nonblocking = true;
        }
        Ok(())
    }
}

impl Stream {
    fn write_vectored(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => (&**stream).write_vectored(pieces),
            #[cfg(unix)]
            Self::Unix(stream) => (&**stream).write_vectored(pieces),
        }
    }

    fn set_nonblocking(&self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.set_nonblocking(true),
            #[cfg(unix)]
            Self::Unix(stream) => stream.set_nonblocking(true),
        }
    }
}

/// The waits, on systems that do not need them too: there a shutdown of the socket itself is left out.
#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};
    use std::thread;

    use super::*;

    /// Far beyond what a busy machine needs.
    const LONG: Duration = Duration::from_secs(60);

    fn connected() -> (Stream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let one = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (Stream::Tcp(Arc::new(one)), listener.accept().unwrap().0)
    }

    /// The end of all waits, without a shutdown of the socket.
    fn end_of(waits: &Waits, stream: &Stream) -> Arc<Waker> {
        drop(waits.shutdown(stream));
        Arc::clone(waits.end.get().unwrap())
    }

    #[test]
    fn a_shutdown_ends_a_read_and_all_that_follow() {
        let (stream, _other) = connected();
        let mut waits = Waits::default();
        let end = end_of(&waits, &stream);
        thread::scope(|scope| {
            let reading = scope.spawn(|| waits.receive(&stream, &mut [0; 8], LONG));
            end.ring();
            assert_eq!(reading.join().unwrap().unwrap(), 0);
        });
        assert_eq!(waits.receive(&stream, &mut [0; 8], LONG).unwrap(), 0);
        // The closure shuts the socket down, too.
        waits.shutdown(&stream)();
        assert!(matches!(stream.read(&mut [0; 8]), Ok(0) | Err(_)));
    }

    #[test]
    fn a_shutdown_ends_a_write_that_waits() {
        let (stream, _other) = connected();
        let mut waits = Waits::default();
        let end = end_of(&waits, &stream);
        let much = vec![0; 1 << 20];
        let full = loop {
            if let Err(error) = waits.send_now(&stream, &[IoSlice::new(&much)]) {
                break error;
            }
        };
        assert_eq!(full.kind(), io::ErrorKind::WouldBlock);
        thread::scope(|scope| {
            let writing = scope.spawn(|| {
                loop {
                    // The system may find room for some more.
                    if let Err(error) = waits.wait_to_write(&stream, None) {
                        return error;
                    }
                    let _ = waits.send_now(&stream, &[IoSlice::new(&much)]);
                }
            });
            end.ring();
            let error = writing.join().unwrap();
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        });
    }

    #[test]
    fn a_read_waits_for_octets_and_for_no_longer_than_its_time() {
        let (stream, mut other) = connected();
        let mut waits = Waits::default();
        thread::scope(|scope| {
            let reading = scope.spawn(|| {
                let mut octets = [0; 8];
                let count = waits.receive(&stream, &mut octets, LONG).unwrap();
                octets[..count].to_vec()
            });
            other.write_all(b"* OK").unwrap();
            assert!(b"* OK".starts_with(&reading.join().unwrap()));
        });
        while waits.receive_arrived(&stream, &mut [0; 8]).is_ok() {}
        let (within, began) = (Duration::from_millis(20), Instant::now());
        let late = waits.receive(&stream, &mut [0; 8], within).unwrap_err();
        assert_eq!(late.kind(), io::ErrorKind::WouldBlock);
        assert!(began.elapsed() >= within);
    }
}
