//! The values of IMAP, one type in each file; each type rejects invalid values.
//!
//! These types do not depend on the wire format or a connection. Text from a server is stored as it
//! was received; `Display` is human-readable and escapes characters that could mislead a reader.
//!
//! # Stored values
//!
//! With the feature `serde`, values that programs store permanently implement `Serialize` and
//! `Deserialize`. A value that is read is checked, and an error contains the value, except if a
//! password could be in it: in URLs, accounts, stored UIDs and checkpoints.
//!
//! | type | stored as |
//! |---|---|
//! | [`Uid`], [`UidValidity`], [`SeqNum`], [`ModSeq`] | a number |
//! | [`StoredUids`] | its text, `imap://jane@imap.example.com:993/INBOX;UIDVALIDITY=7/;UID=1:3` |
//! | [`Checkpoint`](crate::sync::Checkpoint), [`AccountCheckpoint`](crate::sync::AccountCheckpoint) | its text, a line with a checksum |
//! | [`MailboxName`] | its text; `text;OCTETS=octets`, both percent-encoded, if that would not rebuild it |
//! | [`Flag`], [`Keyword`] | the wire form, `\Seen`, `$Work`; every text is accepted, as from a server, and an invalid flag is an error of STORE and APPEND |
//! | [`Capability`], [`SpecialUse`] | the wire form, `AUTH=PLAIN`, `\Trash` |
//! | [`Date`], [`DateTime`], [`LocalDateTime`] | the form of RFC 3339, with the offset of a `DateTime` |
//! | [`AccountId`], [`ServerUrl`] | the URL, which has no password; an account without a name is an error |
//!
//! A [`UidSet`] is not among them, because without its origin it would be accepted by every
//! mailbox: store [`to_stored`](UidSet::to_stored). A [`ResponseCode`] is not either, because it is
//! about one command.
//!
//! ```
//! # #[cfg(feature = "serde")] {
//! use latchbox::types::{DateTime, MailboxName, ModSeq, UidValidity};
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Checkpoint {
//!     mailbox: MailboxName,
//!     uid_validity: UidValidity,
//!     mod_seq: ModSeq,
//!     date: DateTime,
//! }
//!
//! let text = r#"{"mailbox":"Entw\u00fcrfe","uid_validity":7,"mod_seq":715194045007,"date":"2026-11-01T12:00:00+01:00"}"#;
//! let checkpoint: Checkpoint = serde_json::from_str(text)?;
//! assert_eq!(checkpoint.mailbox, "Entw\u{fc}rfe");
//!
//! let error = serde_json::from_str::<UidValidity>("0").err().ok_or("0 was read")?;
//! assert!(error.to_string().starts_with("invalid value: integer `0`, expected a UIDVALIDITY"));
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub(crate) mod account_checkpoint;
pub(crate) mod account_id;
pub(crate) mod acl;
pub(crate) mod appended;
pub(crate) mod asked_for;
pub(crate) mod atom;
pub(crate) mod base_subject;
pub(crate) mod capability;
pub(crate) mod changed_flags;
pub(crate) mod checkpoint;
pub(crate) mod collation;
pub(crate) mod copied;
pub(crate) mod copy_uid;
pub(crate) mod created;
pub(crate) mod date;
mod date_conversions;
pub(crate) mod date_time;
pub(crate) mod event;
pub(crate) mod expunged;
pub(crate) mod extension_name;
pub(crate) mod fetch;
pub(crate) mod fetch_messages;
pub(crate) mod flag;
pub(crate) mod flag_color;
pub(crate) mod flag_table;
pub(crate) mod header_date;
pub(crate) mod invalid_checkpoint;
pub(crate) mod label;
pub(crate) mod list;
pub(crate) mod list_mailboxes;
pub(crate) mod mailbox;
pub(crate) mod mailbox_attribute;
pub(crate) mod mailbox_name;
pub(crate) mod mailbox_scope;
pub(crate) mod mailbox_state;
pub(crate) mod mailbox_status;
pub(crate) mod mailbox_tree;
pub(crate) mod message_set;
pub(crate) mod message_uid;
pub(crate) mod message_url;
pub(crate) mod metadata;
pub(crate) mod namespace;
pub(crate) mod new_message;
pub(crate) mod notify;
pub(crate) mod number_range;
pub(crate) mod invalid_set;
pub(crate) mod number_set;
pub(crate) mod origin;
pub(crate) mod other_account;
pub(crate) mod partial_range;
pub(crate) mod percent;
pub(crate) mod progress;
pub(crate) mod quota;
pub(crate) mod registered_keyword;
pub(crate) mod response_code;
pub(crate) mod response_text;
pub(crate) mod rights;
pub(crate) mod saved_result;
pub(crate) mod search;
pub(crate) mod search_return;
pub(crate) mod section;
pub(crate) mod sequence_set;
pub(crate) mod server_id;
pub(crate) mod server_url;
pub(crate) mod session_stats;
pub(crate) mod sort;
pub(crate) mod special_mailboxes;
pub(crate) mod special_use;
pub(crate) mod store;
#[cfg(feature = "serde")]
mod stored_forms;
pub(crate) mod stored_line;
pub(crate) mod stored_uids;
pub(crate) mod thread;
pub(crate) mod uid;
pub(crate) mod uid_set;

pub use self::account_id::{AccountId, InvalidAccountId};
pub use crate::printable::Printable;

pub use self::capability::{Capabilities, Capability, InvalidCapability};
pub use self::copy_uid::CopyUid;
pub use self::date::{Date, InvalidDate};
pub use self::date_time::{DateTime, LocalDateTime};
pub use self::event::MailboxEvent;
pub use self::extension_name::{ExtensionName, InvalidExtensionName};
pub use self::fetch::FetchItem;
pub use self::flag::{Flag, InvalidFlag, Keyword, PermanentFlags};
pub use self::flag_color::FlagColor;
pub use self::invalid_set::InvalidSet;
pub use self::list::{InvalidMailboxPattern, ListEntry, MailboxPattern};
pub use self::mailbox::Mailbox;
pub use self::mailbox_attribute::MailboxAttribute;
pub use self::mailbox_name::{IntoMailboxName, InvalidMailboxName, MailboxName};
pub use self::mailbox_scope::MailboxScope;
pub use self::mailbox_status::{MailboxStatus, StatusItem};
pub use self::mailbox_tree::{MailboxNode, MailboxTree};
pub use self::message_uid::MessageUid;
pub use self::message_url::{InvalidMessageUrl, MessageUrl};
pub use self::namespace::{Namespace, Namespaces};
pub use self::new_message::{CatenatePart, NewMessage};
pub use self::origin::Origin;
pub use self::partial_range::PartialRange;
pub use self::progress::{Progress, ProgressUnit};
pub use self::registered_keyword::RegisteredKeyword;
pub use self::response_code::ResponseCode;
pub use self::response_text::ResponseText;
pub use self::saved_result::SavedResult;
pub use self::search::check::InvalidSearch;
pub use self::search::{EntryType, SearchKey};
pub use self::search_return::SearchReturn;
pub use self::section::{InvalidSection, Partial, Section};
pub use self::sequence_set::SequenceSet;
pub use self::server_id::ServerId;
pub use self::server_url::{InvalidServerUrl, ServerUrl};
pub use self::session_stats::SessionStats;
pub use self::sort::{SortCriterion, SortKey, SortResult, SortedUids};
pub use self::special_mailboxes::{FoundBy, SpecialMailbox, SpecialMailboxes};
pub use self::special_use::{InvalidSpecialUse, SpecialUse};
pub use self::store::StoreAction;
pub use self::stored_uids::{InvalidStoredUids, StoredUids};
pub use self::thread::{Thread, ThreadAlgorithm, ThreadIter, Threads};
pub use self::uid::{InvalidNumber, ModSeq, SeqNum, Uid, UidValidity};
pub use self::uid_set::{MixedOrigins, UidSet};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::account_checkpoint::AccountCheckpoint;
    use crate::types::acl::{Acl, ListedRights};
    use crate::types::checkpoint::Checkpoint;
    use crate::types::invalid_checkpoint::InvalidCheckpoint;
    use crate::types::label::{InvalidLabel, Label};
    use crate::types::mailbox_state::MailboxState;
    use crate::types::metadata::{Metadata, MetadataScope};
    use crate::types::other_account::OtherAccount;
    use crate::types::quota::{Quota, QuotaRoots};
    use crate::types::rights::RightsChange;

    fn crosses_threads<T: Send + Sync + Clone + std::fmt::Debug>() {}

    #[test]
    fn every_value_crosses_threads() {
        crosses_threads::<(
            Capabilities,
            Capability,
            InvalidCapability,
            CopyUid,
            MailboxEvent,
        )>();
        crosses_threads::<(FetchItem, Flag, InvalidFlag, Keyword, PermanentFlags)>();
        crosses_threads::<(
            InvalidMailboxPattern,
            ListEntry,
            MailboxAttribute,
            MailboxPattern,
        )>();
        crosses_threads::<(
            Mailbox,
            InvalidMailboxName,
            MailboxName,
            MailboxStatus,
            StatusItem,
        )>();
        crosses_threads::<(Namespace, Namespaces, InvalidSet, ResponseCode)>();
        crosses_threads::<(InvalidMessageUrl, MessageUrl, CatenatePart<'_>)>();
        crosses_threads::<(InvalidSearch, SearchKey, InvalidSection, Partial, Section)>();
        crosses_threads::<(AccountId, InvalidAccountId, MessageUid)>();
        crosses_threads::<(MixedOrigins, Origin, UidSet)>();
        crosses_threads::<SequenceSet<'_>>();
        crosses_threads::<(StoreAction, InvalidNumber, ModSeq, SeqNum, Uid)>();
        crosses_threads::<(UidValidity, StoredUids, InvalidStoredUids)>();
        crosses_threads::<(Date, DateTime, LocalDateTime, InvalidDate)>();
        crosses_threads::<(Label, InvalidLabel, PartialRange)>();
        crosses_threads::<(Quota, QuotaRoots, Acl, ListedRights, RightsChange)>();
        crosses_threads::<(Metadata, MetadataScope, ServerId)>();
        crosses_threads::<(
            AccountCheckpoint,
            Checkpoint,
            InvalidCheckpoint,
            MailboxState,
            OtherAccount,
        )>();
    }

    #[test]
    fn values_that_are_kept_by_the_thousand_are_small() {
        assert_eq!(size_of::<Flag>(), 24);
        assert_eq!(size_of::<MailboxName>(), 32);
        assert_eq!(size_of::<UidSet>(), 40);
        assert_eq!((size_of::<Date>(), size_of::<DateTime>()), (4, 10));
    }
}
