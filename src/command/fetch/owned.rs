//! The messages of a FETCH as an iterator of owned values.

use std::fmt;

use crate::command::fetch::OwnedMessages;
use crate::error::Result;
use crate::types::uid::Uid;
use crate::wire::response::fetch::Fetch;

impl OwnedMessages<'_> {
    /// The message that was read, if it is complete; another one, if too much is held back.
    fn whole(&mut self, uid: Uid) -> Option<Fetch> {
        let requested = self.messages.plan.requested;
        let message = self.messages.message.hand_over(uid);
        if self.held_back.is_empty() && requested.is_all_in(message.responses()) {
            return Some(message);
        }
        match requested.number_of(message.responses()) {
            Some(number) if !self.held_back.is_whole(number, &message, requested) => {
                let is_whole = |message: &Fetch| requested.is_all_in(message.responses());
                self.held_back.add(number, message, is_whole)
            }
            _ => Some(message),
        }
    }
}

impl Iterator for OwnedMessages<'_> {
    type Item = Result<Fetch>;

    fn next(&mut self) -> Option<Result<Fetch>> {
        while self.ended.is_none() {
            match self.messages.advance() {
                Ok(Some(uid)) => {
                    if let Some(message) = self.whole(uid) {
                        return Some(Ok(message));
                    }
                }
                Ok(None) => self.ended = Some(Ok(())),
                Err(error) => self.ended = Some(Err(error)),
            }
        }
        if let Some(message) = self.held_back.pop() {
            return Some(Ok(message));
        }
        // The stream is asked again for the result after its end.
        match self.ended.replace(Ok(())) {
            Some(Err(error)) => Some(Err(error)),
            _ => None,
        }
    }
}

impl fmt::Debug for OwnedMessages<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedMessages")
            .field("messages", &self.messages)
            .finish_non_exhaustive()
    }
}
