//! A server's side of a stream, made of octets.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use crate::fuzzing::input::Pieces;
use crate::transport::Transport;

/// Octets that are read in pieces; then the stream has ended.
pub(super) struct Canned {
    octets: Vec<u8>,
    at: usize,
    pieces: Pieces,
    sent: Option<Arc<Mutex<Vec<u8>>>>,
}

impl Canned {
    pub(super) fn new(octets: &[u8], pieces: Pieces) -> Self {
        Self {
            octets: octets.to_vec(),
            at: 0,
            pieces,
            sent: None,
        }
    }

    /// Keeps there what is written.
    pub(super) fn recording(self, sent: &Arc<Mutex<Vec<u8>>>) -> Self {
        Self {
            sent: Some(Arc::clone(sent)),
            ..self
        }
    }

    /// How many octets were read.
    pub(super) fn given(&self) -> usize {
        self.at
    }
}

impl Read for Canned {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let rest = &self.octets[self.at..];
        let count = self.pieces.next().min(place.len()).min(rest.len());
        place[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

impl Write for Canned {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        if let Some(sent) = &self.sent {
            let mut sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
            sent.extend_from_slice(octets);
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for Canned {}
