//! What one connection has been told about its selected mailbox, and what it must be told next.

use std::ops::Range;

use crate::command::Chosen;
use crate::numbers::Numbers;
use crate::store::flags::Flags;
use crate::store::mailbox::{Mailbox, Message, take_out};

/// A selected mailbox as its client knows it: the place of a UID is its sequence number.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) name: String,
    pub(crate) id: u64,
    pub(crate) read_only: bool,
    /// The mailbox has no mod-sequences.
    pub(crate) no_mod_seq: bool,
    /// The UIDs that the last SEARCH saved (RFC 5182).
    pub(crate) saved: Numbers,
    /// HIGHESTMODSEQ when the client had been told everything.
    pub(crate) told_mod_seq: u64,
    /// The highest MODSEQ that the client has seen since then.
    pub(crate) seen_mod_seq: u64,
    connection: u64,
    uids: Vec<u32>,
    known_through: u32,
    flags_seen: u64,
    expunges_seen: u64,
    recent: Vec<(u32, u32)>,
    /// The mailbox as it was when the client was told last, when only that is shown.
    frozen: Option<Box<Mailbox>>,
    /// The view became that of another mailbox, which the client must be told.
    adopted: Vec<Change>,
}

/// Something that the client must be told.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Change {
    Flags {
        seq: u32,
        uid: u32,
        flags: Flags,
        mod_seq: u64,
    },
    /// The sequence number, when those before it had gone, and the UID.
    Expunge(u32, u32),
    Exists(u32),
    Recent(u32),
}

impl View {
    pub(crate) fn new(name: &str, mailbox: &mut Mailbox, read_only: bool, connection: u64) -> Self {
        let mut view = Self {
            name: name.to_owned(),
            id: mailbox.id,
            read_only: read_only || mailbox.read_only,
            no_mod_seq: mailbox.no_mod_seq,
            saved: Numbers::default(),
            told_mod_seq: mailbox.highest_mod_seq(),
            seen_mod_seq: 0,
            connection,
            uids: Vec::new(),
            known_through: 0,
            flags_seen: mailbox.history.revision(),
            expunges_seen: mailbox.history.revision(),
            recent: Vec::new(),
            frozen: None,
            adopted: Vec::new(),
        };
        view.take_new(mailbox);
        view
    }

    /// Shows the mailbox as it is now, whatever happens to it, until the client is told.
    pub(crate) fn freeze(&mut self, mailbox: &Mailbox) {
        self.frozen = Some(Box::new(mailbox.clone()));
    }

    /// The mailbox as it is shown.
    pub(crate) fn shown<'m>(&'m self, mailbox: &'m Mailbox) -> &'m Mailbox {
        self.frozen.as_deref().unwrap_or(mailbox)
    }

    /// Shows a change that this connection has made.
    pub(crate) fn show_own(&mut self, uid: u32, flags: &Flags) {
        if let Some(frozen) = &mut self.frozen {
            frozen.set_flags(uid, flags.clone(), self.connection);
        }
    }

    /// Shows another mailbox from here on; its messages are taken for those of before, as far as
    /// their sequence numbers go.
    pub(crate) fn adopt(&mut self, mailbox: &mut Mailbox) {
        if mailbox.id == self.id {
            return;
        }
        let old = std::mem::take(&mut self.uids);
        self.id = mailbox.id;
        (self.known_through, self.recent) = (0, Vec::new());
        self.take_new(mailbox);
        let revision = mailbox.history.revision();
        (self.flags_seen, self.expunges_seen) = (revision, revision);
        let exists = self.uids.len();
        let more = old.iter().enumerate().skip(exists).rev();
        let gone = more.map(|(at, uid)| Change::Expunge(count(at + 1), *uid));
        self.adopted = gone.collect();
        self.adopted.push(Change::Exists(count(exists)));
    }

    /// All messages go, because the mailbox has.
    pub(crate) fn take_all(&mut self) -> Vec<Change> {
        let gone = std::mem::take(&mut self.uids).into_iter();
        gone.map(|uid| Change::Expunge(1, uid)).collect()
    }

    pub(crate) fn uids(&self) -> &[u32] {
        &self.uids
    }

    pub(crate) fn exists(&self) -> u32 {
        count(self.uids.len())
    }

    pub(crate) fn last_uid(&self) -> Option<u32> {
        self.uids.last().copied()
    }

