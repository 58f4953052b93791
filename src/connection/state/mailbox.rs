//! The mailbox that is selected, or is being selected, and its events.

use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::events::EventQueue;
use crate::limits::SessionLimits;
use crate::types::event::MailboxEvent;
use crate::types::mailbox::Mailbox;
use crate::types::mailbox_name::MailboxName;
use crate::types::number_set::NumberSet;
use crate::types::origin::Origin;
use crate::types::response_code::ResponseCode;
use crate::types::uid::{ModSeq, SeqNum, Uid, UidValidity};
use crate::types::uid_set::UidSet;
use crate::wire::response::fetch_responses::Responses;

/// The number of selections so far, of all connections: what belongs to one cannot be taken for
/// that of another.
static SELECTIONS: AtomicU64 = AtomicU64::new(1);

/// The most octets that are kept of a response that cannot be read.
const MOST_UNREAD: usize = 1024;

/// A mailbox and the mode in which it is, or is to be, selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MailboxAccess {
    pub(crate) name: MailboxName,
    pub(crate) read_only: bool,
}

/// The selection of a connection, and the events of it that have not been taken.
pub(crate) struct MailboxState {
    selected: Option<Selected>,
    /// The mailbox of a SELECT that has not been completed.
    selecting: Option<Selecting>,
    events: EventQueue<MailboxEvent>,
}

/// A mailbox as far as the answer to its SELECT has come.
struct Selecting {
    mailbox: Mailbox,
    read_only: bool,
    heard_exists: bool,
    /// The number of messages has changed since the answer reported it first.
    has_changed: bool,
    /// The first response that cannot be read and may have had the number of messages.
    unread: Option<Box<[u8]>>,
}

/// The counters of a mailbox at the moment of its SELECT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) exists: u32,
    pub(crate) uid_next: Option<Uid>,
    pub(crate) highest_mod_seq: Option<ModSeq>,
}

/// The selected mailbox.
pub(crate) struct Selected {
    pub(crate) mailbox: Mailbox,
    pub(crate) origin: Arc<Origin>,
    /// Identifies this selection among all of this process.
    pub(crate) selection: u64,
    /// The counters that the SELECT reported, before any command in the mailbox.
    pub(crate) as_selected: Snapshot,
    /// It was selected by EXAMINE.
    is_examined: bool,
    /// The server has assigned new UIDs to the messages since.
    pub(crate) is_stale: bool,
    /// The number of times that messages were removed, so that others got new sequence numbers.
    pub(crate) renumberings: u64,
    /// The number of messages that were removed since.
    pub(crate) removed: u64,
}

impl MailboxState {
    /// No mailbox is selected; the event queue has these limits.
    pub(crate) fn new(limits: &SessionLimits) -> Self {
        Self {
            selected: None,
            selecting: None,
            events: EventQueue::new(limits),
        }
    }

    /// No mailbox is selected; with the limits of this one.
    pub(crate) fn after_logout(&self) -> Self {
        Self {
            selected: None,
            selecting: None,
            events: self.events.like_this(),
        }
    }

    pub(crate) fn selected(&self) -> Option<&Selected> {
        self.selected.as_ref()
    }

    pub(crate) fn exists(&self) -> u32 {
        let selecting = self.selecting.as_ref().map(|selecting| &selecting.mailbox);
        let selected = self.selected.as_ref().map(|selected| &selected.mailbox);
        selecting.or(selected).map_or(0, Mailbox::exists)
    }

    pub(crate) fn events(&mut self) -> &mut EventQueue<MailboxEvent> {
        &mut self.events
    }

    /// A SELECT is in flight: later responses belong to the mailbox that it names, unless
    /// `[CLOSED]` shows that they still belonged to the one before.
    pub(crate) fn begin_select(&mut self, name: MailboxName, read_only: bool) {
        self.selected = None;
        self.events.retain(|_| false);
        self.selecting = Some(Selecting::new(name, read_only));
    }

