//! The literal of a section as it arrives: borrowed from the buffer or read past it, never
//! collected.

use crate::connection::stream::{Found, Stream, failure};
use crate::error::{CloseReason, Stage};
use crate::transport::buffered::READ;
use crate::wire::frame::{Frame, OutOfLine};

impl Stream {
    /// From here on, whether the literals of sections are returned as they arrive. When that ends,
    /// the rest of one is discarded.
    pub(crate) fn hand_out_sections(&mut self, hand_out: bool) {
        self.framer.reports_sections = hand_out;
        if !hand_out && matches!(self.found, Some(Found::UpToSection)) {
            self.found = None;
        }
    }

    /// The length of the literal of a section, if the row up to it is what was waited for.
    pub(crate) fn begin_section(&mut self) -> Option<u64> {
        match self.found {
            Some(Found::UpToSection) => {
                self.found = None;
                Some(self.left_of_section())
            }
            _ => None,
        }
    }

    /// The row as far as it has come: it has the literal, without its octets.
    pub(crate) fn row_so_far(&self) -> Frame<'_> {
        Frame {
            bytes: &self.spill,
            literals: &self.literals,
            utf8: false,
            text: "",
        }
    }

    /// Whether the row that was waited for ends right after the literal of a section, as most do.
    pub(crate) fn ends_with_section(&self) -> bool {
        let rest = self.spill.get(self.section_at..);
        let is_row = self.section_at > 0 && matches!(self.found, Some(Found::InSpill(_)));
        is_row && rest == Some(b")\r\n")
    }

    /// The octets of the literal of a section that have not been returned.
    pub(crate) fn left_of_section(&self) -> u64 {
        self.section.unwrap_or(0)
    }

    /// Waits until some of the literal of a section has arrived, if some of it is left.
    pub(crate) fn await_section(&mut self) -> Result<(), CloseReason> {
        match self.left_of_section() {
            0 => Ok(()),
            _ => self.fill(true).map(drop),
        }
    }

    /// What has arrived of the literal of a section.
    pub(crate) fn section_arrived(&mut self) -> &[u8] {
        let most = usize::try_from(self.left_of_section()).unwrap_or(usize::MAX);
        let bytes = self.buffered.bytes();
        bytes.get(..most).unwrap_or(bytes)
    }

    /// This many of these octets have been consumed.
    pub(crate) fn consume_section(&mut self, octets: usize) {
        self.buffered.consume(octets);
        self.count_section(octets);
    }

    /// Octets of the literal of a section, by one read directly to their place if it is large and
    /// the buffer empty; 0 at its end.
    pub(crate) fn read_section(&mut self, place: &mut [u8]) -> Result<usize, CloseReason> {
        let left = usize::try_from(self.left_of_section()).unwrap_or(usize::MAX);
        let most = place.len().min(left);
        let place = place.get_mut(..most).unwrap_or_default();
        if most >= READ && self.buffered.is_empty() {
            self.begin_wait()?;
            let read = self.buffered.read_past(place);
            let read = read.map_err(|error| failure(error, Stage::Read, &self.clock))?;
            if read == 0 {
                return Err(CloseReason::Eof);
            }
            self.count_section(read);
            return Ok(read);
        }
        self.await_section()?;
        let bytes = self.section_arrived();
        let taken = bytes.len().min(most);
        if let (Some(place), Some(bytes)) = (place.get_mut(..taken), bytes.get(..taken)) {
            place.copy_from_slice(bytes);
        }
        self.consume_section(taken);
        Ok(taken)
    }

    pub(super) fn expect_section(&mut self, at: usize, left: u64) {
        (self.section, self.section_at) = (Some(left), at);
        let data = Vec::new();
        self.literals.push(OutOfLine { at, data });
        self.found = Some(Found::UpToSection);
    }

    /// Discards one read's worth of the rest of the literal of a section; `false` if nothing has
    /// arrived.
    pub(super) fn pass_over_section(&mut self, wait: bool) -> Result<bool, CloseReason> {
        let left = self.left_of_section();
        if left > 0 {
            if !self.fill(wait)? {
                return Ok(false);
            }
            let most = usize::try_from(left).unwrap_or(usize::MAX);
            let octets = self.buffered.bytes().len().min(most);
            self.consume_section(octets);
        }
        if self.left_of_section() == 0 {
            self.section = None;
            self.framer.literal_taken();
        }
        Ok(true)
    }

    fn count_section(&mut self, octets: usize) {
        let octets = u64::try_from(octets).unwrap_or(u64::MAX);
        self.received += octets;
        if let Some(left) = &mut self.section {
            *left = left.saturating_sub(octets);
        }
    }
}
