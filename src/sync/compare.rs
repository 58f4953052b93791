//! Compares the mailboxes of an account with those of a checkpoint.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use crate::error::Error;
use crate::sync::account_changes::{MailboxChange, MailboxChangeKind};
use crate::types::mailbox_name::MailboxName;
use crate::types::mailbox_state::MailboxState;
use crate::types::uid::{Uid, UidValidity};

/// A mailbox that the server has, with its numbers or the reason why they are not known.
pub(super) type Found = (MailboxName, Result<MailboxState, Error>);

/// The mailboxes now and then, compared by name.
pub(super) struct Comparison<'o> {
    /// The result so far, in the order of the names.
    kept: Vec<MailboxState>,
    changes: Vec<MailboxChange>,
    /// Mailboxes under a name that had none, or another one: places in `kept`.
    arrivals: Vec<Arrival<'o>>,
    /// Mailboxes whose name is gone.
    gone: Vec<&'o MailboxState>,
}

struct Arrival<'o> {
    place: usize,
    /// The mailbox that had the name.
    replaced: Option<&'o MailboxState>,
    /// The mailbox that this one was.
    was: Option<Was<'o>>,
}

#[derive(Clone, Copy)]
struct Was<'o> {
    old: &'o MailboxState,
    is_guess: bool,
}

impl<'o> Comparison<'o> {
    /// Compares by name. Both have each name once, in order.
    pub(super) fn new(old: &'o [MailboxState], found: Vec<Found>) -> Self {
        let mut this = Self {
            kept: Vec::with_capacity(found.len()),
            changes: Vec::new(),
            arrivals: Vec::new(),
            gone: Vec::new(),
        };
        let mut old = old.iter().peekable();
        for (name, outcome) in found {
            while let Some(gone) = old.next_if(|old| old.name < name) {
                this.gone.push(gone);
            }
            this.add(name.clone(), outcome, old.next_if(|old| old.name == name));
        }
        this.gone.extend(old);
        this
    }

    fn add(
        &mut self,
        name: MailboxName,
        outcome: Result<MailboxState, Error>,
        old: Option<&'o MailboxState>,
    ) {
        let (state, kind) = match (outcome, old) {
            (Ok(mut state), Some(old)) if !state.is_recreated_since(old) => {
                state.mailbox_id.clone_from(&old.mailbox_id);
                let kind = changed(&state, old);
                self.kept.push(state.clone());
                (state, kind)
            }
            (Ok(state), replaced) => {
                let place = self.kept.len();
                self.kept.push(state);
                self.arrivals.push(Arrival {
                    place,
                    replaced,
                    was: None,
                });
                return;
            }
            (Err(error), old) => {
                self.kept.extend(old.cloned());
                let state = old.cloned().unwrap_or_else(|| MailboxState::new(name));
                (state, Some(MailboxChangeKind::Failed(error)))
            }
        };
        if let Some(kind) = kind {
            self.changes.push(MailboxChange { state, kind });
        }
    }

    /// The mailboxes that may have had another name, whose ids are not known yet.
    pub(super) fn arrivals(&self) -> impl Iterator<Item = &MailboxName> {
        let arrivals = self.arrivals.iter();
        arrivals.filter_map(|arrival| Some(&self.kept.get(arrival.place)?.name))
    }

    /// Takes the ids of the arrivals, in their order.
    pub(super) fn set_ids(&mut self, ids: impl IntoIterator<Item = Option<String>>) {
        for (arrival, id) in self.arrivals.iter().zip(ids) {
            if let Some(state) = self.kept.get_mut(arrival.place) {
                state.mailbox_id = id.map(Into::into);
            }
        }
    }

    /// The mailboxes to be kept, and the changes in an order in which they can be applied.
    pub(super) fn finish(mut self) -> (Vec<MailboxState>, Vec<MailboxChange>) {
        self.recognize_by_id();
        self.recognize_by_numbers();
        let moved = self.moved();
        let mut ordered: Vec<_> = (self.gone.iter().copied())
            .chain(self.arrivals.iter().filter_map(Arrival::overwritten))
            .filter(|old| !moved.contains(&old.name))
            .map(|old| change(old, MailboxChangeKind::Gone))
            .collect();
        ordered.extend(in_chains(self.renames()));
        for arrival in self.arrivals.iter().filter(|arrival| arrival.was.is_none()) {
            let replaced = arrival.replaced.filter(|old| !moved.contains(&old.name));
            let kind = match replaced {
                Some(_) => MailboxChangeKind::Recreated,
                None => MailboxChangeKind::New,
            };
            let state = self.kept.get(arrival.place);
            self.changes.extend(state.map(|state| change(state, kind)));
        }
        self.changes
            .sort_by(|one, other| one.state.name.cmp(&other.state.name));
        ordered.append(&mut self.changes);
        (self.kept, ordered)
    }

