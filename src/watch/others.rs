//! The mailboxes of a watch that are not selected: how changes of them are noticed.

use std::collections::BTreeSet;
use std::mem;
use std::sync::Arc;
use std::time::Instant;

use crate::error::{Error, Result};
use crate::events::session_event::SessionEvent;
use crate::mailbox_guard::lease::MailboxLease;
use crate::sync::MailboxChangeKind;
use crate::types::account_checkpoint::AccountCheckpoint;
use crate::types::capability::Capability;
use crate::types::mailbox_name::MailboxName;
use crate::types::mailbox_scope::MailboxScope;
use crate::types::mailbox_state::MailboxState;
use crate::types::mailbox_status::StatusItem;
use crate::types::notify::{NotifyEvent, NotifyRequest};
use crate::watch::item::WatchItem;
use crate::watch::settings::Settings;
use crate::watch::state::Others;
use crate::watch::watched::Mailboxes;

/// Asks for the numbers of mailboxes from time to time, or lets the server report changes.
pub(super) struct OtherMailboxes {
    way: Others,
    /// NOTIFY may be used: the events of the session belong to the watch.
    may_notify: bool,
    /// The server was asked to report changes.
    is_notifying: bool,
    /// When they are asked for next; `None` for never.
    due: Option<Instant>,
    /// Those that were selected meanwhile: what changes in a selected mailbox is not reported by
    /// STATUS, and Dovecot does not report it after the mailbox was left either.
    left: BTreeSet<MailboxName>,
    /// The mailboxes of the account, as they were listed last.
    account: Option<AccountCheckpoint>,
}

impl OtherMailboxes {
    pub(super) fn new(mailboxes: &Mailboxes, may_notify: bool) -> Self {
        let are_several = mailboxes.are_several();
        Self {
            way: match are_several {
                true => Others::Status,
                false => Others::None,
            },
            may_notify,
            is_notifying: false,
            due: are_several.then(Instant::now),
            left: BTreeSet::new(),
            account: None,
        }
    }

    pub(super) fn way(&self) -> Others {
        self.way
    }

