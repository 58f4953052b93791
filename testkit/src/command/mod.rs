//! The commands: which of them may be given when, and who does them.

mod acl;
mod append;
mod authenticate;
#[cfg(feature = "scram")]
mod authenticate_hashed;
mod batches;
mod copy;
mod fetch;
mod folders;
mod idle;
mod limit;
mod list;
mod login;
mod metadata;
mod notify;
mod quota;
mod search;
mod select;
mod sort;
mod status;
mod store;

use imap_codec::imap_types::command::{CommandBody, FetchModifier, SelectParameter, StoreModifier};
use imap_codec::imap_types::extensions::sort::SortKey;
use imap_codec::imap_types::extensions::thread::ThreadingAlgorithm;
use imap_codec::imap_types::fetch::{MacroOrMessageDataItemNames, MessageDataItemName};
use imap_codec::imap_types::search::SearchKey;
use imap_codec::imap_types::sequence::SequenceSet;
use imap_codec::imap_types::status::StatusDataItemName;

use self::fetch::{Asked, items_of};
pub(crate) use self::limit::{Limited, cut};
pub(crate) use self::list::list_line;
use self::search::asks_mod_seq;
pub(crate) use self::status::status_text;
pub(crate) use self::store::label_text;
use crate::connection::{Answer, Connection, Next, Outcome, bad, no, ok};
use crate::extension::{Extension, MailboxId};
use crate::numbers::{Numbers, has_asterisk};
use crate::store::mailbox::Message;
use crate::store::view::View;

impl Connection {
    pub(crate) fn dispatch(
        &mut self,
        tag: &str,
        body: CommandBody<'_>,
        extension: &Extension,
    ) -> Outcome {
        if let Some(asked) = extension.batches {
            return self.batches(tag, asked);
        }
        match body {
            CommandBody::Capability => self.capability(),
            CommandBody::Noop | CommandBody::Check => ok("Done"),
            CommandBody::Logout => {
                self.wire.say("* BYE Goodbye")?;
                self.view = None;
                self.next = Next::End;
                ok("Logged out")
            }
            CommandBody::Id { .. } => {
                self.wire.say("* ID (\"name\" \"latchbox-testkit\")")?;
                ok("Pleased to meet you")
            }
            CommandBody::StartTLS => self.begin_tls(),
            CommandBody::Login { username, password } => {
                self.login(username.as_ref(), password.declassify().as_ref())
            }
            CommandBody::Authenticate {
                mechanism,
                initial_response,
            } => {
                let initial = initial_response
                    .as_ref()
                    .map(|data| data.declassify().as_ref());
                self.authenticate(&mechanism, initial)
            }
            body => self.dispatch_authenticated(tag, body, extension),
        }
    }

    /// The commands that need a user.
    fn dispatch_authenticated(
        &mut self,
        tag: &str,
        body: CommandBody<'_>,
        extension: &Extension,
    ) -> Outcome {
        if let Some(command) = &extension.acl {
            return self.acl(command);
        }
        if let Some(request) = &extension.notify {
            return self.notify(request);
        }
        match body {
            CommandBody::GetQuota { root } => self.quota(&root),
            CommandBody::GetQuotaRoot { mailbox } => self.quota_root(&mailbox),
            CommandBody::SetQuota { root, quotas } => self.set_quota(&root, &quotas),
            CommandBody::GetMetadata {
                options,
                mailbox,
                entries,
            } => self.metadata(&mailbox, entries.as_ref(), &options),
            CommandBody::SetMetadata {
                mailbox,
                entry_values,
            } => self.set_metadata(&mailbox, entry_values.as_ref()),
            CommandBody::Compress { .. } => self.compress(),
            CommandBody::Enable { capabilities } => self.enable(capabilities.as_ref()),
            CommandBody::Select {
                mailbox,
                parameters,
            } => self.select(&mailbox, false, &parameters),
            CommandBody::Examine {
                mailbox,
                parameters,
            } => self.select(&mailbox, true, &parameters),
            CommandBody::Unselect => self.close(false),
            CommandBody::Close => self.close(true),
            CommandBody::Create { mailbox } => self.create(&mailbox, &extension.uses),
            CommandBody::Delete { mailbox } => self.delete(&mailbox),
            CommandBody::Rename { from, to } => self.rename(&from, &to),
            CommandBody::Subscribe { mailbox } => self.subscribe(&mailbox, true),
            CommandBody::Unsubscribe { mailbox } => self.subscribe(&mailbox, false),
            CommandBody::List {
                reference,
                mailbox_wildcard,
            } => self.list(&reference, &mailbox_wildcard, extension.list.as_ref()),
            CommandBody::Lsub {
                reference,
                mailbox_wildcard,
            } => self.lsub(&reference, &mailbox_wildcard),
            CommandBody::Namespace => {
                self.wire.say("* NAMESPACE ((\"\" \"/\")) NIL NIL")?;
                ok("Done")
            }
            CommandBody::Status {
                mailbox,
                item_names,
            } => self.status(&mailbox, &item_names, extension.mailbox_id),
            CommandBody::Append {
                mailbox,
                flags,
                date,
                message,
            } => self.append(&mailbox, &flags, date.as_ref(), &message, &extension.append),
            CommandBody::Idle => self.idle(),
            body => self.dispatch_selected(tag, body, extension),
        }
    }

