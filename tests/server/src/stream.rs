//! A connection's bytes, in the clear or through TLS.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use native_tls::{TlsAcceptor, TlsStream};

use crate::waker::Waker;

/// Both kinds of stream; the plain socket stays reachable for polling and closing.
#[derive(Debug)]
pub(crate) struct Stream {
    socket: TcpStream,
    tls: Option<TlsStream<TcpStream>>,
}

impl Stream {
    pub(crate) fn new(socket: TcpStream) -> Self {
        Self { socket, tls: None }
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    /// What a client can bind to (RFC 5929 section 4).
    pub(crate) fn server_end_point(&self) -> Option<Vec<u8>> {
        self.tls.as_ref()?.tls_server_end_point().ok().flatten()
    }

    /// Does the server's part of the TLS handshake.
    pub(crate) fn start_tls(&mut self, acceptor: &TlsAcceptor) -> io::Result<()> {
        let stream = acceptor
            .accept(self.socket.try_clone()?)
            .map_err(io::Error::other)?;
        self.tls = Some(stream);
        Ok(())
    }

    /// Waits until there is something to read or somebody woke; says whether there is.
    pub(crate) fn wait(&self, waker: &Waker) -> io::Result<bool> {
        let decrypted = match &self.tls {
            Some(tls) => tls.buffered_read_size().map_err(io::Error::other)?,
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
            let _ = tls.shutdown();
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.tls {
            Some(tls) => tls.read(buffer),
            None => self.socket.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match &mut self.tls {
            Some(tls) => tls.write(buffer),
            None => self.socket.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.tls {
            Some(tls) => tls.flush(),
            None => self.socket.flush(),
        }
    }
}