    pub(crate) fn is_recent(&self, uid: u32) -> bool {
        self.recent
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&uid))
    }

    pub(crate) fn recent(&self) -> u32 {
        let ranges = self.recent.iter();
        count(ranges.map(|(a, b)| self.places(*a, *b, true).len()).sum())
    }

    /// The flags as this connection sees them.
    pub(crate) fn flags_text(&self, uid: u32, flags: &Flags) -> String {
        shown(flags, self.is_recent(uid))
    }

    /// The known messages that are still there, in order, each with its sequence number.
    pub(crate) fn messages<'m>(
        &'m self,
        mailbox: &'m Mailbox,
    ) -> impl Iterator<Item = (u32, &'m Message)> {
        self.between(mailbox, 0..self.uids.len())
    }

    /// Those of them that a command names.
    pub(crate) fn chosen<'m>(
        &'m self,
        mailbox: &'m Mailbox,
        chosen: &'m Chosen,
    ) -> impl Iterator<Item = (u32, &'m Message)> {
        let ranges = chosen.numbers.ranges().iter();
        let places = ranges.map(|(first, last)| self.places(*first, *last, chosen.uid));
        places.flat_map(|places| self.between(mailbox, places))
    }

    /// How many of the known messages a command names, also of those that are no longer there.
    pub(crate) fn known(&self, chosen: &Chosen) -> usize {
        let ranges = chosen.numbers.ranges().iter();
        ranges
            .map(|(first, last)| self.places(*first, *last, chosen.uid).len())
            .sum()
    }

    /// Those of them that changed after a revision.
    pub(crate) fn changed<'m>(
        &'m self,
        mailbox: &'m Mailbox,
        chosen: Option<&'m Chosen>,
        since: u64,
    ) -> Vec<(u32, &'m Message)> {
        let changed = |(_, message): &(u32, &Message)| message.revision > since;
        match (mailbox.history.changed_since(since), chosen) {
            (Some(uids), chosen) => uids
                .into_iter()
                .filter_map(|uid| Some((self.seq(uid)?, mailbox.message(uid)?)))
                .filter(changed)
                .filter(|(seq, message)| chosen.is_none_or(|chosen| chosen.has(*seq, message)))
                .collect(),
            (None, Some(chosen)) => self.chosen(mailbox, chosen).filter(changed).collect(),
            (None, None) => self.messages(mailbox).filter(changed).collect(),
        }
    }

    /// The sequence number of a UID.
    pub(crate) fn seq(&self, uid: u32) -> Option<u32> {
        Some(count(self.uids.binary_search(&uid).ok()?.saturating_add(1)))
    }

    /// Where these UIDs or sequence numbers are.
    fn places(&self, first: u32, last: u32, uid: bool) -> Range<usize> {
        let place = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        match uid {
            true => {
                let end = self.uids.partition_point(|uid| *uid <= last);
                self.uids.partition_point(|uid| *uid < first)..end
            }
            false => place(first).saturating_sub(1)..place(last).min(self.uids.len()),
        }
    }

    fn between<'m>(
        &'m self,
        mailbox: &'m Mailbox,
        places: Range<usize>,
    ) -> impl Iterator<Item = (u32, &'m Message)> {
        let seq = count(places.start.saturating_add(1));
        let uids = self.uids.get(places).unwrap_or_default();
        let first = uids.first().copied().unwrap_or(u32::MAX);
        let from = mailbox.uids().partition_point(|uid| *uid < first);
        let messages = mailbox.messages().get(from..).unwrap_or_default();
        let mut messages = messages.iter().peekable();
        (seq..).zip(uids).filter_map(move |(seq, uid)| {
            while messages.next_if(|message| message.uid < *uid).is_some() {}
            messages
                .next_if(|message| message.uid == *uid)
                .map(|message| (seq, message))
        })
    }

    /// Whether there are expunges that the client has not been told of.
    pub(crate) fn has_expunges(&self, mailbox: &Mailbox) -> bool {
        mailbox.history.last_expunge() > self.expunges_seen
    }

    /// Everything new, and takes it as told. Expunges wait when `expunge` is false.
    pub(crate) fn changes(&mut self, mailbox: &mut Mailbox, expunge: bool) -> Vec<Change> {
        let mut changes = std::mem::take(&mut self.adopted);
        changes.extend(self.flag_changes(mailbox));
        if expunge && self.has_expunges(mailbox) {
            let gone = self.take_expunges(mailbox).into_iter();
            changes.extend(gone.map(|(at, uid)| Change::Expunge(count(at + 1), uid)));
            self.expunges_seen = mailbox.history.last_expunge();
        }
        if self.take_new(mailbox) {
            changes.push(Change::Exists(self.exists()));
            if self
                .recent
                .last()
                .is_some_and(|(_, last)| *last == self.known_through)
            {
                changes.push(Change::Recent(self.recent()));
            }
        }
        if self.frozen.is_some() {
            self.freeze(mailbox);
        }
        changes
    }

    fn flag_changes(&mut self, mailbox: &Mailbox) -> Vec<Change> {
        let revision = mailbox.history.revision();
        let seen = std::mem::replace(&mut self.flags_seen, revision);
        if seen == revision || self.uids.is_empty() {
            return Vec::new();
        }
        self.changed(mailbox, None, seen)
            .into_iter()
            .filter(|(_, message)| message.changed_by != self.connection)
            .map(|(seq, message)| Change::Flags {
                seq,
                uid: message.uid,
                flags: message.flags.clone(),
                mod_seq: mailbox.mod_seq(message),
            })
            .collect()
    }

    fn take_expunges(&mut self, mailbox: &Mailbox) -> Vec<(usize, u32)> {
        let logged = mailbox.history.expunged_since(self.expunges_seen);
        let gone: Vec<u32> = match logged.filter(|logged| logged.len() < 10_000) {
            Some(logged) => {
                let ranges = logged.ranges().iter();
                ranges.flat_map(|(first, last)| *first..=*last).collect()
            }
            None => {
                let mut present = mailbox.uids().iter().peekable();
                let uids = self.uids.iter().filter(|uid| {
                    while present.next_if(|other| other < uid).is_some() {}
                    present.next_if_eq(uid).is_none()
                });
                uids.copied().collect()
            }
        };
        take_out(&mut self.uids, &gone)
    }

    /// Takes what has arrived. A read-only view shows what is recent and leaves it so, for the next
    /// that selects the mailbox (RFC 3501, section 6.3.2).
    fn take_new(&mut self, mailbox: &mut Mailbox) -> bool {
        let all = mailbox.uids();
        let from = all.partition_point(|uid| *uid <= self.known_through);
        let before = self.uids.len();
        self.uids.extend(all.get(from..).unwrap_or_default());
        let recent = mailbox.first_recent.max(self.known_through + 1);
        self.known_through = mailbox.uid_next.saturating_sub(1);
        if recent < mailbox.uid_next {
            self.recent.push((recent, self.known_through));
        }
        if !self.read_only {
            mailbox.first_recent = mailbox.uid_next;
        }
        self.uids.len() > before
    }
}

