//! A connection's bytes, in the clear or through TLS, compressed or not.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use native_tls::{TlsAcceptor, TlsStream};

use crate::waker::Waker;

/// Both kinds of stream; the plain socket stays reachable for polling and closing.
#[derive(Debug)]
pub(crate) struct Stream {
    socket: TcpStream,
    tls: Option<TlsStream<TcpStream>>,
    deflate: Option<Box<Deflate>>,
}

/// Both directions of COMPRESS=DEFLATE (RFC 4978).
#[derive(Debug)]
struct Deflate {
    inflate: Decompress,
    compress: Compress,
    /// Compressed bytes that have arrived.
    incoming: Vec<u8>,
    /// Inflated bytes that nobody has read.
    inflated: Vec<u8>,
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
    pub(crate) fn server_end_point(&self) -> Option<Vec<u8>> {
        self.tls.as_ref()?.tls_server_end_point().ok().flatten()
    }

    pub(crate) fn is_compressed(&self) -> bool {
        self.deflate.is_some()
    }

    /// Compresses from here on; `arrived` was read and is compressed already.
    pub(crate) fn compress(&mut self, arrived: Vec<u8>) {
        self.deflate = Some(Box::new(Deflate {
            inflate: Decompress::new(false),
            compress: Compress::new(Compression::default(), false),
            incoming: arrived,
            inflated: Vec::new(),
        }));
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
        if self.deflate.as_ref().is_some_and(|d| d.has_input()) {
            return Ok(true);
        }
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

impl Deflate {
    fn has_input(&self) -> bool {
        !(self.inflated.is_empty() && self.incoming.is_empty())
    }

    /// Inflates all that has arrived.
    fn inflate(&mut self) -> io::Result<()> {
        loop {
            self.inflated.reserve(1 << 10);
            let (taken, given) = (self.inflate.total_in(), self.inflate.total_out());
            self.inflate
                .decompress_vec(&self.incoming, &mut self.inflated, FlushDecompress::None)
                .map_err(io::Error::other)?;
            let read = usize::try_from(self.inflate.total_in() - taken).unwrap_or(usize::MAX);
            self.incoming.drain(..read);
            if read == 0 && self.inflate.total_out() == given {
                return Ok(());
            }
        }
    }

    /// What is sent for `bytes`, to be readable at once.
    fn compressed(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut compressed = Vec::new();
        let mut rest = bytes;
        loop {
            compressed.reserve(rest.len().max(1 << 10));
            let taken = self.compress.total_in();
            self.compress
                .compress_vec(rest, &mut compressed, FlushCompress::Sync)
                .map_err(io::Error::other)?;
            let read = usize::try_from(self.compress.total_in() - taken).unwrap_or(usize::MAX);
            rest = rest.get(read..).unwrap_or_default();
            if rest.is_empty() && compressed.len() < compressed.capacity() {
                return Ok(compressed);
            }
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
            if let Err(error) = deflate.inflate() {
                break Err(error);
            }
            if !deflate.inflated.is_empty() {
                let count = deflate.inflated.len().min(buffer.len());
                for (place, byte) in buffer.iter_mut().zip(deflate.inflated.drain(..count)) {
                    *place = byte;
                }
                break Ok(count);
            }
            let mut chunk = [0; 16 << 10];
            match self.read_below(&mut chunk) {
                Ok(0) => break Ok(0),
                Ok(read) => deflate
                    .incoming
                    .extend_from_slice(chunk.get(..read).unwrap_or_default()),
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