    fn compress(&mut self) -> Outcome {
        if self.wire.stream.is_compressed() {
            return no("[COMPRESSIONACTIVE] It is compressed already");
        }
        if !self.has("COMPRESS=DEFLATE") {
            return bad("COMPRESS is not known here");
        }
        self.next = Next::Compress;
        ok("Compression begins")
    }

    /// The commands of the selected state.
    fn dispatch_selected(
        &mut self,
        tag: &str,
        body: CommandBody<'_>,
        extension: &Extension,
    ) -> Outcome {
        match body {
            CommandBody::Expunge => self.expunge(None),
            CommandBody::ExpungeUid { sequence_set } => self.expunge(Some(&sequence_set)),
            CommandBody::Copy {
                sequence_set,
                mailbox,
                uid,
            } => self.copy(&sequence_set, uid, &mailbox, false),
            CommandBody::Move {
                sequence_set,
                mailbox,
                uid,
            } => self.copy(&sequence_set, uid, &mailbox, true),
            CommandBody::Search {
                charset,
                criteria,
                uid,
            } => {
                let charset = charset.as_ref().map(AsRef::as_ref);
                self.search(tag, charset, criteria.as_ref(), uid, extension.search)
            }
            CommandBody::Sort {
                sort_criteria,
                charset,
                search_criteria,
                uid,
            } => {
                let (criteria, keys) = (sort_criteria.as_ref(), search_criteria.as_ref());
                self.sort(charset.as_ref(), criteria, keys, uid)
            }
            CommandBody::Thread {
                algorithm,
                charset,
                search_criteria,
                uid,
            } => {
                let algorithm = algorithm.to_string().to_ascii_uppercase();
                self.thread(charset.as_ref(), &algorithm, search_criteria.as_ref(), uid)
            }
            CommandBody::Fetch {
                sequence_set,
                macro_or_item_names,
                uid,
                modifiers,
            } => {
                let items = items_of(&macro_or_item_names);
                let asked = Asked::new(items, &extension.items);
                let asked = asked.modified(&modifiers, extension.partial);
                self.fetch(&sequence_set, uid, asked)
            }
            CommandBody::Store {
                sequence_set,
                kind,
                response,
                flags,
                uid,
                modifiers,
            } => {
                let unchanged = modifiers.first().map(|modifier| match modifier {
                    StoreModifier::UnchangedSince(mod_seq) => *mod_seq,
                });
                let change = store::Change {
                    kind,
                    response,
                    flags: &flags,
                    labels: extension.labels.as_deref(),
                    unchanged,
                };
                self.store(&sequence_set, uid, &change)
            }
            _ => bad("This server does not know that"),
        }
    }

