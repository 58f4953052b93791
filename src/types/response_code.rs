//! Response codes: the machine-readable part of a status response (RFC 9051 section 7.1).

use std::fmt;

use crate::printable::Printable;
use crate::types::capability::Capabilities;
use crate::types::copy_uid::CopyUid;
use crate::types::flag::PermanentFlags;
use crate::types::number_set::NumberSet;
use crate::types::uid::{ModSeq, SeqNum, Uid, UidValidity};
use crate::types::uid_set::UidSet;

/// Writes the enum and the table of the codes that are one word.
macro_rules! response_codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// The code of a status response, such as `TRYCREATE` in `NO [TRYCREATE] no such mailbox`.
        ///
        /// ```
        /// use latchbox::types::ResponseCode;
        ///
        /// assert_eq!(ResponseCode::TryCreate.to_string(), "TRYCREATE");
        /// assert_eq!(ResponseCode::OverQuota.name(), "OVERQUOTA");
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum ResponseCode {
            $($(#[$doc])* $name,)*
            /// `APPENDUID`: the UIDs of the messages that APPEND stored.
            AppendUid {
                /// The UIDVALIDITY of the mailbox; `None` if the server sent 0.
                uid_validity: Option<UidValidity>,
                /// The UIDs, one for each message.
                uids: UidSet,
            },
            /// `BADCHARSET`: the server cannot search in this charset; those that it can, if it
            /// lists them.
            BadCharset(Vec<String>),
            /// `BADEVENT`: the only events that NOTIFY supports (RFC 5465).
            BadEvent(Vec<String>),
            /// `BADURL`: a URL of CATENATE that cannot be used (RFC 4469).
            BadUrl(String),
            /// `CAPABILITY`: the current capabilities.
            Capability(Capabilities),
            /// `COPYUID`: which copy belongs to which message.
            CopyUid(CopyUid),
            /// `HIGHESTMODSEQ`: the mailbox's highest mod-sequence (RFC 7162).
            HighestModSeq(ModSeq),
            /// `INPROGRESS`: the progress of a long command (RFC 9585).
            InProgress {
                /// The tag of the command, if the server reported it.
                tag: Option<String>,
                /// The number of units that are done; the server chooses the unit.
                done: Option<u64>,
                /// The number of units in all.
                goal: Option<u64>,
            },
            /// `MAILBOXID`: an id that stays the same if the mailbox is renamed (RFC 8474).
            MailboxId(String),
            /// `MAXCONVERTMESSAGES`: the number of messages that CONVERT accepts at once (RFC
            /// 5259).
            MaxConvertMessages(u64),
            /// `MESSAGELIMIT`: the command was done for this many messages only (RFC 9738).
            MessageLimit {
                /// The maximum number of messages for one command.
                messages: u32,
                /// The lowest UID that was processed; lower ones were not.
                lowest: Option<Uid>,
            },
            /// `METADATA LONGENTRIES`: the size of the longest value that was left out, in octets
            /// (RFC 5464).
            MetadataLongEntries(u64),
            /// `METADATA MAXSIZE`: the maximum size of a value that can be set, in octets (RFC
            /// 5464).
            MetadataMaxSize(u64),
            /// `MODIFIED`: messages that had changed in the meantime and were not modified (RFC
            /// 7162).
            ///
            /// They are UIDs after a UID command, and sequence numbers otherwise; see
            /// [`MailboxGuard::modified`](crate::MailboxGuard::modified) and
            /// [`Numbered::modified`](crate::guard::Numbered::modified).
            Modified(NumberSet),
            /// `NEWNAME`: the old and the new name of a renamed mailbox (RFC 2060).
            NewName(String),
            /// `PERMANENTFLAGS`: the flags that can be changed permanently.
            PermanentFlags(PermanentFlags),
            /// `REFERRAL`: URLs of the mailbox or account on other servers (RFC 2221, RFC 2193).
            ///
            /// This crate never follows them: any server, or a man in the middle, could name any
            /// other server.
            Referral(Vec<String>),
            /// `UIDNEXT`: the lowest UID that the next new message can have.
            UidNext(Uid),
            /// `UIDVALIDITY`: the UIDVALIDITY of the mailbox.
            UidValidity(UidValidity),
            /// `UNDEFINED-FILTER`: there is no search with this name (RFC 5466).
            UndefinedFilter(String),
            /// `UNSEEN`: the first message without `\Seen` (RFC 3501).
            Unseen(SeqNum),
            /// `WEBALERT`: an address that the user has to visit first (Gmail).
            WebAlert(String),
            /// A code that this crate does not know, or whose text it cannot read.
            Other {
                /// The word, as sent.
                name: String,
                /// The text after it, as sent.
                text: Option<String>,
            },
        }

        const WORDS: &[(&str, ResponseCode)] = &[$(($word, ResponseCode::$name),)*];
    };
}

