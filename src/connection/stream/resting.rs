//! A stream that rests gives back the memory that a long answer needed.

use crate::connection::stream::arriving::Spare;
use crate::connection::stream::{HandedOut, Stream};
use crate::transport::buffered::SHORT;

impl Stream {
    /// No command is in flight: gives back what a long answer needed, unless long answers come at
    /// short intervals. The frame that was returned last stays.
    #[inline]
    pub(crate) fn rest(&mut self) {
        let has_more = self.spill.capacity() > SHORT || self.spare.is_some();
        if has_more || self.buffered.is_large() {
            self.rest_after_long_answer();
        }
    }

    #[cold]
    fn rest_after_long_answer(&mut self) {
        if self.buffered.should_rest() {
            self.set_aside();
            self.give_back();
        }
    }

    /// Moves the frame that was returned last out of the buffer, if it is the last one there.
    fn set_aside(&mut self) {
        match self.handed_out {
            HandedOut::InBuffer(octets) if octets == self.buffered.unread() => {
                self.spill_over();
                self.handed_out = HandedOut::InSpill(octets);
            }
            _ => {}
        }
    }

    /// Gives back the memory that is not needed until octets arrive.
    pub(super) fn give_back(&mut self) {
        self.spill.shrink_to_fit();
        self.literals.shrink_to_fit();
        self.spare = Spare::default();
        self.buffered.give_back();
    }
}
