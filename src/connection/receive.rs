//! Receiving: waits for one response at a time, and dispatches it to the command that it completes
//! or that claims it, or to the state; and makes the errors of refusals.

use std::mem;
use std::time::Duration;

use crate::connection::Connection;
use crate::connection::answer::{Challenge, Received, is_limit, leave};
use crate::connection::answering::{Answering, InFlight, Kind};
use crate::connection::meter::Meter;
use crate::connection::on_progress::report_event;
use crate::connection::redaction::Redaction;
use crate::connection::state::Bye;
use crate::connection::throttle;
use crate::connection::trace::{Line, shown};
use crate::error::credentials::is_refusal_by_bye;
use crate::error::refused::{Known, Partly, is_login};
use crate::error::{CloseReason, Effect, Error, LockError, Refused, Result, Throttled};
use crate::events::SessionEvents;
use crate::events::session_event::SessionEvent;
use crate::types::response_code::ResponseCode;
use crate::types::response_text::ResponseText as PublicText;
use crate::wire::cursor::Cursor;
use crate::wire::frame::Frame;
use crate::wire::response::status::{ResponseText, Status};
use crate::wire::response::{Response, Untagged};

const NO_COMPLETION: &str = "a tag before BYE or PREAUTH";

impl Connection {
    /// Reads one response if it has arrived whole; never waits.
    pub(crate) fn receive_if_arrived(&mut self, command: &'static str) -> Result<Option<Received>> {
        match self.stream.has_arrived() {
            Ok(true) => self.dispatch(command, leave, |_| {}).map(Some),
            Ok(false) => Ok(None),
            Err(reason) => Err(self.lost(command, reason)),
        }
    }

    /// Reads one response: the challenge of a continuation request, or the completion of the
    /// command.
    pub(crate) fn receive_challenge(&mut self, command: &'static str) -> Result<Challenge> {
        let mut challenge = None;
        loop {
            match self.receive_with(command, leave, |text| challenge = Some(text.to_vec()))? {
                Received::Continue => return Ok(Challenge::More(challenge.unwrap_or_default())),
                Received::Done(_) => return Ok(Challenge::Done),
                Received::Data => {}
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
            Err(reason) => Err(self.lost(command, reason)),
        }
    }

    pub(crate) fn receive(
        &mut self,
        command: &'static str,
        claim: impl for<'r> FnOnce(Untagged<'r>) -> Option<Untagged<'r>>,
    ) -> Result<Received> {
        self.receive_with(command, claim, |_| {})
    }