response_codes! {
    /// The human-readable text has to be shown to the user.
    Alert = "ALERT",
    /// The mailbox already exists.
    AlreadyExists = "ALREADYEXISTS",
    /// The credentials are wrong.
    AuthenticationFailed = "AUTHENTICATIONFAILED",
    /// The credentials are right, but may not be used for this identity.
    AuthorizationFailed = "AUTHORIZATIONFAILED",
    /// No collation with this name can be used (RFC 5255).
    BadComparator = "BADCOMPARATOR",
    /// The request can never succeed, for example because a name is not allowed.
    Cannot = "CANNOT",
    /// The server detected a fault of the client.
    ClientBug = "CLIENTBUG",
    /// The previously selected mailbox is deselected: later responses are about another (RFC 7162).
    Closed = "CLOSED",
    /// Compression is on already (RFC 4978).
    CompressionActive = "COMPRESSIONACTIVE",
    /// The user has to contact the administrator of the server.
    ContactAdmin = "CONTACTADMIN",
    /// The server lost data.
    Corruption = "CORRUPTION",
    /// The credentials are no longer valid.
    Expired = "EXPIRED",
    /// Another session has expunged messages that were requested.
    ExpungeIssued = "EXPUNGEISSUED",
    /// The mailbox has children, so it cannot be deleted.
    HasChildren = "HASCHILDREN",
    /// The request cannot be done now, because something is in use.
    InUse = "INUSE",
    /// A limit of the server was exceeded.
    Limit = "LIMIT",
    /// No private metadata can be set (RFC 5464).
    MetadataNoPrivate = "METADATA NOPRIVATE",
    /// No more metadata can be set (RFC 5464).
    MetadataTooMany = "METADATA TOOMANY",
    /// The mailbox does not exist.
    NonExistent = "NONEXISTENT",
    /// The mailbox has no mod-sequences (RFC 7162).
    NoModSeq = "NOMODSEQ",
    /// The user may not do this.
    NoPerm = "NOPERM",
    /// The result of SEARCH was not saved (RFC 5182).
    NotSaved = "NOTSAVED",
    /// NOTIFY was turned off: there were too many events (RFC 5465).
    NotificationOverflow = "NOTIFICATIONOVERFLOW",
    /// The user's quota is exceeded.
    OverQuota = "OVERQUOTA",
    /// A message could not be parsed.
    Parse = "PARSE",
    /// The request needs TLS.
    PrivacyRequired = "PRIVACYREQUIRED",
    /// The mailbox is selected read-only.
    ReadOnly = "READ-ONLY",
    /// The mailbox is selected read-write.
    ReadWrite = "READ-WRITE",
    /// The server has a fault.
    ServerBug = "SERVERBUG",
    /// The request failed, and may succeed later (RFC 5259).
    TempFail = "TEMPFAIL",
    /// There were too many requests in too short a time.
    Throttled = "THROTTLED",
    /// The message to be stored is too large (RFC 4469).
    TooBig = "TOOBIG",
    /// The mailbox does not exist, and CREATE may create it.
    TryCreate = "TRYCREATE",
    /// The mailbox has no persistent UIDs (RFC 4315).
    UidNotSticky = "UIDNOTSTICKY",
    /// Sequence numbers are disabled (RFC 9586).
    UidRequired = "UIDREQUIRED",
    /// Something that the server needs is not available now.
    Unavailable = "UNAVAILABLE",
    /// The server cannot decode the transfer encoding of the part.
    UnknownCte = "UNKNOWN-CTE",
    /// The server does not support this special use (RFC 6154).
    UseAttr = "USEATTR",
}