    /// When they are asked for next.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    pub(super) fn is_due(&self, horizon: Instant) -> bool {
        self.due.is_some_and(|due| due <= horizon)
    }

    /// What has changed may not have been reported: they are asked for now.
    pub(super) fn ask_now(&mut self) {
        self.due = self.due.map(|_| Instant::now());
    }

    /// Another mailbox than the one that the watch listens to was selected, and is left.
    pub(super) fn leave(&mut self, name: &MailboxName) {
        if self.is_notifying {
            self.left.insert(name.clone());
        }
    }

    /// The server reports something about the session.
    pub(super) fn note_event(
        &mut self,
        event: SessionEvent,
        mailboxes: &mut Mailboxes,
    ) -> Option<WatchItem> {
        match event {
            SessionEvent::Alert(text) => return Some(WatchItem::Alert(text)),
            SessionEvent::Status(status) if mailboxes.knows(status.name()) => {
                mailboxes.set_due(status.name());
            }
            SessionEvent::NotificationOverflow(_) => {
                self.is_notifying = false;
                self.ask_now();
            }
            SessionEvent::Status(_) | SessionEvent::Mailbox(_) | SessionEvent::Overflow { .. } => {
                self.ask_now();
            }
            _ => {}
        }
        None
    }

    /// Asks for the numbers of the mailboxes, and marks those that have to be looked at; returns what
    /// is to be told of them.
    pub(super) fn look(
        &mut self,
        lease: &mut MailboxLease<'_>,
        here: &MailboxName,
        mailboxes: &mut Mailboxes,
        settings: &Settings,
    ) -> Result<Vec<WatchItem>> {
        self.let_it_notify(lease, mailboxes)?;
        self.left.clear();
        let items = match mailboxes.are_all() {
            true => self.list(lease, mailboxes)?,
            false => {
                let names = mailboxes.names().filter(|name| *name != here);
                self.ask_each(lease, names.cloned().collect(), mailboxes)?
            }
        };
        let interval = match self.way {
            Others::Notify => settings.look_interval,
            Others::None | Others::Status => settings.status_interval,
        };
        self.due = Instant::now().checked_add(interval);
        Ok(items)
    }

    /// Asks for the numbers of the mailboxes that were left, because they may have changed before that.
    pub(super) fn look_at_left(
        &mut self,
        lease: &mut MailboxLease<'_>,
        here: &MailboxName,
        mailboxes: &mut Mailboxes,
    ) -> Result<Vec<WatchItem>> {
        let mut left = mem::take(&mut self.left);
        left.remove(here);
        self.ask_each(lease, left.into_iter().collect(), mailboxes)
    }

    /// Whether there are mailboxes that were left.
    pub(super) fn has_left(&self) -> bool {
        !self.left.is_empty()
    }

    /// Asks the server to report changes by itself, if it can.
    fn let_it_notify(&mut self, lease: &mut MailboxLease<'_>, mailboxes: &Mailboxes) -> Result<()> {
        if !self.may_notify || self.is_notifying {
            return Ok(());
        }
        if !lease.capabilities()?.supports(&Capability::Notify) {
            return Ok(());
        }
        let events = NotifyEvent::messages();
        let request = match mailboxes.are_all() {
            true => {
                let mut events = events;
                events.push(NotifyEvent::MailboxName);
                NotifyRequest::new().mailboxes(MailboxScope::Personal, events)
            }
            false => {
                let names = mailboxes.names().cloned().collect();
                NotifyRequest::new().mailboxes(MailboxScope::Mailboxes(names), events)
            }
        };
        self.is_notifying = true;
        self.way = match lease.notify(&Arc::new(request)) {
            Ok(()) => Others::Notify,
            // The server has its reasons; it is asked instead.
            Err(Error::Refused(_) | Error::Throttled(_) | Error::Unsupported(_)) => {
                self.may_notify = false;
                Others::Status
            }
            Err(error) => return Err(error),
        };
        Ok(())
    }

    /// Lists all mailboxes with their numbers.
    fn list(
        &mut self,
        lease: &mut MailboxLease<'_>,
        mailboxes: &mut Mailboxes,
    ) -> Result<Vec<WatchItem>> {
        let is_first = self.account.is_none();
        let changes = lease.mailboxes_changed_since(self.account.as_ref())?;
        let (changes, account) = changes.into_parts();
        self.account = Some(account);
        let mut items = Vec::new();
        for change in changes {
            let (state, kind) = change.into_parts();
            let mailbox = state.name().clone();
            let is_new = matches!(kind, MailboxChangeKind::New | MailboxChangeKind::Recreated);
            match kind {
                MailboxChangeKind::Gone => {
                    if mailboxes.remove(&mailbox) {
                        items.push(WatchItem::MailboxGone(mailbox));
                    }
                    continue;
                }
                MailboxChangeKind::Failed(error) => {
                    if mailboxes.note_failure(&mailbox, &error) {
                        items.push(WatchItem::MailboxFailed { mailbox, error });
                    }
                    continue;
                }
                MailboxChangeKind::Renamed { from, .. } => {
                    if mailboxes.remove(&from) {
                        items.push(WatchItem::MailboxGone(from));
                    }
                }
                MailboxChangeKind::New
                | MailboxChangeKind::Recreated
                | MailboxChangeKind::Changed
                | MailboxChangeKind::MayHaveChanged => {}
            }
            mailboxes.note_state(state);
            if is_new && !is_first {
                mailboxes.set_new(&mailbox);
            }
        }
        Ok(items)
    }

    /// Asks for the numbers of each of these mailboxes.
    fn ask_each(
        &mut self,
        lease: &mut MailboxLease<'_>,
        names: Vec<MailboxName>,
        mailboxes: &mut Mailboxes,
    ) -> Result<Vec<WatchItem>> {
        let mut asked = vec![
            StatusItem::UidValidity,
            StatusItem::UidNext,
            StatusItem::Messages,
            StatusItem::Unseen,
        ];
        if lease.capabilities()?.supports(&Capability::CondStore) {
            asked.push(StatusItem::HighestModSeq);
        }
        let outcomes = lease.mailbox_statuses(names.iter(), &asked)?;
        let mut items = Vec::new();
        for (mailbox, outcome) in names.into_iter().zip(outcomes) {
            match outcome {
                Ok(status) => mailboxes.note_state(MailboxState::of(mailbox, &status)),
                // It may have been deleted or renamed, which a list shows.
                Err(error) if error.is_dispensable() && mailboxes.are_all() => {
                    self.ask_now();
                }
                Err(error) if error.is_dispensable() => {
                    if mailboxes.note_failure(&mailbox, &error) {
                        items.push(WatchItem::MailboxFailed { mailbox, error });
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(items)
    }
}
