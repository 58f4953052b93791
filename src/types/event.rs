//! What a server says unasked (RFC 9051 sections 5.2, 7.4, 7.5).

use std::fmt;

use crate::printable::Printable;
use crate::types::flag::Flag;
use crate::types::response_code::ResponseCode;
use crate::types::uid::{ModSeq, SeqNum, Uid};
use crate::types::uid_set::UidSet;

/// Something that happened, as the server told it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MailboxEvent {
    /// The mailbox has this many messages now.
    Exists(u32),
    /// This many messages have been seen by no session yet (IMAP4rev1).
    Recent(u32),
    /// This message is gone; those behind it have moved up by one.
    Expunged(SeqNum),
    /// These messages are gone (QRESYNC or UIDONLY, RFC 7162 section 3.2.10).
    Vanished {
        /// The messages.
        uids: UidSet,
        /// Whether they went before this session selected the mailbox.
        earlier: bool,
    },
    /// A message has these flags now.
    Flags {
        /// The message's place; nothing in a session without sequence numbers (UIDONLY, RFC 9586).
        seq: Option<SeqNum>,
        /// The message's UID, if the server told it. There is always one where there is no place.
        uid: Option<Uid>,
        /// All its flags.
        flags: Vec<Flag>,
        /// Its mod-sequence, if the server told it.
        mod_seq: Option<ModSeq>,
    },
    /// The flags in use in the mailbox are these now.
    FlagsDefined(Vec<Flag>),
    /// A warning that belongs to no command (an untagged NO or BAD), with its response code.
    Notice {
        /// The code, if there was one.
        code: Option<ResponseCode>,
        /// The text.
        text: String,
    },
    /// Events were not fetched in time, and the oldest were dropped.
    Overflow {
        /// How many.
        lost: u64,
    },
}

/// A line for people; what could mislead a terminal is escaped.
impl fmt::Display for MailboxEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists(messages) => write!(f, "{messages} messages"),
            Self::Recent(messages) => write!(f, "{messages} recent messages"),
            Self::Expunged(seq) => write!(f, "message {seq} is gone"),
            Self::Vanished { uids, .. } => write!(f, "messages with UIDs {uids} are gone"),
            Self::Flags {
                seq, uid, flags, ..
            } => {
                match (seq, uid) {
                    (Some(seq), _) => write!(f, "message {seq}")?,
                    (None, Some(uid)) => write!(f, "message with UID {uid}")?,
                    (None, None) => f.write_str("a message")?,
                }
                write!(f, " has flags {}", Flags(flags))
            }
            Self::FlagsDefined(flags) => write!(f, "flags in use: {}", Flags(flags)),
            Self::Notice { text, .. } => write!(f, "notice: {}", Printable(text)),
            Self::Overflow { lost } => write!(
                f,
                "{lost} events were lost: the queue exceeded ClientBuilder::events_limit or \
                 event_octets_limit"
            ),
        }
    }
}

struct Flags<'a>(&'a [Flag]);

impl fmt::Display for Flags<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        for (at, flag) in self.0.iter().enumerate() {
            write!(f, "{}{flag}", if at > 0 { " " } else { "" })?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_cannot_drive_the_terminal() {
        let notice = MailboxEvent::Notice {
            code: None,
            text: "\u{1b}]0;owned\u{7}".into(),
        };
        assert_eq!(notice.to_string(), "notice: \\u{1b}]0;owned\\u{7}");
    }

    #[test]
    fn flags_are_shown_in_one_list() {
        let flags = vec![Flag::Seen, Flag::keyword("$Work").unwrap()];
        let event = MailboxEvent::FlagsDefined(flags);
        assert_eq!(event.to_string(), "flags in use: (\\Seen $Work)");
    }
}
