//! One mailbox: its messages in the order of their UIDs, and its counters.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, FixedOffset, Utc};

use crate::message::{NewMessage, StoredMessage};
use crate::store::flags::Flags;

/// A message; copies share its bytes.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) uid: u32,
    pub(crate) flags: Flags,
    pub(crate) labels: Vec<String>,
    pub(crate) internal_date: DateTime<FixedOffset>,
    /// Since when it is in this mailbox (RFC 8514).
    pub(crate) save_date: DateTime<FixedOffset>,
    pub(crate) mod_seq: u64,
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
            mod_seq: 0,
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
#[derive(Debug)]
pub(crate) struct Mailbox {
    pub(crate) uid_validity: u32,
    pub(crate) uid_next: u32,
    pub(crate) messages: Vec<Message>,
    pub(crate) highest_mod_seq: u64,
    /// The modification sequence of the last expunge.
    pub(crate) last_expunge: u64,
    /// Messages from this UID on are recent to the next connection that may take them.
    pub(crate) first_recent: u32,
    pub(crate) read_only: bool,
    /// Who beside the owner has which rights, as letters.
    pub(crate) acl: BTreeMap<String, String>,
    pub(crate) metadata: Metadata,
}

impl Mailbox {
    pub(crate) fn new(uid_validity: u32) -> Self {
        Self {
            uid_validity,
            uid_next: 1,
            messages: Vec::new(),
            highest_mod_seq: 1,
            last_expunge: 0,
            first_recent: 1,
            read_only: false,
            acl: BTreeMap::new(),
            metadata: Metadata::new(),
        }
    }

    pub(crate) fn append(&mut self, message: Message) -> u32 {
        let uid = self.uid_next;
        self.uid_next = uid.saturating_add(1);
        let mod_seq = self.next_mod_seq();
        self.messages.push(Message {
            uid,
            mod_seq,
            changed_by: 0,
            save_date: now(),
            ..message
        });
        uid
    }

    /// Sets the flags of a message; `connection` is the one that answers for it by itself.
    pub(crate) fn set_flags(&mut self, uid: u32, flags: Flags, connection: u64) {
        let Ok(at) = self
            .messages
            .binary_search_by_key(&uid, |message| message.uid)
        else {
            return;
        };
        let mod_seq = self.next_mod_seq();
        if let Some(message) = self.messages.get_mut(at) {
            message.flags = flags;
            message.mod_seq = mod_seq;
            message.changed_by = connection;
        }
    }

    /// Sets the labels of a message, which changes it.
    pub(crate) fn set_labels(&mut self, uid: u32, labels: Vec<String>) {
        let mod_seq = self.next_mod_seq();
        if let Some(message) = self.messages.iter_mut().find(|message| message.uid == uid) {
            message.labels = labels;
            message.mod_seq = mod_seq;
        }
    }

    /// Takes out what matches; says whether anything did.
    pub(crate) fn expunge(&mut self, mut matches: impl FnMut(&Message) -> bool) -> bool {
        let before = self.messages.len();
        self.messages.retain(|message| !matches(message));
        let any = self.messages.len() < before;
        if any {
            self.last_expunge = self.next_mod_seq();
        }
        any
    }

    /// How many messages have the flag, or do not have it.
    pub(crate) fn count(&self, flag: &str, set: bool) -> usize {
        self.messages
            .iter()
            .filter(|message| message.flags.has(flag) == set)
            .count()
    }

    /// Their sizes in octets, summed over the messages that match.
    pub(crate) fn octets(&self, matches: impl Fn(&Message) -> bool) -> usize {
        self.messages
            .iter()
            .filter(|message| matches(message))
            .map(|m| m.bytes.len())
            .sum()
    }

    pub(crate) fn recent(&self) -> usize {
        self.messages.len() - self.messages.partition_point(|m| m.uid < self.first_recent)
    }

    pub(crate) fn stored(&self) -> Vec<StoredMessage> {
        self.messages
            .iter()
            .map(|message| StoredMessage {
                uid: message.uid,
                flags: message.flags.iter().map(str::to_owned).collect(),
                labels: message.labels.clone(),
                internal_date: message.internal_date,
                bytes: Arc::clone(&message.bytes),
            })
            .collect()
    }

    fn next_mod_seq(&mut self) -> u64 {
        self.highest_mod_seq = self.highest_mod_seq.saturating_add(1);
        self.highest_mod_seq
    }
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
