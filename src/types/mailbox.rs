//! The selected mailbox: the data from SELECT, updated by later responses (RFC 9051 section 6.3.2).

use std::fmt;

use crate::types::flag::{Flag, PermanentFlags};
use crate::types::mailbox_name::MailboxName;
use crate::types::uid::{ModSeq, SeqNum, Uid, UidValidity};

/// The selected mailbox, as of the last response that was read.
///
/// The numbers are as recent as the last response: a server reports new messages in the answer to
/// any command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    pub(crate) name: MailboxName,
    pub(crate) exists: u32,
    pub(crate) recent: Option<u32>,
    pub(crate) flags: Vec<Flag>,
    pub(crate) permanent_flags: PermanentFlags,
    pub(crate) uid_validity: Option<UidValidity>,
    pub(crate) uid_next: Option<Uid>,
    pub(crate) highest_mod_seq: Option<ModSeq>,
    pub(crate) first_unseen: Option<SeqNum>,
    pub(crate) mailbox_id: Option<String>,
    pub(crate) read_only: bool,
}

impl Mailbox {
    /// A mailbox about which nothing is known yet.
    pub(crate) fn new(name: MailboxName) -> Self {
        Self {
            name,
            exists: 0,
            recent: None,
            flags: Vec::new(),
            permanent_flags: PermanentFlags::default(),
            uid_validity: None,
            uid_next: None,
            highest_mod_seq: None,
            first_unseen: None,
            mailbox_id: None,
            read_only: false,
        }
    }

    /// Its name.
    pub fn name(&self) -> &MailboxName {
        &self.name
    }

    /// The number of messages (EXISTS).
    pub fn exists(&self) -> u32 {
        self.exists
    }

    /// The number of messages that no other session has seen (RECENT); not reported by IMAP4rev2.
    pub fn recent(&self) -> Option<u32> {
        self.recent
    }

    /// The flags that are in use in the mailbox (FLAGS).
    pub fn flags(&self) -> &[Flag] {
        &self.flags
    }

    /// The flags that can be changed permanently (PERMANENTFLAGS).
    ///
    /// There are none if the mailbox is read-only and the server reported none.
    pub fn permanent_flags(&self) -> &PermanentFlags {
        static NONE: PermanentFlags = PermanentFlags::NONE;
        match self.is_read_only() && !self.permanent_flags.is_told() {
            true => &NONE,
            false => &self.permanent_flags,
        }
    }

    /// The UIDVALIDITY; `None` if the server has no persistent UIDs.
    ///
    /// UIDs can be compared between sessions as long as it stays the same.
    pub fn uid_validity(&self) -> Option<UidValidity> {
        self.uid_validity
    }

    /// The lowest UID that the next new message can have, if the server reported it
    /// (UIDNEXT).
    pub fn uid_next(&self) -> Option<Uid> {
        self.uid_next
    }

    /// The highest mod-sequence; `None` if there is none, or if it is not known yet.
    ///
    /// The mailbox may have no mod-sequences (RFC 7162 section 3.1.2), or the server may not report
    /// it before CONDSTORE is enabled ([`enable`](crate::Session::enable)).
    pub fn highest_mod_seq(&self) -> Option<ModSeq> {
        self.highest_mod_seq
    }

    /// The first message without `\Seen` at the time of SELECT; not reported by IMAP4rev2.
    pub fn first_unseen(&self) -> Option<SeqNum> {
        self.first_unseen
    }

    /// An id that stays the same if the mailbox is renamed (MAILBOXID, RFC 8474).
    pub fn mailbox_id(&self) -> Option<&str> {
        self.mailbox_id.as_deref()
    }

    /// Whether the server selected the mailbox read-only.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} messages", self.name, self.exists)?;
        f.write_str(if self.read_only { ", read-only" } else { "" })
    }
}
