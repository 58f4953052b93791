//! The commands in flight, the readers of their answers, and the time that those may take.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use crate::connection::clock::Whole;
use crate::connection::progress::Progress;
use crate::connection::tag::Tag;
use crate::error::{Effect, Error};
use crate::limits::Limits;
use crate::types::response_code::ResponseCode;
use crate::wire::response::Untagged;

/// The way in which a command is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// By its responses and its completion.
    Plain,
    /// Beside others; its step of the pipeline processes its responses itself.
    Piped,
    /// By its responses and its completion, which the connection itself takes; see
    /// [`ahead`](super::ahead).
    Ahead,
    /// Without limit: only DONE ends it.
    Idle,
    /// By BYE, which ends no other command without an error.
    Logout,
}

/// A command that has not been completed.
#[derive(Clone, Copy)]
pub(crate) struct InFlight {
    pub(crate) tag: Tag,
    /// Its name, for errors and the log.
    pub(crate) command: &'static str,
    pub(crate) kind: Kind,
    /// The possible effect of it if the connection ends after all of it was sent; `None` if its name
    /// tells that.
    pub(crate) effect: Option<Effect>,
}

impl InFlight {
    /// The possible effect of it if the connection ends after all of it was sent.
    pub(crate) fn effect(&self) -> Effect {
        self.effect.unwrap_or_else(|| Effect::of(self.command))
    }
}

/// The commands in flight, the oldest first, and the state of their answers. While the
/// queue is empty, no answer is due, and only `forgives_done` is used.
///
/// It is reset in place and not replaced: the queue keeps its capacity, so that only the first
/// command of a connection allocates.
#[derive(Default)]
pub(crate) struct Answering {
    in_flight: VecDeque<InFlight>,
    /// The place in the queue of the command that was completed last.
    answered: usize,
    /// The command that was sent last was sent whole. Stays when the connection ends.
    pub(crate) is_whole: bool,
    /// The answer has not been abandoned.
    pub(crate) is_read: bool,
    /// Lives as long as the answer's reader, which reads it piece by piece.
    reader: Option<Weak<()>>,
    pub(crate) progress: Progress,
    /// Continuation requests that no command was waiting for.
    pub(crate) stray_continuations: usize,
    /// A deadline leaves the answer to be drained by the next command, and does not close.
    pub(crate) survives_timeout: bool,
    /// The deadline for draining it, once that has begun.
    pub(crate) drained_until: Option<Instant>,
    /// The IDLE has begun, and the server accepts nothing but DONE.
    pub(crate) owes_done: bool,
    /// DONE was sent, and the server has not answered it by an error.
    pub(crate) forgives_done: bool,
    /// The command requests that the server decodes a part.
    pub(crate) asks_for_binary: bool,
    /// The longest silence of the server.
    pub(crate) silence: Duration,
    /// The deadline of the stream that the answer is part of.
    pub(crate) stream_end: Option<Whole>,
}

impl Answering {
    /// Whether an answer is due.
    #[inline]
    pub(crate) fn is_due(&self) -> bool {
        !self.in_flight.is_empty()
    }

    /// The command that is answered next, if the server answers in order.
    #[inline]
    pub(crate) fn oldest(&self) -> Option<&InFlight> {
        self.in_flight.front()
    }

