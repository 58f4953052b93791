//! A user's mailboxes by name, and who wants to hear of their changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::names::DELIMITER;
use crate::store::mailbox::{Mailbox, Metadata};
use crate::waker::Waker;

/// What the quota counts: units of 1024 octets, and messages.
pub(crate) const STORAGE: &str = "STORAGE";
pub(crate) const MESSAGE: &str = "MESSAGE";

/// A user.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) password: String,
    mailboxes: Mutex<Mailboxes>,
}

impl Account {
    pub(crate) fn new(name: &str, password: &str) -> Self {
        let mut mailboxes = Mailboxes::default();
        mailboxes.create("INBOX");
        mailboxes.subscribed.insert("INBOX".to_owned());
        let admin = ("/shared/admin", b"mailto:postmaster@example.com");
        let admin = (admin.0.to_owned(), admin.1.to_vec());
        mailboxes.metadata.extend([admin]);
        mailboxes
            .limits
            .extend([(STORAGE, 1 << 20), (MESSAGE, 1 << 20)]);
        Self {
            name: name.to_owned(),
            password: password.to_owned(),
            mailboxes: Mutex::new(mailboxes),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Mailboxes> {
        self.mailboxes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a connection is woken for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Watched {
    Mailbox(u64),
    /// All mailboxes of the user, and their names.
    All,
}

/// The mailboxes of a user.
#[derive(Debug, Default)]
pub(crate) struct Mailboxes {
    by_name: BTreeMap<String, Mailbox>,
    pub(crate) subscribed: BTreeSet<String>,
    special_use: BTreeMap<String, String>,
    last_uid_validity: u32,
    last_id: u64,
    /// Deleted mailboxes are kept for those who have them selected.
    pub(crate) keeps_deleted: bool,
    deleted: BTreeMap<u64, Mailbox>,
    watchers: Vec<(Watched, Arc<Waker>)>,
    /// How often the server has lost count of what it has to tell (RFC 5465).
    pub(crate) overflows: u64,
    /// The metadata of the server.
    pub(crate) metadata: Metadata,
    /// The limits of the one quota root, in units of each resource (RFC 9208).
    pub(crate) limits: BTreeMap<&'static str, u64>,
    /// Somebody has set them. Those from the start are not held against anything: counting takes
    /// long where there are many messages.
    pub(crate) has_set_limits: bool,
}

impl Mailboxes {
    pub(crate) fn get(&self, name: &str) -> Option<&Mailbox> {
        self.by_name.get(name)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Mailbox> {
        self.by_name.get_mut(name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// Whether there are mailboxes below this name.
    pub(crate) fn has_children(&self, name: &str) -> bool {
        let below = format!("{name}{DELIMITER}");
        let mut after = self.by_name.range(below.clone()..);
        after
            .next()
            .is_some_and(|(name, _)| name.starts_with(&below))
    }

    /// The mailbox that was selected under this name, wherever it is now.
    pub(crate) fn selected(&mut self, name: &str, id: u64) -> Option<&mut Mailbox> {
        if self.deleted.contains_key(&id) {
            return self.deleted.get_mut(&id);
        }
        let at = match self.by_name.get(name) {
            Some(mailbox) if mailbox.id == id => name.to_owned(),
            _ => self
                .by_name
                .iter()
                .find(|(_, mailbox)| mailbox.id == id)
                .map(|(name, _)| name.clone())?,
        };
        self.by_name.get_mut(&at)
    }

    /// The mailbox of this name, made when there is none, with the levels above it.
    pub(crate) fn create(&mut self, name: &str) -> &mut Mailbox {
        for (at, _) in name.match_indices(DELIMITER) {
            if let Some(parent) = name.get(..at).filter(|parent| !parent.is_empty()) {
                self.create_one(parent);
            }
        }
        self.create_one(name)
    }

    fn create_one(&mut self, name: &str) -> &mut Mailbox {
        let (id, last) = (&mut self.last_id, &mut self.last_uid_validity);
        self.by_name.entry(name.to_owned()).or_insert_with(|| {
            *last = last.saturating_add(1);
            *id += 1;
            Mailbox::new(*id, *last)
        })
    }

    /// Makes a mailbox anew, with another UIDVALIDITY or with the one that it had.
    pub(crate) fn replace(&mut self, name: &str, keeps_uid_validity: bool) -> &mut Mailbox {
        let kept = self.by_name.get(name).map(|mailbox| mailbox.uid_validity);
        self.delete(name);
        let mailbox = self.create(name);
        if let Some(uid_validity) = kept.filter(|_| keeps_uid_validity) {
            mailbox.uid_validity = uid_validity;
        }
        mailbox
    }

    pub(crate) fn delete(&mut self, name: &str) -> bool {
        let deleted = self.by_name.remove(name);
        let Some(mut mailbox) = deleted else {
            return false;
        };
        self.changed(mailbox.id);
        if self.keeps_deleted {
            mailbox.is_deleted = true;
            self.deleted.insert(mailbox.id, mailbox);
        }
        true
    }

    /// Renames a mailbox and all below it. INBOX stays, and gives its messages away.
    pub(crate) fn rename(&mut self, from: &str, to: &str, resets_uid_validity: bool) {
        if from == "INBOX" {
            let messages = self.by_name.get_mut(from).map(|inbox| {
                let messages = inbox.messages().to_vec();
                inbox.expunge(|_| true);
                messages
            });
            let target = self.create(to);
            messages.into_iter().flatten().for_each(|message| {
                target.append(message);
            });
            return;
        }
        let below = format!("{from}{DELIMITER}");
        let moved: Vec<String> = self
            .names()
            .filter(|name| *name == from || name.starts_with(&below))
            .map(str::to_owned)
            .collect();
        if let Some((parent, _)) = to.rsplit_once(DELIMITER) {
            self.create(parent);
        }
        for old in moved {
            let new = format!("{to}{}", old.strip_prefix(from).unwrap_or_default());
            if let Some(mut mailbox) = self.by_name.remove(&old) {
                if resets_uid_validity {
                    self.last_uid_validity = self.last_uid_validity.saturating_add(1);
                    mailbox.uid_validity = self.last_uid_validity;
                }
                self.by_name.insert(new, mailbox);
            }
        }
    }

    pub(crate) fn set_special_use(&mut self, name: &str, attribute: &str) {
        self.special_use
            .insert(name.to_owned(), attribute.to_owned());
    }

    /// How much there is of what the quota counts, in its units.
    pub(crate) fn usage(&self, resource: &str) -> u64 {
        let mailboxes = self.by_name.values();
        match resource {
            STORAGE => {
                let octets: usize = mailboxes.map(Mailbox::octets).sum();
                u64::try_from(octets.div_ceil(1024)).unwrap_or(u64::MAX)
            }
            _ => {
                let messages: usize = mailboxes.map(|mailbox| mailbox.uids().len()).sum();
                u64::try_from(messages).unwrap_or(u64::MAX)
            }
        }
    }

    /// Sets the limits, which are held against what comes from now on.
    pub(crate) fn set_limits(&mut self, storage: u64, messages: u64) {
        self.limits = [(STORAGE, storage), (MESSAGE, messages)].into();
        self.has_set_limits = true;
    }

    /// Reports a limit in units of 1,024 octets, which nothing is held against.
    pub(crate) fn report_storage_limit(&mut self, storage: u64) {
        self.limits = [(STORAGE, storage)].into();
    }

    /// Whether there is more than may be.
    pub(crate) fn is_over_quota(&self) -> bool {
        let mut limits = self.limits.iter();
        self.has_set_limits && limits.any(|(resource, limit)| self.usage(resource) > *limit)
    }

    /// The attribute of RFC 6154 that was set, or that the name says by itself.
    pub(crate) fn special_use(&self, name: &str) -> Option<&str> {
        let by_name = match name {
            "Archive" => Some("\\Archive"),
            "Drafts" => Some("\\Drafts"),
            "Junk" => Some("\\Junk"),
            "Sent" => Some("\\Sent"),
            "Trash" => Some("\\Trash"),
            _ => None,
        };
        self.special_use.get(name).map(String::as_str).or(by_name)
    }

    /// Wakes those who watch the mailbox, or all.
    pub(crate) fn changed(&self, id: u64) {
        self.wake(|watched| [Watched::All, Watched::Mailbox(id)].contains(&watched));
    }

    /// Wakes those who watch all mailboxes.
    pub(crate) fn names_changed(&self) {
        self.wake(|watched| watched == Watched::All);
    }

    fn wake(&self, matches: impl Fn(Watched) -> bool) {
        let watching = self
            .watchers
            .iter()
            .filter(|(watched, _)| matches(*watched));
        watching.for_each(|(_, waker)| waker.wake());
    }

    pub(crate) fn watch(&mut self, watched: Watched, waker: &Arc<Waker>) {
        self.watchers.push((watched, Arc::clone(waker)));
    }

    pub(crate) fn unwatch(&mut self, watched: Watched, waker: &Arc<Waker>) {
        self.watchers
            .retain(|(own, other)| *own != watched || !Arc::ptr_eq(other, waker));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_used_again_has_another_uid_validity() {
        let mut mailboxes = Mailboxes::default();
        let first = mailboxes.create("a/b").uid_validity;
        assert_eq!(mailboxes.names().collect::<Vec<_>>(), ["a", "a/b"]);
        assert!(mailboxes.delete("a/b"));
        assert!(mailboxes.create("a/b").uid_validity > first);
    }

    #[test]
    fn a_mailbox_made_anew_is_another_even_with_the_same_uid_validity() {
        let mut mailboxes = Mailboxes::default();
        let first = mailboxes.create("a");
        let (id, uid_validity) = (first.id, first.uid_validity);
        let second = mailboxes.replace("a", true);
        assert_eq!(second.uid_validity, uid_validity);
        assert!(mailboxes.selected("a", id).is_none());
        assert!(mailboxes.replace("a", false).uid_validity > uid_validity);
    }

    #[test]
    fn what_is_below_moves_along() {
        let mut mailboxes = Mailboxes::default();
        let selected = mailboxes.create("a/b").id;
        mailboxes.create("ab");
        mailboxes.rename("a", "x/y", false);
        assert_eq!(
            mailboxes.names().collect::<Vec<_>>(),
            ["ab", "x", "x/y", "x/y/b"]
        );
        assert!(mailboxes.selected("a/b", selected).is_some());
    }
}
