//! Unsolicited responses about the selected mailbox, as events (RFC 9051 sections 5.2, 7.4, 7.5).

use std::fmt;

use crate::printable::Printable;
use crate::types::flag::Flag;
use crate::types::response_code::ResponseCode;
use crate::types::uid::{ModSeq, SeqNum, Uid};
use crate::types::uid_set::UidSet;

/// An event of the selected mailbox, as the server reported it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MailboxEvent {
    /// The mailbox now has this many messages.
    Exists(u32),
    /// This many messages have not been seen by any session yet (IMAP4rev1).
    Recent(u32),
    /// This message was expunged; higher sequence numbers decreased by one.
    Expunged(SeqNum),
    /// These messages were expunged (QRESYNC or UIDONLY, RFC 7162 section 3.2.10).
    Vanished {
        /// The UIDs of the messages.
        uids: UidSet,
        /// Whether they were expunged before this session selected the mailbox.
        earlier: bool,
    },
    /// A message now has these flags.
    Flags {
        /// The message's sequence number; `None` in a session without them (UIDONLY, RFC 9586).
        seq: Option<SeqNum>,
        /// The message's UID, if the server reported it; always there if `seq` is `None`.
        uid: Option<Uid>,
        /// All its flags.
        flags: Vec<Flag>,
        /// Its mod-sequence, if the server reported it.
        mod_seq: Option<ModSeq>,
    },
    /// These flags are now in use in the mailbox.
    FlagsDefined(Vec<Flag>),
    /// A warning that belongs to no command (an untagged NO or BAD), with its response code.
    Notice {
        /// The response code; `None` if there was none.
        code: Option<ResponseCode>,
        /// The human-readable text.
        text: String,
    },
    /// A response that cannot be read may have changed the number of messages, or their sequence
    /// numbers.
    ///
    /// It was an EXISTS, EXPUNGE or VANISHED. The counters of the guard may be wrong until the
    /// mailbox is selected again, and earlier sets of sequence numbers are refused, as after an
    /// expunge. UIDs are not affected.
    Unparsable {
        /// The response as the server sent it; at most 1024 octets.
        octets: Box<[u8]>,
    },
    /// Events were not taken in time, and the oldest were dropped.
    Overflow {
        /// The number of lost events.
        lost: u64,
    },
}

/// A human-readable line; characters that could mislead a terminal are escaped.
impl fmt::Display for MailboxEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists(messages) => write!(f, "{messages} messages"),
            Self::Recent(messages) => write!(f, "{messages} recent messages"),
            Self::Expunged(seq) => write!(f, "message {seq} was expunged"),
            Self::Vanished { uids, .. } => write!(f, "messages with UIDs {uids} were expunged"),
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
            Self::Unparsable { octets } => write!(
                f,
                "a response about the number of messages cannot be read: {}",
                octets.escape_ascii()
            ),
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
