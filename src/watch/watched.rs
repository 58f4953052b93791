//! The mailboxes of a watch: their checkpoints, and which of them have to be looked at.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::error::Error;
use crate::types::checkpoint::Checkpoint;
use crate::types::mailbox_name::MailboxName;
use crate::types::mailbox_state::MailboxState;
use crate::types::response_code::ResponseCode;

/// How many connections may be lost in a row while one mailbox is looked at, before the others are
/// looked at first.
const MOST_LOSSES: u32 = 3;

/// The mailboxes of a watch, of which the first is the one that it listens to.
#[derive(Debug)]
pub(super) struct Mailboxes {
    watched: BTreeMap<MailboxName, Watched>,
    /// Those that the caller named, in this order; otherwise INBOX.
    order: Vec<MailboxName>,
    /// Those that are due, and some that are not any more.
    due: VecDeque<MailboxName>,
    /// Checkpoints of mailboxes that were not seen yet.
    known: BTreeMap<MailboxName, Arc<Checkpoint>>,
    /// They are those of the account, as they come and go.
    are_all: bool,
}

#[derive(Debug, Default)]
struct Watched {
    checkpoint: Option<Arc<Checkpoint>>,
    /// Something may have changed since the last look.
    is_due: bool,
    /// The numbers that STATUS reported last.
    state: Option<MailboxState>,
    /// Its error was returned already.
    has_failed: bool,
    /// The connections that were lost during a look, in a row.
    losses: u32,
    /// The watch has seen that it was not there, and has not read it since.
    is_new: bool,
}

impl Mailboxes {
    /// These mailboxes, each with its checkpoint if there is one.
    pub(super) fn named(
        order: Vec<MailboxName>,
        known: BTreeMap<MailboxName, Arc<Checkpoint>>,
    ) -> Self {
        let mut mailboxes = Self {
            watched: BTreeMap::new(),
            order: Vec::new(),
            due: VecDeque::new(),
            known,
            are_all: false,
        };
        for name in &order {
            mailboxes.add(name.clone());
        }
        mailboxes.order = order;
        mailboxes
    }

    /// All mailboxes of the account, which the server is to list; it listens to INBOX.
    pub(super) fn all(known: BTreeMap<MailboxName, Arc<Checkpoint>>) -> Self {
        Self {
            are_all: true,
            ..Self::named(vec![MailboxName::inbox()], known)
        }
    }

    /// Whether they are those of the account, as they come and go.
    pub(super) fn are_all(&self) -> bool {
        self.are_all
    }

    /// Whether there are, or may be, others than the one that the watch listens to.
    pub(super) fn are_several(&self) -> bool {
        self.are_all || self.watched.len() > 1
    }

    pub(super) fn len(&self) -> usize {
        self.watched.len()
    }

