//! The grammar of commands (RFC 9051, RFC 3501 and the extensions that this server speaks), as strict
//! as the RFCs are with clients.
//!
//! What a client sends against it is refused with the octet at which something else was due. What
//! belongs to an extension is noted, so that it is refused if the extension is not advertised.

pub(crate) mod account;
pub(crate) mod append;
mod dates;
pub(crate) mod fetch;
pub(crate) mod filters;
mod flags;
pub(crate) mod mailboxes;
pub(crate) mod message;
pub(crate) mod notify;
mod reader;
pub(crate) mod search;
pub(crate) mod session;
pub(crate) mod sets;
mod strings;

use self::account::{Acl, GetMetadata, Value};
use self::append::{Append, Replace};
use self::fetch::{Fetch, Section};
use self::filters::Filter;
use self::mailboxes::{List, Select, StatusItem};
use self::message::{Batches, Copy, Store};
use self::notify::Request;
pub(crate) use self::reader::{Need, Wrong};
use self::reader::{Parsed, Reader};
use self::search::{Algorithm, Criterion, Search};
use self::sets::Set;
use self::strings::is_astring;

/// A command.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) tag: String,
    pub(crate) body: Body,
    /// What must be advertised for it and its arguments.
    pub(crate) needs: Vec<Need>,
    /// It has sequence numbers in it, or returns them.
    pub(crate) has_numbers: bool,
}

/// What a command asks for.
#[derive(Debug)]
pub(crate) enum Body {
    Acl(Acl),
    Append(Append),
    Authenticate(String, Option<Vec<u8>>),
    Batches(Batches),
    CancelUpdate,
    Capability,
    Check,
    Close,
    Compress,
    Copy(Copy),
    Create(String, Vec<String>),
    Delete(String),
    Enable(Vec<String>),
    /// The UIDs of UID EXPUNGE.
    Expunge(Option<Set>),
    Fetch(Fetch),
    GetMetadata(GetMetadata),
    GetQuota(String),
    GetQuotaRoot(String),
    Id,
    Idle,
    JmapAccess,
    /// The languages that the client wants; nothing asks which there are.
    Language(Vec<String>),
    List(List),
    Login(Vec<u8>, Vec<u8>),
    Logout,
    /// The reference and the pattern.
    Lsub(String, String),
    MultiSearch(Vec<Filter>, Search),
    Namespace,
    Noop,
    Notify(Request),
    Rename(String, String),
    Replace(Replace),
    Search(Search),
    Select(Select),
    SetMetadata(String, Vec<Value>),
    SetQuota(String, Vec<(String, u64)>),
    Sort(Vec<Criterion>, Search),
    StartTls,
    Status(String, Vec<StatusItem>),
    Store(Store),
    Subscribe(String),
    Thread(Algorithm, Search),
    Unauthenticate,
    Unselect,
    Unsubscribe(String),
    /// The reference and the pattern.
    Xlist(String, String),
}

impl Body {
    /// The search of a command that has one.
    pub(crate) fn search_mut(&mut self) -> Option<&mut Search> {
        match self {
            Self::Search(search)
            | Self::Sort(_, search)
            | Self::Thread(_, search)
            | Self::MultiSearch(_, search) => Some(search),
            _ => None,
        }
    }
}

/// What has been enabled, which changes the grammar.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Enabled {
    /// UTF8=ACCEPT or IMAP4rev2: strings and names are UTF-8.
    pub(crate) utf8: bool,
    pub(crate) rev2: bool,
}

/// Decodes a command, from its tag to the end of its last line.
pub(crate) fn decode(octets: &[u8], enabled: Enabled) -> Parsed<Command> {
    let mut reader = Reader::new(octets, enabled.utf8);
    reader.rev2 = enabled.rev2;
    let tag = reader.take_while(|byte| is_astring(byte) && byte != b'+');
    if tag.is_empty() {
        return Err(reader.expected("a tag"));
    }
    let tag = String::from_utf8_lossy(tag).into_owned();
    reader.space()?;
    let body = reader.body()?;
    reader.end()?;
    reader.refusal()?;
    let (needs, has_numbers) = reader.finish();
    Ok(Command {
        tag,
        body,
        needs,
        has_numbers,
    })
}

