//! One mailbox: its messages in the order of their UIDs, and its counters.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, FixedOffset, Utc};

use crate::message::{NewMessage, StoredMessage};
use crate::numbers::Numbers;
use crate::store::flags::Flags;
use crate::store::history::History;
use crate::store::totals::Totals;

/// A message; copies share its bytes.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) uid: u32,
    pub(crate) flags: Flags,
    pub(crate) labels: Vec<String>,
    pub(crate) internal_date: DateTime<FixedOffset>,
    /// Since when it is in this mailbox (RFC 8514).
    pub(crate) save_date: DateTime<FixedOffset>,
    /// When it changed last, in the mailbox's history.
    pub(crate) revision: u64,
    /// The connection that changed the flags last and has been told in its own answer.
    pub(crate) changed_by: u64,
    pub(crate) bytes: Arc<[u8]>,
}

impl Message {
    /// A message that a mailbox gives its UID when it comes in.
    pub(crate) fn incoming(flags: Flags, date: DateTime<FixedOffset>, bytes: Arc<[u8]>) -> Self {
        Self {
            uid: 0,
            flags,
            labels: Vec::new(),
            internal_date: date,
            save_date: now(),
            revision: 0,
            changed_by: 0,
            bytes,
        }
    }
}

impl From<NewMessage> for Message {
    fn from(new: NewMessage) -> Self {
        let date = new.internal_date.unwrap_or_else(now);
        Self::incoming(new.flags.into_iter().collect(), date, new.bytes.into())
    }
}

/// Values by name, in small letters (RFC 5464).
pub(crate) type Metadata = BTreeMap<String, Vec<u8>>;

/// A mailbox in memory.
#[derive(Clone, Debug)]
pub(crate) struct Mailbox {
    /// Its own, under whatever name and UIDVALIDITY.
    pub(crate) id: u64,
    pub(crate) uid_validity: u32,
    pub(crate) uid_next: u32,
    messages: Vec<Message>,
    /// The UIDs of the messages.
    uids: Vec<u32>,
    totals: Totals,
    pub(crate) history: History,
    /// Messages from this UID on are recent to the next connection that may take them.
    pub(crate) first_recent: u32,
    pub(crate) read_only: bool,
    /// It has been deleted, and is shown to those who have it selected.
    pub(crate) is_deleted: bool,
    /// It has no mod-sequences (NOMODSEQ of RFC 7162).
    pub(crate) no_mod_seq: bool,
    /// Who beside the owner has which rights, as letters.
    pub(crate) acl: BTreeMap<String, String>,
    pub(crate) metadata: Metadata,
}

impl Mailbox {
    pub(crate) fn new(id: u64, uid_validity: u32) -> Self {
        Self {
            id,
            uid_validity,
            uid_next: 1,
            messages: Vec::new(),
            uids: Vec::new(),
            totals: Totals::default(),
            history: History::new(),
            first_recent: 1,
            read_only: false,
            is_deleted: false,
            no_mod_seq: false,
            acl: BTreeMap::new(),
            metadata: Metadata::new(),
        }
    }

    pub(crate) fn messages(&self) -> &[Message] {
        &self.messages
    }

    pub(crate) fn uids(&self) -> &[u32] {
        &self.uids
    }

    pub(crate) fn message(&self, uid: u32) -> Option<&Message> {
        self.messages.get(self.uids.binary_search(&uid).ok()?)
    }

    /// MAILBOXID (RFC 8474).
    pub(crate) fn mailbox_id(&self) -> String {
        format!("F{:08x}", self.id)
    }

    /// HIGHESTMODSEQ.
    pub(crate) fn highest_mod_seq(&self) -> u64 {
        self.history.mod_seq(self.history.revision())
    }

    pub(crate) fn mod_seq(&self, message: &Message) -> u64 {
        self.history.mod_seq(message.revision)
    }

    pub(crate) fn append(&mut self, message: Message) -> u32 {
        self.append_many(message, 1)
    }

    /// Puts so many copies of a message in, which share their octets, as one change. Gives the
    /// first UID.
    pub(crate) fn append_many(&mut self, message: Message, copies: u32) -> u32 {
        let first = self.uid_next;
        let end = first.saturating_add(copies);
        let message = Message {
            revision: self.history.revise(),
            changed_by: 0,
            save_date: now(),
            ..message
        };
        if let Some(last) = end.checked_sub(1).filter(|last| *last >= first) {
            self.history.changed(message.revision, first, last);
        }
        let count = usize::try_from(end - first).unwrap_or_default();
        self.totals.add(&message, count);
        self.uids.extend(first..end);
        self.messages.reserve(count);
        self.messages.extend((first..end).map(|uid| Message {
            uid,
            ..message.clone()
        }));
        self.uid_next = end;
        first
    }