    /// The SELECT succeeded; `None` if the server did not report what it selected.
    pub(crate) fn end_select(
        &mut self,
        origin_of: impl FnOnce(&Mailbox) -> Arc<Origin>,
    ) -> Option<&Selected> {
        let Selecting {
            mut mailbox,
            read_only,
            heard_exists,
            has_changed,
            unread,
        } = self.selecting.take()?;
        if !heard_exists {
            return None;
        }
        mailbox.read_only |= read_only;
        let selection = SELECTIONS.fetch_add(1, Ordering::Relaxed);
        self.selected = Some(Selected {
            origin: origin_of(&mailbox),
            as_selected: Snapshot {
                exists: mailbox.exists,
                uid_next: mailbox.uid_next,
                highest_mod_seq: mailbox.highest_mod_seq,
            },
            mailbox,
            selection,
            is_examined: read_only,
            is_stale: false,
            renumberings: 0,
            removed: 0,
        });
        if has_changed {
            // UIDNEXT and other data of the answer may be those of before.
            let exists = self.exists();
            self.push(MailboxEvent::Exists(exists));
        }
        if let Some(octets) = unread {
            self.push(MailboxEvent::Unparsable { octets });
        }
        self.selected.as_ref()
    }

    /// No mailbox is selected any more.
    pub(crate) fn unselect(&mut self) {
        self.selected = None;
        self.selecting = None;
    }

    /// Whether a SELECT has not been answered yet.
    pub(crate) fn is_selecting(&self) -> bool {
        self.selecting.is_some()
    }

    /// Whether responses are now about a mailbox that is selected.
    pub(crate) fn is_current(&self) -> bool {
        self.selected.is_some() && self.selecting.is_none()
    }

    /// Whether that mailbox is selected in that mode now.
    pub(crate) fn is_open(&self, wanted: &MailboxAccess) -> bool {
        let is_it = |selected: &Selected| {
            let mailbox = &selected.mailbox;
            !selected.is_stale
                && *mailbox.name() == wanted.name
                && mailbox.is_read_only() == wanted.read_only
        };
        self.selected.as_ref().is_some_and(is_it)
    }

    /// The selected mailbox, as the queue knows it.
    pub(crate) fn opened(&self) -> Option<MailboxAccess> {
        let mailbox = &self
            .selected
            .as_ref()
            .filter(|selected| !selected.is_stale)?
            .mailbox;
        Some(MailboxAccess {
            name: mailbox.name().clone(),
            read_only: mailbox.is_read_only(),
        })
    }

    /// Keeps an event of the mailbox that is selected.
    pub(crate) fn push(&mut self, event: MailboxEvent) {
        if self.is_current() {
            self.events.push(event);
        }
    }

    pub(crate) fn absorb_exists(&mut self, count: u32) {
        if let Some(selecting) = &mut self.selecting {
            selecting.has_changed |= selecting.heard_exists && selecting.mailbox.exists != count;
            selecting.heard_exists = true;
        }
        let mut had = 0;
        self.change(|mailbox| had = mem::replace(&mut mailbox.exists, count));
        if count < had {
            self.note_removed(u64::from(had - count));
        }
        self.push(MailboxEvent::Exists(count));
    }

    pub(crate) fn absorb_expunge(&mut self, number: u32) {
        let Some(gone) = SeqNum::new(number) else {
            return;
        };
        let mut known = true;
        self.change(|mailbox| {
            known = number <= mailbox.exists;
            mailbox.exists -= u32::from(known);
        });
        self.note_removed(u64::from(known));
        if known {
            self.push(MailboxEvent::Expunged(gone));
        }
    }

    pub(crate) fn absorb_vanished(&mut self, uids: NumberSet, earlier: bool) {
        let gone = if earlier { 0 } else { uids.len().unwrap_or(0) };
        self.change(|mailbox| {
            let left = u64::from(mailbox.exists).saturating_sub(gone);
            mailbox.exists = u32::try_from(left).unwrap_or(0);
        });
        if !earlier {
            self.note_removed(gone);
        }
        let uids = UidSet::from(uids);
        let uids = match &self.selected {
            Some(selected) => uids.with_origin(Arc::clone(&selected.origin)),
            None => uids,
        };
        self.push(MailboxEvent::Vanished { uids, earlier });
    }

    /// Records a response that cannot be read and may have changed the number of messages or their
    /// sequence numbers.
    pub(crate) fn absorb_unread(&mut self, response: &[u8]) {
        let response = response.get(..MOST_UNREAD).unwrap_or(response);
        let octets: Box<[u8]> = response.trim_ascii_end().into();
        if let Some(selecting) = &mut self.selecting {
            selecting.unread.get_or_insert(octets);
            return;
        }
        self.note_removed(0);
        self.push(MailboxEvent::Unparsable { octets });
    }

    /// The first response to the SELECT that cannot be read and may have had the number of messages.
    pub(crate) fn unread_of_select(&self) -> Option<Box<[u8]>> {
        self.selecting.as_ref()?.unread.clone()
    }

