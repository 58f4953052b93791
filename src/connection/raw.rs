//! Raw commands: the caller gets the responses as they came, while the state absorbs those about the
//! connection.

use crate::connection::Connection;
use crate::connection::answer::Received;
use crate::error::{Effect, Result};
use crate::types::response_code::ResponseCode;
use crate::wire::encoder::Encoder;
use crate::wire::frame::{Frame, OutOfLine};
use crate::wire::response::{Response, Untagged};

impl Connection {
    /// Sends a command and passes each untagged response to `gather`; returns the code and the text
    /// of its OK.
    pub(crate) fn run_raw<'a>(
        &mut self,
        command: &'static str,
        encode: impl FnOnce(&mut Encoder<'a>) -> Result<()>,
        mut gather: impl FnMut(&[u8], &mut Vec<OutOfLine>),
    ) -> Result<(Option<ResponseCode>, String)> {
        self.start(command, encode)?;
        let most = self.most_of_an_answer();
        let mut responses = 0;
        loop {
            match self.receive(command, leave_state)? {
                Received::Done(code) => return Ok((code, self.last_text())),
                Received::Continue => self.forgive_continuation(command)?,
                Received::Data => {
                    let (bytes, literals) = self.stream.last_frame();
                    gather(bytes, literals);
                    responses += 1;
                    self.check_count(command, responses)?;
                }
            }
            self.check_answer(most)?;
        }
    }

    /// The human-readable text of the response that was received last.
    fn last_text(&mut self) -> String {
        let limits = self.bounds.limits;
        let (bytes, _) = self.stream.last_frame();
        match Response::parse(Frame::inline(bytes), &limits) {
            Ok(Response::Tagged { text, .. }) => text.text.into_owned(),
            _ => String::new(),
        }
    }

    fn check_count(&mut self, command: &'static str, responses: usize) -> Result<()> {
        match responses > self.bounds.limits.list {
            true => Err(self.too_many(command, Effect::Possible)),
            false => Ok(()),
        }
    }
}

/// Leaves to the state what is no answer to a query; lists and counts are answers.
fn leave_state(data: Untagged<'_>) -> Option<Untagged<'_>> {
    match data {
        Untagged::List(_) | Untagged::Lsub(_) | Untagged::MailboxStatus(_) => None,
        other => Some(other),
    }
}
