//! What a command needs: a state, and what is advertised.

use imap_codec::imap_types::command::{CommandBody, FetchModifier, SelectParameter};
use imap_codec::imap_types::extensions::sort::SortKey;
use imap_codec::imap_types::extensions::thread::ThreadingAlgorithm;
use imap_codec::imap_types::fetch::{MacroOrMessageDataItemNames, MessageDataItemName};
use imap_codec::imap_types::search::SearchKey;
use imap_codec::imap_types::status::StatusDataItemName;

use crate::command::search::asks_mod_seq;
use crate::extension::{Extension, MailboxId};

/// The state that a command needs.
pub(super) enum Needs {
    Nothing,
    NotAuthenticated,
    Authenticated,
    Selected,
}

pub(super) fn needs(body: &CommandBody<'_>) -> Needs {
    match body {
        CommandBody::Capability
        | CommandBody::Noop
        | CommandBody::Logout
        | CommandBody::Id { .. } => Needs::Nothing,
        CommandBody::StartTLS | CommandBody::Login { .. } | CommandBody::Authenticate { .. } => {
            Needs::NotAuthenticated
        }
        CommandBody::Unselect
        | CommandBody::Close
        | CommandBody::Check
        | CommandBody::Expunge
        | CommandBody::ExpungeUid { .. }
        | CommandBody::Copy { .. }
        | CommandBody::Move { .. }
        | CommandBody::Search { .. }
        | CommandBody::Sort { .. }
        | CommandBody::Thread { .. }
        | CommandBody::Fetch { .. }
        | CommandBody::Store { .. } => Needs::Selected,
        _ => Needs::Authenticated,
    }
}

/// Whether the command names messages by sequence numbers.
pub(super) fn has_numbers(body: &CommandBody<'_>) -> bool {
    match body {
        CommandBody::Fetch { uid, .. }
        | CommandBody::Store { uid, .. }
        | CommandBody::Copy { uid, .. }
        | CommandBody::Move { uid, .. } => !uid,
        CommandBody::Search { uid, criteria, .. } => {
            !uid || criteria.as_ref().iter().any(is_number)
        }
        CommandBody::Sort {
            uid,
            search_criteria,
            ..
        }
        | CommandBody::Thread {
            uid,
            search_criteria,
            ..
        } => !uid || search_criteria.as_ref().iter().any(is_number),
        _ => false,
    }
}

/// Whether a search key has a sequence number in it.
fn is_number(key: &SearchKey<'_>) -> bool {
    match key {
        SearchKey::SequenceSet(_) => true,
        SearchKey::And(keys) => keys.as_ref().iter().any(is_number),
        SearchKey::Or(a, b) => is_number(a) || is_number(b),
        SearchKey::Not(key) => is_number(key),
        _ => false,
    }
}

/// Whether the command makes no sense without mod-sequences (RFC 7162, section 3.1.2.2).
pub(super) fn asks_for_mod_seqs(body: &CommandBody<'_>) -> bool {
    match body {
        CommandBody::Store { modifiers, .. } => !modifiers.is_empty(),
        CommandBody::Search { criteria, .. } => criteria.as_ref().iter().any(asks_mod_seq),
        CommandBody::Fetch {
            macro_or_item_names,
            modifiers,
            ..
        } => {
            let is_item = match macro_or_item_names {
                MacroOrMessageDataItemNames::MessageDataItemNames(items) => {
                    items.contains(&MessageDataItemName::ModSeq)
                }
                MacroOrMessageDataItemNames::Macro(_) => false,
            };
            is_item || !modifiers.is_empty()
        }
        _ => false,
    }
}

