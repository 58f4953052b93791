//! What is outstanding, and what its answer can turn out to be, piece by piece.

use std::collections::VecDeque;
use std::time::Instant;

use crate::connection::tag::Tag;
use crate::error::Effect;
use crate::error::said::{Said, shortened};
use crate::limits::{Limit, LimitExceeded, Limits, WARNING};
use crate::types::number_set::NumberSet;
use crate::types::response_code::ResponseCode;
use crate::wire::response::Untagged;
use crate::wire::response::status::Status;

/// A command whose answer has not been read to its end.
#[derive(Clone, Copy)]
pub(crate) struct Outstanding {
    pub(crate) command: &'static str,
    /// What it may have done if the connection ends now.
    pub(crate) effect: Effect,
    /// Somebody still reads it, as far as is known.
    pub(crate) is_read: bool,
    /// A deadline leaves it to be drained by the next command, and does not close.
    pub(crate) survives_timeout: bool,
    /// Until when it may be drained, once that has begun.
    pub(crate) drained_until: Option<Instant>,
    /// It is an IDLE that the server has begun, and that only DONE ends.
    pub(crate) owes_done: bool,
}

/// What has been noted of an answer that has not been read to its end.
#[derive(Default)]
pub(crate) struct SoFar {
    /// Where the server has said that it stops in the command.
    pub(crate) stopped: Option<ResponseCode>,
    /// Responses that make lists longer.
    pub(crate) gathered: usize,
    /// The limit that a response went beyond, which ends no connection.
    spoilt: Option<Limit>,
    /// What the server said last that may be why it does not go on: a NO or BAD without a tag, an
    /// ALERT.
    pub(crate) warning: Option<Box<str>>,
}

impl SoFar {
    pub(crate) fn note(&mut self, data: &Untagged<'_>) {
        self.gathered += usize::from(data.lengthens_a_list());
        match data {
            Untagged::Status { status, text } if *status == Status::No => {
                let limit = text.code.clone().filter(|code| is_limit(Some(code)));
                self.stopped = limit.or(self.stopped.take());
            }
            Untagged::Invalid { error, .. } => self.spoilt = self.spoilt.or(error.limit),
            _ => {}
        }
    }

    /// Keeps what the server says that may be why it does not go on.
    pub(crate) fn keep_warning(&mut self, data: &Untagged<'_>) {
        let Untagged::Status { status, text } = data else {
            return;
        };
        let is_alert = matches!(text.code, Some(ResponseCode::Alert));
        let word = match status {
            Status::No => "NO",
            Status::Bad => "BAD",
            Status::Ok if is_alert => "OK",
            _ => return,
        };
        let said = Said(text.code.as_ref(), &text.text);
        self.warning = Some(shortened(&format_args!("{word} {said}"), WARNING));
    }

    /// The limit that the answer went beyond, where somebody reads it.
    pub(crate) fn spoilt_by(
        &self,
        outstanding: Option<Outstanding>,
        limits: &Limits,
    ) -> Option<LimitExceeded> {
        let is_read = outstanding.is_some_and(|whose| whose.is_read);
        let limit = self.spoilt.filter(|_| is_read)?;
        Some(limits.exceeded(limit))
    }
}

/// Commands that are outstanding together, the oldest first.
#[derive(Default)]
pub(crate) struct UnderWay {
    commands: VecDeque<(Tag, &'static str)>,
    /// Where the one stood that was answered last.
    answered: usize,
}

impl UnderWay {
    pub(crate) fn push(&mut self, tag: Tag, command: &'static str) {
        self.commands.push_back((tag, command));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.commands.clear();
    }

    /// The oldest, or the one with that tag.
    pub(crate) fn find(&self, tag: Option<&[u8]>) -> Option<(Tag, &'static str)> {
        let is_it = |(of, _): &&(Tag, _)| tag.is_none_or(|tag| of.as_bytes() == tag);
        self.commands.iter().find(is_it).copied()
    }

    /// Takes out the command with that tag, which has been answered; its name.
    pub(crate) fn take(&mut self, tag: &[u8]) -> Option<&'static str> {
        let has_tag = |(of, _): &(Tag, _)| of.as_bytes() == tag;
        self.answered = self.commands.iter().position(has_tag)?;
        let (_, command) = self.commands.remove(self.answered)?;
        Some(command)
    }

    /// Where the one stood that was answered last.
    pub(crate) fn answered(&self) -> usize {
        self.answered
    }
}

/// What one response to a FETCH was.
pub(crate) enum Row {
    /// A message.
    Message,
    /// Messages that have been removed before, in answer to the question which.
    Vanished(NumberSet),
    /// Something else.
    Other,
    /// There are no more.
    End,
}

/// What reading one response led to.
pub(crate) enum Heard {
    /// Data, or nothing of interest.
    Data,
    /// The server waits for a literal.
    Continue,
    /// The command is complete.
    Done(Option<ResponseCode>),
}

/// What the server says while it is being authenticated to.
pub(crate) enum Challenge {
    /// It wants more; its words, still encoded.
    More(Vec<u8>),
    /// It is content.
    Done,
}

/// Claims nothing of an answer: everything is for the state to take note of.
pub(crate) fn leave(data: Untagged<'_>) -> Option<Untagged<'_>> {
    Some(data)
}

pub(crate) fn is_limit(code: Option<&ResponseCode>) -> bool {
    matches!(code, Some(ResponseCode::MessageLimit { .. }))
}
