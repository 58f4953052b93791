//! Messages that a server reports in several responses.

use std::collections::{HashMap, HashSet, VecDeque};
use std::num::NonZeroU32;

use crate::error::Unparsable;
use crate::mailbox_guard::requested_items::RequestedItems;
use crate::types::number_set::NumberSet;
use crate::types::uid::{SeqNum, Uid};
use crate::wire::response::fetch::Fetch;
use crate::wire::response::fetch_responses::Responses;

/// The most messages that are remembered as incomplete; responses for others are taken for
/// unsolicited ones.
const MOST: usize = 10_000;

/// The most octets of messages that are held back.
const MOST_OCTETS: usize = 1 << 20;

/// The meaning of a response for the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Its answer, or a piece of it, about the message with this UID.
    Answer(Uid),
    /// It is unsolicited.
    News,
    /// It may be unsolicited, and is about a requested message, which has this UID.
    Both(Uid),
}

/// The messages of one answer that came in several responses. Empty, and without cost, with a
/// server that sends each in one response.
pub(crate) struct Pieces {
    command: &'static str,
    /// The first response that cannot be read, or does not identify its message.
    pub(crate) unreadable: Option<Box<Unparsable>>,
    /// Whether later flags of messages that have been returned are to be returned too.
    pub(crate) takes_news: bool,
    /// The count of renumberings at the last look.
    renumberings: u64,
    /// Numbers of messages that came without a requested item.
    owed: HashSet<u32>,
    /// Their UIDs by sequence number, until numbers change.
    uids: HashMap<SeqNum, Uid>,
    /// Possible pieces of messages that have not come yet: flags and mod-sequence.
    early: HashMap<u32, Responses>,
    /// Pieces without a UID, until numbers change.
    nameless: HashMap<SeqNum, Responses>,
    octets: usize,
}

impl Pieces {
    pub(crate) fn new(command: &'static str) -> Self {
        Self {
            command,
            unreadable: None,
            takes_news: false,
            renumberings: 0,
            owed: HashSet::new(),
            uids: HashMap::new(),
            early: HashMap::new(),
            nameless: HashMap::new(),
            octets: 0,
        }
    }

    /// The meaning of the message that was read for the command. A server may report one message in
    /// several responses; flags and mod-sequences come in unsolicited ones too. Only a response
    /// with a UID is an answer.
    pub(crate) fn role(
        &mut self,
        message: &mut Responses,
        requested: RequestedItems,
        asked: Option<&NumberSet>,
        renumberings: u64,
    ) -> Role {
        let Some(number) = requested.number_of(message) else {
            return self.role_of_nameless(message, requested, renumberings);
        };
        let is_asked =
            |asked: &NumberSet| NonZeroU32::new(number).is_some_and(|it| asked.may_name(it));
        if !asked.is_some_and(is_asked) {
            return Role::News;
        }
        let Some(uid) = message.uid() else {
            return self.role_of_nameless(message, requested, renumberings);
        };
        // Every requested item may be missing: the message exists all the same.
        let is_answer = requested.are_news()
            || !message.is_only_news()
            || message.is_only_uid()
            || message.is_torn();
        if is_answer || self.completes(message) {
            if !self.is_empty() {
                self.check_numbers(renumberings);
                self.join(number, message);
            }
            if !requested.is_all_in(message) {
                self.check_numbers(renumberings);
                self.note_owed(number, message);
            }
            return Role::Answer(uid);
        }
        if !requested.is_some_in(message) {
            return Role::News;
        }
        self.check_numbers(renumberings);
        self.note_uid(message);
        match self.takes_news || self.owed.contains(&number) {
            true => Role::Both(uid),
            false => {
                self.keep_early(number, message);
                Role::News
            }
        }
    }

    /// Whether a piece of this message has come without its UID.
    fn completes(&self, message: &Responses) -> bool {
        let seq = message.seq();
        !self.nameless.is_empty() && seq.is_some_and(|seq| self.nameless.contains_key(&seq))
    }

    /// Like [`role`](Self::role), for a response without a number: the number is known from an
    /// earlier response, or may follow in a later one. Otherwise it is an error, if it has
    /// requested items and is not unsolicited.
    fn role_of_nameless(
        &mut self,
        message: &mut Responses,
        requested: RequestedItems,
        renumberings: u64,
    ) -> Role {
        let is_some = requested.is_some_in(message);
        let is_piece = is_some && !message.is_only_news();
        if !is_piece && !message.is_torn() && !message.answer().has_bad_uid() {
            return Role::News;
        }
        self.check_numbers(renumberings);
        let known = message.seq().and_then(|seq| self.uids.get(&seq)).copied();
        if let Some(uid) = known {
            message.set_uid(uid);
            if let Some(number) = requested.number_of(message) {
                self.join(number, message);
            }
            return Role::Answer(uid);
        }
        if !is_piece || !self.keep_nameless(message) {
            self.note_unreadable(message);
        }
        Role::News
    }

    /// Drops what was known by sequence number if the numbers have changed.
    fn check_numbers(&mut self, renumberings: u64) {
        if std::mem::replace(&mut self.renumberings, renumberings) != renumberings {
            self.forget_numbers();
        }
    }

