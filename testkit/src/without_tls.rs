//! What stands for TLS without the feature `tls`: types that have no values.

use std::io::{self, Read, Write};

use crate::socket::Socket;

/// There is none.
#[derive(Debug)]
pub(crate) enum Acceptor {}

/// There is none.
#[derive(Debug)]
pub(crate) enum Tls {}

impl Acceptor {
    pub(crate) fn new(_certificate: &[u8], _key: &[u8]) -> io::Result<Self> {
        let reason = "TLS needs the feature `tls` of this crate";
        Err(io::Error::new(io::ErrorKind::Unsupported, reason))
    }

    pub(crate) fn accept(&self, _socket: Socket) -> io::Result<Tls> {
        match *self {}
    }
}

impl Tls {
    #[cfg(feature = "scram")]
    pub(crate) fn server_end_point(&self) -> Option<Vec<u8>> {
        match *self {}
    }

    pub(crate) fn decrypted(&self) -> io::Result<usize> {
        match *self {}
    }

    pub(crate) fn shutdown(&mut self) {
        match *self {}
    }
}

impl Read for Tls {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        match *self {}
    }
}

impl Write for Tls {
    fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
        match *self {}
    }

    fn flush(&mut self) -> io::Result<()> {
        match *self {}
    }
}
