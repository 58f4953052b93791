//! The commands: which of them may be given when, and who does them.

mod acl;
mod append;
mod authenticate;
#[cfg(feature = "scram")]
mod authenticate_hashed;
mod batches;
mod copy;
mod fetch;
mod filters;
mod folders;
mod idle;
mod language;
mod limit;
mod list;
mod login;
mod metadata;
mod multi_search;
mod needs;
mod notify;
mod progress;
mod quota;
mod replace;
mod search;
mod select;
mod sort;
mod status;
mod store;

pub(crate) use self::limit::{Limited, cut};
pub(crate) use self::list::list_line;
pub(crate) use self::status::status_text;
pub(crate) use self::store::label_text;
use crate::connection::{Answer, Connection, Next, Outcome, bad, no, ok};
use crate::grammar::Body;
use crate::grammar::sets::Set;
use crate::numbers::{Numbers, has_asterisk};
use crate::store::mailbox::Message;
use crate::store::view::View;

impl Connection {
    pub(crate) fn dispatch(&mut self, tag: &str, body: Body) -> Outcome {
        match body {
            Body::Capability => self.capability(),
            Body::Noop | Body::Check => ok("Done"),
            Body::Logout => {
                self.wire.say("* BYE Goodbye")?;
                self.view = None;
                self.next = Next::End;
                ok("Logged out")
            }
            Body::Id => {
                self.wire.say("* ID (\"name\" \"latchbox-testkit\")")?;
                ok("Pleased to meet you")
            }
            Body::Language(ranges) => self.language(&ranges),
            Body::StartTls => self.begin_tls(),
            Body::Login(name, password) => self.login(&name, &password),
            Body::Authenticate(mechanism, initial) => {
                self.authenticate(&mechanism, initial.as_deref())
            }
            body => self.dispatch_authenticated(tag, body),
        }
    }

    /// The commands that need a user.
    fn dispatch_authenticated(&mut self, tag: &str, mut body: Body) -> Outcome {
        if let Some(undefined) = self.put_in_filters(&mut body)? {
            return Ok(undefined);
        }
        if let Some(search) = body.search_mut() {
            self.search_by_habit(search);
        }
        match body {
            Body::Acl(command) => self.acl(&command),
            Body::Notify(request) => self.notify(request),
            Body::GetQuota(root) => self.quota(&root),
            Body::GetQuotaRoot(name) => self.quota_root(&name),
            Body::SetQuota(root, limits) => self.set_quota(&root, &limits),
            Body::GetMetadata(get) => self.metadata(&get),
            Body::SetMetadata(name, values) => self.set_metadata(&name, values),
            Body::Compress => self.compress(),
            Body::Enable(names) => self.enable(&names),
            Body::Unauthenticate => self.unauthenticate(),
            Body::Select(select) => self.select(&select),
            Body::Unselect => self.close(false),
            Body::Close => self.close(true),
            Body::Create(name, uses) => self.create(&name, &uses),
            Body::Delete(name) => self.delete(&name),
            Body::Rename(from, to) => self.rename(&from, &to),
            Body::Subscribe(name) => self.subscribe(name, true),
            Body::Unsubscribe(name) => self.subscribe(name, false),
            Body::List(list) => self.list(&list),
            Body::Lsub(reference, pattern) => self.lsub(&reference, &pattern),
            Body::Xlist(reference, pattern) => self.xlist(&reference, &pattern),
            Body::Namespace => {
                self.wire.say("* NAMESPACE ((\"\" \"/\")) NIL NIL")?;
                ok("Done")
            }
            Body::JmapAccess => {
                self.wire
                    .say("* JMAPACCESS \"https://localhost/.well-known/jmap\"")?;
                ok("Done")
            }
            Body::Status(name, items) => self.status(&name, &items),
            Body::Append(append) => self.append(append),
            Body::Idle => self.idle(),
            Body::MultiSearch(filters, search) => self.multi_search(tag, &filters, &search),
            body => self.dispatch_selected(tag, body),
        }
    }

    fn compress(&mut self) -> Outcome {
        if self.wire.stream.is_compressed() {
            return no("[COMPRESSIONACTIVE] It is compressed already");
        }
        self.next = Next::Compress;
        ok("Compression begins")
    }

    /// The commands of the selected state.
    fn dispatch_selected(&mut self, tag: &str, body: Body) -> Outcome {
        match body {
            Body::CancelUpdate => ok("There is no update"),
            Body::Batches(asked) => self.batches(tag, asked),
            Body::Expunge(uids) => self.expunge(uids.as_ref()),
            Body::Copy(copy) => self.copy(tag, &copy),
            Body::Search(search) => self.search(tag, &search),
            Body::Sort(criteria, search) => self.sort(tag, &criteria, &search),
            Body::Thread(algorithm, search) => self.thread(tag, algorithm, &search),
            Body::Fetch(fetch) => self.fetch(fetch),
            Body::Store(store) => self.store(&store),
            Body::Replace(replace) => self.replace(replace),
            _ => bad("This server does not know that"),
        }
    }
}

/// The messages that a command names by UIDs or sequence numbers.
pub(crate) struct Chosen {
    pub(crate) numbers: Numbers,
    pub(crate) uid: bool,
}

impl Chosen {
    /// Refuses sequence numbers that there are not (RFC 9051, section 9, `seq-number`).
    pub(crate) fn new(set: &Set, uid: bool, view: &View) -> Result<Self, Answer> {
        let largest = Some(view.exists()).filter(|n| *n > 0);
        let chosen = Self::existing(set, uid, view);
        if *set == Set::Saved {
            return Ok(chosen);
        }
        let beyond = chosen.numbers.largest() > largest || (largest.is_none() && has_asterisk(set));
        if !uid && beyond {
            return Err(Answer::Bad(
                "There is no message with this number".to_owned(),
            ));
        }
        Ok(chosen)
    }

    /// The same without a refusal. A saved result is a set of UIDs, whatever the command has.
    pub(crate) fn existing(set: &Set, uid: bool, view: &View) -> Self {
        if *set == Set::Saved {
            let numbers = view.saved.clone();
            return Self { numbers, uid: true };
        }
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
