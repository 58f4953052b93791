//! The FETCH responses about one message, which may be without its UID.

use std::fmt;

use crate::limits::{Limits, MERGED_ITEMS};
use crate::types::section::Section;
use crate::types::uid::{ModSeq, SeqNum, Uid};
use crate::wire::frame::OutOfLine;
use crate::wire::response::fetch_answer::FetchAnswer;
use crate::wire::response::fetch_item::{Kind, Kinds};
use crate::wire::response::fetch_row::{FetchPlace, FetchRow};
use crate::wire::response::flags::Flags;
use crate::wire::response::item_error::ItemError;
use crate::wire::response::labels::Labels;

/// One or more FETCH responses about a message. They become a [`Fetch`](super::fetch::Fetch) once its UID is
/// known.
#[derive(Clone, Default)]
pub(crate) struct Responses {
    first: FetchAnswer,
    /// Later responses for the same message.
    more: Vec<FetchAnswer>,
}

impl Responses {
    /// Becomes a copy of this row.
    pub(crate) fn assign(&mut self, row: &FetchRow<'_>) {
        self.more.clear();
        self.first.assign_copy(row);
    }

    /// Like [`assign`](Self::assign), but takes the large literals instead of copying them.
    ///
    /// Those of the row before are left in their place.
    pub(crate) fn assign_taking(
        &mut self,
        place: FetchPlace,
        limits: &Limits,
        bytes: &[u8],
        literals: &mut Vec<OutOfLine>,
    ) {
        self.more.clear();
        self.first.assign(place, limits, bytes, literals);
    }

    /// Becomes the row with which `bytes` begin, and returns its number of octets.
    ///
    /// `None` if it does not follow the grammar to the letter, or the row before did not.
    pub(crate) fn assign_plain(&mut self, bytes: &[u8], limits: &Limits) -> Option<usize> {
        self.more.clear();
        self.first.assign_plain(bytes, limits)
    }

    /// Returns its content in an allocation of just that size; the buffer stays here for the next
    /// row.
    ///
    /// Large literals are not copied.
    pub(crate) fn hand_over(&mut self) -> Self {
        Self {
            first: self.first.hand_over(),
            more: std::mem::take(&mut self.more),
        }
    }

    /// Adds a later response about the same message; returns it if it is about another one, or too many items
    /// would come together.
    #[must_use]
    pub(crate) fn merge(&mut self, later: Self) -> Option<Self> {
        let is_same = match (self.uid(), later.uid()) {
            (Some(uid), Some(other)) => uid == other,
            _ => self.first.seq != 0 && self.first.seq == later.first.seq,
        };
        let items = self.answers().chain(later.answers());
        let items: usize = items.map(FetchAnswer::item_count).sum();
        if !is_same || items > MERGED_ITEMS {
            return Some(later);
        }
        self.first.uid = self.first.uid.or(later.first.uid);
        self.first.seq = later.first.seq;
        for mut answer in [later.first].into_iter().chain(later.more) {
            self.answers().for_each(|earlier| answer.yield_to(earlier));
            self.more.push(answer);
        }
        None
    }

    /// The sequence number; `None` if the response has none.
    pub(crate) fn seq(&self) -> Option<SeqNum> {
        SeqNum::new(self.first.seq)
    }

    /// The UID, if a response had it.
    pub(crate) fn uid(&self) -> Option<Uid> {
        self.first.uid
    }

