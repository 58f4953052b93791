//! What one connection has been told about its selected mailbox, and what it must be told next.

use crate::store::flags::Flags;
use crate::store::mailbox::{Mailbox, Message};

/// A selected mailbox as its client knows it: the place of a UID is its sequence number.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) name: String,
    pub(crate) uid_validity: u32,
    pub(crate) read_only: bool,
    connection: u64,
    uids: Vec<u32>,
    known_through: u32,
    flags_seen: u64,
    expunges_seen: u64,
    recent: Vec<(u32, u32)>,
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
    Expunge(u32),
    Exists(u32),
    Recent(u32),
}

impl View {
    pub(crate) fn new(name: &str, mailbox: &mut Mailbox, read_only: bool, connection: u64) -> Self {
        let mut view = Self {
            name: name.to_owned(),
            uid_validity: mailbox.uid_validity,
            read_only: read_only || mailbox.read_only,
            connection,
            uids: Vec::new(),
            known_through: 0,
            flags_seen: mailbox.highest_mod_seq,
            expunges_seen: mailbox.last_expunge,
            recent: Vec::new(),
        };
        view.take_new(mailbox);
        view
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
        count(self.uids.iter().filter(|uid| self.is_recent(**uid)).count())
    }

    /// The flags as this connection sees them.
    pub(crate) fn flags_text(&self, uid: u32, flags: &Flags) -> String {
        match (self.is_recent(uid), flags.to_string()) {
            (false, flags) => flags,
            (true, flags) if flags.is_empty() => "\\Recent".to_owned(),
            (true, flags) => format!("{flags} \\Recent"),
        }
    }

    /// The known messages that are still there, in order, each with its sequence number.
    pub(crate) fn messages<'m>(
        &self,
        mailbox: &'m Mailbox,
    ) -> impl Iterator<Item = (u32, &'m Message)> {
        let mut messages = mailbox.messages.iter().peekable();
        (1..).zip(&self.uids).filter_map(move |(seq, uid)| {
            while messages.next_if(|message| message.uid < *uid).is_some() {}
            messages
                .next_if(|message| message.uid == *uid)
                .map(|message| (seq, message))
        })
    }

    /// Everything new, and takes it as told. Expunges wait when `expunge` is false.
    pub(crate) fn changes(&mut self, mailbox: &mut Mailbox, expunge: bool) -> Vec<Change> {
        let mut changes = self.flag_changes(mailbox);
        if expunge && mailbox.last_expunge > self.expunges_seen {
            self.expunges_seen = mailbox.last_expunge;
            changes.extend(self.take_expunges(mailbox).into_iter().map(Change::Expunge));
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
        changes
    }

    fn flag_changes(&mut self, mailbox: &Mailbox) -> Vec<Change> {
        let seen = std::mem::replace(&mut self.flags_seen, mailbox.highest_mod_seq);
        if seen == mailbox.highest_mod_seq || self.uids.is_empty() {
            return Vec::new();
        }
        self.messages(mailbox)
            .filter(|(_, message)| message.mod_seq > seen && message.changed_by != self.connection)
            .map(|(seq, message)| Change::Flags {
                seq,
                uid: message.uid,
                flags: message.flags.clone(),
                mod_seq: message.mod_seq,
            })
            .collect()
    }

    fn take_expunges(&mut self, mailbox: &Mailbox) -> Vec<u32> {
        let mut present = mailbox
            .messages
            .iter()
            .map(|message| message.uid)
            .peekable();
        let mut expunged = Vec::new();
        let mut seq = 1;
        self.uids.retain(|uid| {
            while present.next_if(|other| other < uid).is_some() {}
            let keep = present.next_if_eq(uid).is_some();
            if keep {
                seq += 1;
            } else {
                expunged.push(seq);
            }
            keep
        });
        expunged
    }

    fn take_new(&mut self, mailbox: &mut Mailbox) -> bool {
        let from = mailbox
            .messages
            .partition_point(|message| message.uid <= self.known_through);
        let before = self.uids.len();
        self.uids.extend(
            mailbox
                .messages
                .iter()
                .skip(from)
                .map(|message| message.uid),
        );
        self.known_through = mailbox.uid_next.saturating_sub(1);
        if !self.read_only && mailbox.first_recent < mailbox.uid_next {
            self.recent.push((mailbox.first_recent, self.known_through));
            mailbox.first_recent = mailbox.uid_next;
        }
        self.uids.len() > before
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
        let mut mailbox = Mailbox::new(1);
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
        let expunges = [2, 2, 3].map(Change::Expunge);
        assert_eq!(view.changes(&mut mailbox, true), expunges);
        let left: Vec<_> = view
            .messages(&mailbox)
            .map(|(seq, m)| (seq, m.uid))
            .collect();
        assert_eq!(left, [(1, 1), (2, 4), (3, 6)]);
    }

    #[test]
    fn own_flag_changes_are_not_told_again() {
        let mut mailbox = filled(2);
        let mut view = View::new("INBOX", &mut mailbox, false, 1);
        let seen = Flags::from_iter(["\\Seen".to_owned()]);
        mailbox.set_flags(1, seen.clone(), 1);
        mailbox.set_flags(2, seen.clone(), 7);
        let mod_seq = mailbox.highest_mod_seq;
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