    /// Records the flags of a FETCH response that no command claims.
    pub(crate) fn absorb_flags(&mut self, fetch: &Responses) {
        let (seq, uid, mod_seq) = (fetch.seq(), fetch.uid(), fetch.mod_seq());
        if let (true, Some(flags)) = (seq.is_some() || uid.is_some(), fetch.flags()) {
            let flags = flags.collect();
            self.push(MailboxEvent::Flags {
                seq,
                uid,
                flags,
                mod_seq,
            });
        }
    }

    /// Records a response code about the mailbox.
    pub(crate) fn absorb_code(&mut self, code: &ResponseCode) {
        match code {
            ResponseCode::Closed => self.absorb_closed(),
            ResponseCode::UidValidity(validity) => self.absorb_uid_validity(*validity),
            ResponseCode::ReadWrite => self.absorb_read_write(),
            ResponseCode::UidNext(next) => {
                self.change(|mailbox| mailbox.uid_next = Some(*next));
            }
            ResponseCode::Unseen(first) => {
                self.change(|mailbox| mailbox.first_unseen = Some(*first));
            }
            ResponseCode::PermanentFlags(flags) => {
                self.change(|mailbox| mailbox.permanent_flags = flags.clone());
            }
            ResponseCode::HighestModSeq(highest) => {
                self.change(|mailbox| mailbox.highest_mod_seq = Some(*highest));
            }
            ResponseCode::NoModSeq => self.change(|mailbox| mailbox.highest_mod_seq = None),
            ResponseCode::ReadOnly => self.change(|mailbox| mailbox.read_only = true),
            ResponseCode::MailboxId(id) => {
                self.change(|mailbox| mailbox.mailbox_id = Some(id.clone()));
            }
            _ => {}
        }
    }

    fn absorb_closed(&mut self) {
        match self.selecting.is_some() {
            true => self.note_deselected(),
            false => self.selected = None,
        }
    }

    /// What has been received of the mailbox that is being selected was of the one before.
    pub(crate) fn note_deselected(&mut self) {
        if let Some(Selecting {
            mailbox, read_only, ..
        }) = self.selecting.take()
        {
            self.selecting = Some(Selecting::new(mailbox.name().clone(), read_only));
        }
    }

    fn absorb_uid_validity(&mut self, validity: UidValidity) {
        if let Some(selecting) = &mut self.selecting {
            selecting.mailbox.uid_validity = Some(validity);
        } else if let Some(selected) = &mut self.selected {
            selected.is_stale |= selected.mailbox.uid_validity != Some(validity);
        }
    }

    /// A mailbox selected by EXAMINE stays read-only, whatever the server reports.
    fn absorb_read_write(&mut self) {
        let selected = self.selected.as_ref();
        let is_examined = selected.is_some_and(|s| s.is_examined) && self.selecting.is_none();
        self.change(|mailbox| mailbox.read_only = is_examined);
    }

    /// So many messages were removed, or some seem to be: sequence numbers may mean other messages now.
    fn note_removed(&mut self, count: u64) {
        if let (Some(selected), None) = (&mut self.selected, &self.selecting) {
            selected.renumberings += 1;
            selected.removed = selected.removed.saturating_add(count);
        }
    }

    /// Changes the data of the mailbox that the server's responses are about.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Mailbox)) {
        let selected = self.selected.as_mut().map(|selected| &mut selected.mailbox);
        let selecting = self
            .selecting
            .as_mut()
            .map(|selecting| &mut selecting.mailbox);
        if let Some(mailbox) = selecting.or(selected) {
            change(mailbox);
        }
    }
}

impl Selecting {
    fn new(name: MailboxName, read_only: bool) -> Self {
        Self {
            mailbox: Mailbox::new(name),
            read_only,
            heard_exists: false,
            has_changed: false,
            unread: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_arrives_within_the_answer_to_a_select_is_an_event() {
        let mut state = MailboxState::new(&SessionLimits::DEFAULT);
        let mut select = |counts: &[u32]| {
            state.begin_select(MailboxName::inbox(), true);
            for count in counts {
                state.absorb_exists(*count);
            }
            let origin = |mailbox: &Mailbox| Arc::new(Origin::new(mailbox.name().clone(), None));
            state.end_select(origin).unwrap();
            state.events().take_all()
        };
        assert_eq!(select(&[4]), []);
        assert_eq!(select(&[4, 4]), []);
        assert_eq!(select(&[4, 5]), [MailboxEvent::Exists(5)]);
    }
}
