//! What FETCH can be asked of a message (RFC 9051 section 6.4.5).

use std::fmt;

use crate::types::capability::Capability;
use crate::types::section::{InvalidSection, Section};

/// One thing to fetch.
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
    /// The UID. A fetch by [`UidSet`](crate::types::UidSet) gives it unasked.
    Uid,
    /// The flags.
    Flags,
    /// When the server received the message.
    InternalDate,
    /// The size of the message, in octets.
    Rfc822Size,
    /// The header fields that a list of messages shows, parsed by the server.
    Envelope,
    /// The parts of the message, parsed by the server.
    BodyStructure,
    /// The octets of a section. Sets `\Seen`; [`BodyPeek`](Self::BodyPeek) does not.
    Body(Section),
    /// The octets of a section, without setting `\Seen`.
    BodyPeek(Section),
    /// A part with its transfer encoding undone by the server; sets `\Seen` (BINARY, RFC 3516).
    Binary(Section),
    /// A part with its transfer encoding undone by the server, without setting `\Seen`.
    BinaryPeek(Section),
    /// How many octets a part has with its transfer encoding undone.
    BinarySize(Section),
    /// The mod-sequence (CONDSTORE, RFC 7162).
    ModSeq,
    /// The id of the message's content, which stays the same in every mailbox (OBJECTID, RFC 8474).
    EmailId,
    /// The id of the thread that the message belongs to (OBJECTID, RFC 8474).
    ThreadId,
    /// When the message was put into this mailbox (SAVEDATE, RFC 8514).
    SaveDate,
    /// The start of the text, at most 200 characters (PREVIEW, RFC 8970). The server makes it where
    /// it has none yet, which may take time for many messages.
    Preview,
    /// The same, but only where the server has it at hand: `PREVIEW (LAZY)`.
    PreviewLazy,
    /// Gmail's id of the message, the same under every label (`X-GM-MSGID`).
    GmailMessageId,
    /// Gmail's id of the thread (`X-GM-THRID`).
    GmailThreadId,
    /// Gmail's labels of the message (`X-GM-LABELS`).
    GmailLabels,
}

impl FetchItem {
    /// Whether the server sets `\Seen` when it is asked for it.
    pub(crate) fn marks_seen(&self) -> bool {
        matches!(self, Self::Body(_) | Self::Binary(_))
    }

    /// Whether the server has to decode a part for it.
    pub(crate) fn is_decoded(&self) -> bool {
        matches!(self, Self::Binary(_) | Self::BinaryPeek(_))
    }

    /// Whether it can be asked: BINARY takes fewer sections than BODY.
    pub(crate) fn check(&self) -> Result<(), InvalidSection> {
        match self {
            Self::Binary(section) | Self::BinaryPeek(section) => section.check_binary(true),
            Self::BinarySize(section) => section.check_binary(false),
            _ => Ok(()),
        }
    }

    /// Whether a server tells it unasked too, when it changes.
    pub(crate) fn is_news(&self) -> bool {
        matches!(self, Self::Uid | Self::Flags | Self::ModSeq)
    }

    /// What the server needs to have for it, beyond the base protocol.
    pub(crate) fn capability(&self) -> Option<Capability> {
        match self {
            Self::Binary(_) | Self::BinaryPeek(_) | Self::BinarySize(_) => Some(Capability::Binary),
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

    fn word_and_section(&self) -> (&'static str, Option<&Section>) {
        match self {
            Self::Uid => ("UID", None),
            Self::Flags => ("FLAGS", None),
            Self::InternalDate => ("INTERNALDATE", None),
            Self::Rfc822Size => ("RFC822.SIZE", None),
            Self::Envelope => ("ENVELOPE", None),
            Self::BodyStructure => ("BODYSTRUCTURE", None),
            Self::Body(section) => ("BODY", Some(section)),
            Self::BodyPeek(section) => ("BODY.PEEK", Some(section)),
            Self::Binary(section) => ("BINARY", Some(section)),
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
    fn binary_refuses_what_only_body_has() {
        let header = Section::whole().header();
        assert!(FetchItem::Binary(header.clone()).check().is_err());
        assert!(FetchItem::BodyPeek(header).check().is_ok());
        let part = Section::part("2").unwrap();
        assert_eq!(
            FetchItem::BinarySize(part.clone()).to_string(),
            "BINARY.SIZE[2]"
        );
        assert!(FetchItem::BinarySize(part).check().is_ok());
    }
}
