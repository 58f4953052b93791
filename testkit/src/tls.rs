//! The server's side of TLS, by the platform's library.

use std::fmt;
use std::io::{self, Read, Write};

use crate::socket::Socket;

/// What makes TLS out of connections: a certificate and its key.
pub(crate) struct Acceptor(native_tls::TlsAcceptor);

/// A connection after its handshake.
#[derive(Debug)]
pub(crate) struct Tls(native_tls::TlsStream<Socket>);

impl Acceptor {
    /// With a certificate (chain) and a PKCS #8 key, both PEM.
    pub(crate) fn new(certificate: &[u8], key: &[u8]) -> io::Result<Self> {
        let acceptor = native_tls::Identity::from_pkcs8(certificate, key)
            .and_then(native_tls::TlsAcceptor::new);
        acceptor.map(Self).map_err(io::Error::other)
    }

    /// Does the server's part of the handshake.
    pub(crate) fn accept(&self, socket: Socket) -> io::Result<Tls> {
        match self.0.accept(socket) {
            Ok(stream) => Ok(Tls(stream)),
            Err(native_tls::HandshakeError::Failure(error)) => Err(io::Error::other(error)),
            Err(native_tls::HandshakeError::WouldBlock(_)) => Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the client was silent",
            )),
        }
    }
}

impl fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Acceptor")
    }
}

impl Tls {
    /// What a client can bind to (RFC 5929 section 4).
    #[cfg(feature = "scram")]
    pub(crate) fn server_end_point(&self) -> Option<Vec<u8>> {
        self.0.tls_server_end_point().ok().flatten()
    }

    /// How many octets are decrypted and not read.
    pub(crate) fn decrypted(&self) -> io::Result<usize> {
        self.0.buffered_read_size().map_err(io::Error::other)
    }

    /// Sends TLS's own end.
    pub(crate) fn shutdown(&mut self) {
        let _ = self.0.shutdown();
    }
}

impl Read for Tls {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Tls {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