    /// Sets the flags of a message; `connection` is the one that answers for it by itself.
    pub(crate) fn set_flags(&mut self, uid: u32, flags: Flags, connection: u64) {
        let revision = self.history.revise();
        self.set_flags_at(revision, uid, flags, connection);
    }

    /// The same at a revision that other messages may share.
    pub(crate) fn set_flags_at(&mut self, revision: u64, uid: u32, flags: Flags, connection: u64) {
        self.change(revision, uid, |message| {
            message.flags = flags;
            message.changed_by = connection;
        });
    }

    /// Sets the labels of a message, which changes it.
    pub(crate) fn set_labels(&mut self, uid: u32, labels: Vec<String>) {
        let revision = self.history.revise();
        self.change(revision, uid, |message| message.labels = labels);
    }

    fn change(&mut self, revision: u64, uid: u32, change: impl FnOnce(&mut Message)) {
        let at = self.uids.binary_search(&uid).ok();
        let Some(message) = at.and_then(|at| self.messages.get_mut(at)) else {
            return;
        };
        self.totals.remove(message);
        change(message);
        self.totals.add(message, 1);
        message.revision = revision;
        self.history.changed(revision, uid, uid);
        if self.history.is_long(self.messages.len()) {
            let messages = self.messages.iter();
            let log = messages.map(|message| (message.revision, message.uid));
            self.history.rewrite(log.collect());
        }
    }

    /// Takes out what matches; says how many did.
    pub(crate) fn expunge(&mut self, mut matches: impl FnMut(&Message) -> bool) -> usize {
        let totals = &mut self.totals;
        let mut gone = Vec::new();
        self.messages.retain(|message| {
            let goes = matches(message);
            if goes {
                totals.remove(message);
                gone.push(message.uid);
            }
            !goes
        });
        if !gone.is_empty() {
            take_out(&mut self.uids, &gone);
            self.history.expunged(&gone);
        }
        gone.len()
    }

    /// Takes out the messages with these UIDs, which ascend; says how many there were.
    pub(crate) fn expunge_uids(&mut self, uids: &[u32]) -> usize {
        if uids.len() > FEW {
            return self.expunge(|message| uids.binary_search(&message.uid).is_ok());
        }
        let mut gone = Vec::new();
        for (at, uid) in take_out(&mut self.uids, uids) {
            let message = self.messages.remove(at);
            self.totals.remove(&message);
            gone.push(uid);
        }
        if !gone.is_empty() {
            self.history.expunged(&gone);
        }
        gone.len()
    }

    /// How many messages have the flag, or do not have it.
    pub(crate) fn count(&self, flag: &str, set: bool) -> usize {
        let having = self.totals.having(flag);
        match set {
            true => having,
            false => self.messages.len().saturating_sub(having),
        }
    }

    /// The flags that some message has.
    pub(crate) fn flags(&self) -> Vec<&str> {
        self.totals.flags()
    }

    /// The sizes of all messages, in octets.
    pub(crate) fn octets(&self) -> usize {
        self.totals.octets()
    }

    pub(crate) fn recent(&self) -> usize {
        let old = self.uids.partition_point(|uid| *uid < self.first_recent);
        self.uids.len() - old
    }

    /// What a client is told to be gone since a revision, of these UIDs.
    pub(crate) fn vanished_since(&self, revision: u64, known: &Numbers) -> Numbers {
        match self.history.vanished_since(revision) {
            Some(logged) => logged.within(known),
            None => self.absent().within(known),
        }
    }

    /// All UIDs below UIDNEXT that are no message's.
    fn absent(&self) -> Numbers {
        let mut absent = Vec::new();
        let mut next = 1;
        for uid in self.uids.iter().copied().chain([self.uid_next]) {
            if next < uid {
                absent.push((next, uid - 1));
            }
            next = uid.saturating_add(1);
        }
        Numbers::from_ranges(absent)
    }

    pub(crate) fn stored(&self) -> Vec<StoredMessage> {
        self.messages
            .iter()
            .map(|message| StoredMessage {
                uid: message.uid,
                flags: message.flags.iter().map(str::to_owned).collect(),
                mod_seq: self.mod_seq(message),
                labels: message.labels.clone(),
                internal_date: message.internal_date,
                bytes: Arc::clone(&message.bytes),
            })
            .collect()
    }
}

/// So few messages are found one by one.
const FEW: usize = 16;

