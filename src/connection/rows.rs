//! The rows of a FETCH, read one at a time.

use crate::connection::Connection;
use crate::connection::answer::Row;
use crate::connection::trace::Line;
use crate::error::Result;
use crate::wire::response::Untagged;
use crate::wire::response::fetch_responses::Responses;
use crate::wire::response::fetch_row::FetchPlace;

impl Connection {
    /// Reads one response of the FETCH that was started into `message`, if it is one.
    pub(crate) fn next_row(&mut self, message: &mut Responses) -> Result<Row> {
        if self.next_plain_row(message)? {
            return Ok(Row::Message);
        }
        let (mut place, mut vanished) = (None, None);
        let done = self.proceed(|data| match data {
            Untagged::Fetch(row) => {
                place = Some(row.place);
                None
            }
            Untagged::Vanished {
                earlier: true,
                uids,
            } => {
                vanished = Some(uids);
                None
            }
            other => Some(other),
        })?;
        if done.is_some() {
            return Ok(Row::End);
        }
        if let Some(place) = place {
            let (bytes, literals) = self.stream.last_frame();
            message.assign_taking(place, &self.bounds.limits, bytes, literals);
            return Ok(Row::Message);
        }
        Ok(vanished.map_or(Row::Other, Row::Vanished))
    }

    /// Reads a FETCH row in its plain form into `message`, if it comes next. Rows come by the
    /// million and are distinguished from everything else first.
    fn next_plain_row(&mut self, message: &mut Responses) -> Result<bool> {
        if !self.answering.is_due() {
            return Ok(false);
        }
        let limits = &self.bounds.limits;
        let is_taken = self.stream.hand_out_unframed(limits, |bytes| {
            let octets = message.assign_plain(bytes, limits)?;
            log::trace!("S: {}", Line(bytes.get(..octets)?));
            Some(octets)
        });
        if is_taken {
            return Ok(true);
        }
        let Some(command) = self.answering.command() else {
            return Ok(false);
        };
        self.wait(command)?;
        let limits = &self.bounds.limits;
        Ok(self.stream.hand_out_to(|bytes| {
            let Some(place) = FetchPlace::plain(bytes) else {
                return false;
            };
            log::trace!("S: {}", Line(bytes));
            message.assign_taking(place, limits, bytes, &mut Vec::new());
            true
        }))
    }
}
