//! A client whose reads give few octets at a time, and find nothing between them.

use std::io::{self, IoSlice, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use latchbox::{Client, ClientBuilder, Descriptor, Result, Shutdown, Socket, Transport};

use crate::support::script::Script;

/// In which pieces a client reads what the server sends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pieces {
    /// The most octets of a read.
    pub(crate) size: usize,
    /// Whether a read that may not wait finds nothing at first, behind each piece.
    pub(crate) pauses: bool,
}

impl Pieces {
    pub(crate) const WHOLE: Self = Self::of(usize::MAX, false);

    /// The pieces by which a result must not differ.
    pub(crate) const SPLITS: [Self; 6] = [
        Self::of(1, false),
        Self::of(2, false),
        Self::of(7, false),
        Self::of(1, true),
        Self::of(7, true),
        Self::of(usize::MAX, true),
    ];

    const fn of(size: usize, pauses: bool) -> Self {
        Self { size, pauses }
    }

    /// Connects to the server of a script, in cleartext.
    pub(crate) fn connect(self, builder: ClientBuilder, server: &Script) -> Result<Client> {
        let stream = TcpStream::connect(server.address()).unwrap();
        stream.set_nodelay(true).unwrap();
        builder.connect_transport(Splitting {
            socket: Socket::from(stream),
            pieces: self,
            may_wait: true,
            is_paused: true,
        })
    }
}

/// A socket that is read in pieces.
struct Splitting {
    socket: Socket,
    pieces: Pieces,
    may_wait: bool,
    is_paused: bool,
}

impl Read for Splitting {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let is_paused = std::mem::replace(&mut self.is_paused, self.pieces.pauses);
        if is_paused && self.pieces.pauses && !self.may_wait {
            self.is_paused = false;
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let most = place.len().min(self.pieces.size);
        self.socket.read(&mut place[..most])
    }
}

impl Write for Splitting {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.socket.write(octets)
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.socket.write_vectored(pieces)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

impl Transport for Splitting {
    fn set_deadlines(&mut self, read: Duration, write: Duration, end: Option<Instant>) {
        self.socket.set_deadlines(read, write, end);
    }

    fn set_nonblocking(&mut self, nonblocking: bool) -> bool {
        self.may_wait = !nonblocking;
        self.socket.set_nonblocking(nonblocking)
    }

    fn descriptor(&self) -> Option<Descriptor<'_>> {
        self.socket.descriptor()
    }

    fn shutdown(&self) -> Option<Shutdown> {
        Transport::shutdown(&self.socket)
    }
}