    /// Waits for one response and dispatches it.
    fn receive_with(
        &mut self,
        command: &'static str,
        claim: impl for<'r> FnOnce(Untagged<'r>) -> Option<Untagged<'r>>,
        continued: impl FnOnce(&[u8]),
    ) -> Result<Received> {
        self.wait(command)?;
        self.dispatch(command, claim, continued)
    }

    /// Dispatches the response that has come: to `claim`, to the state, or to the command that it
    /// completes.
    pub(super) fn dispatch(
        &mut self,
        command: &'static str,
        claim: impl for<'r> FnOnce(Untagged<'r>) -> Option<Untagged<'r>>,
        continued: impl FnOnce(&[u8]),
    ) -> Result<Received> {
        let frame = Frame {
            utf8: self.state.abilities().utf8,
            ..self.stream.hand_out()
        };
        let bytes = frame.bytes;
        trace(&self.redaction, bytes);
        if Response::is_tagged(bytes) {
            // The text of the OK of a login is kept.
            let is_read = self.redaction.is_logging_in();
            if is_read || !self.answering.take_done(bytes) {
                return self.complete(command);
            }
            self.rest_if_settled();
            return Ok(Received::Done(None));
        }
        match Response::parse(frame, &self.bounds.limits) {
            Ok(Response::Untagged(data)) => {
                let is_hiding = self.redaction.is_hiding();
                let is_refusal = is_hiding && is_refusal(&data, &self.redaction, &self.answering);
                let data = self.redaction.clean_data(data);
                let data = self.state.ahead.take_enabled(data);
                let progress = progress_event(&data, &self.answering);
                report_event(self.on_progress.as_ref(), progress.as_ref());
                tell(progress, &self.state.session_events);
                self.state.append_limits.note(&data);
                self.answering.note(&data);
                let holds_secret = || self.state.account().is_none() || self.redaction.is_in(bytes);
                let is_kept = |data: &Untagged<'_>| !is_hiding || is_kept(data, holds_secret);
                let unclaimed = claim(data).filter(is_kept);
                let bye = unclaimed.and_then(|unclaimed| self.state.absorb(unclaimed));
                self.check_bye(command, bye, is_refusal)?;
                self.check_gathered(command)
            }
            Ok(Response::Continue(text)) => {
                continued(text.text.as_bytes());
                Ok(Received::Continue)
            }
            Ok(Response::Tagged { .. }) => self.complete(command),
            Err(error) => Err(self.broken(command, self.effect(), &error.to_string())),
        }
    }

    /// Dispatches the tagged response that was returned last to the command that it completes.
    fn complete(&mut self, command: &'static str) -> Result<Received> {
        let utf8 = self.state.abilities().utf8;
        let (bytes, literals) = self.stream.last_frame();
        let frame = Frame {
            bytes,
            literals,
            utf8,
            text: "",
        };
        let response = Response::tagged(Cursor::new(frame), &self.bounds.limits);
        let (tag, status, mut text) = match response {
            Ok(Response::Tagged { tag, status, text }) => (tag, status, text),
            Ok(_) => return Ok(Received::Data),
            Err(error) => return Err(self.broken(command, self.effect(), &error.to_string())),
        };
        if is_about_done(tag, status) && mem::take(&mut self.answering.forgives_done) {
            return Ok(Received::Data);
        }
        let Some(answered) = self.answering.take(tag) else {
            let problem = match self.answering.is_due() {
                true => "an answer to another command",
                false => "an answer to no command",
            };
            return Err(self.broken(command, self.effect(), problem));
        };
        let command = answered.command;
        let hides = self.redaction.is_needed();
        let is_refused = matches!(status, Status::No | Status::Bad);
        let meaning = is_refused.then(|| Meaning::of(&text, hides));
        if hides {
            text = self.redaction.clean(text);
        }
        let (stopped, spoilt) = self.answering.end(&answered, &self.bounds.limits);
        if text.code.is_some() {
            self.state.absorb_codes(&text);
            self.state.tell_user(&text);
        }
        let is_login = self.redaction.is_logging_in() && status == Status::Ok;
        show(&self.state.meter, &answered, is_login.then_some(&text));
        if self.answering.was_cut_short() {
            self.answering.is_whole = true;
            if status == Status::Ok {
                let problem = "a tagged response before the whole command was sent";
                return Err(self.broken(command, Effect::Possible, problem));
            }
        }
        let ended = match (status, meaning) {
            (Status::Ok, _) => done(command, text, stopped, spoilt),
            (_, Some(meaning)) => Err(refused(command, status, text, meaning)),
            (_, None) => return Err(self.broken(command, answered.effect(), NO_COMPLETION)),
        };
        self.rest_if_settled();
        self.unless_ahead(&answered, ended)
    }

    /// A command was completed, and perhaps none is in flight any more.
    #[inline]
    fn rest_if_settled(&mut self) {
        if !self.answering.is_due() {
            self.stream.rest();
        }
    }

    /// Closes a connection whose server has broken the protocol.
    fn broken(&mut self, command: &'static str, effect: Effect, problem: &str) -> Error {
        self.close(command, effect, CloseReason::Protocol(problem.into()))
    }

    /// Waits for the next response to `command`.
    #[inline]
    pub(super) fn wait(&mut self, command: &'static str) -> Result<()> {
        let arrived = self.stream.wait();
        arrived.map_err(|reason| self.not_received(command, reason))
    }

    /// The wait for an answer failed. The deadline of a caller closes nothing.
    #[cold]
    fn not_received(&mut self, command: &'static str, reason: CloseReason) -> Error {
        let survives_timeout = self.answering.is_due() && self.answering.survives_timeout;
        match reason {
            CloseReason::Timeout(_, waited) if survives_timeout => {
                let warning = self.answering.progress.warning.take();
                Error::Lock(Box::new(LockError::after_its_grant(waited, warning)))
            }
            reason => self.lost(command, reason),
        }
    }

    /// Closes a connection of which nothing more can be read.
    #[cold]
    pub(super) fn lost(&mut self, command: &'static str, reason: CloseReason) -> Error {
        self.close(command, self.effect(), reason)
    }

    /// The possible effect of a command if the connection ends now.
    pub(super) fn effect(&self) -> Effect {
        self.answering.effect()
    }

    fn check_bye(
        &mut self,
        command: &'static str,
        bye: Option<Bye>,
        is_refusal: bool,
    ) -> Result<()> {
        let Some(Bye { code, text }) = bye else {
            return Ok(());
        };
        let is_answer = |oldest: &InFlight| oldest.kind == Kind::Logout;
        if self.answering.oldest().is_some_and(is_answer) {
            return Ok(());
        }
        let effect = self.effect();
        let refused = self.refusal_after_bye();
        let mut error = self.close(command, effect, CloseReason::Bye { code, text });
        if let Error::Closed(closed) = &mut error {
            closed.refuses_login = is_refusal && !closed.is_cancelled();
        }
        Err(refused.unwrap_or(error))
    }

    /// The refusal of the login in flight, if it has arrived after the BYE that ended the connection:
    /// it says more than that. Never waits.
    #[cold]
    fn refusal_after_bye(&mut self) -> Option<Error> {
        if !self.redaction.is_logging_in() {
            return None;
        }
        let oldest = *self
            .answering
            .oldest()
            .filter(|oldest| is_login(oldest.command))?;
        for _ in 0..MOST_AFTER_BYE {
            if !self.stream.has_arrived().ok()? {
                return None;
            }
            let bytes = self.stream.hand_out().bytes;
            trace(&self.redaction, bytes);
            if is_refusal_of(&oldest, bytes) {
                let refused = self.complete(oldest.command).err();
                return refused.filter(|error| !error.is_closed());
            }
        }
        None
    }
}

