//! The pieces of what is sent in the order of sending: they stay where they lie and leave together.

use std::io::IoSlice;

/// A line, a literal and the rest of the line, with room for a second literal.
pub(crate) const OF_A_COMMAND: usize = 5;

/// Octets that lie in several places.
pub(crate) struct Pieces<'a, const MOST: usize> {
    slices: [IoSlice<'a>; MOST],
    count: usize,
}

impl<'a, const MOST: usize> Pieces<'a, MOST> {
    /// Adds one at the end; `false` when there is no room.
    pub(crate) fn push(&mut self, octets: &'a [u8]) -> bool {
        let Some(slot) = self.slices.get_mut(self.count) else {
            return false;
        };
        *slot = IoSlice::new(octets);
        self.count += 1;
        true
    }

    pub(crate) fn clear(&mut self) {
        self.count = 0;
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [IoSlice<'a>] {
        self.slices.get_mut(..self.count).unwrap_or_default()
    }
}

impl<const MOST: usize> Default for Pieces<'_, MOST> {
    fn default() -> Self {
        Self {
            slices: [IoSlice::new(&[]); MOST],
            count: 0,
        }
    }
}
