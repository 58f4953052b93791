//! Divides a set of messages into parts that a server accepts, by the length of its command lines,
//! and by the number of messages that it processes at once (RFC 9738).

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::ops::Bound;

use crate::error::{Effect, Error, Result, Unfinished};
use crate::mailbox_guard::lease::MailboxLease;
use crate::stop_handle::StopHandle;
use crate::types::capability::Capabilities;
use crate::types::message_set::MessageSet;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::response_code::ResponseCode;
use crate::types::search::SearchKey;

/// The octets of a line besides its set and its arguments: the tag, the command, spaces.
const REST_OF_LINE: usize = 64;

/// The least room for a set, however long the rest is.
const SHORTEST_SET: usize = 200;

/// The most times that a server may stop early in one call: a server that does so for every message
/// must not keep the call going forever.
const MOST_STOPS: u32 = 10_000;

/// What is still to be sent of a set, part by part.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    left: VecDeque<NumberSet>,
    by_uid: bool,
    stops: u32,
    /// Ends it between two parts.
    handle: Option<StopHandle>,
}

impl Parts {
    /// The next part; `None` after the last.
    pub(crate) fn take(&mut self) -> Option<NumberSet> {
        self.left.pop_front()
    }

    /// Puts a part back in front of the others.
    pub(crate) fn put_back(&mut self, part: NumberSet) {
        self.left.push_front(part);
    }

    /// The number of parts.
    pub(crate) fn len(&self) -> usize {
        self.left.len()
    }

    pub(crate) fn clear(&mut self) {
        self.left.clear();
    }

    /// All that was not sent, with the part that was sent last.
    pub(crate) fn rest(&self, sent: &NumberSet) -> NumberSet {
        let mut rest = NumberSetBuilder::from(sent.clone());
        self.left.iter().for_each(|part| rest.push_set(part));
        rest.finish()
    }

    /// Continues below the UID down to which a server has done a part: it starts with the highest.
    /// Returns the code that its OK had besides; any other error is returned.
    pub(crate) fn go_on_below(
        &mut self,
        part: &NumberSet,
        error: Error,
    ) -> Result<Option<ResponseCode>> {
        let below = match (&error, self.by_uid && self.stops < MOST_STOPS) {
            (Error::Refused(refused), true) => refused.left_of(part),
            _ => None,
        };
        let Some(below) = below else {
            return Err(error);
        };
        self.stops += 1;
        if !below.is_empty() {
            self.put_back(below);
        }
        match error {
            Error::Refused(refused) => Ok(refused.partly.and_then(|partly| partly.besides)),
            other => Err(other),
        }
    }
}

/// The place where a command that is sent in parts ended before the last.
pub(crate) struct Stopped {
    pub(crate) cause: Error,
    /// A part was done before.
    pub(crate) is_begun: bool,
    /// What was not done, with the part that was sent last.
    pub(crate) rest: NumberSet,
}

impl Stopped {
    /// The error of the call: the cause alone if nothing was done. `fill` adds what was done, and gets
    /// what was not.
    ///
    /// `is_shown` is whether the answers show an effect. If the server has refused the last part, it
    /// has done some of it then; an answer that was lost or cannot be read is an error of its own.
    pub(crate) fn into_error(
        self,
        call: &'static str,
        is_shown: bool,
        fill: impl FnOnce(&mut Unfinished, NumberSet),
    ) -> Error {
        let is_shown = is_shown && !self.cause.may_have_taken_effect();
        if !self.is_begun && !is_shown {
            return self.cause;
        }
        let mut unfinished = Unfinished::new(call, self.cause);
        fill(&mut unfinished, self.rest);
        unfinished.into()
    }
}

impl Parts {
    /// Each part is atomic.
    fn all_or_none(mut self) -> Self {
        self.by_uid = false;
        self
    }

    fn is_stopped(&self) -> bool {
        self.handle.as_ref().is_some_and(StopHandle::is_stopped)
    }

    /// Sends one part after the other, and continues below where the server stops in one. `partial`
    /// collects the answers; `complete` gets the code of each OK.
    pub(crate) fn each<P>(
        mut self,
        command: &'static str,
        partial: &mut P,
        mut send: impl FnMut(&NumberSet, &mut P) -> Result<Option<ResponseCode>>,
        complete: impl Fn(&mut P, Option<ResponseCode>),
    ) -> Result<(), Box<Stopped>> {
        let mut is_begun = false;
        while let Some(part) = self.take() {
            let sent = match is_begun && self.is_stopped() {
                true => Err(Error::cancelled(command, Effect::None)),
                false => send(&part, partial),
            };
            match sent.or_else(|cause| self.go_on_below(&part, cause)) {
                Ok(code) => complete(partial, code),
                Err(cause) => {
                    let rest = self.rest(&part);
                    return Err(Box::new(Stopped {
                        cause,
                        is_begun,
                        rest,
                    }));
                }
            }
            is_begun = true;
        }
        Ok(())
    }
}

