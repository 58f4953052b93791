//! The messages of a sync that the copy does not have: which of them fit into a batch, and their
//! flags and items.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use crate::error::{Error, Refused, Result};
use crate::mailbox_guard::{Access, MailboxGuard};
use crate::sync::added::Added;
use crate::sync::comparing::FETCH;
use crate::sync::steps::Steps;
use crate::types::fetch::FetchItem;
use crate::types::fetch_messages::FetchMessages;
use crate::types::flag_table::FlagTable;
use crate::types::number_set::NumberSet;
use crate::types::response_code::ResponseCode;
use crate::types::uid::Uid;
use crate::types::uid_set::UidSet;

/// How many messages may be refused one after the other before one that is not refused shows that the
/// mailbox is not.
const REFUSED_IN_A_ROW: usize = 8;

impl Steps {
    /// Fetches the next messages that the copy does not have: those that arrived, then the newest of
    /// the history; with the UIDs that were requested.
    pub(super) fn new_messages<A: Access>(
        &mut self,
        guard: &mut MailboxGuard<'_, A>,
        room: u64,
    ) -> Result<(NumberSet, Added)> {
        // Some servers refuse a set with messages that are gone.
        let pending = self.checkpoint.pending.difference(&self.gone);
        let new = NumberSet::starting_at(self.checkpoint.first_new.into());
        let arrived = pending.intersection(&new).places(1, room);
        let left = room - arrived.len().unwrap_or(0);
        let history = self.newest_of_history(guard, &pending.difference(&new), left)?;
        let (arrived, history) = self.fitting(guard, arrived, history)?;
        let mut requested = arrived.union(&history);
        let is_again = requested.is_empty() && room > 0;
        if is_again {
            requested = std::mem::take(&mut self.again);
        }
        let mut added = Added::of(&self.checkpoint.origin);
        if !requested.is_empty() {
            match self.fetch_new(guard, &requested, &mut added) {
                Err(Error::Refused(_)) if is_again => {
                    return Ok((NumberSet::new(), Added::of(&self.checkpoint.origin)));
                }
                fetched => fetched?,
            }
            added.settle();
            let seen = added.seen();
            let unanswered = requested.difference(&seen);
            match is_again {
                // If they are gone, the number of messages shows it.
                true => requested = requested.intersection(&seen),
                false => self.note_unanswered(&unanswered, &mut added),
            }
            let refused = added.drop_known_unreadable(&self.checkpoint.unreadable);
            requested = requested.difference(&refused);
        }
        Ok((requested, added))
    }

    /// Messages that were requested and not returned may be gone: a search shows it, if the number of
    /// messages does not. Those that it has named are missing in the answer to the next request, too.
    fn note_unanswered(&mut self, unanswered: &NumberSet, added: &mut Added) {
        let missing = unanswered.intersection(&self.omissions.missed);
        for uid in missing.numbers() {
            added.add_unreadable(uid.into(), None, Error::MissingData(FETCH));
        }
        let unanswered = unanswered.difference(&missing);
        self.omissions.unanswered = self.omissions.unanswered.union(&unanswered);
    }

    /// Fetches flags and items of new messages: a set that the server refuses by halves, down to the
    /// messages that are refused alone.
    fn fetch_new<A: Access>(
        &self,
        guard: &mut MailboxGuard<'_, A>,
        requested: &NumberSet,
        added: &mut Added,
    ) -> Result<()> {
        let mut parts = vec![requested.clone()];
        let mut refused: Vec<(Uid, Box<Refused>)> = Vec::new();
        let mut is_served = false;
        while let Some(part) = parts.pop() {
            added.settle();
            let part = part.difference(&added.seen());
            if part.is_empty() {
                continue;
            }
            let reason = match self.fetch_part(guard, &part, added) {
                Ok(()) => {
                    is_served = true;
                    continue;
                }
                Err(Error::Refused(reason)) if may_be_of_messages(&reason) => reason,
                Err(error) => return Err(error),
            };
            added.settle();
            let mut rest = part.difference(&added.seen());
            is_served |= rest != part;
            if rest.len() > Some(u64::from(self.request.batch_size)) {
                // A range of UIDs, of which only those of messages are worth a command.
                rest = self.search(guard, rest, None)?;
            }
            let len = rest.len().unwrap_or(0);
            if len > 1 || rest != part {
                parts.push(rest.places(len / 2 + 1, len));
                parts.push(rest.places(1, len / 2));
                continue;
            }
            refused.extend(rest.first().map(|uid| (Uid::from(uid), reason)));
            if !is_served && refused.len() == REFUSED_IN_A_ROW {
                // Either all of them are refused, or it is the last that shows that they are not.
                let last = requested.last().into_iter().collect();
                self.fetch_part(guard, &last, added)?;
                is_served = true;
            }
        }
        self.leave_out(guard, refused, is_served, added)
    }