/// Whether this BYE refuses the login in flight because of the credentials: read before secrets are
/// hidden.
#[cold]
fn is_refusal(data: &Untagged<'_>, redaction: &Redaction, answering: &Answering) -> bool {
    let Untagged::Status { status, text } = data else {
        return false;
    };
    let is_bye = *status == Status::Bye && redaction.is_logging_in();
    let is_answer = is_bye && answering.command().is_some_and(is_login);
    is_answer && is_refusal_by_bye(text.code.as_ref(), &text.text.as_str())
}

/// The most responses that are read after the BYE to a login, in search of its tagged response.
const MOST_AFTER_BYE: usize = 8;

/// Whether these octets are a tagged NO or BAD to this command.
fn is_refusal_of(command: &InFlight, bytes: &[u8]) -> bool {
    let rest = bytes.strip_prefix(command.tag.as_bytes());
    let word = rest.and_then(|rest| rest.strip_prefix(b" "));
    let word = word.and_then(|rest| rest.split(u8::is_ascii_whitespace).next());
    let status = word.and_then(Status::from_word);
    matches!(status, Some(Status::No | Status::Bad))
}

/// Whether data that no command claims is recorded while secrets are hidden. Before a login all but
/// these means nothing, and could show a secret.
#[cold]
fn is_kept(data: &Untagged<'_>, holds_secret: impl FnOnce() -> bool) -> bool {
    let is_clean = matches!(
        data,
        Untagged::Status { .. } | Untagged::Capability(_) | Untagged::Enabled { .. }
    );
    let is_kept = is_clean || !holds_secret();
    if !is_kept {
        log::debug!("unsolicited response ignored: it came before the end of the login");
    }
    is_kept
}

/// Whether it is an error for a DONE that was sent when the IDLE had just ended: to a server that
/// has ended it by itself, DONE is a tag without a command.
fn is_about_done(tag: &[u8], status: Status) -> bool {
    matches!(status, Status::No | Status::Bad) && tag == b"DONE"
}

/// Shows other threads the end of an IDLE, or the text of the login.
#[inline]
fn show(meter: &Meter, answered: &InFlight, login: Option<&ResponseText<'_>>) {
    if answered.kind == Kind::Idle {
        meter.set_idling(false);
    } else if let Some(text) = login {
        meter.set_login(public(text));
    }
}

/// The text as callers get it.
fn public(text: &ResponseText<'_>) -> PublicText {
    PublicText::new(text.code.clone(), &text.text.as_str())
}

fn tell(event: Option<SessionEvent>, session_events: &SessionEvents) {
    if let Some(event) = event {
        session_events.push(event);
    }
}

/// The progress of a command in flight, if that is what came. A response that names no command is
/// about the oldest.
fn progress_event(data: &Untagged<'_>, answering: &Answering) -> Option<SessionEvent> {
    let Untagged::Status { status, text } = data else {
        return None;
    };
    let (Status::Ok, Some(ResponseCode::InProgress { tag, done, goal })) = (status, &text.code)
    else {
        return None;
    };
    let InFlight { tag, command, .. } = answering.find(tag.as_ref().map(String::as_bytes))?;
    Some(SessionEvent::InProgress {
        command,
        tag: tag.as_str().to_owned(),
        done: *done,
        goal: *goal,
        text: text.text.owned(),
    })
}

/// Logs a line of the server.
#[inline]
fn trace(redaction: &Redaction, line: &[u8]) {
    if log::log_enabled!(log::Level::Trace) {
        match redaction.is_harmless(shown(line)) {
            true => log::trace!("S: {}", Line(line)),
            false => log::trace!("S: ***"),
        }
    }
}

/// The meaning of the text of a refusal, read before secrets in it are hidden: words with a meaning
/// may be a secret as well.
struct Meaning {
    throttled: Option<Option<Duration>>,
    known: Known,
}

impl Meaning {
    #[cold]
    fn of(text: &ResponseText<'_>, is_hidden_later: bool) -> Self {
        let (code, words) = (text.code.as_ref(), text.text.as_str());
        Self {
            throttled: throttle::wait(code, &words),
            known: match is_hidden_later {
                true => Known::of(code, &words),
                false => Known::default(),
            },
        }
    }
}

/// The result of a tagged OK. A command that was done for only some of the messages is an error, not
/// to be taken for all. So is one whose answer exceeded a limit or cannot be read (`spoilt`).
#[inline]
fn done(
    command: &'static str,
    text: ResponseText<'_>,
    stopped: Option<ResponseCode>,
    spoilt: Option<Error>,
) -> Result<Received> {
    if stopped.is_some() || is_limit(text.code.as_ref()) {
        return Err(in_part(command, stopped, text));
    }
    match spoilt {
        None => Ok(Received::Done(text.code)),
        Some(error) => Err(error),
    }
}

#[cold]
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

/// A command that was done for as many messages as the server processes at once. The limit is in
/// the OK or, if that has another code, in an untagged NO before it (RFC 9738 section 3.1).
#[cold]
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
