//! The items and the result of STATUS (RFC 9051 sections 6.3.11, 7.3.4).

use std::fmt;

use crate::types::capability::{Capabilities, Capability};
use crate::types::extension_name::ExtensionName;
use crate::types::mailbox_name::MailboxName;
use crate::types::uid::{ModSeq, Uid, UidValidity};

/// An item that STATUS can request of a mailbox, usually one that is not selected.
///
/// ```
/// assert_eq!(latchbox::types::StatusItem::UidNext.to_string(), "UIDNEXT");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StatusItem {
    /// The number of messages.
    Messages,
    /// The number of messages that no session has seen (IMAP4rev1 only).
    Recent,
    /// The lowest UID that the next new message can have.
    UidNext,
    /// The UIDVALIDITY.
    UidValidity,
    /// The number of messages without `\Seen`.
    Unseen,
    /// The number of messages with `\Deleted` (IMAP4rev2 or QUOTA=RES-MESSAGE).
    Deleted,
    /// The size of all messages, in octets (IMAP4rev2 or STATUS=SIZE).
    Size,
    /// The highest mod-sequence (CONDSTORE, RFC 7162).
    HighestModSeq,
    /// An id that stays the same if the mailbox is renamed (OBJECTID, RFC 8474).
    MailboxId,
    /// The maximum size of a message for APPEND to this mailbox (APPENDLIMIT, RFC 7889).
    AppendLimit,
    /// The number of octets that EXPUNGE would free (QUOTA=RES-STORAGE, RFC 9208).
    DeletedStorage,
    /// An item of an extension that this crate does not know.
    ///
    /// [`MailboxStatus::raw_item`] returns its value. A server without the extension refuses the
    /// command.
    Other(ExtensionName),
}

/// The result of STATUS; items that were not requested or not reported are `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxStatus {
    pub(crate) name: MailboxName,
    pub(crate) messages: Option<u32>,
    pub(crate) recent: Option<u32>,
    pub(crate) uid_next: Option<Uid>,
    pub(crate) uid_validity: Option<UidValidity>,
    pub(crate) unseen: Option<u32>,
    pub(crate) deleted: Option<u32>,
    pub(crate) size: Option<u64>,
    pub(crate) highest_mod_seq: Option<ModSeq>,
    pub(crate) mailbox_id: Option<String>,
    pub(crate) append_limit: Option<u64>,
    pub(crate) deleted_storage: Option<u64>,
    /// The values of items that are not known here, as they were sent.
    /// In the order of the response; of equal names, the last counts.
    pub(crate) others: Vec<(ExtensionName, Box<[u8]>)>,
}

const WORDS: [(&str, StatusItem); 11] = [
    ("MESSAGES", StatusItem::Messages),
    ("RECENT", StatusItem::Recent),
    ("UIDNEXT", StatusItem::UidNext),
    ("UIDVALIDITY", StatusItem::UidValidity),
    ("UNSEEN", StatusItem::Unseen),
    ("DELETED", StatusItem::Deleted),
    ("SIZE", StatusItem::Size),
    ("HIGHESTMODSEQ", StatusItem::HighestModSeq),
    ("MAILBOXID", StatusItem::MailboxId),
    ("APPENDLIMIT", StatusItem::AppendLimit),
    ("DELETED-STORAGE", StatusItem::DeletedStorage),
];

impl StatusItem {
    /// Whether every server has it (RFC 3501).
    pub(crate) fn is_basic(&self) -> bool {
        matches!(
            self,
            Self::Messages | Self::Recent | Self::UidNext | Self::UidValidity | Self::Unseen
        )
    }

    /// The capability that this item needs and that the server lacks.
    pub(crate) fn missing_from(&self, capabilities: &Capabilities) -> Option<Capability> {
        let is_rev2 = capabilities.supports(&Capability::Imap4Rev2);
        let quota = |resource: &str| Capability::QuotaResource(resource.into());
        let needed = match self {
            Self::Messages
            | Self::Recent
            | Self::UidNext
            | Self::UidValidity
            | Self::Unseen
            | Self::Other(_) => return None,
            Self::Deleted | Self::Size if is_rev2 => return None,
            Self::AppendLimit => return capabilities.lacks_append_limit(),
            Self::Deleted => quota("MESSAGE"),
            Self::Size => Capability::StatusSize,
            Self::HighestModSeq => Capability::CondStore,
            Self::MailboxId => Capability::ObjectId,
            Self::DeletedStorage => quota("STORAGE"),
        };
        (!capabilities.supports(&needed)).then_some(needed)
    }

    /// The item of this name, in any case.
    pub(crate) fn from_server(word: &[u8]) -> Option<Self> {
        let same = WORDS.iter().find(|(known, _)| known.as_bytes() == word);
        let found = same.or_else(|| {
            let mut words = WORDS.iter();
            words.find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(word))
        });
        found.map(|(_, item)| item.clone())
    }
}

/// The wire form.
impl fmt::Display for StatusItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Other(name) = self {
            return name.fmt(f);
        }
        let found = WORDS.iter().find(|(_, item)| item == self);
        f.write_str(found.map_or("", |(word, _)| word))
    }
}

impl MailboxStatus {
    /// A status about which nothing is known yet.
    pub(crate) fn new(name: MailboxName) -> Self {
        Self {
            name,
            messages: None,
            recent: None,
            uid_next: None,
            uid_validity: None,
            unseen: None,
            deleted: None,
            size: None,
            highest_mod_seq: None,
            mailbox_id: None,
            append_limit: None,
            deleted_storage: None,
            others: Vec::new(),
        }
    }