/// Takes some UIDs out of an ascending list. Gives the place that each had when those below it
/// were out already, with the UID.
pub(crate) fn take_out(uids: &mut Vec<u32>, gone: &[u32]) -> Vec<(usize, u32)> {
    let mut places = Vec::new();
    if gone.len() <= FEW {
        for uid in gone {
            if let Ok(at) = uids.binary_search(uid) {
                uids.remove(at);
                places.push((at, *uid));
            }
        }
        return places;
    }
    let mut gone = gone.iter().copied().peekable();
    let mut at = 0;
    uids.retain(|uid| {
        while gone.next_if(|other| other < uid).is_some() {}
        let goes = gone.next_if_eq(uid).is_some();
        match goes {
            true => places.push((at, *uid)),
            false => at += 1,
        }
        !goes
    });
    places
}

/// The time, in whole seconds.
pub(crate) fn now() -> DateTime<FixedOffset> {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| DateTime::<Utc>::from_timestamp(seconds, 0))
        .unwrap_or_default()
        .fixed_offset()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incoming() -> Message {
        let seen = Flags::from_iter(["\\Seen".to_owned()]);
        Message::incoming(seen, now(), [7; 3].into())
    }

    #[test]
    fn copies_are_one_change_and_share_their_octets() {
        let mut mailbox = Mailbox::new(1, 1);
        mailbox.append(incoming());
        assert_eq!(mailbox.append_many(incoming(), 3), 2);
        assert_eq!(mailbox.uids(), [1, 2, 3, 4]);
        let mod_seqs: Vec<u64> = mailbox.stored().iter().map(|m| m.mod_seq).collect();
        assert_eq!(mod_seqs, [2, 3, 3, 3]);
        let [_, one, other, ..] = mailbox.messages() else {
            panic!("messages are missing");
        };
        assert!(Arc::ptr_eq(&one.bytes, &other.bytes));
        assert_eq!(mailbox.history.changed_since(2), Some(vec![2, 3, 4]));
    }

    #[test]
    fn the_log_is_not_much_longer_than_the_mailbox() {
        let mut mailbox = Mailbox::new(1, 1);
        mailbox.append_many(incoming(), 3);
        for turn in 0..5000 {
            let flags = Flags::from_iter([format!("x{turn}")]);
            mailbox.set_flags(2, flags, 0);
        }
        assert!(mailbox.history.entries() < 1100);
        assert_eq!(mailbox.history.changed_since(2), Some(vec![2]));
        assert_eq!(mailbox.history.changed_since(1), Some(vec![1, 2, 3]));
    }

    #[test]
    fn counts_follow_the_messages() {
        let mut mailbox = Mailbox::new(1, 1);
        mailbox.append_many(incoming(), 4);
        let work = Flags::from_iter(["Work".to_owned(), "\\seen".to_owned()]);
        mailbox.set_flags(2, work, 0);
        mailbox.set_flags(3, Flags::default(), 0);
        assert_eq!(mailbox.expunge(|message| message.uid == 1), 1);
        assert_eq!(mailbox.count("\\SEEN", true), 2);
        assert_eq!(mailbox.count("\\Seen", false), 1);
        assert_eq!(mailbox.flags(), ["\\Seen", "Work"]);
        assert_eq!(mailbox.octets(), 9);
        assert_eq!(mailbox.expunge_uids(&[1, 2]), 1);
        assert_eq!(mailbox.flags(), ["\\Seen"]);
        let uids: Vec<u32> = mailbox.messages().iter().map(|m| m.uid).collect();
        assert_eq!(
            (uids.as_slice(), mailbox.uids()),
            (&[3, 4][..], &[3, 4][..])
        );
    }

    #[test]
    fn what_was_forgotten_is_all_that_is_missing() {
        let mut mailbox = Mailbox::new(1, 1);
        mailbox.append_many(incoming(), 9);
        mailbox.expunge(|message| [1, 4, 5].contains(&message.uid));
        let since = mailbox.history.revision();
        mailbox.expunge(|message| message.uid == 9);
        let vanished = |mailbox: &Mailbox, known: u32| {
            let known = Numbers::from_ranges(vec![(1, known)]);
            mailbox.vanished_since(since, &known).to_string()
        };
        assert_eq!(vanished(&mailbox, 9), "9");
        mailbox.history.forget();
        assert_eq!(vanished(&mailbox, 9), "1,4:5,9");
        assert_eq!(vanished(&mailbox, 4), "1,4");
    }

    #[test]
    fn few_and_many_are_taken_out_alike() {
        for count in [3, 30] {
            let mut uids: Vec<u32> = (1..=100).collect();
            let gone: Vec<u32> = (0..count).map(|n| 10 + 2 * n).chain([500]).collect();
            let places = take_out(&mut uids, &gone);
            assert_eq!(places.len(), gone.len() - 1);
            assert_eq!(&places[..3], [(9, 10), (10, 12), (11, 14)]);
            assert!(uids.iter().all(|uid| !gone.contains(uid)));
        }
    }
}
