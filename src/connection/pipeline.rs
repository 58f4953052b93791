//! Several commands in flight at once (RFC 9051 section 5.5): sent together, completed in any order.
//!
//! A command is a [`Step`]. [`Connection::pipeline`] sends as many as may be in flight together,
//! and more as they are completed; each step gets its responses and its own outcome. Commands in
//! flight are known to the connection like a command that is alone.
//!
//! Client and server cannot deadlock: while something is to be sent, only so much is unanswered
//! that its answers fit between the two ends, and all that has arrived is read before more is sent.

mod footprint;
mod window;

use std::sync::Arc;
use std::time::Duration;

use crate::connection::Connection;
use crate::connection::answer::Received;
use crate::connection::answering::{InFlight, Kind};
use crate::connection::send::Receiver;
use crate::connection::tag::Tag;
use crate::error::{CloseReason, Effect, Error, Result};
use crate::types::response_code::ResponseCode;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

pub(crate) use footprint::Footprint;

use window::{Sent, Window};

/// The most pieces in one write.
const PIECES: usize = 64;

/// One command of several; `'a` is the lifetime of what it sends by reference.
pub(crate) trait Step<'a> {
    /// Its name, for errors.
    fn command(&self) -> &'static str;

    /// The commands that may be in flight beside it.
    fn footprint(&self) -> Footprint<'a>;

    /// Writes it, without tag and line end. An error is its outcome, and nothing of it is sent.
    fn encode(&self, encoder: &mut Encoder<'a>) -> Result<()>;

    /// It is being sent with this tag.
    fn sent(&mut self, tag: Tag);

    /// Takes data that can only be for it, and returns all other data.
    fn claim<'r>(&mut self, data: Untagged<'r>) -> Option<Untagged<'r>>;

    /// Takes data that no other command claims and that may be for it.
    fn claim_loosely<'r>(&mut self, data: Untagged<'r>, among: Among) -> Option<Untagged<'r>>;

    /// It was answered, refused, or is not going to be.
    fn done(&mut self, outcome: Result<Option<ResponseCode>>);
}

/// The other commands in flight when data comes that names none of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Among {
    /// It is the oldest that is not completed.
    pub(crate) is_oldest: bool,
    /// The number of searches that such data could answer.
    pub(crate) searches: usize,
    /// What no command claims is an event, because NOTIFY is in force.
    pub(crate) is_notifying: bool,
}

impl Among {
    /// A command that is in flight alone.
    pub(crate) fn alone(is_notifying: bool) -> Self {
        Self {
            is_oldest: true,
            searches: 1,
            is_notifying,
        }
    }
}

/// The progress of a pipeline.
struct Pipe<'p, 's, 'a> {
    steps: &'p mut [&'s mut dyn Step<'a>],
    /// The first command that is still to be sent.
    next: usize,
    /// The selection that the commands are for, unless they need no mailbox.
    selection: Option<u64>,
    /// Those in flight, in the order in which the connection knows them.
    window: Window<'a>,
    /// What is being written ends with a whole command, which need not wait for the server.
    is_whole: bool,
    /// The longest silence of the server: that of the slowest command that was sent.
    silence: Duration,
}

impl Connection {
    /// Sends commands and receives their answers: as many at once as may be, the others after those
    /// are completed. Each step gets its outcome.
    ///
    /// If the connection ends, each command that was not completed fails; its error has whether it
    /// may have taken effect. If the `selection` that they are for ends, those that were not sent get no
    /// outcome.
    pub(crate) fn pipeline<'a>(&mut self, steps: &mut [&mut dyn Step<'a>], selection: Option<u64>) {
        let Some(first) = steps.first().map(|step| step.command()) else {
            return;
        };
        let mut pipe = Pipe {
            window: Window::of(steps.len()),
            steps,
            next: 0,
            selection,
            is_whole: true,
            silence: Duration::ZERO,
        };
        let ready = self.make_ready(first);
        let ended = ready.and_then(|()| self.run_through(&mut pipe));
        if let Err(Error::Closed(closed)) = ended {
            pipe.fail(&closed.into_reason(), self.answering.is_whole);
        }
    }

    fn run_through(&mut self, pipe: &mut Pipe<'_, '_, '_>) -> Result<()> {
        let mut most = self.most_of_an_answer();
        while !pipe.is_over() {
            if pipe.has_room() && (self.send_more(pipe)? || pipe.is_over()) {
                continue;
            }
            if let Received::Done(_) = pipe.receive(self)? {
                most = self.most_of_an_answer();
            }
            self.check_answer(most)?;
        }
        Ok(())
    }

    /// Sends as many commands as may be in flight now, after receiving what has arrived; returns
    /// whether there were any.
    fn send_more(&mut self, pipe: &mut Pipe<'_, '_, '_>) -> Result<bool> {
        let most = self.most_of_an_answer();
        while !pipe.window.is_empty() && self.has_arrived(pipe)? {
            pipe.receive(self)?;
            self.check_answer(most)?;
        }
        if pipe.selection.is_some_and(|it| !self.state.is_current(it)) {
            pipe.next = pipe.steps.len();
        }
        let first = pipe.next;
        self.write(|it, encoder| {
            let begin = encoder.mark();
            while it.write_next(pipe, encoder) {}
            match encoder.octets_since(begin) {
                (0, _) => Ok(()),
                _ => it.send_written(pipe, first, encoder),
            }
        })?;
        Ok(pipe.next > first)
    }

    fn has_arrived(&mut self, pipe: &Pipe<'_, '_, '_>) -> Result<bool> {
        let arrived = self.stream.has_arrived();
        arrived.map_err(|reason| self.close(pipe.command(), Effect::Possible, reason))
    }

    /// Writes the next command if it may be in flight beside the others; returns whether there may
    /// be one more.
    fn write_next<'a>(&mut self, pipe: &mut Pipe<'_, '_, 'a>, encoder: &mut Encoder<'a>) -> bool {
        if !pipe.is_whole || pipe.window.is_full() || pipe.has_conflict() {
            return false;
        }
        let Some(step) = pipe.steps.get_mut(pipe.next) else {
            return false;
        };
        let mut tag = self.tag;
        tag.advance();
        let mark = encoder.mark();
        encoder.tag(tag.as_bytes());
        if let Err(error) = step.encode(encoder) {
            encoder.back_to(mark);
            step.done(Err(error));
            pipe.next += 1;
            return true;
        }
        encoder.raw("\r\n");
        let octets = encoder.octets_since(mark);
        if !pipe.window.has_room_for(octets) {
            encoder.back_to(mark);
            return false;
        }
        step.sent(tag);
        self.tag = tag;
        let command = step.command();
        pipe.silence = pipe.silence.max(self.bounds.timeouts.silence(command));
        self.log_line(command, encoder.line_since(mark));
        pipe.is_whole = encoder.waits_since(mark) == 0;
        pipe.window.push(Sent {
            tag,
            place: pipe.next,
            octets,
            footprint: step.footprint(),
        });
        pipe.next += 1;
        true
    }

    /// Sends what was written of the steps from `first` on; only the last command may have to wait
    /// for the server.
    fn send_written(
        &mut self,
        pipe: &mut Pipe<'_, '_, '_>,
        first: usize,
        encoder: &Encoder<'_>,
    ) -> Result<()> {
        for sent in pipe.window.iter().filter(|sent| sent.place >= first) {
            let command = pipe.steps.get(sent.place).map_or("", |step| step.command());
            self.push_in_flight(InFlight {
                tag: sent.tag,
                command,
                kind: Kind::Piped,
                effect: None,
            });
        }
        self.expect_answer(pipe.silence, self.bounds.timeouts.command);
        let sent = self.send_fragments::<PIECES>(pipe, encoder, true);
        pipe.is_whole = true;
        sent
    }
}

