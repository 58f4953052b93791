//! Responses that name the mailbox they are about: which of them answer the question about one.

use crate::connection::answer::is_named;
use crate::connection::pipeline::Among;
use crate::error::{Error, Result};
use crate::types::mailbox_name::MailboxName;
use crate::wire::response::Untagged;
use crate::wire::response::named::{Named, Tail};
use crate::wire::same_mailbox::{Likeness, likeness};

/// Puts what is told later in the place of what was told before.
pub(crate) fn replace<T>(known: &mut T, later: T) {
    *known = later;
}

/// What a server has told so far of the mailbox that was asked for, or of itself.
pub struct OfMailbox<T> {
    ours: Option<T>,
    /// What it told under another form of the name, and under which.
    near: Option<(MailboxName, T)>,
    /// It did so under several, so that none of them is known to be meant.
    is_doubtful: bool,
    /// A response of the right kind that cannot be read.
    unreadable: Option<Box<[u8]>>,
}

impl<T> Default for OfMailbox<T> {
    fn default() -> Self {
        Self {
            ours: None,
            near: None,
            is_doubtful: false,
            unreadable: None,
        }
    }
}

impl<T> OfMailbox<T> {
    /// Takes what is told of the mailbox that was asked for: under its name, and under another form of
    /// it once no command (`among` others) has claimed it; gives back what is of another. `join` puts
    /// a second response to a first.
    pub(crate) fn offer(
        &mut self,
        name: &MailboxName,
        asked: &MailboxName,
        among: Option<Among>,
        told: T,
        join: impl FnOnce(&mut T, T),
    ) -> Option<T> {
        match (likeness(name, asked), among) {
            (Likeness::Same, None) => self.take(told, join),
            (Likeness::Near, Some(_)) => match &mut self.near {
                Some((known, near)) if known == name => join(near, told),
                Some(_) => self.is_doubtful = true,
                None => self.near = Some((name.clone(), told)),
            },
            _ => return Some(told),
        }
        None
    }

    /// Takes what is told of what was asked for.
    pub(crate) fn take(&mut self, told: T, join: impl FnOnce(&mut T, T)) {
        match &mut self.ours {
            Some(ours) => join(ours, told),
            None => self.ours = Some(told),
        }
    }

    /// Like [`offer`](Self::offer), for a response whose name may end at several places; `told` makes
    /// of it what is kept.
    pub(crate) fn offer_named<'r, N: Tail>(
        &mut self,
        named: Named<'r, N>,
        asked: &MailboxName,
        among: Option<Among>,
        told: impl FnOnce(MailboxName, N) -> T,
        join: impl FnOnce(&mut T, T),
    ) -> Option<Named<'r, N>> {
        let (name, tail) = match among {
            None => match named.of(asked) {
                Ok(ours) => ours,
                Err(named) => return Some(named),
            },
            Some(_) if likeness(&named.name, asked) != Likeness::Near => return Some(named),
            Some(_) => (named.name, named.told),
        };
        self.offer(&name.clone(), asked, among, told(name, tail), join);
        None
    }

    /// Keeps a response that cannot be read and is of the kind that was asked for, if it can be for
    /// no older command.
    pub(crate) fn take_unreadable<'r>(
        &mut self,
        data: Untagged<'r>,
        kind: &str,
        among: Option<Among>,
    ) -> Option<Untagged<'r>> {
        match data {
            Untagged::Invalid { bytes, .. }
                if among.is_some_and(|among| among.is_oldest) && is_named(bytes, &[kind]) =>
            {
                self.unreadable.get_or_insert_with(|| bytes.into());
                None
            }
            other => Some(other),
        }
    }

    /// Refuses an answer of several responses of which one cannot be read: a part is not the whole.
    pub(crate) fn check_readable(&self, command: &'static str) -> Result<()> {
        match &self.unreadable {
            Some(octets) => Err(Error::unreadable_response(command, octets.clone())),
            None => Ok(()),
        }
    }

    /// What was told, if it was; an error for what cannot be read.
    pub(crate) fn found(self, command: &'static str) -> Result<Option<T>> {
        let near = self.near.filter(|_| !self.is_doubtful);
        match (self.ours, self.unreadable) {
            (Some(ours), _) => Ok(Some(ours)),
            (None, Some(octets)) => Err(Error::unreadable_response(command, octets)),
            (None, None) => Ok(near.map(|(_, told)| told)),
        }
    }
}
