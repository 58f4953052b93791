//! Several commands under way at once (RFC 9051 section 5.5): sent together, heard in whatever
//! order they are answered.
//!
//! A command is a [`Step`]. [`Connection::pipeline`] sends as many as may be under way together,
//! and more as they are answered; each step gets what came for it and its own outcome. What is
//! under way stays known to the connection like any other command that is outstanding.
//!
//! Neither side can wait for the other: while something is to be sent, only so much is unanswered
//! that its answers fit between the two ends, and all that has arrived is read before more is sent.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::connection::Connection;
use crate::connection::answer::Heard;
use crate::connection::pieces::Pieces;
use crate::connection::tag::Tag;
use crate::connection::trace::Line;
use crate::error::{CloseReason, Effect, Error, Result};
use crate::types::mailbox_name::MailboxName;
use crate::types::number_set::NumberSet;
use crate::types::response_code::ResponseCode;
use crate::wire::encoder::{Encoder, Fragment, Mark};
use crate::wire::response::Untagged;

/// How many commands are under way at most; more are sent when half of them are answered.
const MOST: usize = 128;

/// How many octets of command lines are under way at most: less than the smallest buffers of the
/// systems on both ends hold.
const LINES: usize = 32 << 10;

/// How many octets of literals are under way at most beside them. A command with a literal is
/// answered in a line or two, so these can be many; a literal of more goes alone.
const LITERALS: usize = 1 << 20;

/// How many pieces leave in one write.
const PIECES: usize = 64;

/// One command of several; `'a` is how long what it sends by reference lives.
pub(crate) trait Step<'a> {
    /// Its name, for errors.
    fn command(&self) -> &'static str;

    /// Which commands may be under way beside it.
    fn concern(&self) -> Concern<'a>;

    /// Writes it, without tag and line end. An error is its outcome, and nothing of it is sent.
    fn encode(&self, encoder: &mut Encoder<'a>) -> Result<()>;

    /// It is being sent with this tag.
    fn sent(&mut self, tag: Tag) {
        let _ = tag;
    }

    /// Takes data that can only be for it, and gives back what is not.
    fn claim<'r>(&mut self, data: Untagged<'r>) -> Option<Untagged<'r>> {
        Some(data)
    }

    /// Takes data that no other command claims and that may be for it.
    fn claim_loosely<'r>(&mut self, data: Untagged<'r>, among: Among) -> Option<Untagged<'r>> {
        let _ = among;
        Some(data)
    }

    /// It was answered, refused, or is not going to be.
    fn done(&mut self, outcome: Result<Option<ResponseCode>>);
}

/// Among which others a command is in flight when data comes that names none of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Among {
    /// It is the oldest that is not answered.
    pub(crate) is_oldest: bool,
    /// How many searches there are that such data could answer.
    pub(crate) searches: usize,
    /// What no command claims is an event, because NOTIFY is in force.
    pub(crate) is_notifying: bool,
}

