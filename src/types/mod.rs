//! The values of IMAP, a noun a file; each owns the refusal of what it cannot be.
//!
//! Nothing here knows the wire or a connection. Text that a server sent is kept as it came;
//! `Display` is for people and escapes what could mislead them.

pub(crate) mod account_id;
pub(crate) mod acl;
pub(crate) mod appended;
pub(crate) mod asked_for;
pub(crate) mod atom;
pub(crate) mod base_subject;
pub(crate) mod capability;
pub(crate) mod collation;
pub(crate) mod copied;
pub(crate) mod copy_uid;
pub(crate) mod created;
pub(crate) mod event;
pub(crate) mod expunged;
pub(crate) mod fetch;
pub(crate) mod fetch_messages;
pub(crate) mod flag;
pub(crate) mod flag_color;
pub(crate) mod flag_table;
pub(crate) mod header_date;
pub(crate) mod label;
pub(crate) mod list;
pub(crate) mod list_mailboxes;
pub(crate) mod mailbox;
pub(crate) mod mailbox_name;
pub(crate) mod mailbox_scope;
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
pub(crate) mod number_set;
pub(crate) mod origin;
pub(crate) mod partial_range;
pub(crate) mod percent;
pub(crate) mod quota;
pub(crate) mod response_code;
pub(crate) mod rights;
pub(crate) mod saved_result;
pub(crate) mod search;
pub(crate) mod search_return;
pub(crate) mod section;
pub(crate) mod sequence_set;
pub(crate) mod server_id;
pub(crate) mod server_url;
pub(crate) mod sort;
pub(crate) mod special_mailboxes;
pub(crate) mod special_use;
pub(crate) mod store;
pub(crate) mod stored_uids;
pub(crate) mod thread;
pub(crate) mod uid;
pub(crate) mod uid_set;

pub use self::account_id::{AccountId, InvalidAccountId};
pub use crate::printable::Printable;

pub use self::acl::{Acl, AclEntry, AclIdentifier, InvalidAclIdentifier, ListedRights};
pub use self::capability::{Capabilities, Capability, InvalidCapability};
pub use self::copy_uid::CopyUid;
pub use self::event::MailboxEvent;
pub use self::fetch::FetchItem;
pub use self::flag::{Flag, InvalidFlag, Keyword, PermanentFlags};
pub use self::flag_color::FlagColor;
pub use self::label::{InvalidLabel, Label};
pub use self::list::{InvalidMailboxPattern, ListEntry, MailboxAttribute, MailboxPattern};
pub use self::mailbox::Mailbox;
pub use self::mailbox_name::{IntoMailboxName, InvalidMailboxName, MailboxName};
pub use self::mailbox_scope::MailboxScope;
pub use self::mailbox_status::{MailboxStatus, StatusItem};
pub use self::mailbox_tree::{MailboxNode, MailboxTree};
pub use self::message_set::{SetIter, SetRange};
pub use self::message_uid::MessageUid;
pub use self::message_url::{InvalidMessageUrl, MessageUrl};
pub use self::metadata::{
    InvalidMetadataName, Metadata, MetadataDepth, MetadataEntry, MetadataName, MetadataScope,
};
pub use self::namespace::{Namespace, Namespaces};
pub use self::new_message::{CatenatePart, NewMessage};
pub use self::notify::{NotifyEvent, NotifyRequest};
pub use self::number_set::{InvalidSet, NumberSet};
pub use self::origin::Origin;
pub use self::partial_range::PartialRange;
pub use self::quota::{Quota, QuotaResource, QuotaRoots, QuotaUsage};
pub use self::response_code::ResponseCode;
pub use self::rights::{InvalidRights, Right, Rights, RightsChange};
pub use self::saved_result::SavedResult;
pub use self::search::check::InvalidSearch;
pub use self::search::{EntryType, SearchKey};
pub use self::search_return::SearchReturn;
pub use self::section::{InvalidSection, Partial, Section};
pub use self::sequence_set::{SequenceNumbers, SequenceSet};
pub use self::server_id::ServerId;
pub use self::server_url::{InvalidServerUrl, ServerUrl};
pub use self::sort::{SortCriterion, SortKey, SortResult, SortedUids};
pub use self::special_mailboxes::{FoundBy, SpecialMailbox, SpecialMailboxes};
pub use self::special_use::SpecialUse;
pub use self::store::StoreAction;
pub use self::stored_uids::{InvalidStoredUids, StoredUids};
pub use self::thread::{Thread, ThreadAlgorithm, ThreadIter, Threads};
pub use self::uid::{InvalidNumber, ModSeq, SeqNum, Uid, UidValidity};
pub use self::uid_set::{MixedOrigins, UidSet};

#[cfg(test)]
mod tests {
    use super::*;

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
        crosses_threads::<(Namespace, Namespaces, InvalidSet, NumberSet, ResponseCode)>();
        crosses_threads::<(InvalidMessageUrl, MessageUrl, CatenatePart<'_>)>();
        crosses_threads::<(InvalidSearch, SearchKey, InvalidSection, Partial, Section)>();
        crosses_threads::<(AccountId, InvalidAccountId, MessageUid)>();
        crosses_threads::<(MixedOrigins, Origin, UidSet, SetRange<Uid>)>();
        crosses_threads::<(SequenceSet<'_>, SequenceNumbers)>();
        crosses_threads::<(
            SetIter<'_, Uid>,
            StoreAction,
            InvalidNumber,
            ModSeq,
            SeqNum,
            Uid,
        )>();
        crosses_threads::<(UidValidity, StoredUids, InvalidStoredUids)>();
        crosses_threads::<(Label, InvalidLabel, PartialRange)>();
        crosses_threads::<(Quota, QuotaRoots, Acl, ListedRights, RightsChange)>();
        crosses_threads::<(Metadata, MetadataScope, ServerId)>();
    }

    #[test]
    fn values_that_are_kept_by_the_thousand_are_small() {
        assert_eq!(size_of::<Flag>(), 24);
        assert_eq!(size_of::<MailboxName>(), 32);
        assert_eq!(size_of::<UidSet>(), 40);
    }
}
