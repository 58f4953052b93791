//! A connection's bytes, in the clear or through TLS, compressed or not.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use crate::deflate::Deflate;
use crate::tls::{Acceptor, Tls};
use crate::waker::Waker;

/// Both kinds of stream; the plain socket stays reachable for polling and closing.
#[derive(Debug)]
pub(crate) struct Stream {
    socket: TcpStream,
    tls: Option<Tls>,
    deflate: Option<Box<Deflate>>,
}

impl Stream {
    pub(crate) fn new(socket: TcpStream) -> Self {
        Self {
            socket,
            tls: None,
            deflate: None,
        }
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    /// What a client can bind to (RFC 5929 section 4).
    #[cfg(feature = "scram")]
    pub(crate) fn server_end_point(&self) -> Option<Vec<u8>> {
        self.tls.as_ref()?.server_end_point()
    }

    pub(crate) fn is_compressed(&self) -> bool {
        self.deflate.is_some()
    }

    /// Compresses from here on; `arrived` was read and is compressed already.
    pub(crate) fn compress(&mut self, arrived: Vec<u8>) -> io::Result<()> {
        self.deflate = Some(Box::new(Deflate::new(arrived)?));
        Ok(())
    }

    /// Does the server's part of the TLS handshake.
    pub(crate) fn start_tls(&mut self, acceptor: &Acceptor) -> io::Result<()> {
        self.tls = Some(acceptor.accept(self.socket.try_clone()?)?);
        Ok(())
    }

    /// Waits until there is something to read or somebody woke; says whether there is.
    pub(crate) fn wait(&self, waker: &Waker) -> io::Result<bool> {
        if self.deflate.as_ref().is_some_and(|d| d.has_input()) {
            return Ok(true);
        }
        let decrypted = match &self.tls {
            Some(tls) => tls.decrypted()?,
            None => 0,
        };
        if decrypted > 0 {
            Ok(true)
        } else {
            waker.wait(&self.socket)
        }
    }

    /// Says goodbye in TLS; the socket is closed by its owner.
    pub(crate) fn finish(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.shutdown();
        }
    }
}

impl Stream {
    fn read_below(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.tls {
            Some(tls) => tls.read(buffer),
            None => self.socket.read(buffer),
        }
    }

    fn write_below(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.tls {
            Some(tls) => tls.write_all(bytes),
            None => self.socket.write_all(bytes),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(mut deflate) = self.deflate.take() else {
            return self.read_below(buffer);
        };
        let read = loop {
            match deflate.read(buffer) {
                Ok(0) if !buffer.is_empty() => {}
                read => break read,
            }
            let mut chunk = [0; 16 << 10];
            match self.read_below(&mut chunk) {
                Ok(0) => break Ok(0),
                Ok(read) => deflate.has_arrived(chunk.get(..read).unwrap_or_default()),
                Err(error) => break Err(error),
            }
        };
        self.deflate = Some(deflate);
        read
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match &mut self.deflate {
            Some(deflate) if !buffer.is_empty() => {
                let compressed = deflate.compressed(buffer)?;
                self.write_below(&compressed)?;
            }
            _ => self.write_below(buffer)?,
        }
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.tls {
            Some(tls) => tls.flush(),
            None => self.socket.flush(),
        }
    }
}
