//! What several responses, and several commands, report about one mailbox, put together.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use crate::error::{Error, Result};
use crate::exchange::Partial;
use crate::types::list::ListEntry;
use crate::types::list_mailboxes::List;
use crate::types::mailbox_attribute::{KnownAttributes, MailboxAttribute};
use crate::types::mailbox_name::MailboxName;
use crate::types::mailbox_status::MailboxStatus;
use crate::types::metadata::MetadataEntry;
use crate::types::response_code::ResponseCode;
use crate::types::rights::Rights;
use crate::wire::same_mailbox::spelling;

/// The answer to one LIST, LSUB or XLIST.
#[derive(Default)]
pub(super) struct Told {
    pub(super) entries: Vec<ListEntry>,
    pub(super) statuses: Vec<MailboxStatus>,
    pub(super) rights: Vec<(MailboxName, Rights)>,
    pub(super) metadata: Vec<(MailboxName, Vec<MetadataEntry>)>,
    /// A response of the answer that cannot be read.
    pub(super) unreadable: Option<Box<[u8]>>,
}

impl Partial for Told {
    type Answer = Self;

    fn finish(mut self, command: &'static str, _code: Option<ResponseCode>) -> Result<Self> {
        match self.unreadable.take() {
            Some(octets) => Err(Error::unreadable_response(command, octets)),
            None => Ok(self),
        }
    }
}

/// Adds to each entry what was reported about it.
pub(super) fn attach(told: Told) -> Vec<ListEntry> {
    let mut entries = told.entries;
    let mut statuses: HashMap<String, MailboxStatus> = HashMap::new();
    for status in attach_in_order(&mut entries, told.statuses) {
        match statuses.entry(key(status.name())) {
            Entry::Occupied(mut known) => known.get_mut().join(status),
            Entry::Vacant(free) => drop(free.insert(status)),
        }
    }
    if statuses.is_empty() && told.rights.is_empty() && told.metadata.is_empty() {
        return entries;
    }
    let rights = told.rights.into_iter();
    let rights: HashMap<String, Rights> =
        rights.map(|(name, rights)| (key(&name), rights)).collect();
    let mut metadata: HashMap<String, Vec<MetadataEntry>> = HashMap::new();
    for (name, entries) in told.metadata {
        metadata.entry(key(&name)).or_default().extend(entries);
    }
    for entry in &mut entries {
        let name = key(&entry.name);
        if let Some(status) = statuses.remove(&name) {
            entry.add_status(status);
        }
        if let Some(rights) = rights.get(&name) {
            entry.set_my_rights(*rights);
        }
        if let Some(metadata) = metadata.remove(&name) {
            entry.set_metadata(metadata);
        }
    }
    entries
}

/// Adds the counts that came in the order of the mailboxes, as they mostly do; returns the others.
fn attach_in_order(
    entries: &mut [ListEntry],
    statuses: Vec<MailboxStatus>,
) -> impl Iterator<Item = MailboxStatus> {
    let mut statuses = statuses.into_iter().peekable();
    for entry in entries {
        let is_about = |status: &MailboxStatus| *status.name() == entry.name;
        if let Some(status) = statuses.next_if(is_about) {
            entry.add_status(status);
        }
    }
    statuses
}

/// The form that all spellings of a name share.
pub(super) fn key(name: &MailboxName) -> String {
    spelling(name).into_owned()
}

/// The first entry of each name.
pub(super) fn each_once(mut entries: Vec<ListEntry>) -> Vec<ListEntry> {
    let mut names = HashSet::with_capacity(entries.len());
    let spellings = entries.iter().map(|entry| spelling(&entry.name));
    let mut firsts: Vec<bool> = spellings.map(|name| names.insert(name)).collect();
    if firsts.contains(&false) {
        let mut firsts = firsts.drain(..);
        entries.retain(|_| firsts.next().unwrap_or(true));
    }
    entries
}

/// Entries of a LIST, and those that LSUB adds, each name once.
pub(super) struct Merged {
    pub(super) entries: Vec<ListEntry>,
    places: HashMap<String, usize>,
}

impl Merged {
    pub(super) fn of(entries: Vec<ListEntry>) -> Self {
        let places = entries.iter().enumerate();
        Self {
            places: places
                .map(|(place, entry)| (key(&entry.name), place))
                .collect(),
            entries,
        }
    }

    fn add(&mut self, entry: ListEntry) -> Option<&mut ListEntry> {
        let next = self.entries.len();
        let place = *self.places.entry(key(&entry.name)).or_insert(next);
        if place == next {
            self.entries.push(entry);
        }
        self.entries.get_mut(place)
    }

    /// Adds an entry of LSUB: with `\Noselect` only mailboxes below it are subscribed to, and it is
    /// not known whether the mailbox exists.
    pub(super) fn subscribed(&mut self, entry: ListEntry, list: &List) {
        let is_above = entry.has(&MailboxAttribute::NoSelect);
        if is_above && !list.recursive_match {
            return;
        }
        let none = KnownAttributes::default();
        let mut bare = ListEntry::new(entry.name, entry.delimiter, none);
        bare.add(MailboxAttribute::NonExistent);
        let is_known = self.places.contains_key(&key(&bare.name));
        if !is_known && !list.select_subscribed {
            return;
        }
        let Some(entry) = self.add(bare) else { return };
        match is_above {
            true => entry.set_child_info(vec!["SUBSCRIBED".to_owned()]),
            false => entry.add(MailboxAttribute::Subscribed),
        }
    }
}
