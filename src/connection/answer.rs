//! What is outstanding, and what its answer can turn out to be, piece by piece.

use std::collections::VecDeque;
use std::time::Instant;

use crate::connection::tag::Tag;
use crate::error::said::{Said, shortened};
use crate::error::{Effect, Error};
use crate::limits::{Limit, Limits, WARNING};
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
    /// Responses that cannot be read, the first of each name.
    unread: Vec<Box<[u8]>>,
}

/// So many responses are kept that cannot be read, each of another name.
const MOST_UNREAD: usize = 8;

impl SoFar {
    /// Notes what an answer says; nothing while none is due, and only warnings while the command may
    /// go on for as long as the server likes (`is_bounded` is false).
    pub(crate) fn hear(&mut self, data: &Untagged<'_>, is_bounded: Option<bool>) {
        if is_bounded.is_some() {
            self.keep_warning(data);
        }
        if is_bounded == Some(true) {
            self.note(data);
        }
    }

    fn note(&mut self, data: &Untagged<'_>) {
        self.gathered += usize::from(data.lengthens_a_list());
        match data {
            Untagged::Status { status, text } if *status == Status::No => {
                let limit = text.code.clone().filter(|code| is_limit(Some(code)));
                self.stopped = limit.or(self.stopped.take());
            }
            Untagged::Invalid { bytes, error } => {
                self.spoilt = self.spoilt.or(error.limit);
                let name = name_of(bytes);
                let mut kept = self.unread.iter();
                let is_known = kept.any(|kept| name_of(kept).eq_ignore_ascii_case(name));
                if self.unread.len() < MOST_UNREAD && !is_known {
                    self.unread.push((*bytes).into());
                }
            }
            _ => {}
        }
    }

    /// Keeps what the server says that may be why it does not go on.
    fn keep_warning(&mut self, data: &Untagged<'_>) {
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

    /// Forgets all that was noted, because the answer is over or one begins. It is cleared where it
    /// stands and not replaced, since each command does this twice. Gives back where the server has
    /// said that it stops.
    pub(crate) fn end(&mut self) -> Option<ResponseCode> {
        self.gathered = 0;
        self.spoilt = None;
        self.warning = None;
        self.unread.clear();
        self.stopped.take()
    }

    /// The response to this command that cannot be read.
    fn unread_by(&mut self, command: &str) -> Option<Box<[u8]>> {
        let names = answers_to(command);
        let mut kept = self.unread.iter();
        let place = kept.position(|kept| is_named(kept, names))?;
        Some(self.unread.remove(place))
    }

    /// Why the answer to this command is of no use, if it is read by somebody: it went beyond a
    /// limit, or a response of it cannot be read. Commands that are under way with others look at
    /// their responses themselves.
    pub(crate) fn spoilt_by(
        &mut self,
        command: &'static str,
        is_alone: bool,
        is_read: bool,
        limits: &Limits,
    ) -> Option<Error> {
        if self.spoilt.is_none() && self.unread.is_empty() {
            return None;
        }
        let unread = self.unread_by(command).filter(|_| is_alone);
        if !is_read {
            return None;
        }
        let beyond = self.spoilt.map(|limit| limits.exceeded(limit));
        let beyond = beyond.map(|limit| Error::beyond(command, limit));
        beyond.or_else(|| unread.map(|octets| Error::unreadable_response(command, octets)))
    }
}

/// The names of the responses that are the answer to a command: one of them that cannot be read is
/// an error of it, so that what it tells is not taken for something that there is none of.
fn answers_to(command: &str) -> &'static [&'static str] {
    match command {
        "LIST" => &["LIST", "STATUS", "MYRIGHTS", "METADATA"],
        "LSUB" => &["LSUB"],
        "XLIST" => &["XLIST", "LIST"],
        "ID" => &["ID"],
        "GETQUOTA" | "SETQUOTA" => &["QUOTA"],
        "GETQUOTAROOT" => &["QUOTA", "QUOTAROOT"],
        "UID THREAD" => &["THREAD"],
        "UID SORT" => &["SORT", "ESEARCH"],
        "ESEARCH" => &["ESEARCH"],
        "FETCH" | "UID FETCH" => &["FETCH", "UIDFETCH", "VANISHED"],
        "EXPUNGE" | "UID EXPUNGE" | "UID MOVE" => &["EXPUNGE", "VANISHED"],
        _ => &[],
    }
}

/// Whether a response that cannot be read is of one of these names.
pub(crate) fn is_named(response: &[u8], names: &[&str]) -> bool {
    let name = name_of(response);
    names
        .iter()
        .any(|own| name.eq_ignore_ascii_case(own.as_bytes()))
}

/// The name of a response: its first word, or the one behind its number.
fn name_of(response: &[u8]) -> &[u8] {
    let response = response.strip_prefix(b"*").unwrap_or(response);
    let mut words = response
        .split(|octet| octet.is_ascii_whitespace() || *octet == b'(')
        .filter(|word| !word.is_empty());
    let is_number = |word: &&[u8]| word.iter().all(u8::is_ascii_digit);
    words.find(|word| !is_number(word)).unwrap_or_default()
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
