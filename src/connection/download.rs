//! The literal of a section in the answer to a FETCH, handed out while it arrives.

use crate::connection::Connection;
use crate::connection::answer::Row;
use crate::connection::trace::Line;
use crate::error::{Effect, Result};
use crate::wire::response::fetch::Fetch;
use crate::wire::response::fetch_row::{FetchPlace, FetchRow};
use crate::wire::response::{Response, Untagged};

/// Each time that so much of a literal has come, the rest gets its whole time anew: a download of
/// any length has a deadline, and it is in proportion.
const RENEWED_EVERY: u64 = 1 << 20;

/// What came of a download.
pub(crate) enum Piece {
    /// A literal of so many octets, and the row up to it.
    Literal(u64),
    /// The end of a row right behind a literal: the row is what it was up to there.
    End,
    /// What is not handed out in pieces.
    Row(Row),
}

impl Connection {
    /// The command that was started asks the server to decode a part.
    pub(crate) fn note_binary(&mut self) {
        self.answering.asks_for_binary = true;
    }

    /// Whether the server is not to be asked to decode parts: it ended a connection because of it, or
    /// the caller says so.
    pub(crate) fn avoids_binary(&self) -> bool {
        self.learned.avoids_binary()
    }

    /// From here to the end of the answer, the literals of sections are handed out.
    pub(crate) fn hand_out_sections(&mut self) {
        self.stream.hand_out_sections(true);
    }

    /// Nobody wants what is left of a literal: gives up where it is more than `most` octets, and
    /// leaves it to be passed over otherwise.
    pub(crate) fn give_up_section(&mut self, command: &'static str, most: u64) -> Result<()> {
        self.stream.hand_out_sections(false);
        if self.stream.left_of_section() <= most {
            return Ok(());
        }
        Err(self.close(command, Effect::None, self.too_much_to_drain()))
    }

    /// Reads on to the literal of a section or the end of a row, which `message` then has. What is
    /// left of the literal before is passed over.
    pub(crate) fn next_piece(&mut self, message: &mut Fetch) -> Result<Piece> {
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

    /// Octets of the literal that have arrived, waiting for some; none at its end.
    pub(crate) fn literal(&mut self, command: &'static str) -> Result<&[u8]> {
        match self.stream.await_section() {
            Ok(()) => Ok(self.stream.section_arrived()),
            Err(reason) => Err(self.close(command, Effect::None, reason)),
        }
    }

    /// So many of these octets have been made use of.
    pub(crate) fn consume_literal(&mut self, octets: usize) {
        let left = self.stream.left_of_section();
        self.stream.consume_section(octets);
        self.renew_in_time(left);
    }

    /// Octets of the literal, straight to their place where that is large; none at its end.
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
