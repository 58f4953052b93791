//! Which mailboxes of an account have changed (LIST-STATUS, RFC 5819; or LIST, and STATUS for each).

use crate::connection::Connection;
use crate::error::{Error, LoginAborted, Result};
use crate::exchange::Leased;
use crate::session::Session;
use crate::sync::account_changes::AccountChanges;
use crate::sync::compare::{Comparison, Found};
use crate::types::account_checkpoint::AccountCheckpoint;
use crate::types::capability::Capability;
use crate::types::list::{ListEntry, MailboxPattern};
use crate::types::list_mailboxes::List;
use crate::types::mailbox_name::MailboxName;
use crate::types::mailbox_state::MailboxState;
use crate::types::mailbox_status::{MailboxStatus, StatusItem};
use crate::types::other_account::OtherAccount;

const LIST: &str = "LIST";

impl Session {
    /// Returns the mailboxes of the account that have changed since a checkpoint (LIST-STATUS, RFC 5819).
    ///
    /// It is for programs that keep a copy of an account, or show how many messages are unread in each
    /// mailbox: mailboxes are new, gone, renamed or recreated, or have to be read. `None` is for the
    /// first call: then every mailbox is new. Store the [checkpoint](AccountChanges::checkpoint) after
    /// the changes were applied. If a mailbox could not be read,
    /// [`report_again`](AccountCheckpoint::report_again) makes the next call return it again.
    ///
    /// Sends one LIST that returns the numbers of all mailboxes: one round trip for an account of 1,000
    /// mailboxes in which nothing has changed. Without LIST-STATUS, it sends LIST, then STATUS for each
    /// mailbox, pipelined: two round trips. STATUS is also sent for mailboxes whose numbers the server
    /// leaves out of the LIST, or sends in a way that cannot be read. The numbers are UIDVALIDITY,
    /// UIDNEXT, MESSAGES, UNSEEN and, with CONDSTORE (RFC 7162), HIGHESTMODSEQ.
    ///
    /// With OBJECTID (RFC 8474), another pipelined STATUS for each mailbox that is new or recreated
    /// requests its MAILBOXID, by which a renamed mailbox is recognized. Without it a renamed mailbox
    /// is [recognized by its numbers](crate::sync::MailboxChangeKind::Renamed::is_guess), or is one
    /// that is gone and one that is new. Without CONDSTORE, a change of flags is not visible, so every
    /// mailbox with messages [may have changed](crate::sync::MailboxChangeKind::MayHaveChanged).
    ///
    /// The selected mailbox is included, although RFC 9051 section 6.3.11 advises against STATUS of it.
    /// If a mailbox is selected, NOOP is sent in the same round trip, because Dovecot returns the numbers
    /// of that mailbox as the session last saw them. If NOOP brings events, they are queued, and STATUS
    /// is sent for that mailbox. Names that cannot be selected are left out. If the server refuses a
    /// STATUS, that is the [outcome of this mailbox](crate::sync::MailboxChangeKind::Failed) alone.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Argument`] with
    /// [`OtherAccount`](crate::error::InvalidArgument::OtherAccount) if the checkpoint is of
    /// another account; [`Error::Lock`]; [`Error::StreamOpen`]. Then [`Error::Refused`] if LIST is
    /// refused; [`Error::Unparsable`] if a LIST line of its answer cannot be read, because a mailbox that is
    /// in it must not be mistaken for a removed one; [`Error::MissingData`] if it has no mailbox
    /// although the checkpoint has some, because no account is without INBOX; [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::sync::{AccountCheckpoint, MailboxChangeKind};
    ///
    /// let mut stored: Option<AccountCheckpoint> = None; // or read from a file, by `parse`
    /// for _ in 0..2 {
    ///     let changes = session.mailboxes_changed_since(stored.as_ref())?;
    ///     for change in &changes {
    ///         match change.kind() {
    ///             MailboxChangeKind::Gone => println!("{} is gone", change.name()),
    ///             MailboxChangeKind::Renamed { from, .. } => println!("{from} is {}", change.name()),
    ///             MailboxChangeKind::Failed(error) => println!("{}: {error}", change.name()),
    ///             _ => {}
    ///         }
    ///         if change.has_to_be_read() {
    ///             println!("{}: {:?} unread", change.name(), change.unseen());
    ///         }
    ///     }
    ///     # let count = if stored.is_none() { session.list("*")?.len() } else { 1 };
    ///     # assert_eq!(changes.len(), count);
    ///     stored = Some(changes.into_checkpoint()); // or to_string, into a file
    ///     session.append("INBOX", "Subject: new\r\n\r\nBody\r\n")?;
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "LIST-STATUS")]
    #[doc(alias = "sync")]
    #[doc(alias = "folders")]
    #[doc(alias = "unread")]
    pub fn mailboxes_changed_since(
        &self,
        since: Option<&AccountCheckpoint>,
    ) -> Result<AccountChanges> {
        let mut lease = self.lease(LIST)?;
        lease.connection().mailboxes_changed_since(since)
    }
}