    /// Its name.
    #[inline]
    pub(crate) fn command(&self) -> Option<&'static str> {
        self.oldest().map(|oldest| oldest.command)
    }

    /// The possible effect of it if the connection ends now.
    #[inline]
    pub(crate) fn effect(&self) -> Effect {
        match self.oldest() {
            Some(oldest) if self.is_whole || self.in_flight.len() > 1 => oldest.effect(),
            _ => Effect::None,
        }
    }

    /// A command is about to be sent. [`renew`](Self::renew) resets what belonged to earlier
    /// answers.
    pub(crate) fn push(&mut self, command: InFlight) {
        self.in_flight.push_back(command);
    }

    /// An answer is due from now on, and is read.
    pub(crate) fn renew(&mut self, silence: Duration) {
        self.is_read = true;
        self.reader = None;
        self.stray_continuations = 0;
        self.survives_timeout = false;
        self.drained_until = None;
        self.owes_done = false;
        self.asks_for_binary = false;
        (self.silence, self.stream_end) = (silence, None);
    }

    /// Takes out the command with that tag, which has been completed. Servers mostly answer in
    /// order.
    #[inline]
    pub(crate) fn take(&mut self, tag: &[u8]) -> Option<InFlight> {
        let has_tag = |one: &InFlight| one.tag.as_bytes() == tag;
        match self.oldest().is_some_and(has_tag) {
            true => {
                self.answered = 0;
                self.in_flight.pop_front()
            }
            false => self.take_later(tag),
        }
    }

    /// Takes out the oldest command if these octets complete it by an OK without a code, and nothing
    /// was recorded about its answer. What else is in such a response is human-readable text.
    #[inline]
    pub(crate) fn take_done(&mut self, response: &[u8]) -> bool {
        let is_done = self.oldest().is_some_and(|oldest| {
            let is_plain = matches!(oldest.kind, Kind::Plain | Kind::Piped);
            is_plain && is_bare_ok(response, &oldest.tag)
        });
        if !is_done || !self.is_whole || !self.progress.is_nothing() {
            return false;
        }
        self.answered = 0;
        self.in_flight.pop_front().is_some()
    }

    #[cold]
    fn take_later(&mut self, tag: &[u8]) -> Option<InFlight> {
        let has_tag = |one: &InFlight| one.tag.as_bytes() == tag;
        self.answered = self.in_flight.iter().position(has_tag)?;
        self.in_flight.remove(self.answered)
    }

    /// The place in the queue of the command that was completed last.
    pub(crate) fn answered(&self) -> usize {
        self.answered
    }

    /// Whether that command had not been sent whole: only the last of the queue can be so.
    pub(crate) fn was_cut_short(&self) -> bool {
        !self.is_whole && self.answered == self.in_flight.len()
    }

    /// The oldest command, or the one with that tag.
    pub(crate) fn find(&self, tag: Option<&[u8]>) -> Option<&InFlight> {
        let is_it = |one: &&InFlight| tag.is_none_or(|tag| one.tag.as_bytes() == tag);
        self.in_flight.iter().find(is_it)
    }

    /// The command that was sent last is aborted: it will have no effect.
    pub(crate) fn call_off(&mut self) {
        self.is_whole = true;
        if let Some(last) = self.in_flight.back_mut() {
            last.effect = Some(Effect::None);
        }
    }

    /// No answer is due any more.
    pub(crate) fn clear(&mut self) {
        self.in_flight.clear();
        self.progress.end();
    }

    /// Records what a response reports about the answer that is due.
    pub(crate) fn note(&mut self, data: &Untagged<'_>) {
        if let Some(InFlight { kind, .. }) = self.in_flight.front() {
            self.progress.note(data, *kind != Kind::Idle);
        }
    }

    /// The answer to a command that has been taken out is over: the code with which the server
    /// reported that it stopped early, and the reason why the answer is unusable, if it is.
    #[inline]
    pub(crate) fn end(
        &mut self,
        answered: &InFlight,
        limits: &Limits,
    ) -> (Option<ResponseCode>, Option<Error>) {
        if self.progress.is_nothing() {
            return (None, None);
        }
        let command = answered.command;
        let is_alone = !matches!(answered.kind, Kind::Piped | Kind::Ahead);
        let spoilt = self
            .progress
            .spoilt_by(command, is_alone, self.is_read, limits);
        (self.progress.end(), spoilt)
    }

    /// Whether an answer is due and may still have a reader on this thread.
    pub(crate) fn is_being_read(&self) -> bool {
        let reader = self.reader.as_ref();
        self.is_due() && self.is_read && reader.is_none_or(|reader| reader.strong_count() > 0)
    }

    /// A token of the answer's reader.
    pub(crate) fn lend_reader(&mut self) -> Arc<()> {
        let token = Arc::new(());
        self.reader = Some(Arc::downgrade(&token));
        token
    }

    /// Whether the server accepts nothing but DONE now.
    pub(crate) fn is_idling(&self) -> bool {
        self.is_due() && self.owes_done
    }
}