/// A section by itself, such as `1.2.HEADER`, as a URL has it.
pub(crate) fn section(text: &str) -> Option<Section> {
    let text = format!("{text}]");
    let mut reader = Reader::new(text.as_bytes(), true);
    let section = reader.section().ok()?;
    reader.rest().is_empty().then_some(section)
}

/// A search by itself, as it is stored.
pub(crate) fn stored_search(octets: &[u8]) -> Option<Vec<search::Key>> {
    let mut reader = Reader::new(octets, true);
    let keys = reader.keys().ok()?;
    reader.rest().is_empty().then_some(keys)
}

impl Reader<'_> {
    fn body(&mut self) -> Parsed<Body> {
        let at = self.place();
        let verb = self.word();
        let body = match verb.as_str() {
            "UID" => {
                self.space()?;
                let verb = self.word();
                self.of_messages(&verb, true, at)?
            }
            verb => match self.of_session(verb, at)? {
                Some(body) => Some(body),
                None => match self.of_mailboxes(verb, at)? {
                    Some(body) => Some(body),
                    None => self.of_messages(verb, false, at)?,
                },
            },
        };
        body.ok_or_else(|| {
            self.go_back(at);
            let word = self.word();
            match word.as_str() {
                "UID" => self.wrong_at(at, "there is no such command after UID"),
                _ => self.wrong_at(at, format!("there is no command {word}")),
            }
        })
    }

    /// The commands about the connection and its user.
    fn of_session(&mut self, verb: &str, at: usize) -> Parsed<Option<Body>> {
        Ok(Some(match verb {
            "CAPABILITY" => Body::Capability,
            "NOOP" => Body::Noop,
            "LOGOUT" => Body::Logout,
            "ID" => {
                self.needs_at(at, &["ID"]);
                self.id()?;
                Body::Id
            }
            "LANGUAGE" => {
                self.needs_at(at, &["LANGUAGE"]);
                Body::Language(self.language()?)
            }
            "STARTTLS" => {
                self.needs_at(at, &["STARTTLS"]);
                Body::StartTls
            }
            "LOGIN" => {
                let (name, password) = self.login()?;
                Body::Login(name, password)
            }
            "AUTHENTICATE" => {
                let (mechanism, initial) = self.authenticate()?;
                Body::Authenticate(mechanism, initial)
            }
            "UNAUTHENTICATE" => {
                self.needs_at(at, &["UNAUTHENTICATE"]);
                Body::Unauthenticate
            }
            "COMPRESS" => {
                self.compress()?;
                Body::Compress
            }
            "ENABLE" => {
                self.needs_at(at, &["ENABLE"]);
                Body::Enable(self.enable()?)
            }
            "IDLE" => {
                self.needs_at(at, &["IDLE"]);
                Body::Idle
            }
            "NOTIFY" => {
                self.needs_at(at, &["NOTIFY"]);
                Body::Notify(self.notify()?)
            }
            _ => return self.of_account(verb, at),
        }))
    }

    /// `*(SP lang-range-quoted)` (RFC 5255).
    fn language(&mut self) -> Parsed<Vec<String>> {
        let mut ranges = Vec::new();
        while self.peek() == Some(b' ') {
            self.space()?;
            ranges.push(self.astring_text("a language")?);
        }
        Ok(ranges)
    }

    /// The commands of NAMESPACE, JMAPACCESS, QUOTA, ACL and METADATA.
    fn of_account(&mut self, verb: &str, at: usize) -> Parsed<Option<Body>> {
        Ok(Some(match verb {
            "NAMESPACE" => {
                self.needs_at(at, &["NAMESPACE"]);
                Body::Namespace
            }
            "GETJMAPACCESS" => {
                self.needs_at(at, &["JMAPACCESS"]);
                Body::JmapAccess
            }
            "GETQUOTA" => {
                self.needs_at(at, &["QUOTA"]);
                self.space()?;
                Body::GetQuota(self.astring_text("a quota root")?)
            }
            "GETQUOTAROOT" => {
                self.needs_at(at, &["QUOTA"]);
                Body::GetQuotaRoot(self.of_mailbox()?)
            }
            "SETQUOTA" => {
                self.needs_at(at, &["QUOTASET"]);
                let (root, limits) = self.set_quota()?;
                Body::SetQuota(root, limits)
            }
            "GETACL" | "MYRIGHTS" | "LISTRIGHTS" | "SETACL" | "DELETEACL" => {
                self.needs_at(at, &["ACL"]);
                Body::Acl(self.acl(verb)?)
            }
            "GETMETADATA" => {
                self.needs_at(at, &["METADATA", "METADATA-SERVER"]);
                Body::GetMetadata(self.get_metadata()?)
            }
            "SETMETADATA" => {
                self.needs_at(at, &["METADATA", "METADATA-SERVER"]);
                let (name, values) = self.set_metadata()?;
                Body::SetMetadata(name, values)
            }
            _ => return Ok(None),
        }))
    }

    /// The commands about mailboxes; they began at a place.
    fn of_mailboxes(&mut self, verb: &str, at: usize) -> Parsed<Option<Body>> {
        Ok(Some(match verb {
            "SELECT" => Body::Select(self.select(false)?),
            "EXAMINE" => Body::Select(self.select(true)?),
            "CREATE" => {
                let (name, uses) = self.create()?;
                Body::Create(name, uses)
            }
            "DELETE" => Body::Delete(self.of_mailbox()?),
            "RENAME" => {
                let (from, to) = self.rename()?;
                Body::Rename(from, to)
            }
            "SUBSCRIBE" => Body::Subscribe(self.of_mailbox()?),
            "UNSUBSCRIBE" => Body::Unsubscribe(self.of_mailbox()?),
            "LIST" => Body::List(self.list_command()?),
            "XLIST" => {
                self.needs_at(at, &["XLIST"]);
                let (reference, pattern) = self.lsub()?;
                Body::Xlist(reference, pattern)
            }
            "LSUB" => {
                let (reference, pattern) = self.lsub()?;
                Body::Lsub(reference, pattern)
            }
            "STATUS" => {
                let (name, items) = self.status()?;
                Body::Status(name, items)
            }
            "APPEND" => Body::Append(self.append()?),
            _ => return Ok(None),
        }))
    }

    /// The commands about the selected mailbox and its messages; those with `uid` follow UID, and
    /// began at a place.
    fn of_messages(&mut self, verb: &str, uid: bool, at: usize) -> Parsed<Option<Body>> {
        Ok(Some(match (verb, uid) {
            ("FETCH", _) => Body::Fetch(self.fetch(uid)?),
            ("STORE", _) => Body::Store(self.store(uid)?),
            ("COPY", _) => Body::Copy(self.copy(uid, false)?),
            ("MOVE", _) => {
                self.needs_at(at, &["MOVE"]);
                Body::Copy(self.copy(uid, true)?)
            }
            ("SEARCH", _) => Body::Search(self.search(uid)?),
            ("SORT", _) => {
                self.needs_at(at, &["SORT"]);
                let (criteria, search) = self.sort(uid)?;
                Body::Sort(criteria, search)
            }
            ("THREAD", _) => {
                let (algorithm, search) = self.thread(uid)?;
                Body::Thread(algorithm, search)
            }
            ("REPLACE", _) => {
                self.needs_at(at, &["REPLACE"]);
                Body::Replace(self.replace(uid)?)
            }
            ("EXPUNGE", false) => Body::Expunge(None),
            ("EXPUNGE", true) => {
                self.needs_at(at, &["UIDPLUS"]);
                self.space()?;
                Body::Expunge(Some(self.set(true)?))
            }
            ("CANCELUPDATE", false) => {
                self.cancel_update()?;
                Body::CancelUpdate
            }
            ("CHECK", false) => Body::Check,
            ("CLOSE", false) => Body::Close,
            ("UNSELECT", false) => {
                self.needs_at(at, &["UNSELECT"]);
                Body::Unselect
            }
            ("ESEARCH", false) => {
                self.needs_at(at, &["MULTISEARCH"]);
                let (filters, search) = self.multi_search()?;
                Body::MultiSearch(filters, search)
            }
            ("UIDBATCHES", false) => {
                self.needs_at(at, &["UIDBATCHES"]);
                Body::Batches(self.batches()?)
            }
            _ => return Ok(None),
        }))
    }
}

#[cfg(test)]
mod tests;