    /// Recognizes mailboxes by ids that are unique on both sides.
    fn recognize_by_id(&mut self) {
        let replaced = self.arrivals.iter().filter_map(|arrival| arrival.replaced);
        let old = self.gone.iter().copied().chain(replaced);
        let old = unique(old.filter_map(|old| Some((old.mailbox_id.clone()?, old))));
        let new = self.arrivals.iter_mut().filter_map(|arrival| {
            let state = self.kept.get(arrival.place)?;
            Some((state.mailbox_id.clone()?, (arrival, state)))
        });
        for (id, (arrival, state)) in unique(new) {
            let old = old.get(&id).copied().filter(|old| old.name != state.name);
            arrival.was = old.map(|old| Was {
                old,
                is_guess: false,
            });
        }
    }

    /// Recognizes mailboxes whose name is gone by numbers that are unique on both sides, as far as
    /// ids do not contradict.
    fn recognize_by_numbers(&mut self) {
        let moved = self.moved();
        let old = self.gone.iter().filter(|old| !moved.contains(&old.name));
        let old = unique(old.filter_map(|old| Some((numbers(old)?, *old))));
        let new = self.arrivals.iter_mut().filter_map(|arrival| {
            let is_new = arrival.was.is_none() && arrival.replaced.is_none();
            let state = self.kept.get(arrival.place).filter(|_| is_new)?;
            Some((numbers(state)?, (arrival, state)))
        });
        for (numbers, (arrival, state)) in unique(new) {
            let has_both_ids =
                |old: &MailboxState| old.mailbox_id.is_some() && state.mailbox_id.is_some();
            let old = old.get(&numbers).copied().filter(|old| !has_both_ids(old));
            arrival.was = old.map(|old| Was {
                old,
                is_guess: true,
            });
        }
    }

    /// The old names of those that have another name now.
    fn moved(&self) -> HashSet<MailboxName> {
        let moved = self.arrivals.iter().filter_map(|arrival| arrival.was);
        moved.map(|was| was.old.name.clone()).collect()
    }

    fn renames(&self) -> impl Iterator<Item = (MailboxName, MailboxChange)> {
        self.arrivals.iter().filter_map(|arrival| {
            let (state, Was { old, is_guess }) = (self.kept.get(arrival.place)?, arrival.was?);
            let from = old.name.clone();
            let kind = MailboxChangeKind::Renamed {
                from: from.clone(),
                is_guess,
                may_have_changed: changed(state, old).is_some(),
            };
            Some((from, change(state, kind)))
        })
    }
}

impl<'o> Arrival<'o> {
    /// The mailbox that had the name of one that was renamed.
    fn overwritten(&self) -> Option<&'o MailboxState> {
        self.replaced.filter(|_| self.was.is_some())
    }
}

fn change(state: &MailboxState, kind: MailboxChangeKind) -> MailboxChange {
    let state = state.clone();
    MailboxChange { state, kind }
}

/// The change of a mailbox that has the UIDs that it had.
fn changed(new: &MailboxState, old: &MailboxState) -> Option<MailboxChangeKind> {
    if new.differs_from(old) {
        Some(MailboxChangeKind::Changed)
    } else if new.shows_every_change() {
        None
    } else {
        Some(MailboxChangeKind::MayHaveChanged)
    }
}

/// Numbers that two mailboxes hardly share by chance; not those of an empty mailbox.
///
/// Not HIGHESTMODSEQ: Cyrus 3.6 counts a rename.
fn numbers(state: &MailboxState) -> Option<(UidValidity, Uid, u32)> {
    let messages = state.messages.filter(|messages| *messages > 0)?;
    Some((state.uid_validity?, state.uid_next?, messages))
}

/// The items whose key no other one has.
fn unique<K: Eq + Hash, T>(items: impl Iterator<Item = (K, T)>) -> HashMap<K, T> {
    let mut found: HashMap<K, Option<T>> = HashMap::new();
    for (key, item) in items {
        match found.entry(key) {
            Entry::Occupied(mut known) => *known.get_mut() = None,
            Entry::Vacant(free) => drop(free.insert(Some(item))),
        }
    }
    let found = found.into_iter();
    found.filter_map(|(key, item)| Some((key, item?))).collect()
}

/// Renames, given by their old names, each after the one that frees its new name.
fn in_chains(renames: impl Iterator<Item = (MailboxName, MailboxChange)>) -> Vec<MailboxChange> {
    let (mut starts, mut pending) = (Vec::new(), HashMap::new());
    for (from, change) in renames {
        starts.push(from.clone());
        pending.insert(from, change);
    }
    let mut ordered = Vec::with_capacity(starts.len());
    for mut from in starts {
        let mut chain = Vec::new();
        while let Some(change) = pending.remove(&from) {
            from = change.state.name.clone();
            chain.push(change);
        }
        ordered.extend(chain.into_iter().rev());
    }
    ordered
}

#[cfg(test)]
mod tests;