/// What a command looks at or changes, as far as commands beside it could be mistaken for it or
/// could change its answer. Those that clash are sent one after the other.
#[derive(Clone, Copy)]
pub(crate) enum Concern<'a> {
    /// Nothing that others do.
    Nothing,
    /// One of a kind at a time, because the answer names no command: ID, NAMESPACE, LIST.
    Kind(&'static str),
    /// The counts of a mailbox.
    Counts(&'a MailboxName),
    /// A message more in a mailbox.
    Arrival(&'a MailboxName),
    /// Which messages of the selected mailbox meet a condition; `tagged` if the answer names its
    /// command.
    Searches { tagged: bool },
    /// What the server says about these messages of the selected mailbox, which are not changed.
    Reads(&'a NumberSet),
    /// These messages of the selected mailbox, and what the server says about them.
    Messages(&'a NumberSet),
    /// The same, and a mailbox that gets copies of them.
    Copies(&'a NumberSet, &'a MailboxName),
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

impl Concern<'_> {
    /// Whether one has to be answered before the other is sent.
    fn clashes_with(&self, other: &Self) -> bool {
        self.comes_before(other) || other.comes_before(self)
    }

    fn comes_before(&self, other: &Self) -> bool {
        use Concern::{Arrival, Copies, Counts, Kind, Messages, Nothing, Reads, Searches};
        match (self, other) {
            (Nothing | Arrival(_), Nothing | Arrival(_)) => false,
            (Kind(one), Kind(other)) => one == other,
            (Counts(one), Counts(other) | Arrival(other) | Copies(_, other)) => one == other,
            (Counts(_), Messages(_)) => true,
            (Searches { tagged: one }, Searches { tagged: other }) => !(*one && *other),
            (Searches { .. }, Messages(_) | Copies(..) | Arrival(_)) => true,
            (Messages(one) | Reads(one), Messages(other) | Reads(other))
            | (Messages(one), Copies(other, _)) => {
                one.is_open() || other.is_open() || !one.intersection(other).is_empty()
            }
            _ => false,
        }
    }
}

/// How far a pipeline has come.
struct Pipe<'p, 's, 'a> {
    steps: &'p mut [&'s mut dyn Step<'a>],
    /// The first that has not been sent.
    next: usize,
    /// Those that are under way, in the order in which the connection knows them.
    sent: VecDeque<Sent>,
    /// The one of them that has not been sent whole.
    unfinished: Option<usize>,
    /// How long the server may be silent: as long as for the slowest of those that were sent.
    silence: Duration,
}

#[derive(Clone, Copy)]
struct Sent {
    place: usize,
    lines: usize,
    literals: usize,
}

/// What one response to a pipeline was.
enum Stepped {
    Other,
    Continue,
    /// The answer to this step, and whether it was OK.
    Done(usize, bool),
}

impl Connection {
    /// Sends commands and hears their answers: as many at once as may be, the others when those
    /// are answered. Each is told what became of it.
    ///
    /// When the connection ends, so does each command that was not answered; its error says
    /// whether it may have taken effect.
    pub(crate) fn pipeline<'a>(&mut self, steps: &mut [&mut dyn Step<'a>]) {
        let Some(first) = steps.first().map(|step| step.command()) else {
            return;
        };
        let mut pipe = Pipe {
            steps,
            next: 0,
            sent: VecDeque::new(),
            unfinished: None,
            silence: Duration::ZERO,
        };
        let ready = self.settle(first);
        let ended = ready
            .and_then(|()| self.hear_read_ahead(first))
            .and_then(|()| self.run_through(&mut pipe));
        if let Err(Error::Closed(closed)) = ended {
            pipe.fail(&closed.into_reason());
        }
    }

    fn run_through(&mut self, pipe: &mut Pipe<'_, '_, '_>) -> Result<()> {
        let mut most = self.most_of_an_answer();
        while !pipe.is_over() {
            if pipe.has_room() && self.send_more(pipe)? {
                continue;
            }
            if let Stepped::Done(..) = self.hear_one(pipe)? {
                most = self.most_of_an_answer();
            }
            self.check_answer(most)?;
        }
        Ok(())
    }

    /// Sends as many commands as may be under way now, after hearing what has arrived; whether
    /// there were any.
    fn send_more(&mut self, pipe: &mut Pipe<'_, '_, '_>) -> Result<bool> {
        let most = self.most_of_an_answer();
        while !pipe.sent.is_empty() && self.has_arrived(pipe)? {
            self.hear_one(pipe)?;
            self.check_answer(most)?;
        }
        let line = std::mem::take(&mut self.line);
        let mut encoder = Encoder::new(line, self.state.abilities());
        let (begin, first) = (encoder.mark(), pipe.next);
        while self.write_next(pipe, &mut encoder) {}
        let sent = match encoder.octets_since(begin) {
            (0, _) => Ok(()),
            _ => self.send_written(pipe, &encoder),
        };
        self.line = encoder.into_line();
        sent.map(|()| pipe.next > first)
    }

    fn has_arrived(&mut self, pipe: &Pipe<'_, '_, '_>) -> Result<bool> {
        let arrived = self.stream.has_arrived();
        arrived.map_err(|reason| self.close(pipe.command(), Effect::Possible, reason))
    }

    /// Writes the next command if it may be under way beside those that are; whether there may be
    /// one more.
    fn write_next<'a>(&mut self, pipe: &mut Pipe<'_, '_, 'a>, encoder: &mut Encoder<'a>) -> bool {
        if pipe.unfinished.is_some() || pipe.sent.len() >= MOST || pipe.has_clash() {
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
        let (lines, literals) = encoder.octets_since(mark);
        let has_room = pipe.has_room_for(lines, literals);
        let Some(step) = pipe.steps.get_mut(pipe.next).filter(|_| has_room) else {
            encoder.back_to(mark);
            return false;
        };
        step.sent(tag);
        self.tag = tag;
        let command = step.command();
        pipe.silence = pipe.silence.max(self.bounds.timeouts.silence(command));
        self.under_way.push(tag, command);
        self.log_sent(command, encoder, mark);
        let waits = encoder.waits_since(mark) > 0;
        pipe.unfinished = waits.then_some(pipe.next);
        pipe.sent.push_back(Sent {
            place: pipe.next,
            lines,
            literals,
        });
        pipe.next += 1;
        true
    }

    fn log_sent(&self, command: &'static str, encoder: &Encoder<'_>, mark: Mark) {
        match self.redaction.is_under_way() {
            true => log::trace!("C: {} {command} ***", self.tag.as_str()),
            false => log::trace!("C: {}", Line(encoder.line_since(mark))),
        }
    }

    /// Sends what was written; only the last command of it may have to wait for the server.
    fn send_written(&mut self, pipe: &mut Pipe<'_, '_, '_>, encoder: &Encoder<'_>) -> Result<()> {
        let command = pipe.command();
        self.expect_answer(command, pipe.silence, self.bounds.timeouts.command);
        let mut waits = encoder.waits();
        let mut pieces: Pieces<'_, PIECES> = Pieces::default();
        for fragment in encoder.fragments() {
            match fragment {
                Fragment::Octets(octets) => {
                    if !pieces.push(octets) {
                        self.send_piped(pipe, &mut pieces)?;
                        pieces.push(octets);
                    }
                }
                Fragment::Wait => {
                    self.send_piped(pipe, &mut pieces)?;
                    if !self.is_asked_for_literal(pipe)? {
                        return Ok(());
                    }
                    waits -= 1;
                    if waits == 0 {
                        pipe.unfinished = None;
                    }
                }
            }
        }
        self.send_piped(pipe, &mut pieces)
    }

    /// Sends pieces; when the server takes no more, what it has answered is heard before the
    /// connection is closed: it may say why.
    fn send_piped<const MOST: usize>(
        &mut self,
        pipe: &mut Pipe<'_, '_, '_>,
        pieces: &mut Pieces<'_, MOST>,
    ) -> Result<()> {
        let Err(reason) = self.stream.send(pieces) else {
            return Ok(());
        };
        while !pipe.sent.is_empty() && self.stream.has_arrived().unwrap_or(false) {
            self.hear_one(pipe)?;
        }
        Err(self.close(pipe.command(), Effect::Possible, reason))
    }

    /// Waits until the server asks for the literal of the command that is not sent whole: no other
    /// that is under way has one to ask for. It is refused instead with an answer to that command.
    fn is_asked_for_literal(&mut self, pipe: &mut Pipe<'_, '_, '_>) -> Result<bool> {
        let mut most = self.most_of_an_answer();
        loop {
            match self.hear_one(pipe)? {
                Stepped::Continue => return Ok(true),
                Stepped::Done(place, is_ok) if pipe.unfinished == Some(place) => {
                    pipe.unfinished = None;
                    if !is_ok {
                        return Ok(false);
                    }
                    let problem = "it answered a command before it was sent whole";
                    let reason = CloseReason::Protocol(problem.into());
                    return Err(self.close(pipe.command(), Effect::Possible, reason));
                }
                Stepped::Done(..) => most = self.most_of_an_answer(),
                Stepped::Other => {}
            }
            self.check_answer(most)?;
        }
    }

    /// Hears one response, and tells whom it is for.
    fn hear_one(&mut self, pipe: &mut Pipe<'_, '_, '_>) -> Result<Stepped> {
        let command = pipe.command();
        let is_notifying = self.state.is_notifying();
        let outcome = match self.hear(command, |data| pipe.give(data, is_notifying)) {
            Ok(Heard::Data) => return Ok(Stepped::Other),
            Ok(Heard::Continue) if pipe.unfinished.is_some() => return Ok(Stepped::Continue),
            Ok(Heard::Continue) => {
                self.forgive_continuation(command)?;
                return Ok(Stepped::Other);
            }
            Ok(Heard::Done(code)) => Ok(code),
            Err(error @ (Error::Refused(_) | Error::Throttled(_) | Error::Unreadable(_))) => {
                Err(error)
            }
            Err(error) => return Err(error),
        };
        self.restart_clock();
        let is_ok = outcome.is_ok();
        let Some(Sent { place, .. }) = pipe.sent.remove(self.under_way.answered()) else {
            return Ok(Stepped::Other);
        };
        if let Some(step) = pipe.steps.get_mut(place) {
            step.done(outcome);
        }
        Ok(Stepped::Done(place, is_ok))
    }
}

impl Pipe<'_, '_, '_> {
    fn is_over(&self) -> bool {
        self.sent.is_empty() && self.next >= self.steps.len()
    }

    /// The command that is answered next, if the server keeps to the order.
    fn command(&self) -> &'static str {
        let place = self.sent.front().map_or(self.next, |sent| sent.place);
        self.steps.get(place).map_or("", |step| step.command())
    }

    /// Whether it is time to send more: few writes of many commands, and not one for each.
    fn has_room(&self) -> bool {
        if self.next >= self.steps.len() || self.sent.len() > MOST / 2 {
            return false;
        }
        let (lines, literals) = self.octets();
        lines <= LINES / 2 && literals <= LITERALS / 2 && !self.has_clash()
    }

    fn has_room_for(&self, lines: usize, literals: usize) -> bool {
        let (had_lines, had_literals) = self.octets();
        self.sent.is_empty() || had_lines + lines <= LINES && had_literals + literals <= LITERALS
    }

    fn octets(&self) -> (usize, usize) {
        let sum = |(lines, literals), sent: &Sent| (lines + sent.lines, literals + sent.literals);
        self.sent.iter().fold((0, 0), sum)
    }

    /// Whether the next command has to wait for one that is under way.
    fn has_clash(&self) -> bool {
        let Some(next) = self.steps.get(self.next).map(|step| step.concern()) else {
            return false;
        };
        let concern = |sent: &Sent| self.steps.get(sent.place).map(|step| step.concern());
        let mut under_way = self.sent.iter().filter_map(concern);
        under_way.any(|concern| concern.clashes_with(&next))
    }

    /// Gives data to the command that it is for; what is left is for nobody.
    fn give<'r>(&mut self, mut data: Untagged<'r>, is_notifying: bool) -> Option<Untagged<'r>> {
        for sent in &self.sent {
            data = self.steps.get_mut(sent.place)?.claim(data)?;
        }
        let searches = self.searches();
        for (place, sent) in self.sent.iter().enumerate() {
            let among = Among {
                is_oldest: place == 0,
                searches,
                is_notifying,
            };
            data = self.steps.get_mut(sent.place)?.claim_loosely(data, among)?;
        }
        Some(data)
    }

    /// How many searches are in flight.
    fn searches(&self) -> usize {
        let concerns = self
            .sent
            .iter()
            .filter_map(|sent| self.steps.get(sent.place));
        let is_search =
            |step: &&&mut dyn Step<'_>| matches!(step.concern(), Concern::Searches { .. });
        concerns.filter(is_search).count()
    }

    /// Tells all that have no outcome yet that there is none to come.
    fn fail(&mut self, reason: &Arc<CloseReason>) {
        for sent in &self.sent {
            let effect = match self.unfinished == Some(sent.place) {
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