impl ResponseCode {
    /// The word of the code, in capitals if the code is known.
    pub fn name(&self) -> &str {
        match self {
            Self::AppendUid { .. } => "APPENDUID",
            Self::BadCharset(_) => "BADCHARSET",
            Self::BadEvent(_) => "BADEVENT",
            Self::BadUrl(_) => "BADURL",
            Self::Capability(_) => "CAPABILITY",
            Self::CopyUid(_) => "COPYUID",
            Self::HighestModSeq(_) => "HIGHESTMODSEQ",
            Self::InProgress { .. } => "INPROGRESS",
            Self::MailboxId(_) => "MAILBOXID",
            Self::MaxConvertMessages(_) => "MAXCONVERTMESSAGES",
            Self::MessageLimit { .. } => "MESSAGELIMIT",
            Self::MetadataLongEntries(_) => "METADATA LONGENTRIES",
            Self::MetadataMaxSize(_) => "METADATA MAXSIZE",
            Self::Modified(_) => "MODIFIED",
            Self::NewName(_) => "NEWNAME",
            Self::PermanentFlags(_) => "PERMANENTFLAGS",
            Self::Referral(_) => "REFERRAL",
            Self::UidNext(_) => "UIDNEXT",
            Self::UidValidity(_) => "UIDVALIDITY",
            Self::UndefinedFilter(_) => "UNDEFINED-FILTER",
            Self::Unseen(_) => "UNSEEN",
            Self::WebAlert(_) => "WEBALERT",
            Self::Other { name, .. } => name,
            word => WORDS
                .iter()
                .find(|(_, code)| code == word)
                .map_or("", |(name, _)| name),
        }
    }

    /// The code that consists of this word, in any case.
    pub(crate) fn from_word(word: &[u8]) -> Option<Self> {
        let found = WORDS
            .iter()
            .find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(word));
        found.map(|(_, code)| code.clone())
    }
}

/// The human-readable code as it is between the brackets, with long values shortened.
impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(self.name()).fmt(f)?;
        match self {
            Self::AppendUid { uids, .. } => write!(f, " {uids}"),
            Self::BadCharset(words) | Self::BadEvent(words) | Self::Referral(words) => words
                .iter()
                .try_for_each(|word| write!(f, " {}", Printable(word))),
            Self::BadUrl(text)
            | Self::MailboxId(text)
            | Self::NewName(text)
            | Self::UndefinedFilter(text)
            | Self::WebAlert(text)
            | Self::Other {
                text: Some(text), ..
            } => write!(f, " {}", Printable(text)),
            Self::Capability(capabilities) => write!(f, " {capabilities}"),
            Self::CopyUid(copied) => write!(f, " {copied}"),
            Self::HighestModSeq(mod_seq) => write!(f, " {mod_seq}"),
            Self::InProgress { done, goal, .. } => {
                done.map_or(Ok(()), |done| write!(f, " {done}"))?;
                goal.map_or(Ok(()), |goal| write!(f, " of {goal}"))
            }
            Self::MaxConvertMessages(number)
            | Self::MetadataLongEntries(number)
            | Self::MetadataMaxSize(number) => write!(f, " {number}"),
            Self::MessageLimit { messages, .. } => write!(f, " {messages}"),
            Self::Modified(numbers) => write!(f, " {numbers}"),
            Self::PermanentFlags(flags) => write!(f, " {flags}"),
            Self::UidNext(uid) => write!(f, " {uid}"),
            Self::UidValidity(uid_validity) => write!(f, " {uid_validity}"),
            Self::Unseen(seq) => write!(f, " {seq}"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_as_it_is_written_in_any_case() {
        for (word, code) in WORDS {
            assert_eq!(code.to_string(), *word);
            assert_eq!(
                ResponseCode::from_word(word.to_lowercase().as_bytes()).as_ref(),
                Some(code)
            );
        }
        assert_eq!(ResponseCode::from_word(b"X-NEW"), None);
    }

    #[test]
    fn values_are_shown_behind_the_word() {
        let uids: UidSet = "3955".parse().unwrap();
        let code = ResponseCode::AppendUid {
            uid_validity: UidValidity::new(38505),
            uids,
        };
        assert_eq!(code.to_string(), "APPENDUID 3955");
        let code = ResponseCode::Modified(NumberSet::parse(b"7,9").unwrap());
        assert_eq!(code.to_string(), "MODIFIED 7,9");
        let code = ResponseCode::InProgress {
            tag: None,
            done: Some(5),
            goal: Some(10),
        };
        assert_eq!(code.to_string(), "INPROGRESS 5 of 10");
    }

    #[test]
    fn an_unknown_code_cannot_drive_the_terminal() {
        let code = ResponseCode::Other {
            name: "X\u{1b}".into(),
            text: Some("\u{7}".into()),
        };
        assert_eq!(code.to_string(), "X\\u{1b} \\u{7}");
    }

    #[test]
    fn a_code_is_small_enough_to_be_passed_on() {
        assert!(
            size_of::<ResponseCode>() <= 64,
            "{}",
            size_of::<ResponseCode>()
        );
    }
}
