//! A client whose reads give few octets at a time, and find nothing between them.

use std::io::{self, IoSlice, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use latchbox::transport::{Descriptor, Shutdown, Socket, Transport};
use latchbox::{Client, ClientBuilder, Result};

use crate::support::script::{Script, last_address};

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
        self.connect_to(builder, server.address(), usize::MAX)
    }

    fn connect_to(self, builder: ClientBuilder, to: SocketAddr, most: usize) -> Result<Client> {
        let stream = TcpStream::connect(to).unwrap();
        stream.set_nodelay(true).unwrap();
        builder.connect_transport(Splitting {
            socket: Socket::from(stream),
            pieces: self,
            most,
            read: 0,
            may_wait: true,
            is_paused: true,
        })
    }
}

/// The variable of the environment by which [`Connect`] reads in pieces: their size, with a `p` behind
/// it for pauses.
pub(crate) const PIECES: &str = "LATCHBOX_PIECES";

/// What of an answer is read in such pieces: floods are read as they come.
const MOST: usize = 3000;

/// Connects to the script that was started last on this thread.
pub(crate) trait Connect {
    /// As `connect` does, in pieces if the environment wants it.
    fn connect_in_pieces(self) -> Result<Client>;
}

impl Connect for ClientBuilder {
    fn connect_in_pieces(self) -> Result<Client> {
        let told = std::env::var(PIECES).ok();
        let (Some(told), Some(to)) = (told, last_address()) else {
            return self.connect();
        };
        let (size, pauses) = match told.strip_suffix('p') {
            Some(size) => (size, true),
            None => (told.as_str(), false),
        };
        Pieces::of(size.parse().unwrap(), pauses).connect_to(self, to, MOST)
    }
}

/// A socket that is read in pieces.
struct Splitting {
    socket: Socket,
    pieces: Pieces,
    /// So much is read in pieces since something was written.
    most: usize,
    read: usize,
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
        let size = match self.read < self.most {
            true => self.pieces.size,
            false => usize::MAX,
        };
        let most = place.len().min(size);
        let read = self.socket.read(&mut place[..most])?;
        self.read += read;
        Ok(read)
    }
}

impl Write for Splitting {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.read = 0;
        self.socket.write(octets)
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.read = 0;
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
