//! Arguments that cannot be sent: the errors of all value types, collected.

use std::fmt;

use crate::types::acl::InvalidAclIdentifier;
use crate::types::capability::InvalidCapability;
use crate::types::date::InvalidDate;
use crate::types::extension_name::InvalidExtensionName;
use crate::types::flag::InvalidFlag;
use crate::types::invalid_checkpoint::InvalidCheckpoint;
use crate::types::invalid_set::InvalidSet;
use crate::types::label::InvalidLabel;
use crate::types::list::InvalidMailboxPattern;
use crate::types::mailbox_name::InvalidMailboxName;
use crate::types::message_url::InvalidMessageUrl;
use crate::types::metadata::InvalidMetadataName;
use crate::types::other_account::OtherAccount;
use crate::types::rights::InvalidRights;
use crate::types::search::check::InvalidSearch;
use crate::types::section::InvalidSection;
use crate::types::special_use::InvalidSpecialUse;
use crate::types::stored_uids::InvalidStoredUids;
use crate::types::uid::InvalidNumber;
use crate::types::uid_set::MixedOrigins;

/// An argument that cannot be sent.
#[derive(Debug)]
#[non_exhaustive]
pub enum InvalidArgument {
    /// A mailbox name.
    MailboxName(InvalidMailboxName),
    /// A pattern of mailbox names.
    MailboxPattern(InvalidMailboxPattern),
    /// A URL of a message on the server.
    MessageUrl(InvalidMessageUrl),
    /// An identifier of an ACL.
    AclIdentifier(InvalidAclIdentifier),
    /// Rights of an ACL.
    Rights(InvalidRights),
    /// A name of metadata.
    MetadataName(InvalidMetadataName),
    /// A capability.
    Capability(InvalidCapability),
    /// A date or time.
    Date(InvalidDate),
    /// A flag or keyword.
    Flag(InvalidFlag),
    /// A name of an item of an extension.
    ExtensionName(InvalidExtensionName),
    /// A special use of a mailbox.
    SpecialUse(InvalidSpecialUse),
    /// A label of Gmail.
    Label(InvalidLabel),
    /// A set of messages.
    Set(InvalidSet),
    /// A number.
    Number(InvalidNumber),
    /// A section of a message.
    Section(InvalidSection),
    /// A search key.
    Search(InvalidSearch),
    /// Stored UIDs.
    StoredUids(InvalidStoredUids),
    /// A stored checkpoint.
    Checkpoint(InvalidCheckpoint),
    /// A checkpoint of another account.
    OtherAccount(OtherAccount),
    /// Sets of different mailboxes.
    MixedOrigins(MixedOrigins),
    /// A message that is larger than the server's APPENDLIMIT (RFC 7889).
    TooBig {
        /// The size of the message, in octets.
        size: u64,
        /// The largest size that the server accepts, in octets.
        limit: u64,
    },
    /// A raw command that would change state of this crate, or that needs another mailbox or guard.
    RawCommand {
        /// The name of the command.
        command: Box<str>,
        /// The method to use instead.
        instead: &'static str,
    },
    /// Text that the protocol has no form for.
    Text {
        /// The argument.
        argument: &'static str,
        /// The problem with it.
        problem: &'static str,
    },
}

impl fmt::Display for InvalidArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MailboxName(error) => error.fmt(f),
            Self::MailboxPattern(error) => error.fmt(f),
            Self::MessageUrl(error) => error.fmt(f),
            Self::AclIdentifier(error) => error.fmt(f),
            Self::Rights(error) => error.fmt(f),
            Self::MetadataName(error) => error.fmt(f),
            Self::Capability(error) => error.fmt(f),
            Self::Date(error) => error.fmt(f),
            Self::Flag(error) => error.fmt(f),
            Self::ExtensionName(error) => error.fmt(f),
            Self::SpecialUse(error) => error.fmt(f),
            Self::Label(error) => error.fmt(f),
            Self::Set(error) => error.fmt(f),
            Self::Number(error) => error.fmt(f),
            Self::Section(error) => error.fmt(f),
            Self::Search(error) => error.fmt(f),
            Self::StoredUids(error) => error.fmt(f),
            Self::Checkpoint(error) => error.fmt(f),
            Self::OtherAccount(error) => error.fmt(f),
            Self::MixedOrigins(error) => error.fmt(f),
            Self::TooBig { size, limit } => write!(
                f,
                "message: it has {size} octets, and the server's APPENDLIMIT is {limit}"
            ),
            Self::RawCommand { command, instead } => {
                write!(f, "raw command {command}: use {instead} for it")
            }
            Self::Text { argument, problem } => write!(f, "{argument}: {problem}"),
        }
    }
}
