//! The items that FETCH can request of a message (RFC 9051 section 6.4.5).

use std::fmt;

use crate::types::capability::Capability;
use crate::types::extension_name::ExtensionName;
use crate::types::section::{InvalidSection, Section};

/// An item that FETCH can request.
///
/// ```
/// use latchbox::types::{FetchItem, Section};
///
/// assert_eq!(FetchItem::Rfc822Size.to_string(), "RFC822.SIZE");
/// let header = FetchItem::from(Section::whole().header());
/// assert_eq!(header.to_string(), "BODY.PEEK[HEADER]");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FetchItem {
    /// The UID.
    ///
    /// A fetch by [`UidSet`](crate::types::UidSet) always returns it.
    Uid,
    /// The flags.
    Flags,
    /// The date and time at which the server received the message.
    InternalDate,
    /// The size of the message, in octets.
    Rfc822Size,
    /// The header fields for a list of messages, parsed by the server.
    Envelope,
    /// The parts of the message, parsed by the server.
    BodyStructure,
    /// The octets of a section (`BODY.PEEK[...]`).
    ///
    /// Does not set `\Seen`.
    BodyPeek(Section),
    /// The octets of a section, and the server sets `\Seen` (`BODY[...]`).
    ///
    /// Under a read-only guard it is sent as [`BodyPeek`](Self::BodyPeek), and does not set
    /// `\Seen`.
    #[doc(alias = "BODY")]
    BodyAndMarkSeen(Section),
    /// A part, transfer encoding removed by the server (`BINARY.PEEK[...]`, RFC 3516).
    ///
    /// Does not set `\Seen`.
    BinaryPeek(Section),
    /// A part, transfer encoding removed by the server, which also sets `\Seen` (`BINARY[...]`).
    ///
    /// Under a read-only guard it is sent as [`BinaryPeek`](Self::BinaryPeek), and does not set
    /// `\Seen` (RFC 3516).
    #[doc(alias = "BINARY")]
    BinaryAndMarkSeen(Section),
    /// The number of octets of a part with its transfer encoding removed (`BINARY.SIZE`).
    BinarySize(Section),
    /// The mod-sequence (CONDSTORE, RFC 7162).
    ModSeq,
    /// The id of the message's content, which stays the same in every mailbox (OBJECTID, RFC 8474).
    EmailId,
    /// The id of the thread that the message belongs to (OBJECTID, RFC 8474).
    ThreadId,
    /// The date and time at which the message was put into this mailbox (SAVEDATE, RFC 8514).
    SaveDate,
    /// The start of the text, at most 200 characters (PREVIEW, RFC 8970).
    ///
    /// If the server has no preview of a message yet, it generates one, which may take time for
    /// many messages.
    Preview,
    /// Like [`Preview`](Self::Preview), but only if the server already has it (`PREVIEW (LAZY)`).
    PreviewLazy,
    /// Gmail's id of the message, the same under every label (`X-GM-MSGID`).
    GmailMessageId,
    /// Gmail's id of the thread (`X-GM-THRID`).
    GmailThreadId,
    /// Gmail's labels of the message (`X-GM-LABELS`).
    GmailLabels,
    /// An item of an extension that this crate does not know, by its name without a section.
    ///
    /// [`Fetch::raw_item`](crate::message::Fetch::raw_item) returns its value. A server that lacks
    /// the item refuses the command. The name of an item that this crate knows is rejected before
    /// anything is sent.
    Other(ExtensionName),
}

/// The names of all items that this crate knows, and of the macros for several items.
const KNOWN: [&str; 25] = [
    "ALL",
    "FAST",
    "FULL",
    "BODY",
    "RFC822",
    "RFC822.HEADER",
    "RFC822.TEXT",
    "UID",
    "FLAGS",
    "INTERNALDATE",
    "RFC822.SIZE",
    "ENVELOPE",
    "BODYSTRUCTURE",
    "BODY.PEEK",
    "BINARY",
    "BINARY.PEEK",
    "BINARY.SIZE",
    "MODSEQ",
    "EMAILID",
    "THREADID",
    "SAVEDATE",
    "PREVIEW",
    "X-GM-MSGID",
    "X-GM-THRID",
    "X-GM-LABELS",
];

impl FetchItem {
    /// Whether the server has to decode a part for it.
    pub(crate) fn is_decoded(&self) -> bool {
        matches!(self, Self::BinaryAndMarkSeen(_) | Self::BinaryPeek(_))
    }

    /// Whether it can be requested: BINARY takes fewer sections than BODY.
    pub(crate) fn check(&self) -> Result<(), InvalidSection> {
        match self {
            Self::BinaryAndMarkSeen(section) | Self::BinaryPeek(section) => {
                section.check_binary(true)
            }
            Self::BinarySize(section) => section.check_binary(false),
            _ => Ok(()),
        }
    }