    /// Fetches flags and items of these messages. What came before an error is in `added`.
    fn fetch_part<A: Access>(
        &self,
        guard: &mut MailboxGuard<'_, A>,
        requested: &NumberSet,
        added: &mut Added,
    ) -> Result<()> {
        let set = self.mark(requested.clone());
        if self.has_only_flags() {
            return self.fetch_flags(guard, &set, added);
        }
        let mut messages = Vec::new();
        let stream = guard.fetch(&set, &self.request.items)?;
        let fetched = stream.collect_into(&mut messages);
        added.put_items(messages);
        fetched
    }

    /// Fetches the flags of these messages. What came before an error is in `added`.
    pub(super) fn fetch_flags<A: Access>(
        &self,
        guard: &mut MailboxGuard<'_, A>,
        set: &UidSet,
        added: &mut Added,
    ) -> Result<()> {
        let mut messages = guard.stream(FetchMessages::flags(set))?;
        messages.limit_answer()?;
        while let Some(message) = messages.next()? {
            added.put(message);
        }
        Ok(())
    }

    fn has_only_flags(&self) -> bool {
        matches!(self.request.items[..], [FetchItem::Flags])
    }

    /// The messages that are refused alone become unreadable, if the server returns other messages
    /// or their flags; otherwise it is the mailbox that is refused.
    fn leave_out<A: Access>(
        &self,
        guard: &mut MailboxGuard<'_, A>,
        mut refused: Vec<(Uid, Box<Refused>)>,
        is_served: bool,
        added: &mut Added,
    ) -> Result<()> {
        refused.retain(|(_, reason)| reason.code() != Some(&ResponseCode::ExpungeIssued));
        let uids: NumberSet = refused.iter().map(|(uid, _)| (*uid).into()).collect();
        let flags = match self.has_only_flags() {
            _ if uids.is_empty() => return Ok(()),
            true if is_served => FlagTable::new(),
            true => {
                return refused
                    .pop()
                    .map_or(Ok(()), |(_, reason)| Err(Error::Refused(reason)));
            }
            false => match guard.fetch_flags(&self.mark(uids)) {
                Err(Error::Refused(_) | Error::Item(_)) if is_served => FlagTable::new(),
                fetched => fetched?,
            },
        };
        for (uid, reason) in refused {
            let flags = flags.get(uid).map(|row| row.flags().to_vec());
            added.add_unreadable(uid, flags, Error::Refused(reason));
        }
        Ok(())
    }

    /// Those messages whose bodies fit into one batch together, and at least one.
    fn fitting<A: Access>(
        &self,
        guard: &mut MailboxGuard<'_, A>,
        arrived: NumberSet,
        history: NumberSet,
    ) -> Result<(NumberSet, NumberSet)> {
        let Some(most) = self.request.batch_octets else {
            return Ok((arrived, history));
        };
        let both = arrived.union(&history);
        if both.len() < Some(2) {
            return Ok((arrived, history));
        }
        let mut sizes: BTreeMap<NonZeroU32, u64> = BTreeMap::new();
        let set = self.mark(both);
        let mut messages = guard.fetch(&set, [FetchItem::Rfc822Size])?;
        // If sizes are refused, each message is fetched alone.
        let unknown = loop {
            match messages.next() {
                Ok(Some(row)) => sizes.insert(row.uid().into(), row.size().unwrap_or(0)),
                Ok(None) => break 0,
                Err(Error::Refused(reason)) if may_be_of_messages(&reason) => break most,
                Err(error) => return Err(error),
            };
        };
        let mut octets: u64 = 0;
        let mut is_first = true;
        let mut fits = |uid: &NonZeroU32| {
            octets = octets.saturating_add(sizes.get(uid).copied().unwrap_or(unknown));
            std::mem::take(&mut is_first) || octets <= most
        };
        let some: NumberSet = arrived.numbers().take_while(&mut fits).collect();
        let history = match some == arrived {
            true => history.numbers().rev().take_while(&mut fits).collect(),
            false => NumberSet::new(),
        };
        Ok((some, history))
    }
}

/// Whether the reason for a refused FETCH may be in one message: not if the command was malformed, or if
/// the code names another reason.
fn may_be_of_messages(refused: &Refused) -> bool {
    let is_of_them = match refused.code() {
        None | Some(ResponseCode::Other { .. } | ResponseCode::Alert) => true,
        Some(ResponseCode::ServerBug | ResponseCode::Corruption | ResponseCode::Cannot) => true,
        Some(ResponseCode::UnknownCte | ResponseCode::Parse | ResponseCode::TooBig) => true,
        Some(code) => *code == ResponseCode::ExpungeIssued,
    };
    is_of_them && !refused.is_bad() && !refused.is_authenticated_but_not_connected()
}