    pub(super) fn knows(&self, name: &MailboxName) -> bool {
        self.watched.contains_key(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &MailboxName> {
        self.watched.keys()
    }

    /// The checkpoint of a mailbox, if there is one.
    pub(super) fn checkpoint(&self, name: &MailboxName) -> Option<&Arc<Checkpoint>> {
        self.watched.get(name)?.checkpoint.as_ref()
    }

    pub(super) fn set_checkpoint(&mut self, name: &MailboxName, checkpoint: Arc<Checkpoint>) {
        if let Some(watched) = self.watched.get_mut(name) {
            watched.checkpoint = Some(checkpoint);
        }
    }

    /// The mailbox that the watch listens to: the first that can be selected, or INBOX.
    pub(super) fn primary(&self) -> Option<&MailboxName> {
        let has_failed = |name: &MailboxName| self.watched.get(name).is_none_or(|w| w.has_failed);
        self.order.iter().find(|name| !has_failed(name))
    }

    /// The mailbox that is due for longest.
    pub(super) fn next_due(&mut self) -> Option<&MailboxName> {
        let is_due = |name: &MailboxName| self.watched.get(name).is_some_and(|w| w.is_due);
        while self.due.front().is_some_and(|name| !is_due(name)) {
            self.due.pop_front();
        }
        self.due.front()
    }

    /// The mailbox has to be looked at.
    pub(super) fn set_due(&mut self, name: &MailboxName) {
        if let Some(watched) = self.watched.get_mut(name) {
            if !watched.is_due {
                watched.is_due = true;
                self.due.push_back(name.clone());
            }
        }
    }

    /// Mailboxes whose changes STATUS does not show, and those that have failed, are due.
    pub(super) fn set_unclear_due(&mut self) {
        for (name, watched) in &mut self.watched {
            let state = watched.state.as_ref();
            let is_clear = state.is_some_and(MailboxState::shows_every_change);
            if !watched.is_due && (watched.has_failed || !is_clear) {
                watched.is_due = true;
                self.due.push_back(name.clone());
            }
        }
    }

    /// A look at the mailbox begins.
    pub(super) fn begin_look(&mut self, name: &MailboxName) {
        self.set_not_due(name);
    }

    /// The look has come to its end.
    pub(super) fn note_success(&mut self, name: &MailboxName) {
        if let Some(watched) = self.watched.get_mut(name) {
            (watched.has_failed, watched.losses) = (false, 0);
            watched.is_new = false;
        }
    }

    /// The connection was lost during a look; `true` if the mailbox is to be looked at again after
    /// the others only.
    pub(super) fn note_loss(&mut self, name: &MailboxName) {
        let Some(watched) = self.watched.get_mut(name) else {
            return;
        };
        watched.losses = (watched.losses + 1) % MOST_LOSSES;
        let is_next = watched.losses > 0;
        if !watched.is_due {
            watched.is_due = true;
            match is_next {
                true => self.due.push_front(name.clone()),
                false => self.due.push_back(name.clone()),
            }
        }
    }

    /// Whether all messages of the mailbox have arrived since the watch began.
    pub(super) fn is_new(&self, name: &MailboxName) -> bool {
        self.watched.get(name).is_some_and(|watched| watched.is_new)
    }

    /// The mailbox was not there before.
    pub(super) fn set_new(&mut self, name: &MailboxName) {
        if let Some(watched) = self.watched.get_mut(name) {
            watched.is_new = true;
        }
    }

    /// The look has failed; whether the error is to be returned.
    pub(super) fn note_failure(&mut self, name: &MailboxName, error: &Error) -> bool {
        self.set_not_due(name);
        if let Error::Refused(refused) = error {
            if refused.code() == Some(&ResponseCode::NonExistent) {
                self.set_new(name);
            }
        }
        let watched = self.watched.get_mut(name);
        watched.is_some_and(|watched| !std::mem::replace(&mut watched.has_failed, true))
    }

    /// STATUS has reported these numbers of a mailbox.
    pub(super) fn note_state(&mut self, state: MailboxState) {
        let name = state.name().clone();
        if self.are_all && !self.watched.contains_key(&name) {
            self.add(name.clone());
        }
        let Some(watched) = self.watched.get_mut(&name) else {
            return;
        };
        let before = watched.state.as_ref();
        let checkpoint = watched.checkpoint.as_deref();
        let is_as_before = before.is_some_and(|before| !state.differs_from(before));
        let is_as_known = checkpoint.is_some_and(|checkpoint| is_as_in(checkpoint, &state));
        watched.state = Some(state);
        if !is_as_before && !is_as_known {
            self.set_due(&name);
        }
    }

    /// The mailbox is not there any more; whether it was.
    pub(super) fn remove(&mut self, name: &MailboxName) -> bool {
        self.watched.remove(name).is_some()
    }

    fn add(&mut self, name: MailboxName) {
        let new = Watched {
            checkpoint: self.known.remove(&name),
            ..Watched::default()
        };
        self.watched.entry(name).or_insert(new);
    }

    fn set_not_due(&mut self, name: &MailboxName) {
        if let Some(watched) = self.watched.get_mut(name) {
            watched.is_due = false;
        }
    }
}

/// Whether STATUS reports what the checkpoint has, and shows every change.
fn is_as_in(checkpoint: &Checkpoint, state: &MailboxState) -> bool {
    let is_whole = checkpoint.pass.is_none() && checkpoint.pending.is_empty();
    is_whole
        && checkpoint.flags.is_none()
        && state.highest_mod_seq.is_some()
        && state.highest_mod_seq == checkpoint.mod_seq
        && state.uid_validity == Some(checkpoint.uid_validity)
        && state.uid_next == Some(checkpoint.uid_next)
        && state.messages.map(u64::from) == Some(checkpoint.accounted_for())
}