impl Receiver for Pipe<'_, '_, '_> {
    /// The command that is answered next, if the server answers in order.
    fn command(&self) -> &'static str {
        let place = self.window.oldest().map_or(self.next, |sent| sent.place);
        self.steps.get(place).map_or("", |step| step.command())
    }

    /// Reads one response and passes it to its step, which gets the outcome of its command.
    fn receive(&mut self, connection: &mut Connection) -> Result<Received> {
        let command = self.command();
        let is_notifying = connection.state.is_notifying();
        let outcome = match connection.receive(command, |data| self.give(data, is_notifying)) {
            Ok(Received::Done(code)) => Ok(code),
            Err(error @ (Error::Refused(_) | Error::Throttled(_) | Error::Unparsable(_))) => {
                Err(error)
            }
            Ok(Received::Continue) if connection.answering.is_whole => {
                connection.forgive_continuation(command)?;
                return Ok(Received::Data);
            }
            other => return other,
        };
        connection.restart_clock();
        let sent = self.window.remove(connection.answering.answered());
        if let Some(step) = sent.and_then(|sent| self.steps.get_mut(sent.place)) {
            step.done(outcome);
            connection.report_answered(step.command());
        }
        Ok(Received::Done(None))
    }
}

impl Pipe<'_, '_, '_> {
    fn is_over(&self) -> bool {
        self.window.is_empty() && self.next >= self.steps.len()
    }

    /// Whether it is time to send more, and the next command may be sent.
    fn has_room(&mut self) -> bool {
        self.next < self.steps.len() && self.window.wants_more() && !self.has_conflict()
    }

    /// Whether the next command has to wait for one that is in flight.
    fn has_conflict(&mut self) -> bool {
        let next = self.steps.get(self.next).map(|step| step.footprint());
        next.is_some_and(|next| self.window.conflicts_with(&next))
    }

    /// Passes data to the command that it is for; returns `None` if one has claimed it.
    fn give<'r>(&mut self, mut data: Untagged<'r>, is_notifying: bool) -> Option<Untagged<'r>> {
        for sent in self.window.iter() {
            data = self.steps.get_mut(sent.place)?.claim(data)?;
        }
        let searches = self.window.searches();
        for (place, sent) in self.window.iter().enumerate() {
            let among = Among {
                is_oldest: place == 0,
                searches,
                is_notifying,
            };
            data = self.steps.get_mut(sent.place)?.claim_loosely(data, among)?;
        }
        Some(data)
    }

    /// The connection has ended: all commands without an outcome have failed. The one that was sent
    /// last did nothing unless it `is_whole`.
    fn fail(&mut self, reason: &Arc<CloseReason>, is_whole: bool) {
        let last = self.window.len().checked_sub(1).filter(|_| !is_whole);
        for (place, sent) in self.window.iter().enumerate() {
            let effect = match last == Some(place) {
                true => Effect::None,
                false => Effect::Possible,
            };
            if let Some(step) = self.steps.get_mut(sent.place) {
                let effect = match Effect::of(step.command()) {
                    Effect::None => Effect::None,
                    Effect::Possible => effect,
                };
                step.done(Err(Error::closed(step.command(), effect, reason)));
            }
        }
        for step in self.steps.iter_mut().skip(self.next) {
            step.done(Err(Error::closed(step.command(), Effect::None, reason)));
        }
    }
}