    /// Sequence numbers mean other messages from here on, or the answer is over: the messages of
    /// the pieces without a UID are unknown.
    fn forget_numbers(&mut self) {
        self.uids.clear();
        let lost = self.nameless.drain().min_by_key(|(seq, _)| *seq);
        if let Some((_, lost)) = lost {
            self.note_unreadable(&lost);
        }
    }

    /// The answer to the command has come to its end.
    pub(crate) fn end_answer(&mut self) {
        if !self.is_empty() || !self.uids.is_empty() {
            self.forget_numbers();
            self.owed.clear();
            self.early.clear();
            self.octets = 0;
        }
    }

    fn note_unreadable(&mut self, message: &Responses) {
        if self.unreadable.is_none() {
            let octets = message.answer().response();
            self.unreadable = Some(Box::new(Unparsable {
                seq: message.seq(),
                ..Unparsable::of(self.command, octets)
            }));
        }
    }

    fn is_empty(&self) -> bool {
        self.owed.is_empty() && self.early.is_empty() && self.nameless.is_empty()
    }

    /// The message came without a requested item.
    fn note_owed(&mut self, number: u32, message: &Responses) {
        if self.owed.len() >= MOST {
            return;
        }
        self.owed.insert(number);
        self.note_uid(message);
    }

    /// A piece of this message may come without its UID.
    fn note_uid(&mut self, message: &Responses) {
        let named = message.seq().zip(message.uid());
        if let Some((seq, uid)) = named.filter(|_| self.uids.len() < MOST) {
            self.uids.insert(seq, uid);
        }
    }

    /// Keeps what may turn out to be a piece of a message.
    fn keep_early(&mut self, number: u32, message: &Responses) {
        if !self.has_room_for(message) {
            return;
        }
        let later = match self.early.get_mut(&number) {
            Some(known) => known.merge(message.clone()),
            None => Some(message.clone()),
        };
        if let Some(later) = later {
            self.early.insert(number, later);
        }
    }

    /// Keeps a piece without a UID; returns whether there was room.
    fn keep_nameless(&mut self, message: &Responses) -> bool {
        let Some(seq) = message.seq() else {
            return false;
        };
        if message.is_torn() || !self.has_room_for(message) {
            return false;
        }
        let later = match self.nameless.get_mut(&seq) {
            Some(known) => known.merge(message.clone()),
            None => self.nameless.insert(seq, message.clone()),
        };
        later.is_none()
    }

    fn has_room_for(&mut self, message: &Responses) -> bool {
        self.octets = self.octets.saturating_add(message.octets());
        self.early.len() + self.nameless.len() < MOST && self.octets <= MOST_OCTETS
    }

    /// Adds to a message what came of it before.
    fn join(&mut self, number: u32, message: &mut Responses) {
        let nameless = message.seq().and_then(|seq| self.nameless.remove(&seq));
        let early = self.early.remove(&number);
        for earlier in [nameless, early].into_iter().flatten() {
            let later = std::mem::replace(message, earlier);
            if let Some(rest) = message.merge(later) {
                *message = rest;
            }
        }
    }
}

/// Messages that are held back until all requested items have come.
#[derive(Default)]
pub(crate) struct HeldBack {
    messages: HashMap<u32, Fetch>,
    /// Their numbers in the order in which they came; some may have been given since.
    order: VecDeque<u32>,
    octets: usize,
}

impl HeldBack {
    pub(crate) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Whether it is a whole message of which nothing is held back.
    pub(crate) fn is_whole(&self, number: u32, message: &Fetch, requested: RequestedItems) -> bool {
        !self.messages.contains_key(&number) && requested.is_all_in(message.responses())
    }

    /// Adds the items of a response; returns the message if no item is missing or too much is held
    /// back.
    pub(crate) fn add(
        &mut self,
        number: u32,
        message: Fetch,
        is_whole: impl Fn(&Fetch) -> bool,
    ) -> Option<Fetch> {
        self.octets = self.octets.saturating_add(message.responses().octets());
        let whole = match self.messages.get_mut(&number) {
            Some(known) => {
                if let Some(rest) = known.merge(message) {
                    return Some(rest);
                }
                is_whole(known)
            }
            None => {
                self.messages.insert(number, message);
                self.order.push_back(number);
                false
            }
        };
        match whole {
            true => self.take(number),
            false if self.octets > MOST_OCTETS => self.pop(),
            false => None,
        }
    }

    fn take(&mut self, number: u32) -> Option<Fetch> {
        let message = self.messages.remove(&number)?;
        self.octets = self.octets.saturating_sub(message.responses().octets());
        if self.order.len() > 2 * self.messages.len() + 16 {
            let messages = &self.messages;
            self.order.retain(|number| messages.contains_key(number));
        }
        Some(message)
    }

    /// The message that came first.
    pub(crate) fn pop(&mut self) -> Option<Fetch> {
        loop {
            let number = self.order.pop_front()?;
            if let Some(message) = self.take(number) {
                return Some(message);
            }
        }
    }
}
