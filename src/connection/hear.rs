//! Hearing: one response at a time is read, booked, and given to whoever claims it.

use std::mem;
use std::time::{Duration, Instant};

use crate::client_builder::bounds::Timeouts;
use crate::connection::Connection;
use crate::connection::answer::{Challenge, Heard, Outstanding, UnderWay, is_limit, leave};
use crate::connection::clock::Clock;
use crate::connection::enabling::ENABLE;
use crate::connection::idling::IDLE;
use crate::connection::redaction::Redaction;
use crate::connection::tag::Tag;
use crate::connection::throttle;
use crate::connection::trace::Line;
use crate::error::refused::{Known, Partly};
use crate::error::{CloseReason, Effect, Error, LockError, Refused, Result, Throttled};
use crate::news::News;
use crate::news::session_event::SessionEvent;
use crate::types::response_code::ResponseCode;
use crate::wire::frame::Frame;
use crate::wire::response::fetch::Fetch;
use crate::wire::response::fetch_row::FetchPlace;
use crate::wire::response::status::{ResponseText, Status};
use crate::wire::response::{Response, Untagged};

impl Connection {
    /// Reads what has arrived unasked, or of an answer that nobody reads any more, and never waits:
    /// counters become as fresh as they can be for nothing, and a connection that has ended is
    /// noticed.
    pub(crate) fn hear_arrived(&mut self, command: &'static str) -> Result<()> {
        self.check_open(command)?;
        let drained = self.bounds.session.drain;
        let most = self.stream.received().saturating_add(drained);
        let may_read = |it: &Self| it.is_idling() || !it.is_being_read();
        if may_read(self) {
            self.give_up_section(command, drained)?;
        }
        while may_read(self) && self.stream.received() < most {
            match self.hear_if_arrived(command) {
                Ok(None) => break,
                Ok(Some(Heard::Continue)) => self.forgive_continuation(command)?,
                Ok(Some(_)) | Err(Error::Refused(_) | Error::Throttled(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Books what was read along with the answers before, so that none of it can pass for an
    /// answer to the command that is about to be sent; looks at no socket.
    pub(crate) fn hear_read_ahead(&mut self, command: &'static str) -> Result<()> {
        while self.has_read_ahead(command)? {
            if let Heard::Continue = self.book(command, leave, |_| {})? {
                self.forgive_continuation(command)?;
            }
        }
        Ok(())
    }

    fn has_read_ahead(&mut self, command: &'static str) -> Result<bool> {
        let has = self.stream.has_read_ahead();
        has.map_err(|reason| self.close(command, self.effect(), reason))
    }

    /// Reads one response if it has arrived whole; never waits.
    pub(crate) fn hear_if_arrived(&mut self, command: &'static str) -> Result<Option<Heard>> {
        match self.stream.has_arrived() {
            Ok(true) => self.book(command, leave, |_| {}).map(Some),
            Ok(false) => Ok(None),
            Err(reason) => Err(self.close(command, self.effect(), reason)),
        }
    }

    /// Reads one response: the continuation's text when the server asks for more, the code when
    /// the command is complete.
    pub(crate) fn hear_challenge(&mut self, command: &'static str) -> Result<Challenge> {
        let mut challenge = None;
        loop {
            match self.hear_with(command, leave, |text| challenge = Some(text.to_vec()))? {
                Heard::Continue => return Ok(Challenge::More(challenge.unwrap_or_default())),
                Heard::Done(_) => return Ok(Challenge::Done),
                Heard::Data => {}
            }
        }
    }

    /// Whether the answer that is due is still awaited: an error if the deadline has passed or the
    /// connection has ended. Never waits.
    pub(crate) fn check_awaited(&mut self, command: &'static str) -> Result<()> {
        self.check_open(command)?;
        let ended = self.stream.check_clock();
        match ended.and_then(|()| self.stream.has_arrived()) {
            Ok(_) => Ok(()),
            Err(reason) => Err(self.close(command, self.effect(), reason)),
        }
    }

    pub(crate) fn hear(
        &mut self,
        command: &'static str,
        claim: impl for<'r> FnOnce(Untagged<'r>) -> Option<Untagged<'r>>,
    ) -> Result<Heard> {
        self.hear_with(command, claim, |_| {})
    }

    /// Waits for one response and books it.
    fn hear_with(
        &mut self,
        command: &'static str,
        claim: impl for<'r> FnOnce(Untagged<'r>) -> Option<Untagged<'r>>,
        continued: impl FnOnce(&[u8]),
    ) -> Result<Heard> {
        self.wait(command)?;
        self.book(command, claim, continued)
    }

    /// Books the response that has come.
    fn book(
        &mut self,
        command: &'static str,
        claim: impl for<'r> FnOnce(Untagged<'r>) -> Option<Untagged<'r>>,
        continued: impl FnOnce(&[u8]),
    ) -> Result<Heard> {
        let effect = self.effect();
        let frame = Frame {
            utf8: self.state.abilities().utf8,
            ..self.stream.hand_out()
        };
        trace(&self.redaction, frame.bytes);
        let is_alone = self.under_way.is_empty();
        let (command, status, text) = match Response::parse(frame, &self.bounds.limits) {
            Ok(Response::Untagged(data)) => {
                let data = self.redaction.clean_data(data);
                let alone = self.outstanding.map(|alone| (self.tag, alone.command));
                tell(progress(&data, &self.under_way, alone), &self.state.news);
                self.state.append_limits.note(&data);
                self.so_far
                    .hear(&data, alone.map(|(_, command)| command != IDLE));
                if let Some(unclaimed) = claim(data) {
                    self.state.absorb(unclaimed);
                }
                self.check_bye(command, effect)?;
                return self.check_gathered(command);
            }
            Ok(Response::Continue(text)) => {
                continued(text.text.as_bytes());
                return Ok(Heard::Continue);
            }
            Ok(Response::Tagged { tag, status, .. })
                if is_about_done(tag, status) && mem::take(&mut self.forgives_done) =>
            {
                return Ok(Heard::Data);
            }
            Ok(Response::Tagged { .. }) if self.outstanding.is_none() => {
                return Err(self.broken(command, effect, "an answer to no command"));
            }
            Ok(Response::Tagged { tag, status, text }) => {
                let is_it = is_alone && tag == self.tag.as_bytes();
                let mine = is_it.then_some(command);
                let Some(whose) = mine.or_else(|| self.under_way.take(tag)) else {
                    return Err(self.broken(command, effect, "an answer to another command"));
                };
                (whose, status, text)
            }
            Err(error) => return Err(self.broken(command, effect, &error.to_string())),
        };
        let meaning = Meaning::of(status, &text, self.redaction.is_needed());
        let text = self.redaction.clean(text);
        if command == ENABLE {
            self.state.end_enabling();
        }
        let is_read = self.outstanding.is_some_and(|whose| whose.is_read);
        let limits = &self.bounds.limits;
        let spoilt = self.so_far.spoilt_by(command, is_alone, is_read, limits);
        let stopped = self.so_far.end();
        if self.under_way.is_empty() {
            self.outstanding = None;
        }
        if let Some(code) = &text.code {
            self.state.absorb_code(code);
            self.state.tell_user(Some(code), &text.text);
        }
        ended(command, status, text, meaning, stopped, spoilt)
            .unwrap_or_else(|| Err(self.broken(command, effect, "a tag before BYE or PREAUTH")))
    }

    /// Ends a connection whose server has broken the protocol.
    fn broken(&mut self, command: &'static str, effect: Effect, problem: &str) -> Error {
        self.close(command, effect, CloseReason::Protocol(problem.into()))
    }

    /// Reads a FETCH row in its plain form into `message`, if that is what comes next. They come by
    /// the million and are told from everything else before more is thought of them.
    pub(crate) fn next_plain_row(&mut self, message: &mut Fetch) -> Result<bool> {
        let Some(Outstanding { command, .. }) = self.outstanding else {
            return Ok(false);
        };
        let limits = &self.bounds.limits;
        let is_taken = self.stream.hand_out_unframed(limits, |bytes| {
            let octets = message.assign_plain(bytes)?;
            log::trace!("S: {}", Line(bytes.get(..octets)?));
            Some(octets)
        });
        if is_taken {
            return Ok(true);
        }
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

    /// Waits for the next response to `command`.
    pub(super) fn wait(&mut self, command: &'static str) -> Result<()> {
        let survives_timeout = self.outstanding.is_some_and(|o| o.survives_timeout);
        match self.stream.wait() {
            Ok(()) => Ok(()),
            Err(CloseReason::Timeout(_, waited)) if survives_timeout => {
                let timeout = LockError::Timeout {
                    waited,
                    holders: Vec::new(),
                    waiting: 0,
                };
                Err(Error::Lock(Box::new(timeout)))
            }
            Err(reason) => Err(self.close(command, self.effect(), reason)),
        }
    }

    /// What a command may have done when the connection ends now.
    pub(super) fn effect(&self) -> Effect {
        match self.outstanding {
            None | Some(Outstanding { command: IDLE, .. }) => Effect::None,
            Some(Outstanding { effect, .. }) => effect,
        }
    }

    fn check_bye(&mut self, command: &'static str, effect: Effect) -> Result<()> {
        if command == "LOGOUT" {
            return Ok(());
        }
        match self.state.bye() {
            Some((code, text)) => Err(self.close(command, effect, CloseReason::Bye { code, text })),
            None => Ok(()),
        }
    }

    /// Makes sure that nothing is outstanding and the connection lives; sends nothing, unless it is
    /// the end of an IDLE.
    pub(crate) fn settle(&mut self, command: &'static str) -> Result<()> {
        self.settle_until(command, None)
    }

    /// The same; what is left when `deadline` passes stays outstanding.
    pub(crate) fn settle_until(
        &mut self,
        command: &'static str,
        deadline: Option<Instant>,
    ) -> Result<()> {
        self.drain(command, deadline)
    }

    /// Reads what is left of an answer that nobody reads any more, or closes; ends an IDLE first.
    pub(super) fn drain(&mut self, next: &'static str, deadline: Option<Instant>) -> Result<()> {
        self.check_open(next)?;
        let Some(outstanding) = self.outstanding else {
            // The answer that was handed out in pieces has come to its end.
            self.stream.hand_out_sections(false);
            return Ok(());
        };
        let began = Instant::now();
        let drained = self.drain_answer(outstanding, next, deadline);
        // A deadline of the caller's holds for both.
        if deadline.is_none() {
            self.ahead = Some((began, Instant::now()));
        }
        drained
    }

    /// Like it, for the answer that is outstanding, within the time that the next command has.
    fn drain_answer(
        &mut self,
        outstanding: Outstanding,
        next: &'static str,
        deadline: Option<Instant>,
    ) -> Result<()> {
        let Outstanding {
            command,
            drained_until,
            owes_done,
            ..
        } = outstanding;
        let Timeouts {
            write,
            drain,
            command: most_time,
            ..
        } = self.bounds.timeouts;
        let drained = self.bounds.session.drain;
        let within = drain.min(most_time);
        let last = drained_until.or_else(|| Instant::now().checked_add(within));
        let clock = Clock::starting_now(self.silence, write, within).not_after(last);
        self.stream.set_clock(clock);
        if owes_done && self.send_done().is_err() {
            return self.check_open(next);
        }
        self.give_up_section(next, drained)?;
        self.stream.set_clock(clock.not_after(deadline));
        self.outstanding = Some(Outstanding {
            is_read: false,
            survives_timeout: deadline.is_some() && deadline < last,
            drained_until: last,
            owes_done: false,
            ..outstanding
        });
        let most = self.stream.received().saturating_add(drained);
        while self.outstanding.is_some() {
            match self.hear(command, leave) {
                Ok(_) | Err(Error::Refused(_) | Error::Throttled(_)) => {}
                Err(late @ Error::Lock(_)) => return Err(late),
                Err(_) => return self.check_open(next),
            }
            if self.stream.received() > most {
                return Err(self.close(next, Effect::None, self.too_much_to_drain()));
            }
        }
        Ok(())
    }
}

/// Whether it complains of a DONE that crossed the end of an IDLE on its way: to a server that has
/// ended it by itself, that is a tag without a command.
fn is_about_done(tag: &[u8], status: Status) -> bool {
    matches!(status, Status::No | Status::Bad) && tag == b"DONE"
}

fn tell(event: Option<SessionEvent>, news: &News) {
    if let Some(event) = event {
        news.push(event);
    }
}

/// How far a command is, if that is what came and the command is under way: `alone`, or one of
/// several. What names no command is of the oldest.
fn progress(
    data: &Untagged<'_>,
    under_way: &UnderWay,
    alone: Option<(Tag, &'static str)>,
) -> Option<SessionEvent> {
    let Untagged::Status { status, text } = data else {
        return None;
    };
    let (Status::Ok, Some(ResponseCode::InProgress { tag, done, goal })) = (status, &text.code)
    else {
        return None;
    };
    let named = tag.as_ref().map(String::as_bytes);
    let (tag, command) = match under_way.is_empty() {
        true => alone.filter(|(tag, _)| named.is_none_or(|named| named == tag.as_bytes()))?,
        false => under_way.find(named)?,
    };
    Some(SessionEvent::InProgress {
        command,
        tag: tag.as_str().to_owned(),
        done: *done,
        goal: *goal,
        text: text.text.clone().into_owned(),
    })
}

/// What the server says, in the log.
fn trace(redaction: &Redaction, line: &[u8]) {
    match log::log_enabled!(log::Level::Trace) && redaction.is_harmless(line) {
        true => log::trace!("S: {}", Line(line)),
        false => log::trace!("S: ***"),
    }
}

/// What is read in the text of a refusal, before secrets in it are hidden: words that mean something
/// may be a secret as well.
#[derive(Default)]
struct Meaning {
    throttled: Option<Option<Duration>>,
    known: Known,
}

impl Meaning {
    fn of(status: Status, text: &ResponseText<'_>, is_hidden_later: bool) -> Self {
        if !matches!(status, Status::No | Status::Bad) {
            return Self::default();
        }
        let code = text.code.as_ref();
        Self {
            throttled: throttle::wait(code, &text.text),
            known: match is_hidden_later {
                true => Known::of(code, &text.text),
                false => Known::default(),
            },
        }
    }
}

/// What the end of a command says; nothing where it is none. One that was done for some of the
/// messages only is an error: nobody must take that for all. So is one whose answer went beyond a
/// limit or cannot be read (`spoilt`).
fn ended(
    command: &'static str,
    status: Status,
    text: ResponseText<'_>,
    meaning: Meaning,
    stopped: Option<ResponseCode>,
    spoilt: Option<Error>,
) -> Option<Result<Heard>> {
    Some(match status {
        Status::Ok if stopped.is_some() || is_limit(text.code.as_ref()) => {
            Err(in_part(command, stopped, text))
        }
        Status::Ok => match spoilt {
            None => Ok(Heard::Done(text.code)),
            Some(error) => Err(error),
        },
        Status::No | Status::Bad => Err(refused(command, status, text, meaning)),
        Status::Bye | Status::PreAuth => return None,
    })
}

fn refused(
    command: &'static str,
    status: Status,
    text: ResponseText<'_>,
    meaning: Meaning,
) -> Error {
    let refused = Refused {
        command,
        bad: status == Status::Bad,
        code: text.code,
        text: text.text.into_owned(),
        oauth: None,
        partly: None,
        known: meaning.known,
        is_remembered: false,
    };
    match meaning.throttled {
        None => Error::Refused(Box::new(refused)),
        Some(wait) => Error::Throttled(Box::new(Throttled { refused, wait })),
    }
}

/// A command that was done for as many messages as the server takes at once. Its limit is told by
/// the OK or, where that has another code, by a NO without a tag before it (RFC 9738 section 3.1).
fn in_part(command: &'static str, limit: Option<ResponseCode>, text: ResponseText<'_>) -> Error {
    let (code, besides) = match limit {
        Some(limit) => (Some(limit), text.code.filter(|code| !is_limit(Some(code)))),
        None => (text.code, None),
    };
    Error::Refused(Box::new(Refused {
        command,
        bad: false,
        code,
        text: text.text.into_owned(),
        oauth: None,
        partly: Some(Box::new(Partly { besides })),
        is_remembered: false,
        known: Known::default(),
    }))
}