    /// Adds the items of another response about the same mailbox.
    pub(crate) fn join(&mut self, later: Self) {
        let Self {
            name: _,
            messages,
            recent,
            uid_next,
            uid_validity,
            unseen,
            deleted,
            size,
            highest_mod_seq,
            mailbox_id,
            append_limit,
            deleted_storage,
            others,
        } = later;
        self.others.extend(others);
        self.messages = messages.or(self.messages);
        self.recent = recent.or(self.recent);
        self.uid_next = uid_next.or(self.uid_next);
        self.uid_validity = uid_validity.or(self.uid_validity);
        self.unseen = unseen.or(self.unseen);
        self.deleted = deleted.or(self.deleted);
        self.size = size.or(self.size);
        self.highest_mod_seq = highest_mod_seq.or(self.highest_mod_seq);
        self.mailbox_id = mailbox_id.or(self.mailbox_id.take());
        self.append_limit = append_limit.or(self.append_limit);
        self.deleted_storage = deleted_storage.or(self.deleted_storage);
    }

    /// The mailbox, as the server named it.
    pub fn name(&self) -> &MailboxName {
        &self.name
    }

    /// The number of messages.
    pub fn messages(&self) -> Option<u32> {
        self.messages
    }

    /// The number of messages that no session has seen.
    pub fn recent(&self) -> Option<u32> {
        self.recent
    }

    /// The lowest UID that the next new message can have.
    pub fn uid_next(&self) -> Option<Uid> {
        self.uid_next
    }

    /// The UIDVALIDITY.
    pub fn uid_validity(&self) -> Option<UidValidity> {
        self.uid_validity
    }

    /// The number of messages without `\Seen`.
    pub fn unseen(&self) -> Option<u32> {
        self.unseen
    }

    /// The number of messages with `\Deleted`.
    pub fn deleted(&self) -> Option<u32> {
        self.deleted
    }

    /// The size of all messages, in octets.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// The highest mod-sequence; `None` also if the mailbox has none.
    pub fn highest_mod_seq(&self) -> Option<ModSeq> {
        self.highest_mod_seq
    }

    /// An id that stays the same if the mailbox is renamed.
    pub fn mailbox_id(&self) -> Option<&str> {
        self.mailbox_id.as_deref()
    }

    /// The maximum size of a message for APPEND, in octets; `None` also if there is no limit.
    pub fn append_limit(&self) -> Option<u64> {
        self.append_limit
    }

    /// The value of an item that has no method here, as the server sent it.
    ///
    /// Also the value of an item that has one and returns `None`, because the value cannot be read.
    ///
    /// The name of the item is in any case; [`StatusItem::Other`] requests one.
    ///
    /// ```
    /// # fn look(status: &latchbox::types::MailboxStatus) {
    /// if let Some(value) = status.raw_item("X-UNREAD-THREADS") {
    ///     println!("{}", value.escape_ascii());
    /// }
    /// # }
    /// ```
    pub fn raw_item(&self, name: &str) -> Option<&[u8]> {
        let name = ExtensionName::new(name).ok()?;
        let mut latest = self.others.iter().rev();
        latest
            .find(|(other, _)| *other == name)
            .map(|(_, value)| &**value)
    }

    /// The number of octets of the items that are not known here.
    pub(crate) fn other_octets(&self) -> usize {
        let others = self.others.iter();
        let octets = others.map(|(name, value)| name.as_str().len() + value.len());
        octets.sum()
    }

    /// The number of octets that EXPUNGE would free.
    pub fn deleted_storage(&self) -> Option<u64> {
        self.deleted_storage
    }
}

impl fmt::Display for MailboxStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        let counts = [
            (self.messages, "messages"),
            (self.unseen, "unseen"),
            (self.deleted, "deleted"),
        ];
        for (count, what) in counts {
            if let Some(count) = count {
                write!(f, ", {count} {what}")?;
            }
        }
        match self.size {
            Some(octets) => write!(f, ", {octets} octets"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_extensions_need_them() {
        let missing = |item: StatusItem, capabilities: &str| {
            let missing = item.missing_from(&capabilities.parse().unwrap());
            missing.map(|capability| capability.to_string())
        };
        for (item, name) in [
            (StatusItem::Size, "STATUS=SIZE"),
            (StatusItem::HighestModSeq, "CONDSTORE"),
            (StatusItem::MailboxId, "OBJECTID"),
            (StatusItem::AppendLimit, "APPENDLIMIT"),
            (StatusItem::Deleted, "QUOTA=RES-MESSAGE"),
            (StatusItem::DeletedStorage, "QUOTA=RES-STORAGE"),
        ] {
            assert_eq!(missing(item.clone(), "IMAP4rev1").as_deref(), Some(name));
            assert_eq!(missing(item, &format!("IMAP4rev1 {name}")), None);
        }
        assert_eq!(missing(StatusItem::AppendLimit, "APPENDLIMIT=7"), None);
        assert_eq!(missing(StatusItem::Deleted, "IMAP4rev2"), None);
        assert_eq!(missing(StatusItem::Size, "IMAP4rev2"), None);
        assert_eq!(missing(StatusItem::Recent, ""), None);
    }

    #[test]
    fn every_item_is_read_as_it_is_written() {
        for (word, item) in WORDS {
            assert_eq!(item.to_string(), word);
            assert_eq!(
                StatusItem::from_server(word.to_lowercase().as_bytes()),
                Some(item)
            );
        }
        assert_eq!(StatusItem::from_server(b"X-NEW"), None);
    }
}
