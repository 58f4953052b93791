//! EXPUNGE and UID EXPUNGE (RFC 9051 sections 6.4.3 and 6.4.9): messages are removed for good.

use crate::error::{Error, Result};
use crate::mailbox_guard::saved_search::SavedSearch;
use crate::mailbox_guard::{Keeping, MailboxGuard, ReadWrite};
use crate::types::capability::Capability;
use crate::types::flag::Flag;
use crate::types::number_set::NumberSetBuilder;
use crate::types::store::{StoreAction, StoreOptions};
use crate::types::uid::SeqNum;
use crate::types::uid_set::UidSet;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

/// What was removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expunged {
    places: Vec<SeqNum>,
    vanished: UidSet,
}

impl Expunged {
    /// How many messages are gone.
    #[must_use]
    pub fn count(&self) -> u64 {
        let places = u64::try_from(self.places.len()).unwrap_or(u64::MAX);
        places + self.vanished.len().unwrap_or(0)
    }

    /// The places that were removed, in the order in which the server told them: each is counted
    /// when those before it are already gone.
    #[must_use]
    pub fn places(&self) -> &[SeqNum] {
        &self.places
    }

    /// The UIDs that were removed, from a server that tells those instead (QRESYNC).
    #[must_use]
    pub fn vanished(&self) -> &UidSet {
        &self.vanished
    }
}

impl<K: Keeping> MailboxGuard<'_, ReadWrite, K> {
    /// Removes these messages, those of them that are flagged `\Deleted` (UID EXPUNGE, RFC 4315).
    ///
    /// Never removes anything else: a server without UIDPLUS could only remove whatever anybody
    /// has flagged, and is not asked to.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] when the server does not have UIDPLUS; [`Error::StaleUids`] for
    /// UIDs of elsewhere; [`Error::Argument`] for an empty set made by hand;
    /// [`Error::Mailbox`], [`Error::Closed`], [`Error::Refused`].
    pub fn expunge_uids(&mut self, uids: &UidSet) -> Result<Expunged> {
        if !self.held.check_set("UID EXPUNGE", uids)? {
            return Ok(Expunged::default());
        }
        self.check_uid_plus()?;
        self.expunge("UID EXPUNGE", |encoder| {
            encoder.raw("UID EXPUNGE ").display(uids);
            Ok(())
        })
    }

    /// Removes every message of the mailbox that is flagged `\Deleted`, by whomever (EXPUNGE).
    ///
    /// # Errors
    ///
    /// [`Error::Mailbox`], [`Error::Closed`], [`Error::Refused`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let mut trash = session.lock_mailbox("Trash")?;
    /// let gone = trash.expunge_all_deleted()?;
    /// println!("{} messages are gone", gone.count());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn expunge_all_deleted(&mut self) -> Result<Expunged> {
        self.expunge("EXPUNGE", |encoder| {
            encoder.raw("EXPUNGE");
            Ok(())
        })
    }

    /// Deletes these messages and no others: flags them `\Deleted`, then removes just them.
    ///
    /// An empty set that a search gave is nothing to do. Sends UID STORE and UID EXPUNGE.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] before anything is sent when the server does not have UIDPLUS, for
    /// then nobody can remove just these; otherwise as for [`expunge_uids`](Self::expunge_uids)
    /// and [`store`](Self::store). When the second step fails the messages stay, flagged.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::SearchKey;
    ///
    /// let mut trash = session.lock_mailbox("Trash")?;
    /// let all = trash.search(SearchKey::All)?;
    /// trash.delete(&all)?;
    /// assert_eq!(trash.exists(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn delete(&mut self, uids: &UidSet) -> Result<Expunged> {
        if !self.held.check_set("UID EXPUNGE", uids)? {
            return Ok(Expunged::default());
        }
        self.check_uid_plus()?;
        let silent = StoreOptions::new().silent();
        self.store_with(uids, StoreAction::Add, [Flag::Deleted], silent)?;
        self.expunge_uids(uids)
    }

    fn check_uid_plus(&self) -> Result<()> {
        let mut connection = self.held.connection("UID EXPUNGE")?;
        match connection.capabilities()?.supports(&Capability::UidPlus) {
            true => Ok(()),
            false => Err(Error::unsupported("UID EXPUNGE", Capability::UidPlus)),
        }
    }

    fn expunge(
        &mut self,
        command: &'static str,
        encode: impl FnOnce(&mut Encoder<'_>) -> Result<()>,
    ) -> Result<Expunged> {
        let mut expunged = Expunged::default();
        let mut vanished = NumberSetBuilder::default();
        self.held
            .connection_to_change(command)?
            .run(command, encode, |data| {
                match &data {
                    Untagged::Expunge(place) => expunged.places.extend(SeqNum::new(*place)),
                    Untagged::Vanished {
                        earlier: false,
                        uids,
                    } => vanished.push_set(uids),
                    _ => {}
                }
                Some(data)
            })?;
        expunged.vanished = self.held.mark(vanished.finish());
        Ok(expunged)
    }
}

impl<K: Keeping> SavedSearch<'_, '_, ReadWrite, K> {
    /// Deletes the messages that were found and no others, by their UIDs. Uses the view up, for
    /// nothing is left in it.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::delete`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{SearchKey};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let unread = inbox.search_saved(SearchKey::Unseen)?;
    /// unread.delete()?;
    /// assert_eq!(inbox.exists(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn delete(mut self) -> Result<Expunged> {
        let uids = self.uids()?;
        self.guard.delete(&uids)
    }
}