/// What must be advertised for a command and its arguments.
pub(super) fn capabilities_of(body: &CommandBody<'_>, extension: &Extension) -> Vec<&'static str> {
    let mut names = Vec::new();
    match body {
        CommandBody::Id { .. } => names.push("ID"),
        CommandBody::GetQuota { .. } | CommandBody::GetQuotaRoot { .. } => names.push("QUOTA"),
        CommandBody::SetQuota { .. } => names.extend(["QUOTA", "QUOTASET"]),
        CommandBody::GetMetadata { .. } | CommandBody::SetMetadata { .. } => {
            names.push("METADATA");
        }
        CommandBody::StartTLS => names.push("STARTTLS"),
        CommandBody::Authenticate {
            initial_response: Some(_),
            ..
        } => names.push("SASL-IR"),
        CommandBody::Enable { .. } => names.push("ENABLE"),
        CommandBody::Unselect => names.push("UNSELECT"),
        CommandBody::Namespace => names.push("NAMESPACE"),
        CommandBody::Append { .. } if !extension.append.is_empty() => names.push("MULTIAPPEND"),
        CommandBody::Idle => names.push("IDLE"),
        CommandBody::Check if extension.batches.is_some() => names.push("UIDBATCHES"),
        CommandBody::ExpungeUid { .. } => names.push("UIDPLUS"),
        CommandBody::Move { .. } => names.push("MOVE"),
        CommandBody::Sort { sort_criteria, .. } => {
            names.push("SORT");
            let is_display =
                |key: &SortKey| matches!(key, SortKey::DisplayFrom | SortKey::DisplayTo);
            let by_name = sort_criteria.as_ref().iter().any(|by| is_display(&by.key));
            names.extend(by_name.then_some("SORT=DISPLAY"));
        }
        CommandBody::Thread { algorithm, .. } => names.push(match algorithm {
            ThreadingAlgorithm::OrderedSubject => "THREAD=ORDEREDSUBJECT",
            ThreadingAlgorithm::References => "THREAD=REFERENCES",
            ThreadingAlgorithm::Other(_) => "another THREAD",
        }),
        CommandBody::Select { parameters, .. } | CommandBody::Examine { parameters, .. } => {
            names.extend(parameters.iter().map(|parameter| match parameter {
                SelectParameter::CondStore => "CONDSTORE",
                SelectParameter::QResync { .. } => "QRESYNC",
            }));
        }
        CommandBody::Store { modifiers, .. } if !modifiers.is_empty() => names.push("CONDSTORE"),
        CommandBody::Search { criteria, .. } if criteria.as_ref().iter().any(asks_mod_seq) => {
            names.push("CONDSTORE");
        }
        CommandBody::Status { item_names, .. }
            if item_names.contains(&StatusDataItemName::HighestModSeq) =>
        {
            names.push("CONDSTORE");
        }
        CommandBody::Fetch {
            macro_or_item_names,
            modifiers,
            ..
        } => names.extend(of_fetch(macro_or_item_names, modifiers)),
        _ => {}
    }
    names.extend(of_arguments(extension));
    names
}

fn of_fetch(
    names: &MacroOrMessageDataItemNames<'_>,
    modifiers: &[FetchModifier],
) -> Vec<&'static str> {
    let modifiers = modifiers.iter().map(|modifier| match modifier {
        FetchModifier::ChangedSince(_) => "CONDSTORE",
        FetchModifier::Vanished => "QRESYNC",
    });
    let items = match names {
        MacroOrMessageDataItemNames::MessageDataItemNames(items) => items.as_slice(),
        MacroOrMessageDataItemNames::Macro(_) => &[],
    };
    let items = items.iter().filter_map(|item| match item {
        MessageDataItemName::ModSeq => Some("CONDSTORE"),
        MessageDataItemName::Binary { .. } | MessageDataItemName::BinarySize { .. } => {
            Some("BINARY")
        }
        _ => None,
    });
    modifiers.chain(items).collect()
}

/// What must be advertised for arguments that `imap-codec` does not know.
fn of_arguments(extension: &Extension) -> Vec<&'static str> {
    let mut names = Vec::new();
    if let Some(search) = extension.search {
        names.push("ESEARCH");
        names.extend(search.save.then_some("SEARCHRES"));
        names.extend(search.partial.is_some().then_some("PARTIAL"));
    }
    names.extend(extension.acl.is_some().then_some("ACL"));
    names.extend(extension.notify.is_some().then_some("NOTIFY"));
    names.extend(extension.partial.is_some().then_some("PARTIAL"));
    let asks_id = |id| id != MailboxId::Unasked;
    let objects = extension.objects || asks_id(extension.mailbox_id);
    names.extend(objects.then_some("OBJECTID"));
    names.extend(extension.labels.is_some().then_some("X-GM-EXT-1"));
    names.extend(extension.items.iter().map(|item| item.capability()));
    names.extend((!extension.uses.is_empty()).then_some("CREATE-SPECIAL-USE"));
    if let Some(list) = &extension.list {
        let plain = list.select.is_empty() && list.returns.is_empty() && list.more.is_empty();
        names.extend((!plain).then_some("LIST-EXTENDED"));
        names.extend((!list.status.is_empty()).then_some("LIST-STATUS"));
        names.extend(asks_id(list.mailbox_id).then_some("OBJECTID"));
        let has_mod_seq = list.status.contains(&StatusDataItemName::HighestModSeq);
        names.extend(has_mod_seq.then_some("CONDSTORE"));
        names.extend(list.returns("MYRIGHTS").then_some("LIST-MYRIGHTS"));
        names.extend(list.returns("METADATA").then_some("LIST-METADATA"));
    }
    names
}
