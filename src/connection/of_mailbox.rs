//! Responses that name their mailbox: those that answer a query about one mailbox.

use crate::connection::pipeline::Among;
use crate::error::{Error, Result};
use crate::types::mailbox_name::MailboxName;
use crate::wire::response::Untagged;
use crate::wire::response::named::{Named, Tail};
use crate::wire::response::unread::is_named;
use crate::wire::same_mailbox::{Likeness, likeness};

/// Replaces what was reported earlier by what is reported later.
pub(crate) fn replace<T>(known: &mut T, later: T) {
    *known = later;
}

/// The server's reports so far about the requested mailbox, or about itself.
pub struct OfMailbox<T> {
    ours: Option<T>,
    /// A report under another form of the name, with that form.
    near: Option<(MailboxName, T)>,
    /// There were several such forms, so that none is known to be the requested mailbox.
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
    /// Takes a report about the requested mailbox: under its name, and under another form of it if
    /// no command (`among` others) has claimed it; returns one about another mailbox. `join` adds a
    /// second response to a first.
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

    /// Takes a report about the requested object.
    pub(crate) fn take(&mut self, told: T, join: impl FnOnce(&mut T, T)) {
        match &mut self.ours {
            Some(ours) => join(ours, told),
            None => self.ours = Some(told),
        }
    }

    /// Like [`offer`](Self::offer), for a response whose name may end at several places; `told`
    /// makes the value to be kept.
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

    /// Keeps a response of the requested kind that cannot be read, if it can be for no older
    /// command.
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

    /// An error if one of several responses of an answer cannot be read: a part is not the whole.
    pub(crate) fn check_readable(&self, command: &'static str) -> Result<()> {
        match &self.unreadable {
            Some(octets) => Err(Error::unreadable_response(command, octets.clone())),
            None => Ok(()),
        }
    }

    /// The report, if there was one; an error if it cannot be read.
    pub(crate) fn found(self, command: &'static str) -> Result<Option<T>> {
        let near = self.near.filter(|_| !self.is_doubtful);
        match (self.ours, self.unreadable) {
            (Some(ours), _) => Ok(Some(ours)),
            (None, Some(octets)) => Err(Error::unreadable_response(command, octets)),
            (None, None) => Ok(near.map(|(_, told)| told)),
        }
    }
}