/// Whether a response is a tagged OK with this tag, whose text begins with a letter and so with no
/// code.
fn is_bare_ok(response: &[u8], tag: &Tag) -> bool {
    let rest = response.strip_prefix(tag.as_bytes());
    matches!(
        rest,
        Some([b' ', b'O', b'K', b' ', b'A'..=b'Z' | b'a'..=b'z', ..])
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(answering: &mut Answering, tag: &mut Tag) {
        tag.advance();
        answering.push(InFlight {
            tag: *tag,
            command: "COPY",
            kind: Kind::Piped,
            effect: Some(Effect::Possible),
        });
    }

    #[test]
    fn commands_are_completed_in_any_order() {
        let (mut answering, mut tag) = (Answering::default(), Tag::default());
        for _ in 0..3 {
            push(&mut answering, &mut tag);
        }
        for (tag, place) in [("A2", 1), ("A3", 1), ("A1", 0)] {
            assert!(answering.is_due());
            assert!(answering.take(tag.as_bytes()).is_some(), "{tag}");
            assert_eq!(answering.answered(), place, "{tag}");
            assert!(answering.take(tag.as_bytes()).is_none(), "{tag} twice");
        }
        assert!(!answering.is_due());
    }

    #[test]
    fn what_was_not_sent_whole_has_no_effect_unless_it_follows_another() {
        let (mut answering, mut tag) = (Answering::default(), Tag::default());
        push(&mut answering, &mut tag);
        assert_eq!(answering.effect(), Effect::None);
        push(&mut answering, &mut tag);
        assert_eq!(answering.effect(), Effect::Possible, "of the first");
        answering.take(b"A1").unwrap();
        assert!(!answering.was_cut_short() && answering.effect() == Effect::None);
        answering.take(b"A2").unwrap();
        assert!(answering.was_cut_short());
    }

    #[test]
    fn only_an_ok_without_a_code_is_known_by_its_beginning() {
        let (mut answering, mut tag) = (Answering::default(), Tag::default());
        push(&mut answering, &mut tag);
        push(&mut answering, &mut tag);
        answering.is_whole = true;
        for response in [
            "A1 OK [READ-ONLY] done\r\n",
            "A1 OK  [READ-ONLY] done\r\n",
            "A1 OK\r\n",
            "A1 NO done\r\n",
            "A1 BAD done\r\n",
            "A11 OK done\r\n",
            "A2 OK done\r\n",
            "a1 OK done\r\n",
            "A1",
            "",
        ] {
            assert!(!answering.take_done(response.as_bytes()), "{response}");
        }
        assert!(answering.take_done(b"A1 OK done\r\n"));
        assert_eq!(answering.answered(), 0);
        // What was recorded about the answer decides how the command has ended.
        answering.progress.gathered = 1;
        assert!(!answering.take_done(b"A2 OK done\r\n"));
        answering.progress.end();
        answering.is_whole = false;
        assert!(!answering.take_done(b"A2 OK done\r\n"));
        answering.is_whole = true;
        assert!(answering.take_done(b"A2 OK done\r\n") && !answering.is_due());
    }

    #[test]
    fn the_queue_keeps_its_room() {
        let (mut answering, mut tag) = (Answering::default(), Tag::default());
        push(&mut answering, &mut tag);
        let room = answering.in_flight.capacity();
        for _ in 0..100 {
            answering.take(tag.as_bytes()).unwrap();
            push(&mut answering, &mut tag);
            answering.clear();
            push(&mut answering, &mut tag);
        }
        assert_eq!(answering.in_flight.capacity(), room);
    }
}