    pub(crate) fn flags(&self) -> Option<Flags<'_>> {
        self.newest(|answer| answer.value(Kind::Flags).map(Flags::new))
    }

    pub(crate) fn gmail_labels(&self) -> Option<Labels<'_>> {
        self.newest(|answer| answer.value(Kind::GmailLabels).map(Labels::new))
    }

    pub(crate) fn mod_seq(&self) -> Option<ModSeq> {
        self.newest(FetchAnswer::mod_seq)
    }

    /// The items that were sent but cannot be parsed.
    pub(crate) fn errors(&self) -> impl Iterator<Item = ItemError> {
        self.answers().flat_map(FetchAnswer::errors)
    }

    /// The number of octets received from the server that it holds.
    pub(crate) fn octets(&self) -> usize {
        self.answers().map(FetchAnswer::octets_held).sum()
    }

    /// The kinds of items that its responses have.
    pub(crate) fn kinds(&self) -> Kinds {
        let later = self.more.iter().map(FetchAnswer::kinds);
        later.fold(self.first.kinds(), |all, kinds| all | kinds)
    }

    /// The number of items of kinds that can occur several times.
    pub(crate) fn several(&self) -> usize {
        self.answers().map(FetchAnswer::several).sum()
    }

    /// Sets the UID of the message, which the response does not have.
    pub(crate) fn set_uid(&mut self, uid: Uid) {
        self.first.uid = Some(uid);
    }

    /// The response that was assigned.
    pub(crate) fn answer(&self) -> &FetchAnswer {
        &self.first
    }

    /// Whether it has only items that servers send in unsolicited responses to report a change.
    pub(crate) fn is_only_news(&self) -> bool {
        self.first.is_only_news()
    }

    /// Whether it only names its message, which no unsolicited response does.
    pub(crate) fn is_only_uid(&self) -> bool {
        self.first.is_only_uid()
    }

    /// Whether it has malformed data, after which there may be more.
    pub(crate) fn is_torn(&self) -> bool {
        self.first.is_torn()
    }

    pub(super) fn answers(&self) -> impl Iterator<Item = &FetchAnswer> {
        [&self.first].into_iter().chain(&self.more)
    }

    pub(super) fn first_of<'f, T>(
        &'f self,
        ask: impl Fn(&'f FetchAnswer) -> Option<T>,
    ) -> Option<T> {
        ask(&self.first).or_else(|| self.more.iter().find_map(ask))
    }

    pub(super) fn newest<'f, T>(&'f self, ask: impl Fn(&'f FetchAnswer) -> Option<T>) -> Option<T> {
        let later = self.more.iter().rev().find_map(&ask);
        later.or_else(|| ask(&self.first))
    }

    /// The first valid value of an item in its responses.
    ///
    /// If there is none, the error of an invalid one, or else that the item is missing.
    pub(super) fn first_sound<'f, T>(
        &'f self,
        ask: impl Fn(&'f FetchAnswer) -> Result<T, ItemError>,
    ) -> Result<T, ItemError> {
        let mut found = ask(&self.first);
        for answer in &self.more {
            match (&found, ask(answer)) {
                (Ok(_), _) => break,
                (_, Ok(sound)) => found = Ok(sound),
                (Err(_), Err(error)) if !error.is_missing() => found = Err(error),
                _ => {}
            }
        }
        found
    }

    pub(super) fn take(&mut self, kind: Kind, section: &Section) -> Option<Vec<u8>> {
        let answers = [&mut self.first].into_iter().chain(&mut self.more);
        answers
            .into_iter()
            .find_map(|answer| answer.take(kind, section))
    }
}

impl fmt::Debug for Responses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items: Vec<String> = self.answers().flat_map(FetchAnswer::names).collect();
        f.debug_struct("Responses")
            .field("seq", &self.first.seq)
            .field("uid", &self.first.uid)
            .field("items", &items)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::testing::fetch;

    use super::*;

    fn responses(line: &str) -> Responses {
        fetch(line.as_bytes()).responses().clone()
    }

    #[test]
    fn attack_87_responses_without_a_uid_are_told_apart_by_their_numbers() {
        let mut message = responses("* 12 FETCH (UID 5)\r\n");
        assert!(
            message
                .merge(responses("* 12 FETCH (FLAGS ())\r\n"))
                .is_none()
        );
        assert!(
            message
                .merge(responses("* 13 FETCH (FLAGS ())\r\n"))
                .is_some()
        );
        let mut unnumbered = responses("* 0 FETCH (FLAGS ())\r\n");
        assert!(
            unnumbered
                .merge(responses("* 0 FETCH (FLAGS ())\r\n"))
                .is_some()
        );
        let mut nameless = responses("* 12 FETCH (FLAGS ())\r\n");
        assert!(
            nameless
                .merge(responses("* 12 FETCH (UID 7)\r\n"))
                .is_none()
        );
        assert_eq!(nameless.uid(), Uid::new(7));
        assert!(
            nameless
                .merge(responses("* 12 FETCH (UID 8)\r\n"))
                .is_some()
        );
    }
}