    /// Why a command is not carried out in this state or with what is advertised.
    pub(crate) fn refusal(&self, body: &CommandBody<'_>, extension: &Extension) -> Option<Answer> {
        let text = match (needs(body), &self.account, &self.view) {
            (Needs::NotAuthenticated, Some(_), _) => Some("You are logged in already"),
            (Needs::Authenticated | Needs::Selected, None, _) => Some("Log in first"),
            (Needs::Selected, _, None) => Some("Select a mailbox first"),
            _ => None,
        };
        if let Some(text) = text {
            return Some(Answer::Bad(text.to_owned()));
        }
        let waits_for_utf8 = self.has("UTF8=ONLY") && !self.utf8;
        if waits_for_utf8
            && matches!(needs(body), Needs::Authenticated | Needs::Selected)
            && !matches!(body, CommandBody::Enable { .. })
        {
            return Some(Answer::No("Enable UTF8=ACCEPT first".to_owned()));
        }
        if self.uid_only && has_numbers(body) {
            let text = "[UIDREQUIRED] Message numbers are not allowed with UIDONLY";
            return Some(Answer::Bad(text.to_owned()));
        }
        if self.has_no_mod_seq() && asks_for_mod_seqs(body) {
            let text = "This mailbox has no mod-sequences";
            return Some(Answer::Bad(text.to_owned()));
        }
        let missing = capabilities_of(body, extension)
            .into_iter()
            .find(|name| !self.has(name))?;
        Some(Answer::Bad(format!("{missing} is not advertised")))
    }
}

/// The state that a command needs.
enum Needs {
    Nothing,
    NotAuthenticated,
    Authenticated,
    Selected,
}

fn needs(body: &CommandBody<'_>) -> Needs {
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
fn has_numbers(body: &CommandBody<'_>) -> bool {
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
fn asks_for_mod_seqs(body: &CommandBody<'_>) -> bool {
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
fn capabilities_of(body: &CommandBody<'_>, extension: &Extension) -> Vec<&'static str> {
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
        } => {
            names.extend(modifiers.iter().map(|modifier| match modifier {
                FetchModifier::ChangedSince(_) => "CONDSTORE",
                FetchModifier::Vanished => "QRESYNC",
            }));
            if let MacroOrMessageDataItemNames::MessageDataItemNames(items) = macro_or_item_names {
                names.extend(items.iter().filter_map(|item| match item {
                    MessageDataItemName::ModSeq => Some("CONDSTORE"),
                    MessageDataItemName::Binary { .. } | MessageDataItemName::BinarySize { .. } => {
                        Some("BINARY")
                    }
                    _ => None,
                }));
            }
        }
        _ => {}
    }
    if let Some(search) = extension.search {
        names.push("ESEARCH");
        names.extend(search.save.then_some("SEARCHRES"));
        names.extend(search.partial.is_some().then_some("PARTIAL"));
    }
    names.extend(extension.acl.is_some().then_some("ACL"));
    names.extend(extension.notify.is_some().then_some("NOTIFY"));
    names.extend(extension.partial.is_some().then_some("PARTIAL"));
    let asks_id = |id| id != MailboxId::Unasked;
    names.extend(asks_id(extension.mailbox_id).then_some("OBJECTID"));
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

/// The messages that a command names by UIDs or sequence numbers.
pub(crate) struct Chosen {
    pub(crate) numbers: Numbers,
    pub(crate) uid: bool,
}

impl Chosen {
    /// Refuses sequence numbers that there are not (RFC 9051, section 9, `seq-number`).
    pub(crate) fn new(set: &SequenceSet, uid: bool, view: &View) -> Result<Self, Answer> {
        let largest = Some(view.exists()).filter(|n| *n > 0);
        let chosen = Self::existing(set, uid, view);
        let beyond = chosen.numbers.largest() > largest || (largest.is_none() && has_asterisk(set));
        if !uid && beyond {
            return Err(Answer::Bad(
                "There is no message with this number".to_owned(),
            ));
        }
        Ok(chosen)
    }

    /// The same without a refusal.
    pub(crate) fn existing(set: &SequenceSet, uid: bool, view: &View) -> Self {
        let largest = if uid {
            view.last_uid()
        } else {
            Some(view.exists()).filter(|n| *n > 0)
        };
        let numbers = Numbers::resolve(set, largest);
        Self { numbers, uid }
    }

    pub(crate) fn has(&self, seq: u32, message: &Message) -> bool {
        self.numbers
            .contains(if self.uid { message.uid } else { seq })
    }
}

/// What is said when a mailbox's name is not modified UTF-7.
pub(crate) const BAD_NAME: &str = "[CANNOT] This is no mailbox name";