impl MailboxLease<'_> {
    /// Divides the set into parts, each of which fits in one command line beside `others` octets,
    /// and has no more messages than the server processes at once, as far as their number is known.
    pub(crate) fn parts<S: MessageSet>(&self, set: &S, others: usize) -> Parts {
        let known = match self.limit(Capabilities::message_limit) {
            Some(limit) => self.by_number(set, limit),
            None => None,
        };
        match known {
            Some(known) => self.by_length::<S>(&known, others),
            None if S::UID => self.by_length::<S>(std::slice::from_ref(set.numbers()), others),
            None => self.by_length::<S>(&[set.numbers().not_from_above(self.exists())], others),
        }
    }

    /// The parts of a set after it was checked; none if no command is needed.
    pub(crate) fn parts_of<S: MessageSet>(&self, set: &S, others: usize) -> Result<Parts> {
        Ok(match self.check_set(set)? {
            true => self.parts(set, others),
            false => Parts::default(),
        })
    }

    /// Like [`parts_of`](Self::parts_of), for COPY, which is atomic: if the number of messages is
    /// not known, they are searched for first.
    pub(crate) fn parts_to_copy<S: MessageSet>(&mut self, set: &S, others: usize) -> Result<Parts>
    where
        for<'s> SearchKey: From<&'s S>,
    {
        let Some(limit) = self.limit(Capabilities::save_limit) else {
            return Ok(self.parts(set, others).all_or_none());
        };
        let known = match self.by_number(set, limit) {
            Some(known) => known,
            None => {
                let uids = self.uids_of(set)?;
                uids.numbers().fewer(limit.into()).collect()
            }
        };
        Ok(self.by_length::<S>(&known, others).all_or_none())
    }

    fn by_length<S: MessageSet>(&self, sets: &[NumberSet], others: usize) -> Parts {
        let room = self.room(others);
        Parts {
            left: sets
                .iter()
                .flat_map(|set| set.split_by_length(room))
                .collect(),
            by_uid: S::UID,
            stops: 0,
            handle: self.stop_handle().cloned(),
        }
    }

    /// The set in parts of at most `limit` messages; `None` if only the server knows how many there
    /// are.
    fn by_number<S: MessageSet>(&self, set: &S, limit: u32) -> Option<Vec<NumberSet>> {
        let exists = self.exists();
        let within = NumberSet::within(Bound::Unbounded, Bound::Included(number(exists)));
        let named = match S::UID {
            true => set.numbers().clone(),
            false => set.numbers().not_from_above(exists),
        };
        let mut closed = match S::UID {
            true => named.clone(),
            false => named.intersection(&within),
        };
        if !S::UID && named.is_open() {
            closed.insert(number(exists));
        }
        // UIDs that the server has not reported, and ranges of them, may be of fewer messages.
        let is_told = !S::UID || set.shared_origin().is_some();
        let is_known = is_told && closed.len().is_some_and(|len| len <= exists.into());
        is_known.then(|| closed.fewer(limit.into()).collect())
    }

    /// The most messages that the server processes at once, if there are more.
    pub(crate) fn limit(&self, of: fn(&Capabilities) -> Option<u32>) -> Option<u32> {
        let limit = self.state.capabilities().and_then(of);
        limit.filter(|limit| *limit < self.exists())
    }

    /// Rejects a set that does not fit in one command line.
    pub(crate) fn check_length<S: MessageSet>(&self, set: &S, others: usize) -> Result<()> {
        // The last comma is not written.
        let length = set.numbers().wire_len().saturating_sub(1);
        // Any server accepts this, so that most sets need no look at its capabilities.
        let is_short = length + others + REST_OF_LINE <= Capabilities::SHORTEST_LINE;
        match is_short || length <= self.room(others) {
            true => Ok(()),
            false => Err(Error::text("set of messages", "too long for one command")),
        }
    }

    /// The octets that a set may have in a line with `others` other octets.
    pub(crate) fn room(&self, others: usize) -> usize {
        let capabilities = self.state.capabilities();
        let line = capabilities.map_or(Capabilities::LONGEST_LINE, Capabilities::longest_line);
        let room = line.saturating_sub(others + REST_OF_LINE);
        room.max(SHORTEST_SET)
    }
}

fn number(exists: u32) -> NonZeroU32 {
    NonZeroU32::new(exists).unwrap_or(NonZeroU32::MIN)
}