    /// Whether a server also sends it unsolicited, when it changes.
    pub(crate) fn is_news(&self) -> bool {
        matches!(self, Self::Uid | Self::Flags | Self::ModSeq)
    }

    /// Whether the server sets `\Seen` when it sends the item.
    pub(crate) fn marks_seen(&self) -> bool {
        matches!(self, Self::BodyAndMarkSeen(_) | Self::BinaryAndMarkSeen(_))
    }

    /// The item that returns the same data and does not set `\Seen`.
    pub(crate) fn peeking(&self) -> Self {
        match self {
            Self::BodyAndMarkSeen(section) => Self::BodyPeek(section.clone()),
            Self::BinaryAndMarkSeen(section) => Self::BinaryPeek(section.clone()),
            other => other.clone(),
        }
    }

    /// The capability that it needs beyond the base protocol.
    pub(crate) fn capability(&self) -> Option<Capability> {
        match self {
            Self::BinaryAndMarkSeen(_) | Self::BinaryPeek(_) | Self::BinarySize(_) => {
                Some(Capability::Binary)
            }
            Self::ModSeq => Some(Capability::CondStore),
            Self::EmailId | Self::ThreadId => Some(Capability::ObjectId),
            Self::SaveDate => Some(Capability::SaveDate),
            Self::Preview | Self::PreviewLazy => Some(Capability::Preview),
            Self::GmailMessageId | Self::GmailThreadId | Self::GmailLabels => {
                Some(Capability::Gmail)
            }
            _ => None,
        }
    }

    /// The reason why it cannot be requested by that name.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let Self::Other(name) = self else { return None };
        let is_known = |known: &&str| known.eq_ignore_ascii_case(name.as_str());
        let problem = "`FetchItem::Other` is for items without a variant of their own";
        KNOWN.iter().any(is_known).then_some(problem)
    }

    fn word_and_section(&self) -> (&str, Option<&Section>) {
        match self {
            Self::Uid => ("UID", None),
            Self::Flags => ("FLAGS", None),
            Self::InternalDate => ("INTERNALDATE", None),
            Self::Rfc822Size => ("RFC822.SIZE", None),
            Self::Envelope => ("ENVELOPE", None),
            Self::BodyStructure => ("BODYSTRUCTURE", None),
            Self::BodyAndMarkSeen(section) => ("BODY", Some(section)),
            Self::BodyPeek(section) => ("BODY.PEEK", Some(section)),
            Self::BinaryAndMarkSeen(section) => ("BINARY", Some(section)),
            Self::BinaryPeek(section) => ("BINARY.PEEK", Some(section)),
            Self::BinarySize(section) => ("BINARY.SIZE", Some(section)),
            Self::ModSeq => ("MODSEQ", None),
            Self::EmailId => ("EMAILID", None),
            Self::ThreadId => ("THREADID", None),
            Self::SaveDate => ("SAVEDATE", None),
            Self::Preview => ("PREVIEW", None),
            Self::PreviewLazy => ("PREVIEW (LAZY)", None),
            Self::GmailMessageId => ("X-GM-MSGID", None),
            Self::GmailThreadId => ("X-GM-THRID", None),
            Self::GmailLabels => ("X-GM-LABELS", None),
            Self::Other(name) => (name.as_str(), None),
        }
    }
}

impl From<Section> for FetchItem {
    /// The octets of the section, without setting `\Seen`.
    fn from(section: Section) -> Self {
        Self::BodyPeek(section)
    }
}

/// The wire form.
impl fmt::Display for FetchItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, section) = self.word_and_section();
        f.write_str(word)?;
        section.map_or(Ok(()), |section| section.fmt(f))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_item_has_no_other_name() {
        let other = |name: &str| FetchItem::Other(ExtensionName::new(name).unwrap());
        for known in ["rfc822", "BODY", "Flags", "all", "PREVIEW"] {
            assert!(other(known).problem().is_some(), "{known}");
        }
        assert!(other("X-NEW").problem().is_none() && FetchItem::Flags.problem().is_none());
    }

    #[test]
    fn binary_refuses_what_only_body_has() {
        let header = Section::whole().header();
        assert!(
            FetchItem::BinaryAndMarkSeen(header.clone())
                .check()
                .is_err()
        );
        assert!(FetchItem::BodyPeek(header).check().is_ok());
        let part = Section::part("2").unwrap();
        assert_eq!(
            FetchItem::BinarySize(part.clone()).to_string(),
            "BINARY.SIZE[2]"
        );
        assert!(FetchItem::BinarySize(part).check().is_ok());
    }
}