/// Flags as the wire has them.
pub(crate) fn shown(flags: &Flags, recent: bool) -> String {
    match (recent, flags.to_string()) {
        (false, flags) => flags,
        (true, flags) if flags.is_empty() => "\\Recent".to_owned(),
        (true, flags) => format!("{flags} \\Recent"),
    }
}

/// A count as the wire has it.
pub(crate) fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::mailbox::now;

    fn filled(count: usize) -> Mailbox {
        let mut mailbox = Mailbox::new(1, 1);
        for _ in 0..count {
            mailbox.append(Message::incoming(Flags::default(), now(), [].into()));
        }
        mailbox
    }

    #[test]
    fn expunges_count_as_the_client_does_and_may_wait() {
        let mut mailbox = filled(5);
        let mut view = View::new("INBOX", &mut mailbox, false, 1);
        mailbox.expunge(|message| [2, 3, 5].contains(&message.uid));
        mailbox.append(Message::incoming(Flags::default(), now(), [].into()));
        assert_eq!(
            view.changes(&mut mailbox, false),
            [Change::Exists(6), Change::Recent(6)]
        );
        let expunges = [(2, 2), (2, 3), (3, 5)].map(|(seq, uid)| Change::Expunge(seq, uid));
        assert_eq!(view.changes(&mut mailbox, true), expunges);
        let left: Vec<_> = view
            .messages(&mailbox)
            .map(|(seq, m)| (seq, m.uid))
            .collect();
        assert_eq!(left, [(1, 1), (2, 4), (3, 6)]);
    }

    #[test]
    fn a_read_only_view_shows_what_is_recent_and_leaves_it_so() {
        let mut mailbox = filled(3);
        let mut reader = View::new("INBOX", &mut mailbox, true, 1);
        assert_eq!(reader.recent(), 3);
        mailbox.append(Message::incoming(Flags::default(), now(), [].into()));
        assert_eq!(
            reader.changes(&mut mailbox, true),
            [Change::Exists(4), Change::Recent(4)]
        );
        let mut writer = View::new("INBOX", &mut mailbox, false, 2);
        assert_eq!(writer.recent(), 4);
        mailbox.append(Message::incoming(Flags::default(), now(), [].into()));
        assert_eq!(
            writer.changes(&mut mailbox, true),
            [Change::Exists(5), Change::Recent(5)]
        );
        // What another connection has taken is not recent to those that come later.
        assert_eq!(reader.changes(&mut mailbox, true), [Change::Exists(5)]);
        assert_eq!(View::new("INBOX", &mut mailbox, true, 3).recent(), 0);
    }

    #[test]
    fn own_flag_changes_are_not_told_again() {
        let mut mailbox = filled(2);
        let mut view = View::new("INBOX", &mut mailbox, false, 1);
        let seen = Flags::from_iter(["\\Seen".to_owned()]);
        mailbox.set_flags(1, seen.clone(), 1);
        mailbox.set_flags(2, seen.clone(), 7);
        let mod_seq = mailbox.highest_mod_seq();
        let told = [Change::Flags {
            seq: 2,
            uid: 2,
            flags: seen,
            mod_seq,
        }];
        assert_eq!(view.changes(&mut mailbox, false), told);
        assert_eq!(view.changes(&mut mailbox, false), []);
    }
}
