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
mod needs;
mod notify;
mod quota;
mod search;
mod select;
mod sort;
mod status;
mod store;

use imap_codec::imap_types::command::{CommandBody, StoreModifier};
use imap_codec::imap_types::sequence::SequenceSet;

use self::fetch::{Asked, items_of};
pub(crate) use self::limit::{Limited, cut};
pub(crate) use self::list::list_line;
use self::needs::{Needs, asks_for_mod_seqs, capabilities_of, has_numbers, needs};
pub(crate) use self::status::status_text;
pub(crate) use self::store::label_text;
use crate::connection::{Answer, Connection, Next, Outcome, bad, no, ok};
use crate::extension::Extension;
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
