//! The selected mailbox: what SELECT said of it, kept current by what the server sends later
//! (RFC 9051 section 6.3.2).

use std::fmt;

use crate::types::flag::{Flag, PermanentFlags};
use crate::types::mailbox_name::MailboxName;
use crate::types::uid::{ModSeq, SeqNum, Uid, UidValidity};

/// A mailbox as it was when the connection last read from the server.
///
/// The numbers are as fresh as the last response: a server tells of new messages with the answer to
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
    /// A mailbox of which nothing is known yet.
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

    /// How many messages are in it (EXISTS).
    pub fn exists(&self) -> u32 {
        self.exists
    }

    /// How many messages no other session has seen (RECENT); IMAP4rev2 servers do not tell.
    pub fn recent(&self) -> Option<u32> {
        self.recent
    }

    /// The flags that are in use here (FLAGS).
    pub fn flags(&self) -> &[Flag] {
        &self.flags
    }

    /// The flags that last beyond the session (PERMANENTFLAGS). None do where the mailbox is only
    /// read and the server did not say.
    pub fn permanent_flags(&self) -> &PermanentFlags {
        static NONE: PermanentFlags = PermanentFlags::NONE;
        match self.is_read_only() && !self.permanent_flags.is_told() {
            true => &NONE,
            false => &self.permanent_flags,
        }
    }

    /// What makes its UIDs comparable between sessions; `None` when the server does not keep UIDs.
    pub fn uid_validity(&self) -> Option<UidValidity> {
        self.uid_validity
    }

    /// The UID that the next new message will have at least, if the server told (UIDNEXT).
    pub fn uid_next(&self) -> Option<Uid> {
        self.uid_next
    }

    /// The highest mod-sequence; `None` when the mailbox keeps none (RFC 7162 section 3.1.2), or
    /// the server does not tell it before CONDSTORE is switched on
    /// ([`enable`](crate::Session::enable)).
    pub fn highest_mod_seq(&self) -> Option<ModSeq> {
        self.highest_mod_seq
    }

    /// The first message without `\Seen` at the time of SELECT; IMAP4rev2 servers do not tell.
    pub fn first_unseen(&self) -> Option<SeqNum> {
        self.first_unseen
    }

    /// An id that stays when the mailbox is renamed (MAILBOXID, RFC 8474).
    pub fn mailbox_id(&self) -> Option<&str> {
        self.mailbox_id.as_deref()
    }

    /// Whether the server has opened it for reading only.
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
