//! COMPRESS=DEFLATE (RFC 4978) on the server's side.

use std::io;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

/// Both directions of a compressed connection.
#[derive(Debug)]
pub(crate) struct Deflate {
    inflate: Decompress,
    compress: Compress,
    /// Compressed bytes that have arrived.
    incoming: Vec<u8>,
    /// Inflated bytes that have not been read.
    inflated: Vec<u8>,
}

impl Deflate {
    /// Compresses from here on; `arrived` was read and is compressed already.
    #[allow(clippy::unnecessary_wraps)]
    pub(crate) fn new(arrived: Vec<u8>) -> io::Result<Self> {
        Ok(Self {
            inflate: Decompress::new(false),
            compress: Compress::new(Compression::default(), false),
            incoming: arrived,
            inflated: Vec::new(),
        })
    }

    pub(crate) fn has_input(&self) -> bool {
        !(self.inflated.is_empty() && self.incoming.is_empty())
    }

    /// Takes inflated octets; none if more has to arrive first.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inflate()?;
        let count = self.inflated.len().min(buffer.len());
        for (place, byte) in buffer.iter_mut().zip(self.inflated.drain(..count)) {
            *place = byte;
        }
        Ok(count)
    }

    pub(crate) fn has_arrived(&mut self, compressed: &[u8]) {
        self.incoming.extend_from_slice(compressed);
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
    pub(crate) fn compressed(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
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
