//! What stands for compression without the feature `deflate`: a type that has no values.

use std::io;

/// There is none.
#[derive(Debug)]
pub(crate) enum Deflate {}

impl Deflate {
    pub(crate) fn new(_arrived: Vec<u8>) -> io::Result<Self> {
        let reason = "COMPRESS=DEFLATE needs the feature `deflate` of this crate";
        Err(io::Error::new(io::ErrorKind::Unsupported, reason))
    }

    pub(crate) fn has_input(&self) -> bool {
        match *self {}
    }

    pub(crate) fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        match *self {}
    }

    pub(crate) fn has_arrived(&mut self, _compressed: &[u8]) {
        match *self {}
    }

    pub(crate) fn compressed(&mut self, _bytes: &[u8]) -> io::Result<Vec<u8>> {
        match *self {}
    }
}