impl Connection {
    pub(crate) fn mailboxes_changed_since(
        &mut self,
        since: Option<&AccountCheckpoint>,
    ) -> Result<AccountChanges> {
        let not_authenticated = Error::Login(LoginAborted::NotAuthenticated);
        let account = self.state.account().cloned().ok_or(not_authenticated)?;
        let old = match since {
            Some(since) if **since.shared_account() != *account => {
                return Err(OtherAccount::new(since.shared_account(), &account).into());
            }
            Some(since) => since.mailboxes(),
            None => &[],
        };
        let found = self.mailboxes_with_numbers()?;
        if found.is_empty() && !old.is_empty() {
            return Err(Error::MissingData(LIST));
        }
        let mut comparison = Comparison::new(old, found);
        if self.capabilities()?.supports(&Capability::ObjectId) {
            let ids = self.ids_of(comparison.arrivals())?;
            comparison.set_ids(ids);
        }
        let (mailboxes, changes) = comparison.finish();
        Ok(AccountChanges::new(
            changes,
            AccountCheckpoint::new(account, mailboxes),
        ))
    }

    /// The mailboxes that can be selected, each once, in the order of their names.
    fn mailboxes_with_numbers(&mut self) -> Result<Vec<Found>> {
        let capabilities = self.capabilities()?;
        let has = |capability: Capability| capabilities.supports(&capability);
        let mut items = vec![
            StatusItem::UidValidity,
            StatusItem::UidNext,
            StatusItem::Messages,
            StatusItem::Unseen,
        ];
        if has(Capability::CondStore) {
            items.push(StatusItem::HighestModSeq);
        }
        let mut list = List::of(MailboxPattern::all());
        if has(Capability::ListExtended) && has(Capability::ListStatus) {
            list = list.return_status(items.as_slice());
        }
        list.refreshes = true;
        let entries = one_each(self.list_mailboxes(&list)?);
        let (counted, uncounted): (Vec<_>, Vec<_>) = entries
            .into_iter()
            .partition(|entry| entry.status().is_some());
        let uncounted: Vec<MailboxName> = uncounted.into_iter().map(|entry| entry.name).collect();
        let outcomes = self.mailbox_statuses(uncounted.iter(), &items)?;
        let mut found: Vec<Found> = Vec::with_capacity(counted.len() + uncounted.len());
        for (name, outcome) in uncounted.into_iter().zip(outcomes) {
            let state = of_one(outcome)?.map(|status| MailboxState::of(name.clone(), &status));
            found.push((name, state));
        }
        found.extend(counted.into_iter().filter_map(|entry| {
            let state = MailboxState::of(entry.name.clone(), entry.status()?);
            Some((entry.name, Ok(state)))
        }));
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(found)
    }

    /// The ids of mailboxes, asked for alone: with another item, Cyrus 3.6 sends what lies in its
    /// memory.
    fn ids_of<'n>(
        &mut self,
        names: impl Iterator<Item = &'n MailboxName>,
    ) -> Result<Vec<Option<String>>> {
        let outcomes = self.mailbox_statuses(names, &[StatusItem::MailboxId])?;
        let id = |outcome: Result<MailboxStatus>| {
            let status = of_one(outcome)?;
            Ok(status
                .ok()
                .and_then(|status| Some(status.mailbox_id()?.to_owned())))
        };
        outcomes.into_iter().map(id).collect()
    }
}

/// The entries that can be selected, each name once, those with numbers first.
fn one_each(mut entries: Vec<ListEntry>) -> Vec<ListEntry> {
    entries.retain(ListEntry::is_selectable);
    let key = |entry: &ListEntry| entry.status().is_none();
    entries.sort_by(|one, other| (&one.name, key(one)).cmp(&(&other.name, key(other))));
    entries.dedup_by(|later, first| later.name == first.name);
    entries
}

/// The outcome of one mailbox; an error that is not of it alone fails the call.
fn of_one<T>(outcome: Result<T>) -> Result<Result<T>> {
    match outcome {
        Err(error @ Error::Argument(_)) => Ok(Err(error)),
        Err(error) if error.is_dispensable() => Ok(Err(error)),
        Err(error) => Err(error),
        Ok(done) => Ok(Ok(done)),
    }
}
