//! The literal of a section in the answer to a FETCH, returned while it arrives.

use crate::connection::Connection;
use crate::connection::answer::Row;
use crate::connection::trace::Line;
use crate::error::{Effect, Result};
use crate::wire::response::fetch_responses::Responses;
use crate::wire::response::fetch_row::{FetchPlace, FetchRow};
use crate::wire::response::{Response, Untagged};

/// After each part of a literal of this length, the rest gets its whole time again: a download of
/// any length has a deadline, in proportion to its length.
const RENEWED_EVERY: u64 = 1 << 20;

/// The next piece of a download.
pub(crate) enum Piece {
    /// A literal of this length, and the row up to it.
    Literal(u64),
    /// The end of a row right after a literal: the row is unchanged.
    End,
    /// A row that is not returned in pieces.
    Row(Row),
}

impl Connection {
    /// The command that was started requests that the server decodes a part.
    pub(crate) fn note_binary(&mut self) {
        self.answering.asks_for_binary = true;
    }

    /// Whether the server must not be requested to decode parts: it ended a connection because of
    /// that, or the caller set this.
    pub(crate) fn avoids_binary(&self) -> bool {
        self.learned.avoids_binary()
    }

    /// From here to the end of the answer, the literals of sections are returned while they arrive.
    pub(crate) fn hand_out_sections(&mut self) {
        self.stream.hand_out_sections(true);
    }

    /// Abandons the rest of a literal: closes if it is more than `most` octets, and leaves it to be
    /// discarded otherwise.
    pub(crate) fn give_up_section(&mut self, command: &'static str, most: u64) -> Result<()> {
        self.stream.hand_out_sections(false);
        if self.stream.left_of_section() <= most {
            return Ok(());
        }
        Err(self.close(command, Effect::None, self.too_much_to_drain()))
    }

    /// Reads on to the literal of a section or the end of a row, which `message` then has. The rest
    /// of the literal before is discarded.
    pub(crate) fn next_piece(&mut self, message: &mut Responses) -> Result<Piece> {
        let Some(command) = self.answering.command() else {
            return Ok(Piece::Row(Row::End));
        };
        self.wait(command)?;
        if self.stream.ends_with_section() {
            self.stream.hand_out();
            return Ok(Piece::End);
        }
        let Some(octets) = self.stream.begin_section() else {
            return self.next_row(message).map(Piece::Row);
        };
        let frame = self.stream.row_so_far();
        log::trace!("S: {}", Line(frame.bytes));
        let limits = self.bounds.limits;
        let row = match FetchPlace::plain(frame.bytes) {
            Some(place) => FetchRow {
                place,
                frame,
                limits,
            },
            None => match Response::parse(frame, &limits) {
                Ok(Response::Untagged(Untagged::Fetch(row))) => row,
                _ => return Ok(Piece::Row(Row::Other)),
            },
        };
        message.assign(&row);
        Ok(Piece::Literal(octets))
    }

    /// Octets of the literal that have arrived, waiting for some; empty at its end.
    pub(crate) fn literal(&mut self, command: &'static str) -> Result<&[u8]> {
        match self.stream.await_section() {
            Ok(()) => Ok(self.stream.section_arrived()),
            Err(reason) => Err(self.close(command, Effect::None, reason)),
        }
    }

    /// This many of these octets have been consumed.
    pub(crate) fn consume_literal(&mut self, octets: usize) {
        let left = self.stream.left_of_section();
        self.stream.consume_section(octets);
        self.renew_in_time(left);
    }

    /// Octets of the literal, read directly to their place if that is large; 0 at its end.
    pub(crate) fn read_literal(
        &mut self,
        command: &'static str,
        place: &mut [u8],
    ) -> Result<usize> {
        let left = self.stream.left_of_section();
        match self.stream.read_section(place) {
            Ok(octets) => {
                self.renew_in_time(left);
                Ok(octets)
            }
            Err(reason) => Err(self.close(command, Effect::None, reason)),
        }
    }

    fn renew_in_time(&mut self, left_before: u64) {
        let left = self.stream.left_of_section();
        if left / RENEWED_EVERY != left_before / RENEWED_EVERY {
            self.restart_clock();
        }
    }
}
