//! A connection that keeps a copy of what is sent on it.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

/// A TCP connection to a port of this machine that records what is written to it.
#[derive(Debug)]
pub(crate) struct Tap {
    stream: TcpStream,
    sent: Sent,
}

/// What was written to a [`Tap`] so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sent(Arc<Mutex<Vec<u8>>>);

impl Tap {
    pub(crate) fn connect(port: u16) -> (Self, Sent) {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        let sent = Sent::default();
        let tap = Self {
            stream,
            sent: sent.clone(),
        };
        (tap, sent)
    }

    /// The socket, for a test that breaks the connection.
    pub(crate) fn socket(&self) -> TcpStream {
        self.stream.try_clone().unwrap()
    }
}

impl Sent {
    /// Everything, as text; what is no UTF-8 is replaced.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    /// Forgets it and gives it away, for what comes next to be looked at alone.
    pub(crate) fn take(&self) -> String {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Read for Tap {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer)
    }
}

impl Write for Tap {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.stream.write(bytes)?;
        self.sent
            .0
            .lock()
            .unwrap()
            .extend_from_slice(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
